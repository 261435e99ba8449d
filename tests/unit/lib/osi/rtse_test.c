/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/osi/rtse.h"

#include "lib/osi/rtse_pdu.h"
#include "lib/osi/rtse_recovery.h"
#include "tests/support/check.h"
#include "tests/support/rtse_pair.h"

static struct buf pattern(size_t len)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < len; i++)
		buf_put_u8(&b, (uint8_t)(i * 7 + i / 251));
	return b;
}

static void transfer(struct rtse_side *s, const struct buf *apdu)
{
	struct bytes parts[2] = { bytes_slice(buf_view(apdu), 0, 10),
				  bytes_slice(buf_view(apdu), 10, SIZE_MAX) };

	assert_ok(rtse_transfer_req(s->rtse, parts, 2));
}

static void apdus_arrive_whole_with_and_without_checkpoints(void **state)
{
	static const struct { size_t len; uint32_t checkpoint; } cases[] = {
		{ 1, 0 }, { 1, 1 }, { 1024, 1 }, { 1025, 1 }, { 50000, 1 }, { 50000, 0 }, { 50000, 7 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf apdu = pattern(cases[i].len);
		struct rtse_side a, b;

		rtse_pair_open(&a, &b, "a", cases[i].checkpoint);
		for (int again = 0; again < 2; again++) {
			transfer(&a, &apdu);
			rtse_pair_run(&a, &b, SIZE_MAX);
			assert_bytes(buf_view(&b.got), buf_view(&apdu));
		}
		assert_int_equal(a.confirmed, 2);
		assert_int_equal(b.transfers, 2);
		rtse_side_close(&a);
		rtse_side_close(&b);
	}
}

static void no_more_is_sent_than_the_window_allows(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(50000);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	transfer(&a, &apdu);
	assert_int_equal(a.data_octets, 4 * 1024);
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void the_end_is_confirmed_only_after_the_response(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(3000);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	b.hold = true;
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(b.transfers, 1);
	assert_int_equal(a.confirmed, 0);
	assert_ok(rtse_transfer_rsp(b.rtse));
	assert_fails(rtse_transfer_rsp(b.rtse), "no transfer awaits");
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void the_turn_passes(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(30);
	struct bytes part = buf_view(&apdu);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	assert_fails(rtse_transfer_req(b.rtse, &part, 1), "is not allowed while idle, without the turn");
	assert_ok(rtse_turn_please_req(b.rtse, 7));
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.pleases, 1);
	assert_ok(rtse_turn_give_req(a.rtse));
	assert_false(rtse_has_turn(a.rtse));
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(b.turns, 1);
	transfer(&b, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_bytes(buf_view(&a.got), part);
	assert_int_equal(b.confirmed, 1);
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void what_is_refused_or_too_long_stays_with_the_sender(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(3000);
	AUTO(buf_free) struct buf too_long = pattern(100001);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	b.refuse = true;
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	b.refuse = false;
	transfer(&a, &too_long);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 2);
	assert_int_equal(b.transfers, 1);
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	rtse_side_close(&a);
	rtse_side_close(&b);
}

/* Wherever the association breaks, the next one goes on, and the APDU is there once. */
static void a_cut_transfer_resumes_wherever_it_was_cut(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(20000);
	size_t resumed = 0;

	(void)state;
	for (size_t cut = 0; cut < 200; cut++) {
		AUTO(rtse_recovery_free) struct rtse_recovery *of_a = rtse_recovery_new(1 << 20);
		AUTO(rtse_recovery_free) struct rtse_recovery *of_b = rtse_recovery_new(1 << 20);
		struct rtse_side a, b;
		int delivered, confirmed;

		rtse_pair_open(&a, &b, "a1", 1);
		rtse_use_recovery(a.rtse, of_a);
		rtse_use_recovery(b.rtse, of_b);
		transfer(&a, &apdu);
		rtse_pair_run(&a, &b, cut);
		delivered = b.transfers;
		confirmed = a.confirmed;
		rtse_side_close(&a);
		rtse_side_close(&b);
		if (confirmed)
			break;

		rtse_pair_open(&a, &b, "a2", 1);
		rtse_use_recovery(a.rtse, of_a);
		rtse_use_recovery(b.rtse, of_b);
		transfer(&a, &apdu);
		rtse_pair_run(&a, &b, SIZE_MAX);
		assert_int_equal(a.confirmed, 1);
		assert_int_equal(b.transfers + delivered, 1);
		if (b.transfers)
			assert_bytes(buf_view(&b.got), buf_view(&apdu));
		resumed += a.data_octets < apdu.len;
		rtse_side_close(&a);
		rtse_side_close(&b);
	}
	assert_true(resumed > 50);
}

/* The network is gone, and neither machine of the first association knows it. */
static void a_transfer_goes_on_while_the_lost_association_looks_open(void **state)
{
	AUTO(rtse_recovery_free) struct rtse_recovery *of_a = rtse_recovery_new(1 << 20);
	AUTO(rtse_recovery_free) struct rtse_recovery *of_b = rtse_recovery_new(1 << 20);
	AUTO(buf_free) struct buf apdu = pattern(20000);
	struct rtse_side a, b, a2, b2;

	(void)state;
	rtse_pair_open(&a, &b, "a1", 1);
	rtse_use_recovery(a.rtse, of_a);
	rtse_use_recovery(b.rtse, of_b);
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, 20);

	rtse_pair_open(&a2, &b2, "a2", 1);
	rtse_use_recovery(a2.rtse, of_a);
	rtse_use_recovery(b2.rtse, of_b);
	transfer(&a2, &apdu);
	rtse_pair_run(&a2, &b2, SIZE_MAX);
	assert_int_equal(a2.confirmed, 1);
	assert_bytes(buf_view(&b2.got), buf_view(&apdu));
	assert_true(a2.data_octets < apdu.len);
	assert_int_equal(b.transfers + b2.transfers, 1);
	assert_fails(rtse_p_data_ind(b.rtse, BYTES("\x04\x00")),
		     "is not allowed while what ran goes on in a later association");
	rtse_side_close(&a);
	rtse_side_close(&b);
	rtse_side_close(&a2);
	rtse_side_close(&b2);
}

static void a_receiver_that_forgot_gets_it_from_the_beginning(void **state)
{
	AUTO(rtse_recovery_free) struct rtse_recovery *of_a = rtse_recovery_new(1 << 20);
	AUTO(buf_free) struct buf apdu = pattern(20000);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a1", 1);
	rtse_use_recovery(a.rtse, of_a);
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, 20);
	rtse_side_close(&a);
	rtse_side_close(&b);
	assert_true(rtse_recovery_has_outgoing(of_a));
	rtse_pair_open(&a, &b, "a2", 1);
	rtse_use_recovery(a.rtse, of_a);
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void a_transfer_that_is_stopped_goes_on_later(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(20000);
	AUTO(buf_free) struct buf urgent = pattern(5);
	struct bytes part = buf_view(&urgent);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, 12);
	assert_ok(rtse_transfer_stop(a.rtse));
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	assert_ok(rtse_transfer_req(a.rtse, &part, 1));
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(b.transfers, 1);
	a.data_octets = 0;
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	assert_true(a.data_octets < apdu.len);
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void a_response_that_comes_too_late_is_remembered(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(5000);
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	b.hold = true;
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_ok(rtse_transfer_stop(a.rtse));
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	assert_ok(rtse_transfer_rsp(b.rtse));
	transfer(&a, &apdu);
	rtse_pair_run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_int_equal(b.transfers, 1);
	rtse_side_close(&a);
	rtse_side_close(&b);
}

static void what_is_held_is_bounded(void **state)
{
	AUTO(rtse_recovery_free) struct rtse_recovery *recovery = rtse_recovery_new(5000);

	(void)state;
	for (uint32_t i = 1; i <= 40; i++) {
		struct incoming in = { .serial = 1, .apdu = pattern(i == 40 ? 6000 : 2000) };
		AUTO(buf_free) struct buf activity = { 0 };

		activity_encode(i, &activity);
		activity_name_set(&in.name, BYTES("name"), buf_view(&activity));
		rtse_recovery_put_incoming(recovery, &in);
		assert_true(rtse_recovery_held(recovery) <= 5000);
	}
}

static void the_peer_is_told_off_by_event_and_state(void **state)
{
	struct rtse_side a, b;

	(void)state;
	rtse_pair_open(&a, &b, "a", 1);
	assert_fails(rtse_p_data_ind(a.rtse, BYTES("\x04\x00")),
		     "P-DATA indication (RTTR) is not allowed while idle, with the turn");
	assert_ok(rtse_p_activity_start_ind(b.rtse, BYTES("\x02\x01\x01")));
	assert_fails(rtse_p_data_ind(b.rtse, BYTES("\x02\x01\x01")), "where RTTR belongs");
	assert_fails(rtse_p_sync_minor_ind(b.rtse, 2), "checkpoint 2 follows 0");
	assert_fails(rtse_p_sync_minor_cnf(b.rtse, 2), "is not allowed while receiving");
	rtse_side_close(&a);
	rtse_side_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apdus_arrive_whole_with_and_without_checkpoints),
		cmocka_unit_test(no_more_is_sent_than_the_window_allows),
		cmocka_unit_test(the_end_is_confirmed_only_after_the_response),
		cmocka_unit_test(the_turn_passes),
		cmocka_unit_test(what_is_refused_or_too_long_stays_with_the_sender),
		cmocka_unit_test(a_cut_transfer_resumes_wherever_it_was_cut),
		cmocka_unit_test(a_transfer_goes_on_while_the_lost_association_looks_open),
		cmocka_unit_test(a_receiver_that_forgot_gets_it_from_the_beginning),
		cmocka_unit_test(a_transfer_that_is_stopped_goes_on_later),
		cmocka_unit_test(a_response_that_comes_too_late_is_remembered),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(the_peer_is_told_off_by_event_and_state),
	};

	return cmocka_run_group_tests_name("rtse", tests, NULL, NULL);
}
