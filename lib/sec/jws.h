/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed lines of text: JSON Web Signature in its compact form [RFC 7515], with
 * ES256, PS256 [RFC 7518 3] or EdDSA [RFC 8037 3.1], whichever the key makes.
 * The header says the algorithm and the key's identifier and nothing else.
 */
#ifndef LIB_SEC_JWS_H
#define LIB_SEC_JWS_H

#include "lib/sec/crypto.h"

/* Appends the line, without an end of line. */
FALLIBLE jws_sign(const struct private_key *key, struct bytes payload, struct buf *out_line);

/* Whether its header says that it was made with this key: nothing is verified. */
bool jws_is_by(struct bytes line, const struct public_key *key);

/* The payload of a line, appended: nothing is verified.  ST_PEER where it is no signed line. */
FALLIBLE jws_payload(struct bytes line, struct buf *out_payload);

/* ST_REFUSED where the key did not sign exactly this line; ST_PEER where it is no signed line. */
FALLIBLE jws_verify(struct bytes line, const struct public_key *key);

#endif
