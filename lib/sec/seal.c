/* SPDX-License-Identifier: Apache-2.0 */
/* Content confidentiality [X.411 8.2.1.1.1.27]. */
#include "lib/sec/seal.h"

FALLIBLE seal_content(const struct suite *suite, struct buf *content,
		      struct secret *out_key, struct buf *out_algorithm)
{
	if (!suite->seal)
		return FAIL(ST_USAGE, 0, "the suite %s does not seal content", suite->name);
	return suite->seal->seal(content, out_key, out_algorithm);
}

FALLIBLE seal_open(const struct suite *const *accepted, struct bytes algorithm,
		   struct bytes key, struct buf *content)
{
	const struct seal_method *method;

	TRY(suite_find_seal(accepted, algorithm, &method));
	struct status *failed = method->open(algorithm, key, content);
	if (!failed)
		return OK;
	buf_clear(content);
	return status_new(failed, ST_REFUSED, failed->diag, "the sealed content was changed");
}
