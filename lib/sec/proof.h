/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of delivery [X.411 8.3.1.1.2.2]: a signature, made by whoever takes
 * delivery, over what was delivered to whom and when.
 */
#ifndef LIB_SEC_PROOF_H
#define LIB_SEC_PROOF_H

#include "lib/sec/crypto.h"

#include <time.h>

/* What is proved.  Names and label are DER TLVs as they travelled, or empty where absent. */
struct proof_facts {
	time_t delivery_time;
	struct bytes this_recipient;		/* ORName */
	struct bytes intended_recipient;	/* ORName, optional */
	struct bytes content;			/* the octets of the content, unsealed */
	struct bytes content_identifier;	/* characters, optional */
	struct bytes label;			/* message-security-label, optional */
};

/* Appends the DER of the ProofOfDelivery. */
FALLIBLE proof_make(const struct proof_facts *facts, const struct private_key *signer,
		    struct buf *out_proof);

/* ST_REFUSED where the proof is not for these facts and this key. */
FALLIBLE proof_check(const struct proof_facts *facts, const struct public_key *signer,
		     struct bytes proof);

#endif
