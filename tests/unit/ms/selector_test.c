/* SPDX-License-Identifier: Apache-2.0 */
#include "ms/selector.h"

#include "asn1/ber.h"
#include "asn1/mhs_operations.h"
#include "ms/restrictions.h"
#include "tests/support/check.h"

/* entry-type 0, priority urgent, creation-time 261122050000Z, content-identifier "abcabd". */
#define ATTRIBUTES							\
	"30 0b 06 04 56 04 03 10 30 03 02 01 00 "			\
	"30 0b 06 04 56 04 03 1f 30 03 47 01 02 "			\
	"30 17 06 04 56 04 03 0b 30 0f 17 0d 32 36 31 31 32 32 30 35 30 30 30 30 5a "	\
	"30 10 06 04 56 04 03 04 30 08 4a 06 61 62 63 61 62 64 "

#define PRIORITY	"06 04 56 04 03 1f "
#define STATUS		"06 04 56 04 03 0f "
#define CREATED		"06 04 56 04 03 0b "
#define ORIGINATOR	"06 04 56 04 03 1b "
#define IDENTIFIER	"06 04 56 04 03 04 "

/* The strings that a value is to have: INITIAL("61") is "a". */
#define INITIAL(octet)	"a0 03 4a 01 " octet " "
#define ANY(octet)	"a1 03 4a 01 " octet " "
#define FINAL(octet)	"a2 03 4a 01 " octet " "
#define ONE(string)	FILTER("15", "13", "a0 11 a1 0f 30 0d " IDENTIFIER "30 05 " string)
#define THREE(strings)	FILTER("1f", "1d", "a0 1b a1 19 30 17 " IDENTIFIER "30 0f " strings)

/* A Selector with a filter. */
#define FILTER(len, inner_len, filter)	"31 " len " a2 " inner_len " " filter

