/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The presentation protocol machine [X.226 6, Annex A], kernel functional unit.  The
 * services of session that are only passed on are in presentation_pass.c.
 */
#include "lib/osi/presentation.h"

#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/osi/presentation_machine.h"
#include "lib/osi/presentation_pdu.h"

static const char *const state_name[] = {
#define PRES_STATE_TEXT(id, text) text,
	PRES_STATES(PRES_STATE_TEXT)
};

static const char *const event_name[] = {
#define PRES_EVENT_TEXT(id, text) text,
	PRES_EVENTS(PRES_EVENT_TEXT)
};

static struct pres_definition *definition_of(const struct presentation *p, int id)
{
	for (size_t i = 0; i < p->definition_count; i++)
		if (p->definitions[i].context.id == id)
			return (struct pres_definition *)&p->definitions[i];
	return NULL;
}

static bool is_accepted(const struct pres_definition *d)
{
	return d && d->context.result == PRES_ACCEPTANCE;
}

int pres_context_of(const struct presentation *p, struct bytes abstract_syntax)
{
	for (size_t i = 0; i < p->definition_count; i++)
		if (is_accepted(&p->definitions[i]) &&
		    bytes_equal(p->definitions[i].context.abstract_syntax, abstract_syntax))
			return p->definitions[i].context.id;
	return 0;
}

struct bytes pres_syntax_of(const struct presentation *p, int context)
{
	const struct pres_definition *d = definition_of(p, context);

	return is_accepted(d) ? d->context.abstract_syntax : bytes_none();
}

/* The context that simply encoded user data belong to [X.226 8.4.1], or 0. */
static int sole_context(const struct presentation *p)
{
	return p->definition_count == 1 ? p->definitions[0].context.id : 0;
}

/* Keeps the contexts that are proposed.  Until they are negotiated, none counts as rejected. */
static FALLIBLE define_contexts(struct presentation *p, const struct pres_context *contexts,
				size_t count)
{
	p->definition_count = 0;
	if (count > PRES_CONTEXTS_MAX)
		return FAIL(ST_USAGE, 0, "%zu presentation contexts are too many", count);
	for (size_t i = 0; i < count; i++) {
		struct pres_definition *d = &p->definitions[i];
		size_t len = contexts[i].abstract_syntax.len;

		if (len > sizeof(d->oid))
			return FAIL(ST_USAGE, 0, "an abstract syntax name of %zu octets", len);
		memcpy(d->oid, contexts[i].abstract_syntax.data, len);
		d->context = contexts[i];
		d->context.abstract_syntax = bytes_of(d->oid, len);
	}
	p->definition_count = count;
	return OK;
}

FALLIBLE pres_read_values(struct presentation *p, struct bytes user_data,
			  struct ppdu_values *out_values)
{
	TRY(user_data_decode(user_data, sole_context(p), out_values));
	for (size_t i = 0; i < out_values->count; i++)
		if (!is_accepted(definition_of(p, out_values->at[i].context)))
			return FAIL(ST_PEER, ARP_INVALID_VALUE,
				    "user data are in presentation context %d, which is not agreed",
				    out_values->at[i].context);
	return OK;
}

static FALLIBLE send_cp(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf ppdu = { 0 };
	struct session_connect connect = in->connect->session;

	TRY(define_contexts(p, in->connect->contexts, in->connect->context_count));
	cp_encode(in->connect, &ppdu);
	connect.user_data = buf_view(&ppdu);
	return p->service->connect_req(p->session, &connect);
}

static FALLIBLE tell_connect(struct presentation *p, const struct pres_input *in,
			     struct ppdu_connect *cp, struct ppdu_values *values)
{
	struct pres_connect connect = {
		.calling_p = cp->calling_p, .called_p = cp->called_p,
		.contexts = cp->contexts, .context_count = cp->context_count,
		.session = *in->session,
		.values = values->at,
	};

	TRY(cp_decode(in->octets, cp));
	connect.calling_p = cp->calling_p;
	connect.called_p = cp->called_p;
	connect.context_count = cp->context_count;
	TRY(define_contexts(p, cp->contexts, cp->context_count));
	struct status *unreadable = user_data_decode(cp->user_data, sole_context(p), values);

