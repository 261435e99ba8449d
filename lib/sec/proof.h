/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of delivery [X.411 8.3.1.1.2.2]: a signature, made by whoever takes
 * delivery, over what was delivered to whom and when.  What is signed does not
 * travel: both sides build it from the same octets.
 */
#ifndef LIB_SEC_PROOF_H
#define LIB_SEC_PROOF_H

#include "lib/sec/crypto.h"

#include <time.h>

/* What is proved.  Each view but content is one DER TLV as it travelled, or empty where
 * it is absent. */
struct proof_facts {
	time_t delivery_time;
	struct bytes this_recipient;		/* ORName */
	struct bytes intended_recipient;	/* ORName, optional */
	struct bytes content;			/* the octets of the content, unsealed */
	struct bytes content_identifier;	/* optional */
	struct bytes label;			/* message-security-label, optional */
};

/* Appends the DER of the ProofOfDelivery. */
FALLIBLE proof_make(const struct proof_facts *facts, const struct private_key *signer,
		    struct buf *out_proof);

/* ST_REFUSED where the proof is not for these facts and this key. */
FALLIBLE proof_check(const struct proof_facts *facts, const struct public_key *signer,
		     struct bytes proof);

#endif
