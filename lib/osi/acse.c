/* SPDX-License-Identifier: Apache-2.0 */
/* The association control protocol machine [X.227 7, Annex A]. */
#include "lib/osi/acse.h"

#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/osi/acse_pdu.h"

/* [X.227 Annex A] */
#define ACSE_STATES(X)                                             \
	X(STA0, "STA0 idle")                                       \
	X(STA1, "STA1 awaiting AARE")                              \
	X(STA2, "STA2 awaiting A-ASSOCIATE response")              \
	X(STA3, "STA3 awaiting RLRE")                              \
	X(STA4, "STA4 awaiting A-RELEASE response")                \
	X(STA5, "STA5 associated")                                 \
	X(STA6, "STA6 release collision, as initiator")            \
	X(STA7, "STA7 release collision, as responder")

#define ACSE_EVENTS(X)                                             \
	X(AASCreq, "A-ASSOCIATE request")                          \
	X(AASCrsp, "A-ASSOCIATE (accept) response")                \
	X(AASCrsp_reject, "A-ASSOCIATE (reject) response")         \
	X(ARLSreq, "A-RELEASE request")                            \
	X(ARLSrsp, "A-RELEASE response")                           \
	X(AARQ, "AARQ APDU")                                       \
	X(AARE, "AARE (accept) APDU")                              \
	X(PCONcnf_reject, "P-CONNECT (reject) confirm")            \
	X(RLRQ, "RLRQ APDU")                                       \
	X(RLRE, "RLRE APDU")

#define ACSE_ENUM(id, text) id,
enum acse_state { ACSE_STATES(ACSE_ENUM) ACSE_STATE_COUNT };
enum acse_event { ACSE_EVENTS(ACSE_ENUM) ACSE_EVENT_COUNT };

#define ACSE_TEXT(id, text) text,
static const char *const state_name[] = { ACSE_STATES(ACSE_TEXT) };
static const char *const event_name[] = { ACSE_EVENTS(ACSE_TEXT) };

struct acse {
	const struct acse_service *service;
	struct presentation *presentation;
	const struct acse_user *user;
	void *user_data;
	enum acse_state state;
	bool initiator;
	int context;		/* ACSE's own presentation context; 0: not known yet */
	struct buf context_name;	/* responder: what the AARQ asked for */
};

/* What comes with an event. */
struct acse_input {
	const struct acse_associate *associate;		/* A-ASSOCIATE request and response */
	const struct pres_connect *connect;		/* P-CONNECT indication and confirm */
	const struct acse_apdu *apdu;			/* null where there is none */
	const struct pres_value *information;
	const struct status *why;
};

const char *acse_state_name(const struct acse *a)
{
	return state_name[a->state];
}

static int own_context(const struct pres_connect *connect)
{
	for (size_t i = 0; i < connect->context_count; i++)
		if (oid_is(connect->contexts[i].abstract_syntax, ACSE_ABSTRACT_SYNTAX) &&
		    connect->contexts[i].result == PRES_ACCEPTANCE)
			return connect->contexts[i].id;
	return 0;
}

/* The APDU among presentation's user data; *out_found is false where there is none. */
static FALLIBLE find_apdu(const struct acse *a, const struct pres_value *values, size_t count,
			  struct acse_apdu *out_apdu, bool *out_found)
{
	*out_apdu = (struct acse_apdu){ 0 };
	*out_found = false;
	for (size_t i = 0; i < count && !*out_found; i++) {
		if (!a->context || values[i].context != a->context)
			continue;
		*out_found = true;
		TRY(acse_apdu_decode(values[i].value, out_apdu));
	}
	return OK;
}

static FALLIBLE get_apdu(const struct acse *a, const struct pres_value *values, size_t count,
			 enum acse_apdu_kind kind, const char *name, struct acse_apdu *out_apdu)
{
	bool found;

	TRY(find_apdu(a, values, count, out_apdu, &found));
	if (!found || out_apdu->kind != kind)
		return FAIL(ST_PEER, 0, "there is no %s", name);
	return OK;
}

static void send_abrt(struct acse *a, enum abrt_source source, const struct pres_value *information)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_value value = { .context = a->context };

	abrt_encode(source, information, &apdu);
	value.value = buf_view(&apdu);
	a->state = STA0;
	a->service->u_abort_req(a->presentation, &value, a->context ? 1 : 0);
}

