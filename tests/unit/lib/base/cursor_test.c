/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/cursor.h"
#include "tests/support/check.h"

static void reads_straight_down_a_layout(void **state)
{
	(void)state;
	struct cursor c = cursor_over(BYTES("\x01\x02\x03\x04\x05\x06\x07" "ab"));

	assert_int_equal(cur_u8(&c), 1);
	assert_int_equal(cur_u16(&c), 0x0203);
	assert_int_equal(cur_u32(&c), 0x04050607);
	assert_int_equal(cur_peek(&c), 'a');
	assert_bytes(cur_rest(&c), BYTES("ab"));
	assert_int_equal(cur_peek(&c), -1);
	assert_ok(cur_check_end(&c, "layout"));
}

static void remembers_that_it_was_asked_for_too_much(void **state)
{
	(void)state;
	struct cursor c = cursor_over(BYTES("\x01\x02"));

	assert_int_equal(cur_u32(&c), 0);
	assert_int_equal(cur_u8(&c), 0);
	assert_fails(cur_check(&c, "header"), "header ends too early");
}

static void says_what_is_behind_the_end(void **state)
{
	(void)state;
	struct cursor outer = cursor_over(BYTES("\x02" "ab" "c"));
	struct cursor inner = cursor_over(cur_take(&outer, cur_u8(&outer)));

	assert_int_equal(cur_left(&inner), 2);
	assert_fails(cur_check_end(&outer, "outer"), "octets behind its end");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_straight_down_a_layout),
		cmocka_unit_test(remembers_that_it_was_asked_for_too_much),
		cmocka_unit_test(says_what_is_behind_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
