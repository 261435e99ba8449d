/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user agent is prepared to fetch: it says so when it binds to a message
 * store, and what is outside of that is an error, unless the fetch overrides it.
 */
#include "asn1/asn.h"
#include "lib/mhs/operations.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/scratch.h"

#include <FetchResult.h>
#include <FetchRestrictionError.h>

ASN_CLEANUP(FetchResult)
ASN_CLEANUP(FetchRestrictionError)

#define P22		"06 04 56 01 0a 01 "
#define P2		"06 04 56 01 0a 00 "
#define IA5_TEXT	"06 04 56 03 04 02 "
#define TELETEX		"06 04 56 03 04 05 "

static int setup(void **state)
{
	scratch_setup(state);
	scene_open();
	mta.expected = (struct link_expected){ .password = "secret", .own_password = "secret" };
	ua.expected = (struct link_expected){ .password = "", .own_password = "secret" };
	const char *secret = scene_file("password", "secret\n");
	scene_start(arena_printf(arena,
		"mailbox = " BOB " password-file=%s\n"
		"mta = mta %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		secret, scene_socket("mta"), secret, secret));
	bind_mta();
	assert_non_null(mta.link);
	deliver("m1", BYTES("longer"));
	return 0;
}

static int teardown(void **state)
{
	scene_close();
	return scratch_teardown(state);
}

static void bind_with(const char *restrictions)
{
	AUTO(buf_free) struct buf octets = hex(restrictions);

	ua.fetch_restrictions = arena_dup(arena, buf_view(&octets));
	bind_ua();
	assert_non_null(ua.link);
}

static void leave(void)
{
	link_release(ua.link);
	wait_for_end(&ua);
}

static void fetch(const char *argument)
{
	AUTO(buf_free) struct buf octets = hex(argument);
	AUTO(FetchResult_cleanup) FetchResult_t *result = NULL;

	ask(&ua, OP_FETCH, &octets);
	assert_ok(asn_decode(&asn_DEF_FetchResult, buf_view(&ua.result), (void **)&result));
	assert_non_null(result->entry_information);
}

static void fetch_in_vain(const char *argument, const char *problems)
{
	AUTO(buf_free) struct buf octets = hex(argument);
	AUTO(buf_free) struct buf expected = hex(problems);
	AUTO(FetchRestrictionError_cleanup) FetchRestrictionError_t *error = NULL;

	ask_in_vain(&ua, OP_FETCH, &octets, ERR_FETCH_RESTRICTION_ERROR);
	assert_bytes(buf_view(&ua.error), buf_view(&expected));
	assert_ok(asn_decode(&asn_DEF_FetchRestrictionError, buf_view(&ua.error),
			     (void **)&error));
}

/* Number 1; and a search for all, without and with what is overridden. */
#define PRECISE		"31 05 a2 03 02 01 01"
#define SEARCH		"31 04 a1 02 31 00"
#define OVERRIDE(bits)	"31 0a a1 08 31 06 a4 04 03 02 05 " bits

static const struct {
	const char *name, *restrictions, *overridden;
	const char *problems;		/* null: it is fetched */
} cases[] = {
	{ "none of them", "31 00" },
	{ "its content type", "31 0a a0 08 31 06 " P22 },
	{ "another content type", "31 0a a0 08 31 06 " P2, OVERRIDE("80"),
	  "31 13 a0 11 31 0f 31 0d a0 06 " P22 "a3 03 02 01 01" },
	{ "no content type at all", "31 04 a0 02 31 00", OVERRIDE("80"),
	  "31 13 a0 11 31 0f 31 0d a0 06 " P22 "a3 03 02 01 01" },
	{ "its encoded information type", "31 10 a1 0e 31 0c " TELETEX IA5_TEXT },
	{ "another encoded information type", "31 0a a1 08 31 06 " TELETEX, OVERRIDE("40"),
	  "31 15 a0 13 31 11 31 0f a1 08 31 06 " IA5_TEXT "a3 03 02 01 02" },
	{ "its length", "31 05 a2 03 02 01 06" },
	{ "less than its length", "31 05 a2 03 02 01 05", OVERRIDE("20"),
	  "31 10 a0 0e 31 0c 31 0a a2 03 02 01 06 a3 03 02 01 03" },
	{ "two of them", "31 0f a0 08 31 06 " P2 "a2 03 02 01 05", OVERRIDE("a0"),
	  "31 1f a0 1d 31 1b 31 0d a0 06 " P22 "a3 03 02 01 01 "
	  "31 0a a2 03 02 01 06 a3 03 02 01 03" },
};

static void what_is_outside_of_them_is_not_fetched(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		bind_with(cases[i].restrictions);
		if (cases[i].problems) {
			fetch_in_vain(PRECISE, cases[i].problems);
			fetch_in_vain(SEARCH, cases[i].problems);
			fetch_in_vain(OVERRIDE("00"), cases[i].problems);
			fetch(cases[i].overridden);
		} else {
			fetch(PRECISE);
			fetch(SEARCH);
		}
		leave();
	}
}

/* One that is not fetched stays as new as it was: it can be found again. */
static void what_is_not_fetched_is_not_processed(void **state)
{
	/* those with the retrieval-status new */
	static const char only_new[] = "31 15 a1 13 31 11 a2 0f a0 0d a0 0b 30 09 "
				       "06 04 56 04 03 0f 02 01 00";

	(void)state;
	bind_with("31 05 a2 03 02 01 05");
	fetch_in_vain(PRECISE, cases[7].problems);
	fetch_in_vain(only_new, cases[7].problems);
	leave();
}

static void those_that_make_no_sense_end_the_bind(void **state)
{
	AUTO(buf_free) struct buf negative = hex("31 05 a2 03 02 01 ff");

	(void)state;
	ua.fetch_restrictions = buf_view(&negative);
	bind_ua();
	assert_null(ua.link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_outside_of_them_is_not_fetched),
		TEST(what_is_not_fetched_is_not_processed),
		TEST(those_that_make_no_sense_end_the_bind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
