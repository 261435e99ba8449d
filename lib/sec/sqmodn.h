/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The square-mod-n hash of X.509 (1988) Annex D, for locator-1989.  It is
 * broken: messages with a given hash can be made.  docs/SUITES.md says which
 * parts of the construction are a reconstruction.
 *
 *	H(0) = 0,  H(i) = (H(i-1) XOR block(i)) squared mod n
 *
 * A block is half as long as the modulus n, and fills it by a 1111 before each
 * of its groups of four bits.  The last one is filled up with ones.
 */
#ifndef LIB_SEC_SQMODN_H
#define LIB_SEC_SQMODN_H

#include "lib/sec/crypto.h"

/* Two readings of how a message ends. */
enum sqmodn_form {
	SQMODN_LENGTH,	/* with a block that holds the number of its bits */
	SQMODN_BARE,	/* without */
};

/* The number of bits of a key's modulus, 0 where it is no RSA key. */
unsigned sqmodn_bits(const struct public_key *key);

/* Appends the hash of the parts as if they were joined: as many octets as the modulus has.
 * ST_USAGE where the key is no RSA key. */
FALLIBLE sqmodn_hash(const struct public_key *key, enum sqmodn_form form,
		     const struct bytes *parts, size_t count, struct buf *out_hash);

#endif