/* [X.227 7.3.3.4] whatever the peer does wrong ends the association. */
static FALLIBLE check_peer(struct acse *a, struct status *st)
{
	if (!st)
		return OK;
	/* A version that is not known has been answered already. */
	if (st->diag != ACSE_PROVIDER_NO_COMMON_VERSION)
		send_abrt(a, ABRT_PROVIDER, NULL);
	return status_new(st, ST_PEER, st->diag, "association control aborted");
}

static FALLIBLE send_aarq(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_connect connect = in->associate->presentation;
	struct pres_value value = { .context = own_context(&connect) };

	if (!value.context)
		return FAIL(ST_USAGE, 0, "no presentation context is defined for ACSE");
	aarq_encode(in->associate, &apdu);
	value.value = buf_view(&apdu);
	connect.values = &value;
	connect.value_count = 1;
	a->initiator = true;
	a->context = value.context;
	return a->service->connect_req(a->presentation, &connect);
}

/* Rejects by itself where there is no version in common [X.227 7.1.3.3]. */
static FALLIBLE reject_version(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_value value = { .context = a->context };
	struct acse_associate answer = {
		.context_name = in->apdu->associate.context_name,
		.result = ACSE_REJECTED_PERMANENT,
		.diagnostic = ACSE_PROVIDER_NO_COMMON_VERSION,
	};

	aare_encode(&answer, &apdu);
	value.value = buf_view(&apdu);
	a->state = STA0;
	TRY(a->service->refuse_rsp(a->presentation, PRES_REFUSED_BY_USER,
				   &(struct pres_connect){ .values = &value, .value_count = 1 }));
	return FAIL(ST_PEER, ACSE_PROVIDER_NO_COMMON_VERSION,
		    "the peer does not know version 1 of association control");
}

static FALLIBLE take_aarq(struct acse *a, const struct acse_input *in)
{
	struct acse_associate told = in->apdu->associate;

	if (!in->apdu->version_1)
		return reject_version(a, in);
	TRY(oid_check(told.context_name));
	told.information = in->apdu->information;
	told.presentation = *in->connect;
	buf_clear(&a->context_name);
	buf_put(&a->context_name, told.context_name);
	a->state = STA2;
	a->user->associate_ind(a->user_data, &told);
	return OK;
}

/* The AARE, and the presentation parameters that it goes with; an unnamed context is the peer's. */
static void make_answer(struct acse *a, const struct acse_associate *answer, struct buf *apdu,
			struct pres_value *value, struct pres_connect *out_connect)
{
	struct acse_associate complete = *answer;

	if (!complete.context_name.len)
		complete.context_name = buf_view(&a->context_name);
	aare_encode(&complete, apdu);
	*value = (struct pres_value){ a->context, buf_view(apdu) };
	*out_connect = answer->presentation;
	out_connect->values = value;
	out_connect->value_count = 1;
}

static FALLIBLE send_accept(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_connect connect;
	struct pres_value value;

	make_answer(a, in->associate, &apdu, &value, &connect);
	return a->service->connect_rsp(a->presentation, &connect);
}

static FALLIBLE send_reject(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_connect connect;
	struct pres_value value;

	make_answer(a, in->associate, &apdu, &value, &connect);
	return a->service->refuse_rsp(a->presentation, PRES_REFUSED_BY_USER, &connect);
}

static FALLIBLE take_aare(struct acse *a, const struct acse_input *in)
{
	struct acse_associate told = in->apdu->associate;

	if (told.result != ACSE_ACCEPTED)
		return FAIL(ST_PEER, 0, "the AARE APDU rejects what presentation accepts");
	told.information = in->apdu->information;
	told.presentation = *in->connect;
	a->state = STA5;
	a->user->associate_cnf(a->user_data, &told);
	return OK;
}

static struct status *why_rejected(const struct acse_associate *aare)
{
	return FAIL(aare->result == ACSE_REJECTED_TRANSIENT ? ST_LATER : ST_NEVER,
		    aare->diagnostic, "the association was %s: %s (says the peer's %s)",
		    acse_result_text(aare->result), acse_diagnostic_text(aare->diagnostic),
		    aare->diagnostic >= ACSE_PROVIDER_NULL ? "association control" : "application");
}

