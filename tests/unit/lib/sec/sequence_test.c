/* SPDX-License-Identifier: Apache-2.0 */
/* Sequence numbers: what each means after those before it, and how they are made. */
#include "lib/sec/sequence.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

enum { NOW = 1790000000 };

/* One message after the other arrives: what each is taken for. */
struct arrival {
	uint64_t number;
	time_t signed_at;
	enum sequence_verdict verdict;
	const char *words;
};

static void play(const struct arrival *story, size_t count)
{
	struct sequence_state known = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct arrival *a = &story[i];
		struct sequence_fact fact = sequence_check(&known, a->number, a->signed_at);
		AUTO(mem_free) char *text = sequence_text(&fact);
		struct sequence_state before = known;

		print_message("  %s\n", text);
		assert_int_equal(fact.verdict, a->verdict);
		assert_non_null(strstr(text, a->words));
		sequence_accept(&known, a->number, a->signed_at);
		if (!sequence_is_acceptable(fact.verdict))
			assert_memory_equal(&before, &known, sizeof(known));
		else
			assert_int_equal(sequence_check(&known, a->number, a->signed_at).verdict,
					 SEQUENCE_REPLAY);
	}
}

#define PLAY(story) play((story), sizeof(story) / sizeof((story)[0]))

static void plain_numbers_are_told_apart(void **state)
{
	static const struct arrival story[] = {
		{ 1, 100, SEQUENCE_FIRST, "message 1 from this sender, the first" },
		{ 1, 100, SEQUENCE_REPLAY, "message 1 from this sender was accepted before: this is a repeat" },
		{ 2, 100, SEQUENCE_IN_ORDER, "message 2 from this sender, none missing" },
		{ 5, 100, SEQUENCE_GAP, "message 5 from this sender, 2 before it missing so far" },
		{ 4, 100, SEQUENCE_LATE, "message 4 from this sender, late but new" },
		{ 4, 100, SEQUENCE_REPLAY, "message 4 from this sender was accepted before" },
		{ 3, 100, SEQUENCE_LATE, "message 3 from this sender, late" },
		{ 6, 100, SEQUENCE_IN_ORDER, "message 6 from this sender, none missing" },
		{ 8, 100, SEQUENCE_GAP, "1 before it missing so far" },
		{ 0, 100, SEQUENCE_TOO_OLD, "message 0 from this sender is too far back" },
	};

	(void)state;
	PLAY(story);
}

static void behind_the_window_nobody_can_tell(void **state)
{
	struct sequence_state known = { 0 };

	(void)state;
	for (uint64_t number = 2; number <= 2 * SEQUENCE_WINDOW; number += 2)
		sequence_accept(&known, number, 100);
	assert_int_equal(sequence_check(&known, 1, 100).verdict, SEQUENCE_TOO_OLD);
	assert_int_equal(sequence_check(&known, 3, 100).verdict, SEQUENCE_LATE);
	sequence_accept(&known, 3, 100);
	/* It took the place of the lowest. */
	assert_int_equal(sequence_check(&known, 2, 100).verdict, SEQUENCE_TOO_OLD);
	assert_int_equal(sequence_check(&known, 3, 100).verdict, SEQUENCE_REPLAY);
	assert_int_equal(sequence_check(&known, 4, 100).verdict, SEQUENCE_REPLAY);
	assert_int_equal(sequence_check(&known, 2 * SEQUENCE_WINDOW + 1, 100).verdict,
			 SEQUENCE_IN_ORDER);
}

static void a_correspondence_may_begin_later(void **state)
{
	const struct sequence_state nothing = { 0 };

	(void)state;
	assert_int_equal(sequence_check(&nothing, 3, 100).verdict, SEQUENCE_GAP);
	assert_int_equal(sequence_check(&nothing, 3, 100).missing, 2);
}

static void one_who_counts_plainly_may_begin_anew(void **state)
{
	static const struct arrival story[] = {
		{ 1, 101, SEQUENCE_FIRST, "the first" },
		{ 2, 102, SEQUENCE_IN_ORDER, "none missing" },
		{ 3, 103, SEQUENCE_IN_ORDER, "none missing" },
		{ 1, 103, SEQUENCE_REPLAY, "this is a repeat" },
		{ 2, 200, SEQUENCE_REPLAY, "this is a repeat" },
		{ 1, 200, SEQUENCE_RESTART, "message 1 from this sender, who has begun to count anew" },
		/* What was accepted of the first count does not fit into the second. */
		{ 2, 102, SEQUENCE_TOO_OLD, "too far back" },
		{ 2, 201, SEQUENCE_IN_ORDER, "none missing" },
	};

	(void)state;
	PLAY(story);
}

/* --- numbers of ours --- */

static uint64_t next(uint64_t last, unsigned device, time_t now)
{
	uint64_t number = 0;

	assert_ok(sequence_next(last, device, now, &number));
	assert_true(number > last);
	assert_true(number <= INT64_MAX);
	assert_int_equal(sequence_count(number), sequence_count(last) + 1);
	assert_int_equal(sequence_device(number), device);
	return number;
}

