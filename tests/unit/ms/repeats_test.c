/* SPDX-License-Identifier: Apache-2.0 */
#include "ms/repeats.h"

#include "tests/support/check.h"

static struct test_clock moved;
static struct repeats *repeats;
static struct caller *first, *second;	/* the user's links, one after the other */
static int link_of_first, link_of_second;

static int setup(void **state)
{
	(void)state;
	test_clock_init(&moved, 1790000000);
	repeats = repeats_new(&moved.clock, 60);
	first = caller_new((struct link *)&link_of_first);
	second = caller_new((struct link *)&link_of_second);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	repeats_free(&repeats);
	caller_free(&first);
	caller_free(&second);
	return 0;
}

static void ends(struct caller *caller, bool lost)
{
	caller->link = NULL;
	caller->lost = lost;
}

static void answer_first(void)
{
	const struct repeat_key key = repeat_key_of(1, 3, BYTES("a message"));

	repeats_keep(repeats, &key, first, BYTES("its answer"));
}

/* Whether that submission of that user was answered before. */
static bool found(int64_t mailbox, int operation, const char *argument, struct caller *caller)
{
	const struct repeat_key key = repeat_key_of(mailbox, operation, bytes_text(argument));
	struct bytes result = bytes_none();

	if (!repeats_find(repeats, &key, caller, &result))
		return false;
	assert_bytes(result, BYTES("its answer"));
	return true;
}

static void what_a_lost_link_was_told_is_told_again(void **state)
{
	(void)state;
	answer_first();
	ends(first, true);
	assert_true(found(1, 3, "a message", second));
	assert_true(found(1, 3, "a message", second));
}

static void a_link_may_be_lost_before_that_is_seen(void **state)
{
	(void)state;
	answer_first();
	assert_true(found(1, 3, "a message", second));
	assert_false(found(1, 3, "a message", first));
}

static void only_the_same_of_the_same_user_is_a_repeat(void **state)
{
	(void)state;
	answer_first();
	ends(first, true);
	assert_false(found(2, 3, "a message", second));
	assert_false(found(1, 4, "a message", second));
	assert_false(found(1, 3, "another message", second));
}

static void after_a_release_it_is_a_new_submission(void **state)
{
	(void)state;
	answer_first();
	ends(first, false);
	assert_false(found(1, 3, "a message", second));
}

static void it_is_kept_for_a_while(void **state)
{
	const struct repeat_key other = repeat_key_of(1, 3, BYTES("another message"));

	(void)state;
	answer_first();
	ends(first, true);
	test_clock_advance(&moved, 61);
	repeats_keep(repeats, &other, second, BYTES("another answer"));
	assert_false(found(1, 3, "a message", second));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_a_lost_link_was_told_is_told_again, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_may_be_lost_before_that_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(only_the_same_of_the_same_user_is_a_repeat, setup, teardown),
		cmocka_unit_test_setup_teardown(after_a_release_it_is_a_new_submission, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_kept_for_a_while, setup, teardown),
	};

	return cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
}
