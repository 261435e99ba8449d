/* SPDX-License-Identifier: Apache-2.0 */
/* Content integrity check [X.411 8.2.1.1.1.28]. */
#include "lib/sec/cic.h"

#include "lib/sec/der.h"

FALLIBLE cic_make(const struct suite *suite, const struct suite_options *options,
		  const struct private_key *signer, struct bytes content, struct buf *out_cic)
{
	AUTO(buf_free) struct buf algorithm = { 0 }, value = { 0 };

	TRY(suite->cic->make(signer, options, content, &algorithm, &value));
	der_put_signature(out_cic, buf_view(&algorithm), buf_view(&value));
	return OK;
}

FALLIBLE cic_decode(struct bytes octets, struct cic *out_cic)
{
	return der_get_signature(octets, "the content integrity check", &out_cic->algorithm,
				 &out_cic->value);
}

FALLIBLE cic_check(const struct suite *suite, const struct suite_options *options,
		   const struct cic *cic, const struct public_key *signer, struct bytes content)
{
	return suite->cic->check(signer, options, cic->algorithm, content, cic->value);
}

void cic_make_keyed(const struct suite *suite, const struct public_key *signer,
		    struct bytes content, struct secret *out_key, struct buf *out_cic)
{
	AUTO(buf_free) struct buf algorithm = { 0 }, value = { 0 };

	suite->keyed_cic->make(signer, content, out_key, &algorithm, &value);
	der_put_signature(out_cic, buf_view(&algorithm), buf_view(&value));
}

FALLIBLE cic_check_keyed(const struct suite *suite, const struct cic *cic,
			 const struct public_key *signer, struct bytes key, struct bytes content)
{
	if (!suite->keyed_cic)
		return FAIL(ST_REFUSED, 0, "the suite %s has no content integrity check in encrypted data",
			    suite->name);
	return suite->keyed_cic->check(signer, key, cic->algorithm, content, cic->value);
}