static FALLIBLE take_refusal(struct acse *a, const struct acse_input *in)
{
	static const struct pres_value none = { 0 };
	struct status *why = in->apdu ? why_rejected(&in->apdu->associate) : status_copy(in->why);

	a->state = STA0;
	a->user->associate_refused(a->user_data, in->apdu ? &in->apdu->information : &none, why);
	status_free(&why);
	return OK;
}

static FALLIBLE send_rlrq(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_value value = { .context = a->context };

	rlrq_encode(in->information, &apdu);
	value.value = buf_view(&apdu);
	return a->service->release_req(a->presentation, &value, 1);
}

static FALLIBLE send_rlre(struct acse *a, const struct acse_input *in)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct pres_value value = { .context = a->context };

	rlre_encode(in->information, &apdu);
	value.value = buf_view(&apdu);
	return a->service->release_rsp(a->presentation, &value, 1);
}

static FALLIBLE take_rlrq(struct acse *a, const struct acse_input *in)
{
	a->state = STA4;
	a->user->release_ind(a->user_data, &in->apdu->information);
	return OK;
}

/* [X.227 7.2.3.6] both sides asked: the initiator answers first. */
static FALLIBLE take_collision(struct acse *a, const struct acse_input *in)
{
	a->state = a->initiator ? STA6 : STA7;
	a->user->release_ind(a->user_data, &in->apdu->information);
	return OK;
}

static FALLIBLE take_rlre(struct acse *a, const struct acse_input *in)
{
	bool answered = a->state != STA7;

	a->state = answered ? STA0 : STA4;
	a->user->release_cnf(a->user_data, &in->apdu->information);
	return OK;
}

/* A request leads to the next state at once; what the peer sends, before the user is told. */
struct cell {
	FALLIBLE (*act)(struct acse *a, const struct acse_input *in);
	enum acse_state next;
};

static const struct cell table[ACSE_STATE_COUNT][ACSE_EVENT_COUNT] = {
	[STA0][AASCreq]		= { send_aarq,		STA1 },
	[STA0][AARQ]		= { take_aarq,		STA2 },
	[STA1][AARE]		= { take_aare,		STA5 },
	[STA1][PCONcnf_reject]	= { take_refusal,	STA0 },
	[STA2][AASCrsp]		= { send_accept,	STA5 },
	[STA2][AASCrsp_reject]	= { send_reject,	STA0 },
	[STA3][RLRQ]		= { take_collision,	STA6 },
	[STA3][RLRE]		= { take_rlre,		STA0 },
	[STA4][ARLSrsp]		= { send_rlre,		STA0 },
	[STA5][ARLSreq]		= { send_rlrq,		STA3 },
	[STA5][RLRQ]		= { take_rlrq,		STA4 },
	[STA6][ARLSrsp]		= { send_rlre,		STA3 },
	[STA7][RLRE]		= { take_rlre,		STA4 },
};

static FALLIBLE request(struct acse *a, enum acse_event event, const struct acse_input *in)
{
	const struct cell *c = &table[a->state][event];
	enum acse_state before = a->state;

	if (!c->act)
		return FAIL(ST_USAGE, 0, "%s is not allowed in state %s", event_name[event],
			    state_name[a->state]);
	a->state = c->next;
	struct status *st = c->act(a, in);

	if (st)
		a->state = before;
	return st;
}

static FALLIBLE indicate(struct acse *a, enum acse_event event, const struct acse_input *in)
{
	const struct cell *c = &table[a->state][event];

	if (!c->act)
		return FAIL(ST_PEER, 0, "%s is not allowed in state %s", event_name[event],
			    state_name[a->state]);
	return c->act(a, in);
}

struct acse *acse_new(const struct acse_service *service, struct presentation *presentation,
		      const struct acse_user *user, void *user_data)
{
	struct acse *a = mem_new(struct acse);

	a->service = service;
	a->presentation = presentation;
	a->user = user;
	a->user_data = user_data;
	return a;
}

void acse_free(struct acse **acse)
{
	if (*acse)
		buf_free(&(*acse)->context_name);
	mem_free(acse);
}

