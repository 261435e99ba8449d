/* SPDX-License-Identifier: Apache-2.0 */
/* Two RTSE machines over a presentation layer that only hands indications over, one by one. */
#include "lib/osi/rtse.h"

#include "lib/osi/rtse_pdu.h"
#include "lib/osi/rtse_recovery.h"
#include "tests/support/check.h"

enum what { START, RESUME, DATA, SYNC, SYNC_CNF, END, END_CNF, INTERRUPT, INTERRUPT_CNF, DISCARD,
	    DISCARD_CNF, EXCEPTION, PLEASE, GIVE };

struct event {
	enum what what;
	struct buf a, b, c;
	uint32_t number;
};

enum { QUEUE = 4096 };

struct side {
	struct rtse *rtse;
	struct side *other;
	struct event *queue;		/* for the other side */
	size_t head, tail;
	uint32_t serial;		/* of the next checkpoint */
	size_t data_octets;		/* sent as P-DATA, altogether */
	struct buf got;			/* the last APDU received */
	int transfers, confirmed, failed, turns, pleases;
	bool hold;			/* transfer_ind is not answered at once */
	bool refuse;
};

static struct event *queue(struct side *s, enum what what, struct bytes a)
{
	struct event *e = &s->queue[s->tail++];

	assert_true(s->tail < QUEUE);
	*e = (struct event){ .what = what };
	buf_put(&e->a, a);
	return e;
}

static FALLIBLE start_req(void *below, struct bytes activity)
{
	struct side *s = below;

	s->serial = 1;
	queue(s, START, activity);
	return OK;
}

static FALLIBLE resume_req(void *below, struct bytes activity, struct bytes old_activity,
			   uint32_t serial, struct bytes old_association)
{
	struct side *s = below;
	struct event *e = queue(s, RESUME, activity);

	s->serial = serial + 1;
	buf_put(&e->b, old_activity);
	buf_put(&e->c, old_association);
	e->number = serial;
	return OK;
}

static FALLIBLE data_req(void *below, const struct bytes *parts, size_t count)
{
	struct side *s = below;
	struct event *e = queue(s, DATA, bytes_none());

	for (size_t i = 0; i < count; i++)
		buf_put(&e->a, parts[i]);
	s->data_octets += parts[count - 1].len;
	return OK;
}

static FALLIBLE sync_req(void *below, uint32_t *out_serial)
{
	struct side *s = below;

	*out_serial = s->serial++;
	queue(s, SYNC, bytes_none())->number = *out_serial;
	return OK;
}

static FALLIBLE sync_rsp(void *below, uint32_t serial)
{
	queue(below, SYNC_CNF, bytes_none())->number = serial;
	return OK;
}

static FALLIBLE interrupt_req(void *below, enum session_reason reason)
{
	queue(below, INTERRUPT, bytes_none())->number = reason;
	return OK;
}

static FALLIBLE discard_req(void *below, enum session_reason reason)
{
	queue(below, DISCARD, bytes_none())->number = reason;
	return OK;
}

static FALLIBLE exception_req(void *below, enum session_reason reason)
{
	queue(below, EXCEPTION, bytes_none())->number = reason;
	return OK;
}

static FALLIBLE please_req(void *below, struct bytes rttp)
{
	queue(below, PLEASE, rttp);
	return OK;
}

#define BARE(name, what)                           \
	static FALLIBLE name(void *below)          \
	{                                          \
		queue(below, what, bytes_none());  \
		return OK;                         \
	}
BARE(end_req, END)
BARE(end_rsp, END_CNF)
BARE(interrupt_rsp, INTERRUPT_CNF)
BARE(discard_rsp, DISCARD_CNF)
BARE(give_req, GIVE)

static const struct rtse_service service = {
	start_req, resume_req, data_req, sync_req, sync_rsp, end_req, end_rsp, interrupt_req,
	interrupt_rsp, discard_req, discard_rsp, exception_req, please_req, give_req,
};

static void on_transfer(void *user, struct buf *apdu)
{
	struct side *s = user;

	s->transfers++;
	buf_free(&s->got);
	s->got = buf_take(apdu);
	if (s->refuse)
		assert_ok(rtse_transfer_refuse(s->rtse));
	else if (!s->hold)
		assert_ok(rtse_transfer_rsp(s->rtse));
}

static void on_confirm(void *user, const struct status *failed)
{
	struct side *s = user;

	if (failed)
		s->failed++;
	else
		s->confirmed++;
}

static void on_please(void *user, int priority)
{
	struct side *s = user;

	assert_int_equal(priority, 7);
	s->pleases++;
}

static void on_turn(void *user)
{
	struct side *s = user;

	s->turns++;
}

static const struct rtse_user user = { on_transfer, on_confirm, on_please, on_turn };

