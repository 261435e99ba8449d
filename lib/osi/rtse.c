/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reliable transfer machine [X.228 7, Annex A]: its table, the turn, and
 * its life.  An empty cell is a protocol error (or, for a request, a mistake
 * of the user's) that names the event and the state.
 */
#include "lib/osi/rtse.h"

#include "lib/base/memory.h"
#include "lib/osi/rtse_machine.h"
#include "lib/osi/rtse_pdu.h"

#define STATE_TEXT(name, text) [RTSE_##name] = text,
#define EVENT_TEXT(name, text) [RTSE_EV_##name] = text,
static const char *const state_name[] = { RTSE_STATES(STATE_TEXT) };
static const char *const event_name[] = { RTSE_EVENTS(EVENT_TEXT) };

struct cell {
	FALLIBLE (*act)(struct rtse *r, const struct rtse_input *in);
	enum rtse_state next;	/* taken before act, which may go further */
};

static FALLIBLE ignore(struct rtse *r, const struct rtse_input *in)
{
	(void)r;
	(void)in;
	return OK;
}

/* [X.228 7] */
static FALLIBLE please_req(struct rtse *r, const struct rtse_input *in)
{
	AUTO(buf_free) struct buf rttp = { 0 };

	if (!r->terms.two_way)
		return FAIL(ST_USAGE, 0, "the turn cannot pass in a monologue");
	rttp_encode(in->reason, &rttp);
	return r->service->p_token_please_req(r->below, buf_view(&rttp));
}

static FALLIBLE please_ind(struct rtse *r, const struct rtse_input *in)
{
	int priority;

	if (!r->terms.two_way)
		return FAIL(ST_PEER, 0, "RTTP, but the turn cannot pass in a monologue");
	TRY(rttp_decode(in->data, &priority));
	r->user->turn_please_ind(r->user_data, priority);
	return OK;
}

/* [X.228 7] */
static FALLIBLE give_req(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	return r->service->p_control_give_req(r->below);
}

static FALLIBLE give_ind(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	r->user->turn_give_ind(r->user_data);
	return OK;
}

#define ON(event) [RTSE_EV_##event]

static const struct cell table[RTSE_STATE_COUNT][RTSE_EVENT_COUNT] = {
	[RTSE_IDLE_TURN] = {
		ON(TRANSFER_REQ)    = { rtse_send_start, RTSE_SENDING },
		ON(GIVE_REQ)        = { give_req, RTSE_IDLE },
		ON(PLEASE_IND)      = { please_ind, RTSE_IDLE_TURN },
		ON(TRANSFER_RSP)    = { rtse_late_rsp, RTSE_IDLE_TURN },
		ON(TRANSFER_REFUSE) = { rtse_late_refuse, RTSE_IDLE_TURN },
	},
	[RTSE_IDLE] = {
		ON(START_IND)       = { rtse_receive_start, RTSE_RECEIVING },
		ON(RESUME_IND)      = { rtse_receive_resume, RTSE_RECEIVING },
		ON(PLEASE_REQ)      = { please_req, RTSE_IDLE },
		ON(PLEASE_IND)      = { ignore, RTSE_IDLE },	/* crossed with our P-CONTROL-GIVE */
		ON(GIVE_IND)        = { give_ind, RTSE_IDLE_TURN },
		ON(TRANSFER_RSP)    = { rtse_late_rsp, RTSE_IDLE },
		ON(TRANSFER_REFUSE) = { rtse_late_refuse, RTSE_IDLE },
	},
	[RTSE_SENDING] = {
		ON(SYNC_CNF)        = { rtse_send_confirmed, RTSE_SENDING },
		ON(TRANSFER_STOP)   = { rtse_send_stop, RTSE_INTERRUPTING },
		ON(EXCEPTION_IND)   = { rtse_send_exception, RTSE_DISCARDING },
		ON(PLEASE_IND)      = { please_ind, RTSE_SENDING },
	},
	[RTSE_ENDING] = {
		ON(SYNC_CNF)        = { rtse_send_confirmed_late, RTSE_ENDING },
		ON(END_CNF)         = { rtse_send_done, RTSE_IDLE_TURN },
		ON(TRANSFER_STOP)   = { rtse_send_stop, RTSE_INTERRUPTING },
		ON(EXCEPTION_IND)   = { rtse_send_exception, RTSE_DISCARDING },
		ON(PLEASE_IND)      = { please_ind, RTSE_ENDING },
	},
	[RTSE_INTERRUPTING] = {
		ON(INTERRUPT_CNF)   = { rtse_send_interrupted, RTSE_IDLE_TURN },
		ON(END_CNF)         = { ignore, RTSE_INTERRUPTING },	/* these crossed with it */
		ON(SYNC_CNF)        = { ignore, RTSE_INTERRUPTING },
		ON(EXCEPTION_IND)   = { ignore, RTSE_INTERRUPTING },
		ON(PLEASE_IND)      = { please_ind, RTSE_INTERRUPTING },
	},
	[RTSE_DISCARDING] = {
		ON(DISCARD_CNF)     = { rtse_send_discarded, RTSE_IDLE_TURN },
		ON(END_CNF)         = { ignore, RTSE_DISCARDING },
		ON(SYNC_CNF)        = { ignore, RTSE_DISCARDING },
		ON(EXCEPTION_IND)   = { ignore, RTSE_DISCARDING },
		ON(PLEASE_IND)      = { please_ind, RTSE_DISCARDING },
	},
	[RTSE_RECEIVING] = {
		ON(DATA_IND)        = { rtse_receive_data, RTSE_RECEIVING },
		ON(SYNC_IND)        = { rtse_receive_sync, RTSE_RECEIVING },
		ON(END_IND)         = { rtse_receive_end, RTSE_DELIVERED },
		ON(INTERRUPT_IND)   = { rtse_receive_interrupt, RTSE_IDLE },
		ON(DISCARD_IND)     = { rtse_receive_discard, RTSE_IDLE },
		ON(EXCEPTION_IND)   = { ignore, RTSE_RECEIVING },	/* the sender acts on it */
		ON(PLEASE_REQ)      = { please_req, RTSE_RECEIVING },
		ON(TRANSFER_RSP)    = { rtse_late_rsp, RTSE_RECEIVING },
		ON(TRANSFER_REFUSE) = { rtse_late_refuse, RTSE_RECEIVING },
	},
	[RTSE_DELIVERED] = {
		ON(TRANSFER_RSP)    = { rtse_receive_rsp, RTSE_IDLE },
		ON(TRANSFER_REFUSE) = { rtse_receive_refuse, RTSE_REPORTED },
		ON(INTERRUPT_IND)   = { rtse_abandon_interrupt, RTSE_IDLE },
		ON(DISCARD_IND)     = { rtse_abandon_discard, RTSE_IDLE },
		ON(EXCEPTION_IND)   = { ignore, RTSE_DELIVERED },
		ON(PLEASE_REQ)      = { please_req, RTSE_DELIVERED },
	},
	[RTSE_REPORTED] = {
		ON(DATA_IND)        = { ignore, RTSE_REPORTED },	/* sent before the report arrived */
		ON(SYNC_IND)        = { ignore, RTSE_REPORTED },
		ON(END_IND)         = { ignore, RTSE_REPORTED },
		ON(INTERRUPT_IND)   = { rtse_receive_interrupt, RTSE_IDLE },
		ON(DISCARD_IND)     = { rtse_receive_discard, RTSE_IDLE },
		ON(EXCEPTION_IND)   = { ignore, RTSE_REPORTED },
		ON(PLEASE_REQ)      = { please_req, RTSE_REPORTED },
		ON(TRANSFER_RSP)    = { rtse_late_rsp, RTSE_REPORTED },
		ON(TRANSFER_REFUSE) = { rtse_late_refuse, RTSE_REPORTED },
	},
};

/* The requests come first in the list of events: what is wrong with them is the user's fault. */
static enum status_kind blame(enum rtse_event event)
{
	return event < RTSE_EV_START_IND ? ST_USAGE : ST_PEER;
}

static FALLIBLE step(struct rtse *r, enum rtse_event event, const struct rtse_input *in)
{
	enum rtse_state was = r->state;
	const struct cell *c = &table[was][event];
	struct status *st;

	if (!c->act)
		return FAIL(blame(event), 0, "RTSE: %s is not allowed while %s",
			    event_name[event], state_name[was]);
	r->state = c->next;
	st = c->act(r, in);
	if (st && st->kind == ST_USAGE)
		r->state = was;
	return st;
}

struct rtse *rtse_new(const struct rtse_terms *terms,
		      const struct rtse_service *service, void *below,
		      const struct rtse_user *user, void *user_data)
{
	struct rtse *r = mem_new(struct rtse);

	r->state = terms->has_turn ? RTSE_IDLE_TURN : RTSE_IDLE;
	r->terms = *terms;
	r->association = buf_copy(terms->association);
	r->terms.association = buf_view(&r->association);
	/* More are never kept: what is further back could not be returned to. */
	if (r->terms.window_size >= RTSE_MARKS)
		r->terms.window_size = RTSE_MARKS - 1;
	r->service = service;
	r->below = below;
	r->user = user;
	r->user_data = user_data;
	return r;
}

/* What runs can only be resumed where the association has a name and a checkpoint was confirmed. */
static void keep_what_runs(struct rtse *r)
{
	if (!r->recovery || r->recovery == r->own || r->association.len == 0)
		return;
	switch (r->state) {
	case RTSE_SENDING:
	case RTSE_ENDING:
	case RTSE_INTERRUPTING:
		if (r->out.confirmed > 0)
			rtse_recovery_put_outgoing(r->recovery, &r->out);
		break;
	case RTSE_RECEIVING:
		if (r->in.serial > 0)
			rtse_recovery_put_incoming(r->recovery, &r->in);
		break;
	default:
		break;
	}
}

/* --- associations that are lost, and do not know it yet --- */

static void leave_recovery(struct rtse *r)
{
	struct rtse **at;

	if (!r->recovery || r->recovery == r->own)
		return;
	for (at = rtse_recovery_machines(r->recovery); *at != r; at = &(*at)->next_machine)
		;
	*at = r->next_machine;
}

static bool yield(struct rtse *r)
{
	keep_what_runs(r);
	r->state = RTSE_YIELDED;
	return true;
}

bool rtse_take_from_receiver(struct rtse *r, struct bytes association, struct bytes activity)
{
	if (!r->recovery || r->recovery == r->own)
		return false;
	for (struct rtse *m = *rtse_recovery_machines(r->recovery); m; m = m->next_machine)
		if (m != r && m->state == RTSE_RECEIVING && m->in.serial > 0 &&
		    bytes_equal(buf_view(&m->in.name.association), association) &&
		    bytes_equal(buf_view(&m->in.name.activity), activity))
			return yield(m);
	return false;
}

bool rtse_take_from_sender(struct rtse *r, const struct bytes *parts, size_t count)
{
	if (!r->recovery || r->recovery == r->own)
		return false;
	for (struct rtse *m = *rtse_recovery_machines(r->recovery); m; m = m->next_machine)
		if (m != r && (m->state == RTSE_SENDING || m->state == RTSE_ENDING) &&
		    m->out.confirmed > 0 && m->association.len &&
		    bytes_are_joined(buf_view(&m->out.apdu), parts, count))
			return yield(m);
	return false;
}

void rtse_free(struct rtse **rtse)
{
	struct rtse *r = TAKE(*rtse);

	if (!r)
		return;
	keep_what_runs(r);
	leave_recovery(r);
	outgoing_free(&r->out);
	incoming_free(&r->in);
	buf_free(&r->again);
	activity_name_free(&r->abandoned);
	rtse_recovery_free(&r->own);
	buf_free(&r->association);
	mem_free(&r);
}

void rtse_use_recovery(struct rtse *r, struct rtse_recovery *recovery)
{
	leave_recovery(r);
	r->recovery = recovery;
	r->next_machine = *rtse_recovery_machines(recovery);
	*rtse_recovery_machines(recovery) = r;
}

struct rtse_recovery *rtse_recovery_of(struct rtse *r)
{
	if (!r->recovery)
		r->recovery = r->own = rtse_recovery_new(r->terms.apdu_max);
	return r->recovery;
}

bool rtse_has_turn(const struct rtse *r)
{
	switch (r->state) {
	case RTSE_IDLE_TURN:
	case RTSE_SENDING:
	case RTSE_ENDING:
	case RTSE_INTERRUPTING:
	case RTSE_DISCARDING:
		return true;
	default:
		return false;
	}
}

bool rtse_is_idle(const struct rtse *r)
{
	return r->state == RTSE_IDLE || r->state == RTSE_IDLE_TURN;
}

const char *rtse_state_name(const struct rtse *r)
{
	return state_name[r->state];
}

FALLIBLE rtse_transfer_req(struct rtse *r, const struct bytes *parts, size_t count)
{
	return step(r, RTSE_EV_TRANSFER_REQ, &(struct rtse_input){ .parts = parts, .count = count });
}

void rtse_await_answer(struct rtse *r, int32_t invoke_id)
{
	r->out.awaits = invoke_id;
}

FALLIBLE rtse_turn_please_req(struct rtse *r, int priority)
{
	return step(r, RTSE_EV_PLEASE_REQ, &(struct rtse_input){ .reason = priority });
}

FALLIBLE rtse_turn_give_req(struct rtse *r)
{
	if (!r->terms.two_way)
		return FAIL(ST_USAGE, 0, "the turn cannot pass in a monologue");
	return step(r, RTSE_EV_GIVE_REQ, &(struct rtse_input){ 0 });
}

FALLIBLE rtse_p_control_give_ind(struct rtse *r)
{
	if (!r->terms.two_way)
		return FAIL(ST_PEER, 0, "P-CONTROL-GIVE, but the turn cannot pass in a monologue");
	return step(r, RTSE_EV_GIVE_IND, &(struct rtse_input){ 0 });
}

FALLIBLE rtse_p_activity_resume_ind(struct rtse *r, struct bytes activity,
				    struct bytes old_activity, uint32_t serial,
				    struct bytes old_association)
{
	return step(r, RTSE_EV_RESUME_IND, &(struct rtse_input){
		.activity = activity, .old_activity = old_activity, .serial = serial,
		.old_association = old_association });
}

FALLIBLE rtse_p_activity_start_ind(struct rtse *r, struct bytes activity)
{
	return step(r, RTSE_EV_START_IND, &(struct rtse_input){ .activity = activity });
}

FALLIBLE rtse_p_data_ind(struct rtse *r, struct bytes data)
{
	return step(r, RTSE_EV_DATA_IND, &(struct rtse_input){ .data = data });
}

FALLIBLE rtse_p_sync_minor_ind(struct rtse *r, uint32_t serial)
{
	return step(r, RTSE_EV_SYNC_IND, &(struct rtse_input){ .serial = serial });
}

FALLIBLE rtse_p_sync_minor_cnf(struct rtse *r, uint32_t serial)
{
	return step(r, RTSE_EV_SYNC_CNF, &(struct rtse_input){ .serial = serial });
}

FALLIBLE rtse_p_exception_report_ind(struct rtse *r, int reason, bool provider)
{
	return step(r, RTSE_EV_EXCEPTION_IND,
		    &(struct rtse_input){ .reason = reason, .provider = provider });
}

FALLIBLE rtse_p_token_please_ind(struct rtse *r, struct bytes rttp)
{
	return step(r, RTSE_EV_PLEASE_IND, &(struct rtse_input){ .data = rttp });
}

/* Events that bring nothing with them. */
#define PLAIN(function, event)                                          \
	FALLIBLE function(struct rtse *r)                               \
	{                                                               \
		return step(r, event, &(struct rtse_input){ 0 });       \
	}

PLAIN(rtse_transfer_rsp, RTSE_EV_TRANSFER_RSP)
PLAIN(rtse_transfer_refuse, RTSE_EV_TRANSFER_REFUSE)
PLAIN(rtse_transfer_stop, RTSE_EV_TRANSFER_STOP)
PLAIN(rtse_p_activity_end_ind, RTSE_EV_END_IND)
PLAIN(rtse_p_activity_end_cnf, RTSE_EV_END_CNF)
PLAIN(rtse_p_activity_interrupt_ind, RTSE_EV_INTERRUPT_IND)
PLAIN(rtse_p_activity_interrupt_cnf, RTSE_EV_INTERRUPT_CNF)
PLAIN(rtse_p_activity_discard_ind, RTSE_EV_DISCARD_IND)
PLAIN(rtse_p_activity_discard_cnf, RTSE_EV_DISCARD_CNF)