static void a_number_is_greater_than_the_last_whatever_the_clock_says(void **state)
{
	static const time_t clocks[] = { NOW, NOW, NOW + 1, NOW - 1000000, 0, -1, NOW };
	uint64_t last = 0;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		last = next(last, 1, clocks[i]);
	assert_int_equal(sequence_count(last), 7);
}

static void what_cannot_be_counted_is_refused(void **state)
{
	uint64_t last = next(0, 31, NOW), number = 0;

	(void)state;
	assert_fails(sequence_next(0, 32, NOW, &number), "at most 31 devices");
	last |= SEQUENCE_COUNT_MAX;
	assert_fails(sequence_next(last, 31, NOW + 1, &number), "are used up");
	assert_int_equal(sequence_count(next(last - 1, 31, NOW)), SEQUENCE_COUNT_MAX);
}

static void a_sender_restored_from_a_backup_uses_no_number_twice(void **state)
{
	uint64_t first = next(0, 1, NOW), second = next(first, 1, NOW + 10);
	uint64_t third = next(second, 1, NOW + 20), restored = next(first, 1, NOW + 30);
	const struct arrival story[] = {
		{ first, NOW, SEQUENCE_FIRST, "message 1 from this sender, the first" },
		{ second, NOW + 10, SEQUENCE_IN_ORDER, "message 2" },
		{ restored, NOW + 30, SEQUENCE_RESTORED, "message 2 from this sender, whose count went back" },
		{ restored, NOW + 30, SEQUENCE_REPLAY, "this is a repeat" },
		{ second, NOW + 10, SEQUENCE_REPLAY, "this is a repeat" },
		/* One that was under way when the backup was restored. */
		{ third, NOW + 20, SEQUENCE_LATE, "message 3 from this sender, late but new" },
		{ next(restored, 1, NOW + 40), NOW + 40, SEQUENCE_IN_ORDER, "message 3 from this sender, none" },
	};

	(void)state;
	PLAY(story);
}

static void a_sender_who_enrolled_anew_is_told(void **state)
{
	uint64_t old = next(next(0, 1, NOW), 1, NOW), new = next(0, 1, NOW + 5);
	const struct arrival story[] = {
		{ old, NOW, SEQUENCE_GAP, "message 2 from this sender, 1 before it missing" },
		{ new, NOW + 5, SEQUENCE_RESTART, "message 1 from this sender, who has begun to count anew" },
		{ old, NOW, SEQUENCE_REPLAY, "this is a repeat" },
	};

	(void)state;
	PLAY(story);
}

static void two_devices_never_have_the_same_number(void **state)
{
	uint64_t one = next(0, 1, NOW), two = next(0, 2, NOW);
	struct sequence_state nothing = { 0 };
	struct sequence_fact fact = sequence_check(&nothing, two, NOW);
	AUTO(mem_free) char *text = sequence_text(&fact);

	(void)state;
	assert_true(one != two);
	assert_string_equal(text, "message 1 from this sender's device 2, the first");
}

/* --- kept --- */

static void a_store_keeps_the_state(void **state)
{
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(buf_free) struct buf disorder = { 0 };
	struct sequence_state known = { 0 }, again;

	(void)state;
	sequence_accept(&known, 5, 100);
	sequence_accept(&known, 3, 99);
	sequence_encode(&known, &octets);
	assert_ok(sequence_decode(buf_view(&octets), &again));
	assert_memory_equal(&known, &again, sizeof(known));
	assert_ok(sequence_decode(bytes_none(), &again));
	assert_int_equal(again.count, 0);
	for (size_t len = 1; len < octets.len; len++)
		assert_fails(sequence_decode(bytes_of(octets.data, len), &again), "store is broken");
	known.accepted[0] = 6;
	sequence_encode(&known, &disorder);
	assert_fails(sequence_decode(buf_view(&disorder), &again), "not in order");
	octets.data[17] = SEQUENCE_WINDOW + 1;
	assert_fails(sequence_decode(buf_view(&octets), &again), "has 65 of them");
	octets.data[0]++;
	assert_fails(sequence_decode(buf_view(&octets), &again), "of another version");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_numbers_are_told_apart),
		cmocka_unit_test(behind_the_window_nobody_can_tell),
		cmocka_unit_test(a_correspondence_may_begin_later),
		cmocka_unit_test(one_who_counts_plainly_may_begin_anew),
		cmocka_unit_test(a_number_is_greater_than_the_last_whatever_the_clock_says),
		cmocka_unit_test(what_cannot_be_counted_is_refused),
		cmocka_unit_test(a_sender_restored_from_a_backup_uses_no_number_twice),
		cmocka_unit_test(a_sender_who_enrolled_anew_is_told),
		cmocka_unit_test(two_devices_never_have_the_same_number),
		cmocka_unit_test(a_store_keeps_the_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
