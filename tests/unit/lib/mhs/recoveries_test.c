/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/mhs/recoveries.h"

#include "lib/osi/rtse_pdu.h"
#include "lib/osi/rtse_recovery.h"
#include "tests/support/check.h"

static struct test_clock moved;
static struct loop *loop;
static struct recoveries *recoveries;
static const struct resume_settings settings = { .within = 60, .memory = 2500 };

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	test_clock_init(&moved, 1790000000);
	recoveries = recoveries_new(loop, &moved.clock, &settings, 2000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	loop_shutdown(loop);
	recoveries_free(&recoveries);
	loop_free(&loop);
	return 0;
}

/* A peer's association comes, leaves so much of a transfer behind, and goes. */
static void visit(const char *peer, size_t octets)
{
	struct rtse_recovery *recovery = recoveries_lend(recoveries, bytes_text(peer));
	struct incoming in = { .serial = 1 };

	buf_extend(&in.apdu, octets);
	activity_name_set(&in.name, bytes_text(peer), BYTES("\x02\x01\x01"));
	rtse_recovery_put_incoming(recovery, &in);
	recoveries_give_back(recoveries, recovery);
}

/* What waits for him. */
static size_t left_for(const char *peer)
{
	struct rtse_recovery *recovery = recoveries_lend(recoveries, bytes_text(peer));
	size_t held = rtse_recovery_held(recovery);

	recoveries_give_back(recoveries, recovery);
	return held;
}

static void each_peer_finds_what_is_his(void **state)
{
	(void)state;
	visit("north", 1000);
	visit("south", 500);
	assert_int_equal(left_for("north"), 1000);
	assert_int_equal(left_for("south"), 500);
	assert_int_equal(left_for("east"), 0);
	assert_int_equal(recoveries_held(recoveries), 1500);
}

static void associations_of_one_peer_share_it(void **state)
{
	struct rtse_recovery *one, *two;

	(void)state;
	one = recoveries_lend(recoveries, BYTES("north"));
	two = recoveries_lend(recoveries, BYTES("north"));
	assert_ptr_equal(one, two);
	recoveries_give_back(recoveries, two);
	visit("north", 10);
	assert_int_equal(recoveries_held(recoveries), 0);
	recoveries_give_back(recoveries, one);
	assert_int_equal(recoveries_held(recoveries), 10);
}

static void what_is_too_old_is_gone(void **state)
{
	(void)state;
	visit("north", 1000);
	test_clock_advance(&moved, 59);
	assert_int_equal(left_for("north"), 1000);
	test_clock_advance(&moved, 60);
	assert_int_equal(left_for("north"), 0);
}

static void the_oldest_makes_room(void **state)
{
	(void)state;
	visit("north", 1000);
	visit("south", 1000);
	assert_int_equal(left_for("north"), 1000);
	visit("east", 1000);
	assert_int_equal(left_for("south"), 0);
	assert_int_equal(left_for("north"), 1000);
	assert_int_equal(left_for("east"), 1000);
}

static void the_settings_may_want_none(void **state)
{
	static const struct resume_settings none = { .within = 0 };

	(void)state;
	assert_null(recoveries_new(loop, &moved.clock, &none, 2000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_peer_finds_what_is_his, setup, teardown),
		cmocka_unit_test_setup_teardown(associations_of_one_peer_share_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_too_old_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_oldest_makes_room, setup, teardown),
		cmocka_unit_test_setup_teardown(the_settings_may_want_none, setup, teardown),
	};

	return cmocka_run_group_tests_name("recoveries", tests, NULL, NULL);
}
