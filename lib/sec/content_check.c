/* SPDX-License-Identifier: Apache-2.0 */
/* The content integrity check as an extension of its own [X.411 8.2.1.1.1.28]. */
#include "lib/sec/content_check.h"

#include "lib/sec/statement.h"

static void content_statement(struct bytes content, struct statement *out)
{
	*out = (struct statement){ .what = "the content integrity check of the envelope" };
	statement_put_content(out, content);
}

FALLIBLE content_check_make(struct bytes content, const struct suite *suite,
			    const struct suite_options *options, const struct private_key *signer,
			    struct buf *out_check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	content_statement(content, &statement);
	return statement_sign(&statement, suite, options, signer, out_check);
}

FALLIBLE content_check_verify(struct bytes content, const struct suite *suite,
			      const struct suite_options *options, const struct public_key *signer,
			      struct bytes check)
{
	AUTO(statement_free) struct statement statement = { 0 };

	content_statement(content, &statement);
	TRY_DOING(statement_check(&statement, suite, options, signer, check),
		  "%s is not for this content", statement.what);
	return OK;
}
