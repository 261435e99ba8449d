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
		{ 8, SEQUENCE_TOO_OLD, "number 8 is too far back" },
		{ 0, SEQUENCE_TOO_OLD, "number 0 is too far back" },
		{ UINT64_MAX, SEQUENCE_GAP, "are missing" },
		{ UINT64_MAX, SEQUENCE_REPLAY, "this is a repeat" },
		{ UINT64_MAX - 63, SEQUENCE_LATE, "late" },
		{ UINT64_MAX - 64, SEQUENCE_TOO_OLD, "too far back" },
	};
	struct sequence_state known = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(story) / sizeof(story[0]); i++) {
		struct sequence_fact fact = sequence_check(&known, story[i].number, 100);
		AUTO(mem_free) char *text = sequence_text(&fact);
		struct sequence_state before = known;

		print_message("  %s\n", text);
		assert_int_equal(fact.verdict, story[i].verdict);
		assert_non_null(strstr(text, story[i].words));
		sequence_accept(&known, story[i].number, 100);
		if (!sequence_is_acceptable(fact.verdict))
			assert_memory_equal(&before, &known, sizeof(known));
		else
			assert_int_equal(sequence_check(&known, story[i].number, 100).verdict,
					 SEQUENCE_REPLAY);
	}
}

static void a_correspondence_may_begin_later(void **state)
{
	const struct sequence_state nothing = { 0 };

	(void)state;
	assert_int_equal(sequence_check(&nothing, 3, 100).verdict, SEQUENCE_GAP);
	assert_int_equal(sequence_check(&nothing, 3, 100).missing, 2);
}

static void a_sender_who_lost_his_count_is_told_from_a_replay(void **state)
{
	struct sequence_state known = { 0 };
	struct sequence_fact fact;

	(void)state;
	for (uint64_t number = 1; number <= 3; number++)
		sequence_accept(&known, number, 100 + (time_t)number);
	assert_int_equal(sequence_check(&known, 1, 103).verdict, SEQUENCE_REPLAY);
	assert_int_equal(sequence_check(&known, 2, 200).verdict, SEQUENCE_REPLAY);
	fact = sequence_check(&known, 1, 200);
	AUTO(mem_free) char *text = sequence_text(&fact);
	assert_int_equal(fact.verdict, SEQUENCE_RESTART);
	assert_non_null(strstr(text, "the sender has lost his count and begun anew"));
	assert_true(sequence_is_acceptable(fact.verdict));
	sequence_accept(&known, 1, 200);
	assert_int_equal(sequence_check(&known, 1, 200).verdict, SEQUENCE_REPLAY);
	/* What was accepted of the first count does not fit into the second. */
	assert_int_equal(sequence_check(&known, 2, 102).verdict, SEQUENCE_TOO_OLD);
	assert_int_equal(sequence_check(&known, 2, 201).verdict, SEQUENCE_IN_ORDER);
}

static void a_store_keeps_the_state(void **state)
{
	AUTO(buf_free) struct buf octets = { 0 };
	struct sequence_state known = { 0 }, again;

	(void)state;
	sequence_accept(&known, 5, 100);
	sequence_accept(&known, 3, 99);
	sequence_encode(&known, &octets);
	assert_ok(sequence_decode(buf_view(&octets), &again));
	assert_memory_equal(&known, &again, sizeof(known));
	assert_ok(sequence_decode(bytes_none(), &again));
	assert_true(again.highest == 0 && again.seen == 0);
	for (size_t len = 1; len < octets.len; len++)
		assert_fails(sequence_decode(bytes_of(octets.data, len), &again), "ends too early");
	octets.data[0]++;
	assert_fails(sequence_decode(buf_view(&octets), &again), "of another version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_told_apart),
		cmocka_unit_test(a_correspondence_may_begin_later),
		cmocka_unit_test(a_sender_who_lost_his_count_is_told_from_a_replay),
		cmocka_unit_test(a_store_keeps_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