static const struct {
	const char *name, *selector;
	bool matches;
	int error;		/* of enum mhs_error; 0: none */
	const char *fails;	/* the words of ST_PEER; null: it does not */
} cases[] = {
	{ "all", "31 00", .matches = true },
	{ "a limit", "31 05 a3 03 02 01 07", .matches = true },
	{ "numbers", "31 10 a1 0e a0 0c 30 0a a0 03 02 01 05 a1 03 02 01 09", .matches = true },
	{ "numbers reversed", "31 10 a1 0e a0 0c 30 0a a0 03 02 01 09 a1 03 02 01 05",
	  .error = ERR_RANGE_ERROR },
	{ "an open range", "31 0b a1 09 a0 07 30 05 a0 03 02 01 09", .matches = true },
	{ "equal", FILTER("11", "0f", "a0 0d a0 0b 30 09 " PRIORITY "47 01 02"), .matches = true },
	{ "not equal", FILTER("11", "0f", "a0 0d a0 0b 30 09 " PRIORITY "47 01 01") },
	{ "another type", FILTER("11", "0f", "a0 0d a0 0b 30 09 " PRIORITY "02 01 02") },
	{ "absent", FILTER("11", "0f", "a0 0d a0 0b 30 09 " ORIGINATOR "02 01 02") },
	{ "at least", FILTER("11", "0f", "a0 0d a2 0b 30 09 " PRIORITY "47 01 01"),
	  .matches = true },
	{ "at most", FILTER("11", "0f", "a0 0d a3 0b 30 09 " PRIORITY "47 01 01") },
	{ "approximately", FILTER("11", "0f", "a0 0d a5 0b 30 09 " PRIORITY "47 01 02"),
	  .matches = true },
	{ "present", FILTER("0c", "0a", "a0 08 a4 06 " PRIORITY), .matches = true },
	{ "not present", FILTER("0e", "0c", "a3 0a a0 08 a4 06 " PRIORITY) },
	{ "before a time",
	  FILTER("1d", "1b", "a0 19 a3 17 30 15 " CREATED
		 "17 0d 32 36 31 31 32 32 30 36 30 30 30 30 5a"), .matches = true },
	{ "the same time without seconds",
	  FILTER("1b", "19", "a0 17 a2 15 30 13 " CREATED
		 "17 0b 32 36 31 31 32 32 30 35 30 30 5a"), .matches = true },
	{ "both",
	  FILTER("20", "1e", "a1 1c 31 1a a0 0d a0 0b 30 09 " PRIORITY "47 01 02 "
		 "a0 09 a4 07 06 05 56 04 03 81 00") },
	{ "either",
	  FILTER("20", "1e", "a2 1c 31 1a a0 0d a0 0b 30 09 " PRIORITY "47 01 02 "
		 "a0 09 a4 07 06 05 56 04 03 81 00"), .matches = true },
	{ "the status", FILTER("11", "0f", "a0 0d a0 0b 30 09 " STATUS "02 01 00"),
	  .matches = true },
	{ "substrings of what is no text",
	  FILTER("10", "0e", "a0 0c a1 0a 30 08 " PRIORITY "30 00"),
	  .error = ERR_ATTRIBUTE_ERROR },
	{ "no substrings", FILTER("10", "0e", "a0 0c a1 0a 30 08 " IDENTIFIER "30 00"),
	  .matches = true },
	{ "the beginning", ONE(INITIAL("61")), .matches = true },
	{ "not the beginning", ONE(INITIAL("62")) },
	{ "somewhere", ONE(ANY("63")), .matches = true },
	{ "nowhere", ONE(ANY("65")) },
	{ "the end", ONE(FINAL("64")), .matches = true },
	{ "not the end", ONE(FINAL("63")) },
	{ "another type of string", ONE("a1 03 16 01 61 ") },
	{ "beginning, middle and end", THREE(INITIAL("61") ANY("62") FINAL("64")),
	  .matches = true },
	{ "one after the other", THREE(ANY("61") ANY("61") ANY("62")), .matches = true },
	{ "each place once", THREE(ANY("61") ANY("63") ANY("63")) },
	{ "the end is no place for two", THREE(ANY("62") ANY("64") FINAL("64")) },
	{ "a longer string than the value",
	  FILTER("1b", "19", "a0 17 a1 15 30 13 " IDENTIFIER
		 "30 0b a1 09 4a 07 61 62 63 61 62 64 65") },
	{ "a beginning in the middle", THREE(ANY("61") INITIAL("61") ANY("62")),
	  .fails = "in no order" },
	{ "two ends", THREE(ANY("61") FINAL("64") FINAL("64")), .fails = "in no order" },
	{ "an unknown string", ONE("a3 03 4a 01 61 "), .fails = "in no order" },
	{ "strings that are none", FILTER("10", "0e", "a0 0c a1 0a 30 08 " IDENTIFIER "31 00"),
	  .fails = "are no sequence" },
	{ "what is overridden", "31 06 a4 04 03 02 05 a0", .matches = true },
	{ "no selector", "02 01", .fails = "ends" },
	{ "an item without a value", FILTER("0e", "0c", "a0 0a a0 08 30 06 " PRIORITY),
	  .fails = "lacks its attribute or value" },
	{ "an unknown item", FILTER("06", "04", "a0 02 a9 00"), .fails = "of no known kind" },
	{ "an unknown filter", FILTER("04", "02", "a9 00"), .fails = "of no known kind" },
	{ "a negative number", "31 0b a1 09 a0 07 30 05 a0 03 02 01 ff", .fails = "-1" },
	{ "a limit twice", "31 0a a3 03 02 01 07 a3 03 02 01 07", .fails = "twice" },
};

static struct mailbox_entry entry_with(struct bytes attributes)
{
	return (struct mailbox_entry){ .number = 7, .content_length = 1,
				       .attributes = attributes };
}