/* Hands over the oldest event. */
static FALLIBLE hand_over(struct side *from)
{
	struct event *e = &from->queue[from->head++];
	AUTO(buf_free) struct buf a = e->a;
	AUTO(buf_free) struct buf b = e->b;
	AUTO(buf_free) struct buf c = e->c;
	struct rtse *to = from->other->rtse;

	switch (e->what) {
	case START:
		return rtse_p_activity_start_ind(to, buf_view(&a));
	case RESUME:
		return rtse_p_activity_resume_ind(to, buf_view(&a), buf_view(&b), e->number,
						  buf_view(&c));
	case DATA:
		return rtse_p_data_ind(to, buf_view(&a));
	case SYNC:
		return rtse_p_sync_minor_ind(to, e->number);
	case SYNC_CNF:
		return rtse_p_sync_minor_cnf(to, e->number);
	case END:
		return rtse_p_activity_end_ind(to);
	case END_CNF:
		return rtse_p_activity_end_cnf(to);
	case INTERRUPT:
		return rtse_p_activity_interrupt_ind(to);
	case INTERRUPT_CNF:
		return rtse_p_activity_interrupt_cnf(to);
	case DISCARD:
		return rtse_p_activity_discard_ind(to);
	case DISCARD_CNF:
		return rtse_p_activity_discard_cnf(to);
	case EXCEPTION:
		return rtse_p_exception_report_ind(to, (int)e->number, false);
	case PLEASE:
		return rtse_p_token_please_ind(to, buf_view(&a));
	default:
		return rtse_p_control_give_ind(to);
	}
}

/* Hands over what is queued, at most so many events. */
static void run(struct side *a, struct side *b, size_t most)
{
	while (most-- > 0) {
		struct side *from = a->head < a->tail ? a : b;

		if (from->head == from->tail)
			return;
		assert_ok(hand_over(from));
	}
}

static void open_sides(struct side *a, struct side *b, const char *name, uint32_t checkpoint)
{
	AUTO(buf_free) struct buf association = { 0 };
	struct rtse_terms terms = { .checkpoint_size = checkpoint, .window_size = 3,
				    .two_way = true, .has_turn = true, .apdu_max = 100000 };

	*a = *b = (struct side){ 0 };
	association_name_encode(bytes_text(name), BYTES("941102090000Z"), &association);
	terms.association = buf_view(&association);
	a->rtse = rtse_new(&terms, &service, a, &user, a);
	terms.has_turn = false;
	b->rtse = rtse_new(&terms, &service, b, &user, b);
	a->other = b;
	b->other = a;
	a->queue = test_calloc(QUEUE, sizeof(*a->queue));
	b->queue = test_calloc(QUEUE, sizeof(*b->queue));
}

static void close_side(struct side *s)
{
	rtse_free(&s->rtse);
	for (; s->head < s->tail; s->head++) {
		buf_free(&s->queue[s->head].a);
		buf_free(&s->queue[s->head].b);
		buf_free(&s->queue[s->head].c);
	}
	test_free(s->queue);
	buf_free(&s->got);
}

static struct buf pattern(size_t len)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < len; i++)
		buf_put_u8(&b, (uint8_t)(i * 7 + i / 251));
	return b;
}

static void transfer(struct side *s, const struct buf *apdu)
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
		struct side a, b;

		open_sides(&a, &b, "a", cases[i].checkpoint);
		for (int again = 0; again < 2; again++) {
			transfer(&a, &apdu);
			run(&a, &b, SIZE_MAX);
			assert_bytes(buf_view(&b.got), buf_view(&apdu));
		}
		assert_int_equal(a.confirmed, 2);
		assert_int_equal(b.transfers, 2);
		close_side(&a);
		close_side(&b);
	}
}

static void no_more_is_sent_than_the_window_allows(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(50000);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	transfer(&a, &apdu);
	assert_int_equal(a.data_octets, 4 * 1024);
	close_side(&a);
	close_side(&b);
}

static void the_end_is_confirmed_only_after_the_response(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(3000);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	b.hold = true;
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(b.transfers, 1);
	assert_int_equal(a.confirmed, 0);
	assert_ok(rtse_transfer_rsp(b.rtse));
	assert_fails(rtse_transfer_rsp(b.rtse), "no transfer awaits");
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	close_side(&a);
	close_side(&b);
}

static void the_turn_passes(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(30);
	struct bytes part = buf_view(&apdu);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	assert_fails(rtse_transfer_req(b.rtse, &part, 1), "is not allowed while idle, without the turn");
	assert_ok(rtse_turn_please_req(b.rtse, 7));
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.pleases, 1);
	assert_ok(rtse_turn_give_req(a.rtse));
	assert_false(rtse_has_turn(a.rtse));
	run(&a, &b, SIZE_MAX);
	assert_int_equal(b.turns, 1);
	transfer(&b, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_bytes(buf_view(&a.got), part);
	assert_int_equal(b.confirmed, 1);
	close_side(&a);
	close_side(&b);
}

