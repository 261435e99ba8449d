/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that a token holds and never gives away [PKCS #11 2.40], named by a URI
 * [RFC 7512]: pkcs11:token=ministry;object=ms.  The module is the one that the
 * URI names (module-path), or one that p11-kit knows.
 */
#ifndef LIB_SEC_PKCS11_H
#define LIB_SEC_PKCS11_H

#include "lib/sec/crypto.h"

/* Whether the name of a key is such a URI. */
bool pkcs11_is_uri(const char *name);

/* ST_NOT_FOUND where there is no such token or key, ST_USAGE where more than one fits, ST_REFUSED
 * where the PIN is wrong. */
FALLIBLE pkcs11_key_open(const char *uri, struct bytes pin, struct private_key **out_key);

/* Makes a key in the token, a P-256 or RSA one; ST_USAGE where it has one of this name. */
FALLIBLE pkcs11_key_generate(const char *uri, struct bytes pin, enum key_type type,
			     struct private_key **out_key);

/* Takes both halves of a key out of the token, for ever; that it has none is no failure. */
FALLIBLE pkcs11_key_destroy(const char *uri, struct bytes pin);

#endif
