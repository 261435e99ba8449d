/* SPDX-License-Identifier: Apache-2.0 */
/* Change-credentials of a password: what is read, what is acceptable, and who may. */
#include "lib/mhs/password_change.h"

#include "asn1/ber.h"
#include "lib/mhs/binds.h"
#include "lib/sec/password.h"
#include "tests/support/check.h"

static const struct { const char *name, *components, *unacceptable, *fails; } cases[] = {
	{ "IA5", "a00516036f6c64 " "a10a 16086e65772d776f7264", NULL, NULL },
	{ "one of each", "a00504036f6c64 a10a16086e65772d776f7264", NULL, NULL },
	{ "in either order", "a10a16086e65772d776f7264 a00516036f6c64", NULL, NULL },
	{ "in segments", "a00516036f6c64 a10e 240c 0404 6e65772d 0404 776f7264", NULL, NULL },
	{ "seven", "a00516036f6c64 a10916076e65772d776f72", "8 to 62 octets", NULL },
	{ "the same", "a00a16086e65772d776f7264 a10a04086e65772d776f7264",
	  "the new password is the old one", NULL },
	{ "an old certificate", "a002a000 a10a16086e65772d776f7264", "a password is changed", NULL },
	{ "a new certificate", "a00516036f6c64 a102a000", "a password is changed", NULL },
	{ "no old one", "a10a16086e65772d776f7264", NULL, "no old credentials" },
	{ "no new one", "a00516036f6c64", NULL, "no new credentials" },
	{ "something else", "a00516036f6c64 a10a16086e65772d776f7264 a200", NULL, "unknown tag" },
	{ "nothing in it", "a000 a10a16086e65772d776f7264", NULL, "" },
};

static void passwords_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf octets = hex(cases[i].components);
		AUTO(password_change_cleanup) struct password_change change = { 0 };
		struct status *unacceptable = OK;
		struct status *st = password_change_read(buf_view(&octets), &change, &unacceptable);

		print_message("%s\n", cases[i].name);
		if (cases[i].fails) {
			assert_fails(st, cases[i].fails);
			assert_null(unacceptable);
			continue;
		}
		assert_ok(st);
		if (cases[i].unacceptable) {
			assert_fails(unacceptable, cases[i].unacceptable);
			continue;
		}
		assert_ok(unacceptable);
		assert_bytes(buf_view(&change.before), BYTES("old"));
		assert_bytes(buf_view(&change.after), BYTES("new-word"));
	}
}

static void a_truncated_one_is_none(void **state)
{
	AUTO(buf_free) struct buf octets = hex(cases[0].components);

	(void)state;
	for (size_t len = 0; len < octets.len; len++) {
		AUTO(password_change_cleanup) struct password_change change = { 0 };
		struct status *unacceptable = OK;

		assert_fails(password_change_read(bytes_of(octets.data, len), &change,
						  &unacceptable), "");
		assert_null(unacceptable);
	}
}

static void what_is_written_can_be_read(void **state)
{
	static const char *const words[] = { "new-word", "h\xc3\xa9las, tant pis" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(buf_free) struct buf octets = { 0 };
		AUTO(password_change_cleanup) struct password_change change = { 0 };
		struct status *unacceptable = OK;

		password_change_encode(BYTES("old"), bytes_text(words[i]), &octets);
		assert_ok(password_change_read(buf_view(&octets), &change, &unacceptable));
		assert_ok(unacceptable);
		assert_bytes(buf_view(&change.after), bytes_text(words[i]));
	}
}

static void the_most_is_what_a_bind_has(void **state)
{
	char longest[BIND_PASSWORD_MAX + 2];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	assert_ok(password_check_new(BYTES("old"), bytes_of((uint8_t *)longest, BIND_PASSWORD_MAX)));
	assert_fails(password_check_new(BYTES("old"), bytes_of((uint8_t *)longest,
							      BIND_PASSWORD_MAX + 1)), "8 to 62");
}

static void who_knows_the_old_one_may(void **state)
{
	AUTO(password_change_cleanup) struct password_change change = {
		.before = buf_copy(BYTES("old")), .after = buf_copy(BYTES("new-word")),
	};
	AUTO(buf_free) struct buf stored = { 0 }, again = { 0 };

	(void)state;
	assert_false(password_change_is_proved(&change, bytes_none(), "another", &stored));
	assert_false(password_change_is_proved(&change, bytes_none(), NULL, &stored));
	assert_int_equal(stored.len, 0);
	assert_true(password_change_is_proved(&change, bytes_none(), "old", &stored));
	assert_true(password_is(buf_view(&stored), BYTES("new-word")));
	/* It is not the old one any more, whatever the settings say. */
	assert_false(password_change_is_proved(&change, buf_view(&stored), "old", &again));
	assert_int_equal(again.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_are_read),
		cmocka_unit_test(a_truncated_one_is_none),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(the_most_is_what_a_bind_has),
		cmocka_unit_test(who_knows_the_old_one_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
