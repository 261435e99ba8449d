/* SPDX-License-Identifier: Apache-2.0 */
/* Content integrity check [X.411 8.2.1.1.1.28]. */
#include "lib/sec/cic.h"

#include "lib/sec/der.h"

void cic_make(const struct suite *suite, const struct public_key *signer,
	      struct bytes content, struct buf *out_cic)
{
	AUTO(buf_free) struct buf value = { 0 };

	suite->cic->compute(signer, suite->cic->algorithm, content, &value);
	der_put_signature(out_cic, suite->cic->algorithm, buf_view(&value));
}

FALLIBLE cic_check(const struct suite *const *accepted, struct bytes cic,
		   const struct public_key *signer, struct bytes content)
{
	AUTO(buf_free) struct buf expected = { 0 };
	const struct cic_method *method;
	struct bytes algorithm, value;

	TRY(der_get_signature(cic, "the content integrity check", &algorithm, &value));
	TRY(suite_find_cic(accepted, algorithm, &method));
	if (!method->is_of(signer, value))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else "
			    "than the signer of the token");
	method->compute(signer, algorithm, content, &expected);
	if (!crypto_equal(buf_view(&expected), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed");
	return OK;
}