static void what_is_refused_or_too_long_stays_with_the_sender(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(3000);
	AUTO(buf_free) struct buf too_long = pattern(100001);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	b.refuse = true;
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	b.refuse = false;
	transfer(&a, &too_long);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 2);
	assert_int_equal(b.transfers, 1);
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	close_side(&a);
	close_side(&b);
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
		struct side a, b;
		int delivered, confirmed;

		open_sides(&a, &b, "a1", 1);
		rtse_use_recovery(a.rtse, of_a);
		rtse_use_recovery(b.rtse, of_b);
		transfer(&a, &apdu);
		run(&a, &b, cut);
		delivered = b.transfers;
		confirmed = a.confirmed;
		close_side(&a);
		close_side(&b);
		if (confirmed)
			break;

		open_sides(&a, &b, "a2", 1);
		rtse_use_recovery(a.rtse, of_a);
		rtse_use_recovery(b.rtse, of_b);
		transfer(&a, &apdu);
		run(&a, &b, SIZE_MAX);
		assert_int_equal(a.confirmed, 1);
		assert_int_equal(b.transfers + delivered, 1);
		if (b.transfers)
			assert_bytes(buf_view(&b.got), buf_view(&apdu));
		resumed += a.data_octets < apdu.len;
		close_side(&a);
		close_side(&b);
	}
	assert_true(resumed > 50);
}

static void a_receiver_that_forgot_gets_it_from_the_beginning(void **state)
{
	AUTO(rtse_recovery_free) struct rtse_recovery *of_a = rtse_recovery_new(1 << 20);
	AUTO(buf_free) struct buf apdu = pattern(20000);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a1", 1);
	rtse_use_recovery(a.rtse, of_a);
	transfer(&a, &apdu);
	run(&a, &b, 20);
	close_side(&a);
	close_side(&b);
	assert_true(rtse_recovery_has_outgoing(of_a));
	open_sides(&a, &b, "a2", 1);
	rtse_use_recovery(a.rtse, of_a);
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	close_side(&a);
	close_side(&b);
}

static void a_transfer_that_is_stopped_goes_on_later(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(20000);
	AUTO(buf_free) struct buf urgent = pattern(5);
	struct bytes part = buf_view(&urgent);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	transfer(&a, &apdu);
	run(&a, &b, 12);
	assert_ok(rtse_transfer_stop(a.rtse));
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	assert_ok(rtse_transfer_req(a.rtse, &part, 1));
	run(&a, &b, SIZE_MAX);
	assert_int_equal(b.transfers, 1);
	a.data_octets = 0;
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_bytes(buf_view(&b.got), buf_view(&apdu));
	assert_true(a.data_octets < apdu.len);
	close_side(&a);
	close_side(&b);
}

static void a_response_that_comes_too_late_is_remembered(void **state)
{
	AUTO(buf_free) struct buf apdu = pattern(5000);
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	b.hold = true;
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_ok(rtse_transfer_stop(a.rtse));
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.failed, 1);
	assert_ok(rtse_transfer_rsp(b.rtse));
	transfer(&a, &apdu);
	run(&a, &b, SIZE_MAX);
	assert_int_equal(a.confirmed, 1);
	assert_int_equal(b.transfers, 1);
	close_side(&a);
	close_side(&b);
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
	struct side a, b;

	(void)state;
	open_sides(&a, &b, "a", 1);
	assert_fails(rtse_p_data_ind(a.rtse, BYTES("\x04\x00")),
		     "P-DATA indication (RTTR) is not allowed while idle, with the turn");
	assert_ok(rtse_p_activity_start_ind(b.rtse, BYTES("\x02\x01\x01")));
	assert_fails(rtse_p_data_ind(b.rtse, BYTES("\x02\x01\x01")), "where RTTR belongs");
	assert_fails(rtse_p_sync_minor_ind(b.rtse, 2), "checkpoint 2 follows 0");
	assert_fails(rtse_p_sync_minor_cnf(b.rtse, 2), "is not allowed while receiving");
	close_side(&a);
	close_side(&b);
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
		cmocka_unit_test(a_receiver_that_forgot_gets_it_from_the_beginning),
		cmocka_unit_test(a_transfer_that_is_stopped_goes_on_later),
		cmocka_unit_test(a_response_that_comes_too_late_is_remembered),
		cmocka_unit_test(what_is_held_is_bounded),
		cmocka_unit_test(the_peer_is_told_off_by_event_and_state),
	};

	return cmocka_run_group_tests_name("rtse", tests, NULL, NULL);
}