	if (unreadable) {
		unreadable->diag = PRES_REFUSED_USER_DATA;
		return unreadable;
	}
	connect.value_count = values->count;
	p->state = STAI2;
	p->user->connect_ind(p->user_data, &connect);
	return OK;
}

/* [X.226 6.2.5] what cannot be accepted is refused with a CPR PPDU, not with an abort. */
static FALLIBLE take_cp(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cp = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };
	AUTO(buf_free) struct buf ppdu = { 0 };
	struct status *why = tell_connect(p, in, &cp, &values);

	if (!why)
		return OK;
	cpr_encode(why->diag, &(struct pres_connect){ 0 }, &ppdu);
	p->state = STAI0;
	status_drop(p->service->refuse_rsp(p->session, REFUSED_BY_USER_DATA, buf_view(&ppdu)));
	why = status_doing(why, "presentation refused the peer's connection: %s",
			   pres_refusal_text(why->diag));
	p->user->p_abort_ind(p->user_data, why);
	status_free(&why);
	return OK;
}

static FALLIBLE send_cpa(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf ppdu = { 0 };
	struct pres_context results[PRES_CONTEXTS_MAX];
	struct pres_connect accept = *in->connect;
	struct session_connect session = accept.session;

	if (accept.context_count != p->definition_count)
		return FAIL(ST_USAGE, 0, "results for %zu of %zu presentation contexts",
			    accept.context_count, p->definition_count);
	for (size_t i = 0; i < accept.context_count; i++) {
		struct pres_context *own = &p->definitions[i].context;

		if (own->result == PRES_ACCEPTANCE) {
			own->result = accept.contexts[i].result;
			own->reason = accept.contexts[i].reason;
		}
		results[i] = *own;
	}
	accept.contexts = results;
	cpa_encode(&accept, &ppdu);
	session.user_data = buf_view(&ppdu);
	return p->service->connect_rsp(p->session, &session);
}

static FALLIBLE send_cpr(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf ppdu = { 0 };
	struct pres_context results[PRES_CONTEXTS_MAX];
	struct pres_connect refuse = *in->connect;

	for (size_t i = 0; i < p->definition_count; i++)
		results[i] = p->definitions[i].context;
	if (!refuse.contexts) {
		refuse.contexts = results;
		refuse.context_count = p->definition_count;
	}
	cpr_encode(in->reason, &refuse, &ppdu);
	return p->service->refuse_rsp(p->session, REFUSED_BY_USER_DATA, buf_view(&ppdu));
}

/* [X.226 6.2.4.5] the results come in the order of the proposals. */
static FALLIBLE take_cpa(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cpa = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	TRY(cpa_decode(in->octets, &cpa));
	if (cpa.context_count != p->definition_count)
		return FAIL(ST_PEER, ARP_INVALID_VALUE,
			    "the peer has results for %zu of %zu presentation contexts",
			    cpa.context_count, p->definition_count);
	for (size_t i = 0; i < cpa.context_count; i++) {
		struct pres_context *own = &p->definitions[i].context;

		own->result = cpa.contexts[i].result;
		own->reason = cpa.contexts[i].reason;
		cpa.contexts[i] = *own;
	}
	TRY(pres_read_values(p, cpa.user_data, &values));
	p->state = STAt0;
	p->user->connect_cnf(p->user_data, &(struct pres_connect){
		.called_p = cpa.called_p,
		.contexts = cpa.contexts, .context_count = cpa.context_count,
		.session = *in->session,
		.values = values.at, .value_count = values.count,
	});
	return OK;
}

