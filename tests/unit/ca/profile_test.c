/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/profile.h"

#include "tests/support/check.h"

enum { NOW = 1790000000, DAY = 86400 };

static FALLIBLE read_one(const char *line, struct profiles *out)
{
	char *lines[] = { (char *)line };
	const struct text_list list = { lines, line ? 1 : 0 };

	return profiles_read(&list, out);
}

static void the_usual_ones_allow_all_keys(void **state)
{
	struct profiles profiles;
	time_t end = 0;

	(void)state;
	assert_ok(read_one(NULL, &profiles));
	for (int scope = SCOPE_UA; scope <= SCOPE_CA; scope++)
		for (int type = KEY_P256; type <= KEY_RSA; type++)
			assert_ok(profile_check_key(&profiles, (enum scope)scope, (enum key_type)type));
	assert_ok(profile_end(&profiles, SCOPE_MS, 0, NOW, &end));
	assert_true(end == NOW + 365 * DAY);
	assert_ok(profile_end(&profiles, SCOPE_CA, 0, NOW, &end));
	assert_true(end == NOW + 3650 * (time_t)DAY);
	assert_true(profiles.of[SCOPE_UA].needs_address && profiles.of[SCOPE_UA].seals);
}

static void a_line_changes_what_it_says(void **state)
{
	struct profiles profiles;
	time_t end = 0;

	(void)state;
	assert_ok(read_one("UA days=30 days-max=60 keys=p256,RSA usage=sign", &profiles));
	assert_ok(profile_end(&profiles, SCOPE_UA, 0, NOW, &end));
	assert_true(end == NOW + 30 * DAY);
	assert_ok(profile_end(&profiles, SCOPE_UA, 60, NOW, &end));
	assert_fails(profile_end(&profiles, SCOPE_UA, 61, NOW, &end), "at most 60 days here, not 61");
	assert_ok(profile_check_key(&profiles, SCOPE_UA, KEY_RSA));
	assert_fails(profile_check_key(&profiles, SCOPE_UA, KEY_ED25519), "type Ed25519 is not certified as UA");
	assert_ok(profile_check_key(&profiles, SCOPE_MS, KEY_ED25519));
	assert_false(profiles.of[SCOPE_UA].seals);
	assert_ok(read_one("ua policies=2.25.7,1.3.6.1.4.1.99.1", &profiles));
	assert_int_equal(profiles.of[SCOPE_UA].policies.count, 2);
	assert_string_equal(profiles.of[SCOPE_UA].policies.oids[1], "1.3.6.1.4.1.99.1");
	assert_ok(read_one("ms address=required", &profiles));
	assert_int_equal(profiles.of[SCOPE_MS].policies.count, 0);
	assert_true(profiles.of[SCOPE_MS].needs_address);
}

static const struct { const char *line, *fails; } wrong[] = {
	{ "", "it is empty" },
	{ "user days=3", "no scope of use" },
	{ "ua days=0", "no number of days" },
	{ "ua days=10x", "no number of days" },
	{ "ua days=99999", "no number of days" },
	{ "ua days=10 days-max=5", "days= is more than days-max=" },
	{ "ua keys=dsa", "no type of key" },
	{ "ua keys=p256,", "no type of key" },
	{ "ua usage=read", "\"read\" is no usage" },
	{ "ua address=maybe", "required or optional" },
	{ "ua address=optional", "could not be told" },
	{ "ua policies=none", "none" },
	{ "ua policies=2.25.1,2.25.2,2.25.3,2.25.4,2.25.5,2.25.6,2.25.7,2.25.8,2.25.9", "at most 8 policies" },
	{ "ua policies=1.3.6.1.4.1.1111111111.1111111111.1111111111.1111111111.1111111111", "less than 64" },
	{ "ca policies=2.25.1", "said where it is certified" },
	{ "ua colour=red", "\"colour=red\" says nothing" },
	{ "ua red", "\"red\" says nothing" },
};

static void a_line_has_to_make_sense(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct profiles profiles;

		print_message("%s\n", wrong[i].line);
		assert_fails(read_one(wrong[i].line, &profiles), wrong[i].fails);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_ones_allow_all_keys),
		cmocka_unit_test(a_line_changes_what_it_says),
		cmocka_unit_test(a_line_has_to_make_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
