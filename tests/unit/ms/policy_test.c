/* SPDX-License-Identifier: Apache-2.0 */
/* The setting policy: which line is whose, and what makes no sense. */
#include "ms/policy.h"

#include "tests/support/check.h"

#define ALICE	"/G=Alice/S=Martin/O=Tower/PRMD=Air/ADMD=ICAO/C=XX/"
#define BOB	"/G=Bob/S=Berg/O=Apron/PRMD=Air/ADMD=ICAO/C=XX/"
#define EVE	"/S=Eve/O=Apron/PRMD=Sea/ADMD=ICAO/C=XX/"
#define DOMAIN	"/PRMD=Air/ADMD=ICAO/C=XX/"

static FALLIBLE read_lines(struct arena *arena, const char *first, const char *second,
			   struct policies *out)
{
	char *items[] = { arena_strdup(arena, first), arena_strdup(arena, second ? second : "") };
	const struct text_list lines = { items, second ? 2 : 1 };

	return policies_read(arena, &lines, out);
}

static const struct policy *policy_of(struct arena *arena, const struct policies *policies,
				      const char *address)
{
	struct orname *name = NULL;

	assert_ok(orname_from_text(arena, address, &name));
	return policies_find(policies, name);
}

static void the_first_that_fits_counts(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct policies policies;

	(void)state;
	assert_ok(read_lines(arena, ALICE " verify=amhs unsigned=refuse", DOMAIN " verify=amhs", &policies));
	const struct policy *alice = policy_of(arena, &policies, ALICE);
	const struct policy *bob = policy_of(arena, &policies, BOB);
	assert_non_null(alice);
	assert_int_equal(alice->unsigned_, UNSIGNED_REFUSE);
	assert_ptr_equal(alice->verify[0], &suite_amhs);
	assert_null(alice->verify[1]);
	assert_non_null(bob);
	assert_int_equal(bob->unsigned_, UNSIGNED_MARK);
	assert_null(policy_of(arena, &policies, EVE));
}

static void what_makes_no_sense_is_said(void **state)
{
	static const struct { const char *line, *fails; } cases[] = {
		{ "verify=amhs", "an O/R address comes first" },
		{ ALICE, "verify=... has to say which suites are checked" },
		{ ALICE " verify=", "no suite is named" },
		{ ALICE " verify=rot13", "\"rot13\" is no suite: there are modern, amhs" },
		{ ALICE " verify=amhs,modern", "the suite modern seals content, which a store cannot read" },
		{ ALICE " verify=amhs unsigned=maybe", "\"maybe\" is none of pass, mark and refuse" },
		{ ALICE " verify=amhs colour=red", "\"colour=red\" is neither verify=... nor unsigned=..." },
	};
	AUTO(arena_free) struct arena *arena = arena_new();
	struct policies policies;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("  %s\n", cases[i].line);
		assert_fails(read_lines(arena, cases[i].line, NULL, &policies), cases[i].fails);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_fits_counts),
		cmocka_unit_test(what_makes_no_sense_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