/* A CPR PPDU; without one, or where it is unreadable, session's own reason has to do. */
static FALLIBLE take_cpr(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cpr = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };
	struct status *why = status_copy(in->why);
	struct status *unreadable = OK;
	int reason = PRES_REFUSED_NOT_SPECIFIED;

	if (in->octets.len)
		unreadable = cpr_decode(in->octets, &cpr);
	if (in->octets.len && !unreadable)
		unreadable = user_data_decode(cpr.user_data, sole_context(p), &values);
	if (unreadable) {
		status_free(&why);
		why = status_new(unreadable, ST_PEER, 0, "the peer refused with an unreadable PPDU");
	} else if (in->octets.len) {
		reason = cpr.reason;
		why = status_new(why, ST_LATER, reason, reason == PRES_REFUSED_BY_USER
				 ? "the peer's presentation user refused the connection"
				 : "the peer's presentation refused the connection: %s",
				 pres_refusal_text(reason));
	}
	p->state = STAI0;
	p->user->refuse_ind(p->user_data, reason, values.at, unreadable ? 0 : values.count, why);
	status_free(&why);
	return OK;
}

/* [X.226 6.6.1] header and parts, so that nothing is copied. */
static FALLIBLE send_td(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf header = { 0 };
	AUTO(mem_free) struct bytes *parts = mem_new_array(struct bytes, in->count + 1);
	size_t len = 0;

	if (!is_accepted(definition_of(p, in->context)))
		return FAIL(ST_USAGE, 0, "presentation context %d is not agreed", in->context);
	for (size_t i = 0; i < in->count; i++) {
		parts[i + 1] = in->parts[i];
		len += in->parts[i].len;
	}
	user_data_header(in->context, len, &header);
	parts[0] = buf_view(&header);
	return p->service->data_req(p->session, parts, in->count + 1);
}

static FALLIBLE take_td(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	TRY(pres_read_values(p, in->octets, &values));
	for (size_t i = 0; i < values.count && p->state == STAt0; i++) {
		const struct pres_value *value = &values.at[i];
		bool last = i + 1 == values.count;
		AUTO(buf_free) struct buf own = { 0 };
		struct buf *holder = last && !values.joined.data ? in->ssdu : &own;
		struct pres_value told = *value;

		/* Only the last value may take the buffer away from under the others. */
		if (holder == &own) {
			own = buf_copy(value->value);
			told.value = buf_view(&own);
		}
		p->user->data_ind(p->user_data, &told, holder);
	}
	return OK;
}

static FALLIBLE send_release(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf data = { 0 };

	user_data_encode(in->values, in->count, &data);
	return p->service->release_req(p->session, buf_view(&data));
}

static FALLIBLE answer_release(struct presentation *p, const struct pres_input *in)
{
	AUTO(buf_free) struct buf data = { 0 };

	user_data_encode(in->values, in->count, &data);
	return p->service->release_rsp(p->session, buf_view(&data));
}

static FALLIBLE take_release_ind(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	TRY(pres_read_values(p, in->octets, &values));
	p->user->release_ind(p->user_data, values.at, values.count);
	return OK;
}

static FALLIBLE take_release_cnf(struct presentation *p, const struct pres_input *in)
{
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	TRY(pres_read_values(p, in->octets, &values));
	p->state = STAI0;
	p->user->release_cnf(p->user_data, values.at, values.count);
	return OK;
}

static FALLIBLE pass(struct presentation *p, const struct pres_input *in)
{
	(void)p;
	(void)in;
	return OK;
}

/*
 * [X.226 Annex A]  A request leads to the next state once it is done; an indication's
 * action enters it before the user is told, who may act at once.
 */
struct cell {
	FALLIBLE (*act)(struct presentation *p, const struct pres_input *in);
	enum pres_state next;
};

static const struct cell table[PRES_STATE_COUNT][PRES_EVENT_COUNT] = {
	[STAI0][PCONreq]	= { send_cp,		STAI1 },
	[STAI0][EV_CP]		= { take_cp,		STAI2 },
	[STAI1][EV_CPA]		= { take_cpa,		STAt0 },
	[STAI1][EV_CPR]		= { take_cpr,		STAI0 },
	[STAI2][PCONrsp]	= { send_cpa,		STAt0 },
	[STAI2][PCONrsp_reject]	= { send_cpr,		STAI0 },
	[STAt0][PDTreq]		= { send_td,		STAt0 },
	[STAt0][EV_TD]		= { take_td,		STAt0 },
	[STAt0][PRELreq]	= { send_release,	STAt0 },
	[STAt0][PRELrsp]	= { answer_release,	STAI0 },
	[STAt0][SRELind]	= { take_release_ind,	STAt0 },
	[STAt0][SRELcnf]	= { take_release_cnf,	STAI0 },
	[STAt0][PASSreq]	= { pass,		STAt0 },
	[STAt0][PASSind]	= { pass,		STAt0 },
};

