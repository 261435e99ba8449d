/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cryptography of 1989, for the suite locator-1989 and nobody else: RSA
 * without a hash of its own, and DES.  DES comes from OpenSSL's legacy
 * provider, in a library context of its own: nothing else gets to see it.
 */
#ifndef LIB_SEC_CRYPTO_1989_H
#define LIB_SEC_CRYPTO_1989_H

#include "lib/sec/crypto.h"

enum { DES_OCTETS = 8 };	/* of a key, a block, an initialization vector */

/* The RSA operation with the private key on a number below the modulus, as long as it in
 * octets; appends the result. */
FALLIBLE rsa_raw_sign(const struct private_key *key, struct bytes number, struct buf *out_signature);
/* Its inverse; ST_REFUSED "the signature is wrong" for what is no number below the modulus. */
FALLIBLE rsa_raw_recover(const struct public_key *key, struct bytes signature, struct buf *out_number);

/* RSA encryption with block type 2 of PKCS #1 [RFC 8017 7.2]. */
FALLIBLE rsa_seal(const struct public_key *to, struct bytes plain, struct buf *out_octets);
/* ST_REFUSED, always with the same words. */
FALLIBLE rsa_open(const struct private_key *key, struct bytes octets, struct secret *out_plain);

/* A key of odd parity, as DES wants it. */
void des_key_new(struct secret *out_key);
/* DES in cipher block chaining mode, in place; the last block is filled up as PKCS #5 has it
 * [RFC 1423 1.1].  key and iv have DES_OCTETS: ST_REFUSED where they have not. */
FALLIBLE des_cbc_encrypt(struct bytes key, struct bytes iv, struct buf *content);
/* ST_REFUSED where what comes out is not filled up so. */
FALLIBLE des_cbc_decrypt(struct bytes key, struct bytes iv, struct buf *content);

#endif
