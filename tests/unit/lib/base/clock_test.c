/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/clock.h"

#include "tests/support/check.h"

/* 1994-03-02 09:00:05 UTC */
enum { THEN = 762598805 };

static void a_test_moves_its_clock(void **state)
{
	(void)state;
	struct test_clock test;

	test_clock_init(&test, THEN);
	assert_int_equal(clock_now(&test.clock), THEN);
	test_clock_advance(&test, 3600);
	assert_int_equal(clock_now(&test.clock), THEN + 3600);
	test_clock_advance(&test, -7200);
	assert_int_equal(clock_now(&test.clock), THEN - 3600);
}

static void the_real_clock_agrees_with_the_machine(void **state)
{
	(void)state;
	time_t before = time(NULL), now = clock_now(&clock_real);

	/* time() may be a tick behind. */
	assert_true(now >= before && now <= time(NULL) + 1);
}

static void texts(void **state)
{
	(void)state;
	assert_string_equal(time_text(THEN).s, "1994-03-02 09:00:05 UTC");
	assert_string_equal(time_rfc3339(THEN).s, "1994-03-02T09:00:05Z");
	assert_string_equal(time_rfc3339_us(THEN * INT64_C(1000000) + 123999).s, "1994-03-02T09:00:05.123Z");
	assert_string_equal(time_rfc3339_us(-1).s, "1969-12-31T23:59:59.999Z");
	assert_string_equal(time_rfc3339(INT64_MAX).s, "@9223372036854775807");
}

struct time_case {
	const char *text;
	time_t time;
	bool fails;
};

static const struct time_case utc_cases[] = {
	{ "940302090005Z", THEN, false },
	{ "9403020900Z", THEN - 5, false },
	{ "9403021000+0100", THEN - 5, false },
	{ "940302033005-0530", THEN, false },
	{ "491231235959Z", 2524607999, false },
	{ "500101000000Z", -631152000, false },
	{ "000229000000Z", 951782400, false },
	{ "010229000000Z", 0, true },
	{ "940302240000Z", 0, true },
	{ "941302090005Z", 0, true },
	{ "940002090005Z", 0, true },
	{ "940302090060Z", 0, true },
	{ "940302090005", 0, true },
	{ "940302090005Z0", 0, true },
	{ "940302090005+0160", 0, true },
	{ "940302090005+2400", 0, true },
	{ "940302090005+01", 0, true },
	{ "940302 90005Z", 0, true },
	{ "-40302090005Z", 0, true },
	{ "", 0, true },
};

static const struct time_case generalized_cases[] = {
	{ "19940302090005Z", THEN, false },
	{ "199403020900Z", THEN - 5, false },
	{ "1994030209Z", THEN - 5, false },
	{ "19940302090005.999Z", THEN, false },
	{ "199403020900,5Z", THEN + 25, false },
	{ "1994030208.5Z", THEN - 5 - 1800, false },
	{ "19940302100005+01", THEN, false },
	{ "19940302033005-0530", THEN, false },
	{ "19000228000000Z", -2203977600, false },
	{ "19000229000000Z", 0, true },
	{ "19940302090005", 0, true },
	{ "19940302090005.Z", 0, true },
	{ "19940302090005.5", 0, true },
	{ "94030209000Z", 0, true },
};

typedef struct status *reader(struct bytes text, time_t *out_time);

static void each_is_read(const struct time_case *cases, size_t count, reader *read, const char *words)
{
	for (size_t i = 0; i < count; i++) {
		time_t t = -1;

		if (cases[i].fails) {
			assert_fails(read(bytes_text(cases[i].text), &t), words);
			continue;
		}
		assert_ok(read(bytes_text(cases[i].text), &t));
		if (t != cases[i].time)
			fail_msg("%s was read as %s", cases[i].text, time_text(t).s);
	}
}

static void utctime_is_read(void **state)
{
	(void)state;
	each_is_read(utc_cases, sizeof(utc_cases) / sizeof(*utc_cases), time_from_utctime, "UTCTime is no date");
}

static void generalized_is_read(void **state)
{
	(void)state;
	each_is_read(generalized_cases, sizeof(generalized_cases) / sizeof(*generalized_cases),
		     time_from_generalized, "GeneralizedTime is no date");
}

static void truncation_is_refused(void **state)
{
	(void)state;
	struct bytes whole = BYTES("940302090005+0000");
	time_t t;

	for (size_t len = 0; len < whole.len; len++)
		assert_fails(time_from_utctime(bytes_slice(whole, 0, len), &t), "UTCTime");
}

static void what_is_made_is_read_again(void **state)
{
	(void)state;
	static const time_t times[] = { THEN, 0, -631152000, 2524607999, 951782400 };
	struct time_text text;
	time_t back;

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		assert_ok(time_to_utctime(times[i], &text));
		assert_ok(time_from_utctime(bytes_text(text.s), &back));
		assert_int_equal(back, times[i]);
		assert_ok(time_to_generalized(times[i], &text));
		assert_ok(time_from_generalized(bytes_text(text.s), &back));
		assert_int_equal(back, times[i]);
	}
	assert_fails(time_to_utctime(2524608000, &text), "not between the years 1950 and 2049");
	assert_ok(time_to_generalized(2524608000, &text));
	assert_string_equal(text.s, "20500101000000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_moves_its_clock),
		cmocka_unit_test(the_real_clock_agrees_with_the_machine),
		cmocka_unit_test(texts),
		cmocka_unit_test(utctime_is_read),
		cmocka_unit_test(generalized_is_read),
		cmocka_unit_test(truncation_is_refused),
		cmocka_unit_test(what_is_made_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