FALLIBLE acse_associate_req(struct acse *a, const struct acse_associate *associate)
{
	return request(a, AASCreq, &(struct acse_input){ .associate = associate });
}

FALLIBLE acse_associate_rsp(struct acse *a, const struct acse_associate *answer)
{
	return request(a, answer->result == ACSE_ACCEPTED ? AASCrsp : AASCrsp_reject,
		       &(struct acse_input){ .associate = answer });
}

FALLIBLE acse_release_req(struct acse *a, const struct pres_value *information)
{
	return request(a, ARLSreq, &(struct acse_input){ .information = information });
}

FALLIBLE acse_release_rsp(struct acse *a, const struct pres_value *information)
{
	return request(a, ARLSrsp, &(struct acse_input){ .information = information });
}

void acse_abort_req(struct acse *a, const struct pres_value *information)
{
	send_abrt(a, ABRT_USER, information);
}

/* An APDU that has to be there, given to the machine. */
static FALLIBLE take(struct acse *a, const struct pres_connect *connect,
		     const struct pres_value *values, size_t count, enum acse_apdu_kind kind,
		     enum acse_event event)
{
	AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };

	TRY(get_apdu(a, values, count, kind, event_name[event], &apdu));
	return indicate(a, event, &(struct acse_input){ .connect = connect, .apdu = &apdu });
}

FALLIBLE acse_p_connect_ind(struct acse *a, const struct pres_connect *connect)
{
	a->context = own_context(connect);
	return check_peer(a, take(a, connect, connect->values, connect->value_count,
				  APDU_AARQ, AARQ));
}

FALLIBLE acse_p_connect_cnf(struct acse *a, const struct pres_connect *accept)
{
	return check_peer(a, take(a, accept, accept->values, accept->value_count,
				  APDU_AARE, AARE));
}

FALLIBLE acse_p_release_ind(struct acse *a, const struct pres_value *values, size_t count)
{
	return check_peer(a, take(a, NULL, values, count, APDU_RLRQ, RLRQ));
}

FALLIBLE acse_p_release_cnf(struct acse *a, const struct pres_value *values, size_t count)
{
	return check_peer(a, take(a, NULL, values, count, APDU_RLRE, RLRE));
}

void acse_p_refuse_ind(struct acse *a, int reason, const struct pres_value *values, size_t count,
		       const struct status *why)
{
	AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };
	struct status *unreadable = OK;

	if (reason == PRES_REFUSED_BY_USER && count)
		unreadable = get_apdu(a, values, count, APDU_AARE, event_name[AARE], &apdu);
	bool rejected = !unreadable && apdu.decoded;

	if (unreadable)
		why = unreadable = status_new(unreadable, ST_PEER, 0,
					      "the peer rejected with an unreadable APDU");
	status_drop(indicate(a, PCONcnf_reject, &(struct acse_input){
		.apdu = rejected ? &apdu : NULL, .why = why }));
	status_free(&unreadable);
}

void acse_p_u_abort_ind(struct acse *a, const struct pres_value *values, size_t count)
{
	AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };
	bool found;
	struct status *unreadable = find_apdu(a, values, count, &apdu, &found);
	bool by_provider = !unreadable && found && apdu.kind == APDU_ABRT &&
			   apdu.reason == ABRT_PROVIDER;

	/* An abort is an abort, whatever it carries. */
	status_free(&unreadable);
	a->state = STA0;
	struct status *why = FAIL(ST_LATER, 0, by_provider
				  ? "the peer's association control aborted the association"
				  : "the peer aborted the association");

	a->user->abort_ind(a->user_data, &apdu.information, why);
	status_free(&why);
}

void acse_p_p_abort_ind(struct acse *a, const struct status *why)
{
	static const struct pres_value none = { 0 };

	a->state = STA0;
	a->user->abort_ind(a->user_data, &none, why);
}

const struct acse_service acse_over_presentation = {
	.connect_req = pres_connect_req,
	.connect_rsp = pres_connect_rsp,
	.refuse_rsp = pres_refuse_rsp,
	.release_req = pres_release_req,
	.release_rsp = pres_release_rsp,
	.u_abort_req = pres_u_abort_req,
};
