/* SPDX-License-Identifier: Apache-2.0 */
/* Content integrity check [X.411 8.2.1.1.1.28]. */
#include "lib/sec/cic.h"

#include "lib/sec/der.h"

void cic_make(const struct suite *suite, const struct public_key *signer,
	      struct bytes content, struct buf *out_cic)
{
	AUTO(buf_free) struct buf algorithm = { 0 }, value = { 0 };

	suite->cic->algorithm(signer, &algorithm);
	suite->cic->compute(buf_view(&algorithm), content, &value);
	der_put_signature(out_cic, buf_view(&algorithm), buf_view(&value));
}

FALLIBLE cic_check(const struct suite *const *accepted, struct bytes cic,
		   const struct public_key *signer, struct bytes content)
{
	AUTO(buf_free) struct buf own = { 0 }, expected = { 0 };
	const struct cic_method *method;
	struct bytes algorithm, value;

	TRY(der_get_signature(cic, "the content integrity check", &algorithm, &value));
	TRY(suite_find_cic(accepted, algorithm, &method));
	method->algorithm(signer, &own);
	if (!bytes_equal(buf_view(&own), algorithm))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else "
			    "than the signer of the token");
	method->compute(algorithm, content, &expected);
	if (!crypto_equal(buf_view(&expected), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed");
	return OK;
}
