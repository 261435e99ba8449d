/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of submission [X.411 8.2.1.1.2.4]: a signature of the originating MTA
 * over what was submitted, as it was submitted, when, and which message of the
 * MTS it became.
 */
#ifndef LIB_SEC_SUBMISSION_PROOF_H
#define LIB_SEC_SUBMISSION_PROOF_H

#include "lib/sec/crypto.h"

#include <time.h>

/* What is proved. */
struct submission_facts {
	struct bytes envelope;	/* MessageSubmissionEnvelope: the SET as it was submitted */
	struct bytes content;	/* its octets, sealed where it is sealed */
	struct bytes id;	/* message-submission-identifier, one TLV */
	time_t time;		/* message-submission-time */
};

/* Appends the DER of the ProofOfSubmission. */
FALLIBLE submission_proof_make(const struct submission_facts *facts,
			       const struct private_key *signer, struct buf *out_proof);

/* ST_REFUSED where the proof is not for these facts and this key. */
FALLIBLE submission_proof_check(const struct submission_facts *facts,
				const struct public_key *signer, struct bytes proof);

#endif
