/* SPDX-License-Identifier: Apache-2.0 */
/* The session protocol's state table [X.225 Annex A] and the way of every event through it. */
#include "lib/osi/session.h"

#include "lib/base/memory.h"
#include "lib/osi/session_impl.h"

#define AS_TEXT(id, text) text,
static const char *const state_name[] = { SESSION_STATES(AS_TEXT) };
static const char *const event_name[] = { SESSION_EVENTS(AS_TEXT) };

const struct session_limits session_limits_default = {
	.ssdu_max = 80u << 20,
	.connect_max = 1u << 20,
	.versions = 3,
};

struct cell {
	session_act *act;
	enum session_state next;
};

#define IN(kind) EV_OF(SPDU_##kind)

/* What may always come while this side waits for the end of an activity: overtaken by it. */
#define OVERTAKEN(state)					\
	[IN(DT)] = { session_ignore, state },			\
	[IN(TD)] = { session_ignore, state },			\
	[IN(GT)] = { session_ignore, state },			\
	[IN(MIP)] = { session_ignore, state },			\
	[IN(PT)] = { session_ignore, state },			\
	[IN(MIA)] = { session_ignore, state },			\
	[IN(ED)] = { session_ignore, state },			\
	[IN(ER)] = { session_ignore, state }

static const struct cell table[STATE_COUNT][EV_COUNT] = {
	[STA01] = {
		[EV_SCONreq] = { session_open_transport, STA01B },
		[EV_TCONind] = { session_answer_transport, STA01C },
	},
	[STA01B] = {
		[EV_TCONcnf] = { session_send_cn, STA02A },
	},
	[STA01C] = {
		[IN(CN)] = { session_take_cn, STA08 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA01D] = {
		[IN(CDO)] = { session_take_cdo, STA01D },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA02A] = {
		[IN(AC)] = { session_take_ac, STA713 },
		[IN(RF)] = { session_take_rf, STA01 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA02B] = {
		[IN(OA)] = { session_take_oa, STA02A },
		[IN(RF)] = { session_take_rf, STA01 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA03] = {
		[IN(DN)] = { session_take_dn, STA01 },
		[IN(FN)] = { session_take_fn, STA09 },
		[IN(DT)] = { session_take_dt, STA03 },
		[IN(TD)] = { session_take_td, STA03 },
		[IN(PT)] = { session_ignore, STA03 },
		[IN(MIA)] = { session_take_mia, STA03 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA04B] = {
		[EV_STDreq] = { session_send_plain, STA04B },
		[IN(AEA)] = { session_take_aea, STA713 },
		[IN(DT)] = { session_take_dt, STA04B },
		[IN(TD)] = { session_take_td, STA04B },
		[IN(PT)] = { session_pleased, STA04B },
		[IN(MIA)] = { session_take_mia, STA04B },
		[IN(ED)] = { session_take_ed, STA19 },
		[IN(ER)] = { session_take_er, STA19 },
		[EV_SACTIreq] = { session_send_plain, STA05B },
		[EV_SACTDreq] = { session_send_plain, STA05C },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA05B] = {
		OVERTAKEN(STA05B),
		[IN(AEA)] = { session_ignore, STA05B },
		[IN(AIA)] = { session_take_aia, STA713 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA05C] = {
		OVERTAKEN(STA05C),
		[IN(AEA)] = { session_ignore, STA05C },
		[IN(ADA)] = { session_take_ada, STA713 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA08] = {
		[EV_SCONrsp] = { session_send_ac, STA713 },
		[EV_SCONrsp_reject] = { session_send_rf, STA01 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA09] = {
		[EV_SRELrsp] = { session_send_dn, STA01 },
		[EV_SDTreq] = { session_send_plain, STA09 },
		[EV_STDreq] = { session_send_plain, STA09 },
		[EV_SSYNmrsp] = { session_send_mia, STA09 },
		[IN(DN)] = { session_take_dn, STA09 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA10B] = {
		[EV_SACTErsp] = { session_send_aea, STA713 },
		[EV_SSYNmrsp] = { session_send_mia, STA10B },
		[EV_SDTreq] = { session_send_plain, STA10B },
		[EV_STDreq] = { session_send_plain, STA10B },
		[EV_SPTreq] = { session_please, STA10B },
		[EV_SUERreq] = { session_send_ed, STA20 },
		[IN(TD)] = { session_take_td, STA10B },
		[IN(PT)] = { session_pleased, STA10B },
		[IN(AI)] = { session_take_ai, STA11B },
		[IN(AD)] = { session_take_ad, STA11C },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA11B] = {
		[EV_SACTIrsp] = { session_send_aia, STA713 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA11C] = {
		[EV_SACTDrsp] = { session_send_ada, STA713 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA18] = {
		[IN(GTA)] = { session_control_given, STA713 },
		[IN(TD)] = { session_take_td, STA18 },
		[IN(PT)] = { session_ignore, STA18 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA19] = {
		[EV_SACTIreq] = { session_send_plain, STA05B },
		[EV_SACTDreq] = { session_send_plain, STA05C },
		[EV_SGTreq] = { session_give, STA19 },
		[IN(PT)] = { session_pleased, STA19 },
		[IN(MIA)] = { session_take_mia, STA19 },
		[IN(TD)] = { session_take_td, STA19 },
		[IN(AI)] = { session_take_ai, STA11B },
		[IN(AD)] = { session_take_ad, STA11C },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA20] = {
		[EV_SACTIreq] = { session_send_plain, STA05B },
		[EV_SACTDreq] = { session_send_plain, STA05C },
		[IN(DT)] = { session_ignore, STA20 },
		[IN(TD)] = { session_ignore, STA20 },
		[IN(MIP)] = { session_skip_point, STA20 },
		[IN(MIA)] = { session_ignore, STA20 },
		[IN(AE)] = { session_skip_point, STA20 },
		[IN(PT)] = { session_ignore, STA20 },
		[IN(GT)] = { session_taken, STA20 },
		[IN(AI)] = { session_take_ai, STA11B },
		[IN(AD)] = { session_take_ad, STA11C },
		[IN(AB)] = { session_take_ab, STA01 },
	},
	[STA713] = {
		[EV_SDTreq] = { session_send_plain, STA713 },
		[EV_STDreq] = { session_send_plain, STA713 },
		[EV_SGTreq] = { session_give, STA713 },
		[EV_SPTreq] = { session_please, STA713 },
		[EV_SCGreq] = { session_give_control, STA18 },
		[EV_SSYNmreq] = { session_send_mip, STA713 },
		[EV_SSYNmrsp] = { session_send_mia, STA713 },
		[EV_SACTSreq] = { session_send_as, STA713 },
		[EV_SACTRreq] = { session_send_ar, STA713 },
		[EV_SACTEreq] = { session_send_ae, STA04B },
		[EV_SACTIreq] = { session_send_plain, STA05B },
		[EV_SACTDreq] = { session_send_plain, STA05C },
		[EV_SUERreq] = { session_send_ed, STA20 },
		[EV_SRELreq] = { session_send_fn, STA03 },
		[IN(DT)] = { session_take_dt, STA713 },
		[IN(TD)] = { session_take_td, STA713 },
		[IN(GT)] = { session_taken, STA713 },
		[IN(PT)] = { session_pleased, STA713 },
		[IN(GTC)] = { session_take_control, STA713 },
		[IN(MIP)] = { session_take_mip, STA713 },
		[IN(MIA)] = { session_take_mia, STA713 },
		[IN(AS)] = { session_take_as, STA713 },
		[IN(AR)] = { session_take_ar, STA713 },
		[IN(AE)] = { session_take_ae, STA10B },
		[IN(AI)] = { session_take_ai, STA11B },
		[IN(AD)] = { session_take_ad, STA11C },
		[IN(ED)] = { session_take_ed, STA19 },
		[IN(ER)] = { session_take_er, STA19 },
		[IN(FN)] = { session_take_fn, STA09 },
		[IN(AB)] = { session_take_ab, STA01 },
	},
};

/*
 * Who may: the same rule holds for a request here and for the SPDU that a
 * request there becomes [X.215 table of token restrictions].
 */
enum during { ANYTIME, IN_ACTIVITY, BETWEEN_ACTIVITIES };

struct rule {
	uint16_t units;		/* functional units that must be in use */
	uint8_t tokens;		/* which the sender owns, where available */
	enum during during;	/* where activity management is in use */
};

#define BOTH(request, kind, ...) [EV_##request] = __VA_ARGS__, [IN(kind)] = __VA_ARGS__
#define TOKENS_TRANSFER (TOKEN_DATA | TOKEN_SYNC_MINOR | TOKEN_MAJOR_ACTIVITY)

static const struct rule rules[EV_COUNT] = {
	BOTH(SDTreq, DT, { 0, TOKEN_DATA, IN_ACTIVITY }),
	BOTH(STDreq, TD, { SU_TYPED_DATA, 0, ANYTIME }),
	BOTH(SCGreq, GTC, { SU_ACTIVITY, TOKENS_EVERY, BETWEEN_ACTIVITIES }),
	BOTH(SSYNmreq, MIP, { SU_MINOR_SYNC, TOKEN_DATA | TOKEN_SYNC_MINOR, IN_ACTIVITY }),
	BOTH(SSYNmrsp, MIA, { SU_MINOR_SYNC, 0, IN_ACTIVITY }),
	BOTH(SACTSreq, AS, { SU_ACTIVITY, TOKENS_TRANSFER, BETWEEN_ACTIVITIES }),
	BOTH(SACTRreq, AR, { SU_ACTIVITY, TOKENS_TRANSFER, BETWEEN_ACTIVITIES }),
	BOTH(SACTEreq, AE, { SU_ACTIVITY, TOKENS_TRANSFER, IN_ACTIVITY }),
	BOTH(SACTIreq, AI, { SU_ACTIVITY, TOKEN_MAJOR_ACTIVITY, IN_ACTIVITY }),
	BOTH(SACTDreq, AD, { SU_ACTIVITY, TOKEN_MAJOR_ACTIVITY, IN_ACTIVITY }),
	BOTH(SUERreq, ED, { SU_EXCEPTIONS, 0, IN_ACTIVITY }),
	[IN(ER)] = { SU_EXCEPTIONS, 0, IN_ACTIVITY },
	BOTH(SRELreq, FN, { 0, TOKENS_EVERY, BETWEEN_ACTIVITIES }),
};

static const char *name_of(int event)
{
	return event < EV_SPDU ? event_name[event] : spdu_name((enum spdu_kind)(event - EV_SPDU));
}

static bool is_from_peer(int event)
{
	return event >= EV_SPDU;
}

static FALLIBLE check_rule(const struct session *s, int event)
{
	const struct rule *rule = &rules[event];
	enum status_kind kind = is_from_peer(event) ? ST_PEER : ST_USAGE;
	uint8_t sender_owns = is_from_peer(event) ? (uint8_t)~s->owned : s->owned;

	if (rule->units & ~s->units)
		return FAIL(kind, 0, "%s without its functional unit", name_of(event));
	if (rule->tokens & s->available & ~sender_owns)
		return FAIL(kind, 0, "%s without its token in state %s", name_of(event),
			    state_name[s->state]);
	if (s->units & SU_ACTIVITY && rule->during == IN_ACTIVITY && !s->vact)
		return FAIL(kind, 0, "%s outside an activity", name_of(event));
	if (s->units & SU_ACTIVITY && rule->during == BETWEEN_ACTIVITIES && s->vact)
		return FAIL(kind, 0, "%s within an activity", name_of(event));
	return OK;
}

FALLIBLE session_step(struct session *s, int event, struct spdu *p)
{
	enum session_state before = s->state;
	const struct cell *cell = &table[before][event];
	struct status *failed;

	if (!cell->act)
		return FAIL(is_from_peer(event) ? ST_PEER : ST_USAGE, 0,
			    "%s is not allowed in state %s", name_of(event), state_name[before]);
	if (cell->act != session_ignore)
		TRY(check_rule(s, event));
	s->state = cell->next;
	failed = cell->act(s, p);
	if (failed && !is_from_peer(event))
		s->state = before;
	return failed;
}

void session_end(struct session *s)
{
	s->state = STA01;
	s->transport->disconnect_req(s->transport_data);
}

/* The peer is told that it, or the transport, broke the protocol. */
static void abort_provider(struct session *s, struct status *why)
{
	struct spdu ab = { .kind = SPDU_AB };

	spdu_set_number(&ab, SP_DISCONNECT, DISCONNECT_RELEASED | ABORT_PROTOCOL_ERROR);
	status_drop(session_send(s, &ab));	/* the connection ends, whether it leaves or not */
	session_end(s);
	s->user->p_abort_ind(s->user_data, ABORT_PROTOCOL_ERROR, why);
	status_free(&why);
}

static FALLIBLE take_spdu(struct session *s, struct spdu *p)
{
	bool whole;

	TRY(session_join(s, p, &whole));
	return whole ? session_step(s, EV_OF(p->kind), p) : OK;
}

/*
 * [X.225 6] Basic concatenation: GT or PT, then one of category 2.  The
 * tokens are looked at last, since what they give away may be needed before.
 */
static FALLIBLE take_tsdu(struct session *s, struct bytes tsdu)
{
	struct cursor in = cursor_over(tsdu);
	AUTO(buf_free) struct buf please = { 0 };
	struct spdu first, second;

	TRY(spdu_decode(&in, true, &first));
	if (!spdu_is_category_0(first.kind)) {
		TRY(cur_check_end(&in, spdu_name(first.kind)));
		return take_spdu(s, &first);
	}
	if (cur_left(&in)) {
		/* The user may take the TSDU's octets, and free them. */
		please = buf_copy(first.value[SP_USER_DATA].octets);
		first.value[SP_USER_DATA].octets = buf_view(&please);
		TRY(spdu_decode(&in, false, &second));
		TRY(cur_check_end(&in, spdu_name(second.kind)));
		TRY(take_spdu(s, &second));
	}
	if (!spdu_has(&first, SP_TOKENS) || s->state == STA01)
		return OK;
	return take_spdu(s, &first);
}

static void transport_connected(void *user, const struct transport_address *address)
{
	struct session *s = user;

	s->calling_t = buf_copy(address->calling);
	s->called_t = buf_copy(address->called);
	struct status *wrong = session_step(s, EV_TCONind, NULL);
	if (wrong)
		abort_provider(s, wrong);
}

static void transport_confirmed(void *user)
{
	struct status *wrong = session_step(user, EV_TCONcnf, NULL);

	if (wrong)
		abort_provider(user, wrong);
}

static void transport_data(void *user, struct buf *tsdu)
{
	struct session *s = user;
	struct status *wrong;

	if (s->state == STA01)
		return;
	s->tsdu = tsdu;
	wrong = take_tsdu(s, buf_view(tsdu));
	s->tsdu = NULL;
	if (wrong)
		abort_provider(s, wrong);
}

static void transport_disconnected(void *user, const struct status *why)
{
	struct session *s = user;
	enum session_state before = s->state;

	s->state = STA01;
	if (before == STA01)
		return;
	struct status *lost = status_new(status_copy(why), why->kind, why->diag,
					 "the transport connection ended in state %s",
					 state_name[before]);
	s->user->p_abort_ind(s->user_data, ABORT_TRANSPORT_LOST, lost);
	status_free(&lost);
}

static const struct transport_user transport_user = {
	.connect_ind = transport_connected,
	.connect_cnf = transport_confirmed,
	.data_ind = transport_data,
	.disconnect_ind = transport_disconnected,
};

struct session *session_new(const struct session_limits *limits,
			    const struct transport_service *transport, void *transport_data_arg,
			    const struct session_user *user, void *user_data)
{
	struct session *s = mem_new(struct session);

	s->limits = *limits;
	s->transport = transport;
	s->transport_data = transport_data_arg;
	s->user = user;
	s->user_data = user_data;
	s->version = 1;
	transport->attach(transport_data_arg, &transport_user, s);
	return s;
}

void session_limit_ssdu(struct session *s, size_t ssdu_max)
{
	s->limits.ssdu_max = ssdu_max;
}

void session_free(struct session **session)
{
	struct session *s = *session;

	if (!s)
		return;
	buf_free(&s->calling_t);
	buf_free(&s->called_t);
	buf_free(&s->connect);
	buf_free(&s->overflow);
	buf_free(&s->ssdu);
	buf_free(&s->segmented);
	buf_free(&s->segments);
	mem_free(session);
}

uint16_t session_units(const struct session *s)
{
	return s->units;
}

uint8_t session_tokens(const struct session *s)
{
	return s->owned;
}

bool session_is_giving_control(const struct session *s)
{
	return s->state == STA18;
}
