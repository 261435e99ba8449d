/* SPDX-License-Identifier: Apache-2.0 */
/* An association: the layers put together, and how it ends when something is wrong. */
#include "lib/osi/assoc.h"

#include "lib/base/memory.h"
#include "lib/osi/assoc_internal.h"

const struct assoc_limits assoc_limits_default = {
	.apdu_max = 68u << 20,		/* a content of 64 MiB in its envelope */
	.bind_max = 256u << 10,		/* certificates, and the way to them */
	.tpdu_size = 65531,
	.checkpoint_size = 64,
	.window_size = 4,
	.invocations_max = 32,
};

const char *assoc_state_text(enum assoc_state state)
{
#define STATE_TEXT(name, text) [ASSOC_##name] = text,
	static const char *const texts[] = { ASSOC_STATES(STATE_TEXT) };

	return texts[state];
}

FALLIBLE assoc_in_state(const struct assoc *a, enum assoc_state state, const char *request)
{
	if (a->state == state)
		return OK;
	return FAIL(ST_USAGE, 0, "%s is not possible while the association is %s", request,
		    assoc_state_text(a->state));
}

struct assoc *assoc_new(const struct app_context *const *contexts,
			const struct assoc_limits *limits,
			const struct network *network, void *net,
			const struct assoc_user *user, void *user_data)
{
	struct assoc *a = mem_new(struct assoc);
	size_t bind_max = limits->bind_max < limits->apdu_max ? limits->bind_max : limits->apdu_max;
	struct cotp_limits cotp = { .tpdu_size = limits->tpdu_size, .tsdu_max = bind_max };
	struct session_limits session = session_limits_default;

	a->contexts = contexts;
	a->limits = *limits;
	a->network = network;
	a->net = net;
	a->user = user;
	a->user_data = user_data;
	a->last = &a->first;
	a->kept = arena_new();

	session.ssdu_max = session.connect_max = bind_max;
	a->cotp = cotp_new(&cotp, network, net);
	a->presentation = pres_new(&pres_over_session, &assoc_pres_user, a);
	a->session = session_new(&session, &cotp_transport, a->cotp, &pres_session_user,
				 a->presentation);
	pres_attach(a->presentation, a->session);
	a->acse = acse_new(&acse_over_presentation, a->presentation, &assoc_acse_user, a);
	return a;
}

void assoc_free(struct assoc **assoc)
{
	struct assoc *a = TAKE(*assoc);

	if (!a)
		return;
	rtse_free(&a->rtse);
	rose_free(&a->rose);
	acse_free(&a->acse);
	pres_free(&a->presentation);
	session_free(&a->session);
	cotp_free(&a->cotp);
	while (a->first) {
		struct waiting *w = a->first;

		a->first = w->next;
		buf_free(&w->apdu);
		mem_free(&w);
	}
	buf_free(&a->name);
	arena_free(&a->kept);
	mem_free(&a);
}

void assoc_use_recovery(struct assoc *a, struct rtse_recovery *recovery)
{
	a->recovery = recovery;
	if (a->rtse)
		rtse_use_recovery(a->rtse, recovery);
}

/* Null stays null: it matches anything. */
static struct bytes keep_selector(struct assoc *a, struct bytes selector)
{
	return selector.data ? arena_dup(a->kept, selector) : bytes_none();
}

void assoc_serve_address(struct assoc *a, const struct assoc_address *own)
{
	a->serves_address = true;
	a->own.t_selector = keep_selector(a, own->t_selector);
	a->own.s_selector = keep_selector(a, own->s_selector);
	a->own.p_selector = keep_selector(a, own->p_selector);
}

void assoc_lost(struct assoc *a, const struct status *why)
{
	enum assoc_state was = a->state;

	if (was == ASSOC_OVER)
		return;
	a->state = ASSOC_OVER;
	if (was == ASSOC_BINDING)
		a->user->bind_refused(a->user_data, bytes_none(), why);
	else
		a->user->abort_ind(a->user_data, why);
}

/* [X.228 7] The peer's RTSE learns that it was the protocol, and no more. */
static void abort_peer(struct assoc *a, enum rtab_reason reason)
{
	AUTO(buf_free) struct buf rtab = { 0 };
	struct pres_value information = { 0 };

	if (a->rtse) {
		rtab_encode(reason, &rtab);
		information = (struct pres_value){ a->ids[a->context->bind_syntax], buf_view(&rtab) };
	}
	acse_abort_req(a->acse, &information);
}

void assoc_break(struct assoc *a, struct status *why)
{
	if (a->state != ASSOC_OVER) {
		abort_peer(a, RTAB_PROTOCOL_ERROR);
		assoc_lost(a, why);
	}
	status_free(&why);
}

void assoc_abort_req(struct assoc *a)
{
	if (a->state == ASSOC_OVER)
		return;
	a->state = ASSOC_OVER;
	abort_peer(a, RTAB_USER_ERROR);
}

void assoc_input(struct assoc *a, struct bytes octets)
{
	cotp_input(a->cotp, octets);
	assoc_go_on(a);
}

void assoc_network_lost(struct assoc *a, const struct status *why)
{
	struct status *closed = NULL;

	cotp_network_lost(a->cotp, why);
	if (a->state == ASSOC_OVER)
		return;
	closed = FAIL(ST_LATER, 0, "the peer closed the connection");
	assoc_lost(a, why ? why : closed);
	status_free(&closed);
}
