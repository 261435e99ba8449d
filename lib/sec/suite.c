/* SPDX-License-Identifier: Apache-2.0 */
/* The table of suites. */
#include "lib/sec/suite.h"

#include "asn1/oid.h"
#include "lib/sec/der.h"

#include <strings.h>

/* All there are, the default first. */
const struct suite *const suites_default[] = {
	&suite_modern,
	NULL
};

FALLIBLE suite_from_text(const char *name, const struct suite **out_suite)
{
	AUTO(buf_free) struct buf known = { 0 };

	for (size_t i = 0; suites_default[i]; i++) {
		if (strcasecmp(suites_default[i]->name, name) == 0) {
			*out_suite = suites_default[i];
			return OK;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", suites_default[i]->name);
	}
	return FAIL(ST_USAGE, 0, "\"%s\" is no suite: there is %.*s", name, (int)known.len,
		    (const char *)known.data);
}

FALLIBLE suite_find_cic(const struct suite *const *accepted, struct bytes algorithm,
			const struct cic_method **out_method)
{
	struct bytes oid = der_algorithm_oid(algorithm);

	for (; *accepted; accepted++)
		if ((*accepted)->cic && oid_is(oid, (*accepted)->cic->oid)) {
			*out_method = (*accepted)->cic;
			return OK;
		}
	return FAIL(ST_REFUSED, 0, "the content integrity algorithm %s is not accepted",
		    oid_text(oid).s);
}

FALLIBLE suite_find_seal(const struct suite *const *accepted, struct bytes algorithm,
			 const struct seal_method **out_method)
{
	struct bytes oid = der_algorithm_oid(algorithm);

	for (; *accepted; accepted++)
		if ((*accepted)->seal && oid_is(oid, (*accepted)->seal->oid)) {
			*out_method = (*accepted)->seal;
			return OK;
		}
	return FAIL(ST_REFUSED, 0, "the content confidentiality algorithm %s is not accepted",
		    oid_text(oid).s);
}
