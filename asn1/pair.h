/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate pair that a directory entry of a certification authority holds
 * [X.509 (1988) 8.4, 1997 11.2.3]: two certificates between this authority and another.
 * Only the frame is looked at here; what is inside is verified as a certificate.
 */
#ifndef ASN1_PAIR_H
#define ASN1_PAIR_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum { PAIR_MAX_OCTETS = 128 * 1024 };

/* Views of whole certificates; len 0 where that half is absent. */
struct cert_pair {
	struct bytes forward;	/* [0]: issued to the entry's authority, by the other */
	struct bytes reverse;	/* [1]: issued by the entry's authority, to the other */
};

/* ST_PEER for anything that is not a pair with at least one half: a directory server
 * takes any octets for one.  The halves point into value. */
FALLIBLE pair_decode(struct bytes value, struct cert_pair *out_pair);

/* Appends the DER of a pair; ST_USAGE where both halves are absent. */
FALLIBLE pair_encode(const struct cert_pair *pair, struct buf *out_der);

#endif
