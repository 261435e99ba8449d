/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of delivery [X.411 8.3.1.1.2.2]. */
#include "lib/sec/proof.h"

#include "lib/sec/statement.h"

static FALLIBLE proof_statement(const struct proof_facts *facts, struct statement *out)
{
	*out = (struct statement){ .what = "the proof of delivery" };
	TRY(statement_put_time(out, facts->delivery_time));
	statement_put(out, facts->this_recipient);
	statement_put(out, facts->intended_recipient);
	statement_put_content(out, facts->content);
	statement_put_identifier(out, facts->content_identifier);
	statement_put(out, facts->label);
	return OK;
}

FALLIBLE proof_make(const struct proof_facts *facts, const struct private_key *signer,
		    struct buf *out_proof)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(proof_statement(facts, &statement));
	return statement_sign(&statement, NULL, NULL, signer, out_proof);
}

FALLIBLE proof_check(const struct proof_facts *facts, const struct public_key *signer,
		     struct bytes proof)
{
	AUTO(statement_free) struct statement statement = { 0 };

	TRY(proof_statement(facts, &statement));
	TRY_DOING(statement_check(&statement, NULL, NULL, signer, proof),
		  "the proof of delivery does not prove this delivery");
	return OK;
}