static void selectors_choose(void **state)
{
	AUTO(buf_free) struct buf attributes = hex(ATTRIBUTES);
	const struct mailbox_entry entry = entry_with(buf_view(&attributes));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf octets = hex(cases[i].selector);
		struct selector selector;
		struct refusal refusal = { 0 };

		print_message("%s\n", cases[i].name);
		struct status *failed = selector_read(NULL, buf_view(&octets), &selector, &refusal);
		if (cases[i].fails)
			assert_fails(failed, cases[i].fails);
		else
			assert_ok(failed);
		assert_int_equal(refusal.error, cases[i].error);
		if (!cases[i].fails && !cases[i].error)
			assert_int_equal(selector_matches(&selector, &entry), cases[i].matches);
		buf_free(&refusal.parameter);
	}
}

/* Truncated at each octet it is refused, or is something shorter that can be asked. */
static void truncated_selectors_do_no_harm(void **state)
{
	AUTO(buf_free) struct buf attributes = hex(ATTRIBUTES);
	const struct mailbox_entry entry = entry_with(buf_view(&attributes));

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf octets = hex(cases[i].selector);

		for (size_t len = 0; len < octets.len; len++) {
			struct selector selector;
			struct refusal refusal = { 0 };
			struct status *failed = selector_read(NULL, bytes_of(octets.data, len),
							      &selector, &refusal);

			if (!failed && !refusal.error)
				selector_matches(&selector, &entry);
			status_free(&failed);
			buf_free(&refusal.parameter);
		}
	}
}

static void an_index_can_find_the_new_ones(void **state)
{
	AUTO(buf_free) struct buf octets =
		hex(FILTER("11", "0f", "a0 0d a0 0b 30 09 " STATUS "02 01 00"));
	struct selector selector;
	struct refusal refusal = { 0 };

	(void)state;
	assert_ok(selector_read(NULL, buf_view(&octets), &selector, &refusal));
	assert_int_equal(selector.select.status, MAILBOX_NEW);
}

static void a_filter_is_not_too_deep(void **state)
{
	AUTO(buf_free) struct buf filter = hex("a0 08 a4 06 " PRIORITY);
	struct selector selector;
	struct refusal refusal = { 0 };

	(void)state;
	for (int i = 0; i <= FILTER_DEPTH_MAX; i++)
		ber_wrap(&filter, 0, BER_CONTEXT(3));
	ber_wrap(&filter, 0, BER_CONTEXT(2));
	ber_wrap(&filter, 0, BER_UNIVERSAL(BER_SET));
	assert_fails(selector_read(NULL, buf_view(&filter), &selector, &refusal), "deeper than 16");
}

/* One AND of many items, which each entry would be asked. */
static void a_filter_has_not_too_many_items(void **state)
{
	AUTO(buf_free) struct buf item = hex("a0 08 a4 06 " PRIORITY);
	AUTO(buf_free) struct buf filter = { 0 };
	struct selector selector;
	struct refusal refusal = { 0 };

	(void)state;
	for (int i = 0; i <= FILTER_ITEMS_MAX; i++)
		buf_put(&filter, buf_view(&item));
	ber_wrap(&filter, 0, BER_UNIVERSAL(BER_SET));
	ber_wrap(&filter, 0, BER_CONTEXT(1));
	ber_wrap(&filter, 0, BER_CONTEXT(2));
	ber_wrap(&filter, 0, BER_UNIVERSAL(BER_SET));
	assert_fails(selector_read(NULL, buf_view(&filter), &selector, &refusal), "more than 64 items");
}

static void a_fetch_may_override(void **state)
{
	AUTO(buf_free) struct buf octets = hex("31 06 a4 04 03 02 05 a0");
	struct selector selector;
	struct refusal refusal = { 0 };

	(void)state;
	assert_ok(selector_read(NULL, buf_view(&octets), &selector, &refusal));
	assert_int_equal(selector.overridden, OVERRIDE_CONTENT_TYPES | OVERRIDE_CONTENT_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_choose),
		cmocka_unit_test(truncated_selectors_do_no_harm),
		cmocka_unit_test(an_index_can_find_the_new_ones),
		cmocka_unit_test(a_filter_is_not_too_deep),
		cmocka_unit_test(a_filter_has_not_too_many_items),
		cmocka_unit_test(a_fetch_may_override),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
