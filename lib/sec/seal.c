/* SPDX-License-Identifier: Apache-2.0 */
/* Content confidentiality [X.411 8.2.1.1.1.27]. */
#include "lib/sec/seal.h"

#include "asn1/oid.h"
#include "lib/sec/der.h"

FALLIBLE seal_content(const struct suite *suite, struct buf *content,
		      struct secret *out_key, struct buf *out_algorithm)
{
	if (!suite->seal)
		return FAIL(ST_USAGE, 0, "the suite %s does not seal content", suite->name);
	return suite->seal->seal(content, out_key, out_algorithm);
}

FALLIBLE seal_open(const struct suite *suite, struct bytes algorithm,
		   struct bytes key, struct buf *content)
{
	struct bytes oid = der_algorithm_oid(algorithm);

	if (!suite->seal)
		return FAIL(ST_REFUSED, 0, "the suite %s forbids sealed content", suite->name);
	if (!oid_is(oid, suite->seal->oid))
		return FAIL(ST_REFUSED, 0, "the content confidentiality algorithm %s is not that of the "
			    "suite %s", oid_text(oid).s, suite->name);
	struct status *failed = suite->seal->open(algorithm, key, content);
	if (!failed)
		return OK;
	buf_clear(content);
	if (failed->kind == ST_LATER)
		return failed;		/* the cipher is not at hand */
	return status_new(failed, ST_REFUSED, failed->diag, "the sealed content was changed");
}
