/* SPDX-License-Identifier: Apache-2.0 */
/* Sequence numbers: what each means after those before it. */
#include "lib/sec/sequence.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

static void numbers_are_told_apart(void **state)
{
	static const struct {
		uint64_t number;
		enum sequence_verdict verdict;
		const char *words;
	} story[] = {
		{ 1, SEQUENCE_FIRST, "number 1, the first from this sender" },
		{ 1, SEQUENCE_REPLAY, "number 1 was accepted before: this is a repeat" },
		{ 2, SEQUENCE_IN_ORDER, "number 2, in order" },
		{ 5, SEQUENCE_GAP, "number 5, 2 before it are missing" },
		{ 4, SEQUENCE_LATE, "number 4, late but not seen before" },
		{ 4, SEQUENCE_REPLAY, "number 4 was accepted before" },
		{ 3, SEQUENCE_LATE, "number 3, late" },
		{ 6, SEQUENCE_IN_ORDER, "number 6, in order" },
		{ 8, SEQUENCE_GAP, "number 8, 1 before it is missing" },
		{ 72, SEQUENCE_GAP, "63 before it are missing" },
		{ 9, SEQUENCE_LATE, "number 9, late" },
		{ 8, SEQUENCE_TOO_OLD, "number 8 is too far behind" },
		{ 0, SEQUENCE_TOO_OLD, "number 0 is too far behind" },
		{ UINT64_MAX, SEQUENCE_GAP, "are missing" },
		{ UINT64_MAX, SEQUENCE_REPLAY, "this is a repeat" },
		{ UINT64_MAX - 63, SEQUENCE_LATE, "late" },
		{ UINT64_MAX - 64, SEQUENCE_TOO_OLD, "too far behind" },
	};
	struct sequence_state known = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		struct sequence_fact fact = sequence_check(&known, story[i].number);
		AUTO(mem_free) char *text = sequence_text(&fact);
		struct sequence_state before = known;

		print_message("  %s\n", text);
		assert_int_equal(fact.verdict, story[i].verdict);
		assert_non_null(strstr(text, story[i].words));
		sequence_accept(&known, story[i].number);
		if (!sequence_is_acceptable(fact.verdict))
			assert_memory_equal(&before, &known, sizeof(known));
		else
			assert_int_equal(sequence_check(&known, story[i].number).verdict,
					 SEQUENCE_REPLAY);
	}
}

static void a_correspondence_may_begin_later(void **state)
{
	const struct sequence_state nothing = { 0 };

	(void)state;
	assert_int_equal(sequence_check(&nothing, 3).verdict, SEQUENCE_GAP);
	assert_int_equal(sequence_check(&nothing, 3).missing, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_told_apart),
		cmocka_unit_test(a_correspondence_may_begin_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
