/* SPDX-License-Identifier: Apache-2.0 */
/* The table of suites. */
#include "lib/sec/suite.h"

#include "asn1/oid.h"
#include "lib/sec/der.h"

#include <strings.h>

const struct suite *const suites_all[] = {
	&suite_modern,
	&suite_amhs,
	&suite_locator_1989,
	NULL
};

const struct suite *const suites_default[] = {
	&suite_modern,
	NULL
};

FALLIBLE suite_from_text(const char *name, const struct suite **out_suite)
{
	AUTO(buf_free) struct buf known = { 0 };

	for (size_t i = 0; suites_all[i]; i++) {
		if (strcasecmp(suites_all[i]->name, name) == 0) {
			*out_suite = suites_all[i];
			return OK;
		}
		buf_printf(&known, "%s%s", i ? ", " : "", suites_all[i]->name);
	}
	return FAIL(ST_USAGE, 0, "\"%s\" is no suite: there are %.*s", name, (int)known.len,
		    (const char *)known.data);
}

FALLIBLE suite_check_allowed(const struct suite *suite, const struct suite_options *options)
{
	if (suite->allowed && !suite->allowed(options))
		return FAIL(ST_REFUSED, 0, "the suite %s is not used here, as %s; only the setting "
			    "%s = yes would allow it", suite->name, suite->broken, suite->allowed_by);
	return OK;
}

FALLIBLE suite_check_making(const struct suite *suite, const struct suite_options *options,
			    bool seal)
{
	if (!suite->may_make)
		return FAIL(ST_USAGE, 0, "the suite %s is only for checking what others made",
			    suite->name);
	if (seal && !suite->seal)
		return FAIL(ST_USAGE, 0, "the suite %s does not seal content", suite->name);
	return suite_check_allowed(suite, options);
}

static const struct suite *named_by(const struct suite *const *suites, struct bytes oid)
{
	for (; *suites; suites++)
		for (const char *const *known = (*suites)->cic->oids; *known; known++)
			if (oid_is(oid, *known))
				return *suites;
	return NULL;
}

FALLIBLE suite_find(const struct suite *const *accepted, const struct suite_options *options,
		    struct bytes cic_algorithm, const struct suite **out_suite)
{
	struct bytes oid = der_algorithm_oid(cic_algorithm);
	const struct suite *suite = named_by(accepted, oid);

	if (!suite) {
		const struct suite *known = named_by(suites_all, oid);

		if (known)
			return FAIL(ST_REFUSED, 0, "the message was made with the suite %s, which is not "
				    "accepted here", known->name);
		return FAIL(ST_REFUSED, 0, "the content integrity algorithm %s is not accepted",
			    oid_text(oid).s);
	}
	TRY(suite_check_allowed(suite, options));
	*out_suite = suite;
	return OK;
}
