/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a user means: an O/R address, a directory name or a nickname. */
#include "ua/address.h"

#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <sys/stat.h>

#define BOB "/G=Bob/S=Berg/O=South/ADMD=400net/C=IT/"

static struct ua_settings settings;
static struct test_clock now;
static struct arena *arena;
static struct home *home;

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	arena = arena_new();
	test_clock_init(&now, PKI_NOW);
	settings_init(ua_settings_table, &settings);
	assert_ok(settings_set(ua_settings_table, &settings, "name=CN=Alice,C=FR"));
	assert_ok(settings_set(ua_settings_table, &settings, "or-address=/S=Alice/ADMD=400net/C=FR/"));
	assert_int_equal(mkdir(scratch_path("home"), 0700), 0);
	assert_ok(home_open(scratch_path("home"), &settings, &now.clock, &home));
	return 0;
}

static int teardown(void **state)
{
	home_free(&home);
	settings_cleanup(ua_settings_table, &settings);
	arena_free(&arena);
	return scratch_teardown(state);
}

static void names_are_told_apart(void **state)
{
	static const struct { const char *text, *address, *dn, *fails; } cases[] = {
		{ BOB, .address = BOB },
		{ "G=Bob; S=Berg; O=South; A=400net; C=IT", .address = BOB },
		{ "CN=Bob Berg,O=South,C=IT", .dn = "CN=Bob Berg,O=South,C=IT" },
		{ "bob", .address = BOB, .dn = "CN=Bob Berg,O=South,C=IT" },
		{ "eve", .fails = "nor a nickname" },
		{ "/S=Berg/", .fails = "country-name" },
		{ "CN=Bob,,", .fails = "" },
	};
	const struct ua_name nickname = { "bob", BOB, "CN=Bob Berg,O=South,C=IT" };

	(void)state;
	assert_ok(uastore_set_name(home->db, &nickname));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct correspondent who;
		struct status *st = correspondent_find(home, arena, cases[i].text, &who);

		print_message("%s\n", cases[i].text);
		if (cases[i].fails) {
			assert_fails(st, cases[i].fails);
			continue;
		}
		assert_ok(st);
		assert_int_equal(orname_has_address(who.name), cases[i].address != NULL);
		if (cases[i].address)
			assert_string_equal(correspondent_text(arena, &who), cases[i].address);
		assert_int_equal(who.directory_name != NULL, cases[i].dn != NULL);
		assert_int_equal(who.name->directory_name.len > 0, cases[i].dn != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_are_told_apart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
