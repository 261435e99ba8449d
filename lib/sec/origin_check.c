/* SPDX-License-Identifier: Apache-2.0 */
/* Message and probe origin authentication checks [X.411 8.2.1.1.1.29, 8.2.1.2.1.1]. */
#include "lib/sec/origin_check.h"

#include "lib/sec/statement.h"

static void origin_statement(const struct origin_facts *facts, struct statement *out)
{
	*out = (struct statement){ .what = facts->probe ? "the probe origin authentication check"
							: "the message origin authentication check" };
	if (!facts->probe)
		statement_put_content(out, facts->content);
	statement_put_identifier(out, facts->content_identifier);
	statement_put(out, facts->label);
}

FALLIBLE origin_check_make(const struct origin_facts *facts, const struct suite *suite,
			   const struct suite_options *options, const struct private_key *signer,
			   struct buf *out_check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	origin_statement(facts, &statement);
	return statement_sign(&statement, suite, options, signer, out_check);
}

FALLIBLE origin_check_verify(const struct origin_facts *facts, const struct suite *suite,
			     const struct suite_options *options, const struct public_key *signer,
			     struct bytes check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	origin_statement(facts, &statement);
	TRY_DOING(statement_check(&statement, suite, options, signer, check),
		  "%s is not for this %s", statement.what, facts->probe ? "probe" : "message");
	return OK;
}
