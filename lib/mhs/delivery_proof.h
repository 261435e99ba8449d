/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of delivery [X.411 8.3.1.1.2.2]: made by who takes delivery, a store or a user agent
 * that has none, and judged by the originator, who finds it in a report.
 */
#ifndef LIB_MHS_DELIVERY_PROOF_H
#define LIB_MHS_DELIVERY_PROOF_H

#include "lib/mhs/delivery.h"
#include "lib/mhs/own_keys.h"
#include "lib/mhs/report.h"
#include "lib/mhs/trust.h"

/* --- who takes delivery --- */

/* Whether one is to be made: it is asked for, in the envelope or in the token, and the content lies
 * open to who takes delivery; of what is sealed nothing is proved. */
bool delivery_wants_proof(const struct delivery *delivery);
FALLIBLE delivery_prove(const struct delivery *delivery, const struct own_key *prover,
			struct buf *out_proof);
/* The result of the operation; proof is empty where there is none. */
void delivery_answer(const struct own_key *prover, struct bytes proof, struct buf *out_result);

/* --- who sent it --- */

/* The certificate in a recipient's part of a report, and what its path has to be for: the recipient
 * himself, or a store that serves him.  What wanted views lies in the arena.  ST_REFUSED. */
FALLIBLE delivery_prover(struct arena *arena, const struct report_recipient *recipient,
			 const struct cert **out_prover, struct trust_wanted *out_wanted);
/* That the proof in it is the prover's, of what was submitted.  ST_REFUSED. */
FALLIBLE delivery_proof_check(const struct envelope *submitted,
			      const struct report_recipient *recipient, const struct cert *prover);

#endif
