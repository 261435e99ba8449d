/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of submission [X.411 8.2.1.1.2.4]. */
#include "lib/sec/submission_proof.h"

#include "lib/sec/statement.h"

static FALLIBLE submission_statement(const struct submission_facts *facts, struct statement *out)
{
	*out = (struct statement){ .what = "the proof of submission" };
	statement_put(out, facts->envelope);
	statement_put_content(out, facts->content);
	statement_put(out, facts->id);
	return statement_put_time(out, facts->time);
}

FALLIBLE submission_proof_make(const struct submission_facts *facts,
			       const struct private_key *signer, struct buf *out_proof)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(submission_statement(facts, &statement));
	return statement_sign(&statement, NULL, NULL, signer, out_proof);
}

FALLIBLE submission_proof_check(const struct submission_facts *facts,
				const struct public_key *signer, struct bytes proof)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(submission_statement(facts, &statement));
	TRY_DOING(statement_check(&statement, NULL, NULL, signer, proof),
		  "the proof of submission does not prove this submission");
	return OK;
}
