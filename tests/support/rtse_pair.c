/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/rtse_pair.h"

#include "lib/osi/rtse_pdu.h"
#include "tests/support/check.h"

enum what { START, RESUME, DATA, SYNC, SYNC_CNF, END, END_CNF, INTERRUPT, INTERRUPT_CNF, DISCARD,
	    DISCARD_CNF, EXCEPTION, PLEASE, GIVE };

struct rtse_event {
	enum what what;
	struct buf a, b, c;
	uint32_t number;
};

enum { QUEUE = 4096 };

static struct rtse_event *queue(struct rtse_side *s, enum what what, struct bytes a)
{
	struct rtse_event *e = &s->queue[s->tail++];

	assert_true(s->tail < QUEUE);
	*e = (struct rtse_event){ .what = what };
	buf_put(&e->a, a);
	return e;
}

static FALLIBLE start_req(void *below, struct bytes activity)
{
	struct rtse_side *s = below;

	s->serial = 1;
	queue(s, START, activity);
	return OK;
}

static FALLIBLE resume_req(void *below, struct bytes activity, struct bytes old_activity,
			   uint32_t serial, struct bytes old_association)
{
	struct rtse_side *s = below;
	struct rtse_event *e = queue(s, RESUME, activity);

	s->serial = serial + 1;
	buf_put(&e->b, old_activity);
	buf_put(&e->c, old_association);
	e->number = serial;
	return OK;
}

static FALLIBLE data_req(void *below, const struct bytes *parts, size_t count)
{
	struct rtse_side *s = below;
	struct rtse_event *e = queue(s, DATA, bytes_none());

	for (size_t i = 0; i < count; i++)
		buf_put(&e->a, parts[i]);
	s->data_octets += parts[count - 1].len;
	return OK;
}

static FALLIBLE sync_req(void *below, uint32_t *out_serial)
{
	struct rtse_side *s = below;

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
	struct rtse_side *s = user;

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
	struct rtse_side *s = user;

	if (failed)
		s->failed++;
	else
		s->confirmed++;
}

static void on_please(void *user, int priority)
{
	struct rtse_side *s = user;

	assert_int_equal(priority, 7);
	s->pleases++;
}

static void on_turn(void *user)
{
	struct rtse_side *s = user;

	s->turns++;
}

static const struct rtse_user user = { on_transfer, on_confirm, on_please, on_turn };

/* Hands over the oldest event. */
static FALLIBLE hand_over(struct rtse_side *from)
{
	struct rtse_event *e = &from->queue[from->head++];
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

void rtse_pair_run(struct rtse_side *a, struct rtse_side *b, size_t most)
{
	while (most-- > 0) {
		struct rtse_side *from = a->head < a->tail ? a : b;

		if (from->head == from->tail)
			return;
		assert_ok(hand_over(from));
	}
}

void rtse_pair_open(struct rtse_side *a, struct rtse_side *b, const char *name, uint32_t checkpoint)
{
	AUTO(buf_free) struct buf association = { 0 };
	struct rtse_terms terms = { .checkpoint_size = checkpoint, .window_size = 3,
				    .two_way = true, .has_turn = true, .apdu_max = 100000 };

	*a = *b = (struct rtse_side){ 0 };
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

void rtse_side_close(struct rtse_side *s)
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