FALLIBLE pres_request(struct presentation *p, enum pres_event event, const struct pres_input *in)
{
	const struct cell *c = &table[p->state][event];
	enum pres_state before = p->state;

	if (!c->act)
		return FAIL(ST_USAGE, 0, "%s is not allowed in state %s",
			    in->primitive ? in->primitive : event_name[event], state_name[p->state]);
	/* Entered first: what session does at once may come back as an indication. */
	p->state = c->next;
	struct status *st = c->act(p, in);

	if (st)
		p->state = before;
	return st;
}

bool pres_indicate(struct presentation *p, enum pres_event event, enum ppm_event ppm,
		   const struct pres_input *in)
{
	const struct cell *c = &table[p->state][event];
	struct status *st = c->act ? c->act(p, in)
		: FAIL(ST_PEER, ARP_UNEXPECTED_PPDU, "%s is not allowed in state %s",
		       ppm_event_text(ppm), state_name[p->state]);

	if (!st)
		return true;
	pres_provider_abort(p, ppm, st);
	return false;
}

/* [X.226 6.4.3] the peer gets an ARP PPDU, the user is told. */
void pres_provider_abort(struct presentation *p, enum ppm_event ppm, struct status *why)
{
	AUTO(buf_free) struct buf ppdu = { 0 };
	int reason = why->diag > 0 && why->diag <= ARP_INVALID_VALUE ? why->diag
								      : ARP_NOT_SPECIFIED;

	if (p->state != STAI0) {
		arp_encode((enum arp_reason)reason, ppm, &ppdu);
		p->state = STAI0;
		p->service->u_abort_req(p->session, buf_view(&ppdu));
		why = status_doing(why, "presentation aborted: the peer's %s was wrong",
				   ppm_event_text(ppm));
		p->user->p_abort_ind(p->user_data, why);
	}
	status_free(&why);
}

struct presentation *pres_new(const struct pres_session_service *service,
			      const struct pres_user *user, void *user_data)
{
	struct presentation *p = mem_new(struct presentation);

	p->service = service;
	p->user = user;
	p->user_data = user_data;
	return p;
}

void pres_attach(struct presentation *p, struct session *session)
{
	p->session = session;
}

void pres_free(struct presentation **p)
{
	mem_free(p);
}

FALLIBLE pres_connect_req(struct presentation *p, const struct pres_connect *connect)
{
	return pres_request(p, PCONreq, &(struct pres_input){ .connect = connect });
}

FALLIBLE pres_connect_rsp(struct presentation *p, const struct pres_connect *accept)
{
	return pres_request(p, PCONrsp, &(struct pres_input){ .connect = accept });
}

FALLIBLE pres_refuse_rsp(struct presentation *p, int reason, const struct pres_connect *refuse)
{
	return pres_request(p, PCONrsp_reject,
			    &(struct pres_input){ .connect = refuse, .reason = reason });
}

FALLIBLE pres_data_req(struct presentation *p, int context, const struct bytes *parts,
		       size_t count)
{
	return pres_request(p, PDTreq, &(struct pres_input){
		.context = context, .parts = parts, .count = count });
}

FALLIBLE pres_release_req(struct presentation *p, const struct pres_value *values, size_t count)
{
	return pres_request(p, PRELreq, &(struct pres_input){ .values = values, .count = count });
}

FALLIBLE pres_release_rsp(struct presentation *p, const struct pres_value *values, size_t count)
{
	return pres_request(p, PRELrsp, &(struct pres_input){ .values = values, .count = count });
}

void pres_u_abort_req(struct presentation *p, const struct pres_value *values, size_t count)
{
	AUTO(buf_free) struct buf ppdu = { 0 };

	aru_encode(values, count, &ppdu);
	p->state = STAI0;
	p->service->u_abort_req(p->session, buf_view(&ppdu));
}
