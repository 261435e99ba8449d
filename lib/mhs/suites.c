/* SPDX-License-Identifier: Apache-2.0 */
/* Settings about suites. */
#include "lib/mhs/suites.h"

#include <string.h>

const char *const suite_hash_names[] = { [ECDSA_SHA1] = "sha1", [ECDSA_SHA256] = "sha256", NULL };
const char *const suite_cic_names[] = { [CIC_SEQUENCE] = "sequence", [CIC_JOINED] = "joined", NULL };
const char *const unsigned_names[] = {
	[UNSIGNED_PASS] = "pass", [UNSIGNED_MARK] = "mark", [UNSIGNED_REFUSE] = "refuse", NULL
};

struct suite_options suite_options_of(const struct site_settings *site,
				      const struct suite_settings *settings)
{
	return (struct suite_options){
		.allow_broken_1989 = site->allow_broken_1989,
		.amhs_hash = (enum ecdsa_hash)settings->amhs_hash,
		.amhs_cic = (enum cic_form)settings->amhs_cic,
	};
}

FALLIBLE suites_from_text(struct arena *arena, const char *names,
			  const struct suite *const **out_suites)
{
	char *left = arena_strdup(arena, names), *at = NULL;
	const struct suite **suites = arena_new_array(arena, const struct suite *,
						      strlen(names) / 2 + 2);
	size_t count = 0;

	for (const char *name = strtok_r(left, ", ", &at); name; name = strtok_r(NULL, ", ", &at))
		TRY(suite_from_text(name, &suites[count++]));
	if (!count)
		return FAIL(ST_USAGE, 0, "no suite is named");
	*out_suites = suites;
	return OK;
}
