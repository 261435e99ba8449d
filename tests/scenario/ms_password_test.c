/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user changes the password that he binds with to his message store [X.413 8.6;
 * X.411 8.4.1.2], and so does an MTA: who does not know the old one does not, and the old one does not
 * come back, neither replayed nor by a crash.
 */
#include "lib/mhs/operations.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/scratch.h"

#include <string.h>

static const char *settings;

static int setup(void **state)
{
	scratch_setup(state);
	scene_open();
	ua.expected = (struct link_expected){ .password = "", .own_password = "secret" };
	const char *secret = scene_file("password", "secret\n");
	settings = arena_printf(arena,
		"mailbox = " BOB " password-file=%s\n"
		"mta = mta %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		secret, scene_socket("mta"), secret, secret);
	scene_start(settings);
	return 0;
}

static int teardown(void **state)
{
	scene_close();
	return scratch_teardown(state);
}

static void put_credentials(const char *password, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	ber_put(out, BER_UNIVERSAL(22), bytes_text(password));
	ber_wrap(out, from, tag);
}

/* Register-MSArgument {change-credentials} */
static struct buf change(const char *before, const char *after)
{
	struct buf out = { 0 };

	put_credentials(before, BER_CONTEXT(0), &out);
	put_credentials(after, BER_CONTEXT(1), &out);
	ber_wrap(&out, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&out, 0, BER_CONTEXT(4));
	ber_wrap(&out, 0, BER_UNIVERSAL(BER_SET));
	return out;
}

static void change_in_vain(const char *before, const char *after, int error)
{
	AUTO(buf_free) struct buf argument = change(before, after);

	ask_in_vain(&ua, OP_REGISTER_MS, &argument, error);
}

static bool binds_with(const char *password)
{
	ua.expected.own_password = password;
	bind_ua();
	return ua.link != NULL;
}

static void leave(void)
{
	link_release(ua.link);
	wait_for_end(&ua);
}

static void who_knows_the_old_one_changes_it(void **state)
{
	AUTO(buf_free) struct buf argument = change("secret", "open sesame");

	(void)state;
	assert_true(binds_with("secret"));
	change_in_vain("guess", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	change_in_vain("", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	change_in_vain("secret", "short", ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	change_in_vain("secret", "secret", ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	change_in_vain("secret", "sixty-three characters: that is one more than there may be in it",
		       ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	leave();
	assert_true(binds_with("secret"));	/* none of these changed anything */
	ask(&ua, OP_REGISTER_MS, &argument);
	/* Replayed: the old one is not the old one any more. */
	ask_in_vain(&ua, OP_REGISTER_MS, &argument, ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	leave();
	assert_false(binds_with("secret"));
	assert_true(binds_with("open sesame"));
	leave();
}

static void a_confirmed_change_survives(void **state)
{
	AUTO(buf_free) struct buf argument = change("secret", "open sesame");

	(void)state;
	assert_true(binds_with("secret"));
	ask(&ua, OP_REGISTER_MS, &argument);
	process_kill(&store);
	wait_for_end(&ua);
	scene_start(settings);
	assert_false(binds_with("secret"));
	assert_true(binds_with("open sesame"));
	leave();
}

static void strong_credentials_are_not_changed_here(void **state)
{
	AUTO(buf_free) struct buf argument = { 0 };

	(void)state;
	put_credentials("secret", BER_CONTEXT(0), &argument);
	size_t from = argument.len;
	ber_wrap(&argument, from, BER_CONTEXT(0));	/* strong, with nothing in it */
	ber_wrap(&argument, from, BER_CONTEXT(1));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&argument, 0, BER_CONTEXT(4));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	assert_true(binds_with("secret"));
	ask_in_vain(&ua, OP_REGISTER_MS, &argument, ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	leave();
}

/* --- the MTA's --- */

static struct buf mtas_change(const char *before, const char *after)
{
	struct buf out = { 0 };

	put_credentials(before, BER_CONTEXT(0), &out);
	put_credentials(after, BER_CONTEXT(1), &out);
	ber_wrap(&out, 0, BER_SET);
	return out;
}

static void mta_changes_in_vain(const char *before, const char *after, int error)
{
	AUTO(buf_free) struct buf argument = mtas_change(before, after);

	ask_in_vain(&mta, OP_CHANGE_CREDENTIALS, &argument, error);
}

static bool mta_binds_with(const char *password)
{
	if (mta.link) {
		link_release(mta.link);
		wait_for_end(&mta);
	}
	mta.expected = (struct link_expected){ .password = "secret", .own_password = password };
	bind_mta();
	return mta.link != NULL;
}

static void an_mta_changes_its_own(void **state)
{
	AUTO(buf_free) struct buf argument = mtas_change("secret", "open sesame");

	(void)state;
	assert_true(mta_binds_with("secret"));
	mta_changes_in_vain("guess", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	mta_changes_in_vain("secret", "short", ERR_NEW_CREDENTIALS_UNACCEPTABLE);
	assert_true(mta_binds_with("secret"));
	ask(&mta, OP_CHANGE_CREDENTIALS, &argument);
	mta_changes_in_vain("secret", "open sesame", ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED);
	process_kill(&store);
	wait_for_end(&mta);
	scene_start(settings);
	assert_false(mta_binds_with("secret"));
	assert_true(mta_binds_with("open sesame"));
	/* The user's is another. */
	assert_true(binds_with("secret"));
	leave();
}

static void what_is_no_argument_is_rejected(void **state)
{
	AUTO(buf_free) struct buf nothing = buf_copy(BYTES("\x31\x00"));

	(void)state;
	assert_true(mta_binds_with("secret"));
	invoke(&mta, OP_CHANGE_CREDENTIALS, buf_view(&nothing), bytes_none());
	WAIT_FOR(mta.rejects, 1);
	assert_non_null(mta.link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_knows_the_old_one_changes_it),
		TEST(a_confirmed_change_survives),
		TEST(strong_credentials_are_not_changed_here),
		TEST(an_mta_changes_its_own),
		TEST(what_is_no_argument_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
