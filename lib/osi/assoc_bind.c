/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and ending an association [X.217, X.218, X.219]:
 * the presentation contexts, the functional units and tokens, and who answers
 * what.  A responder takes what it knows of the contexts proposed.
 */
#include "lib/osi/assoc_internal.h"

#include "asn1/oid.h"

/* --- names of associations [X.228 7] --- */

/* The session reference: BER values, which together are contents of SessionConnectionIdentifier. */
static FALLIBLE split_name(struct bytes name, struct session_reference *out_reference)
{
	return association_name_split(name, &out_reference->user, &out_reference->common,
				      &out_reference->additional);
}

/* What stands in the two values; nothing where they are no values. */
static void name_parts(struct bytes name, struct bytes *out_reference, struct bytes *out_opened)
{
	struct ber_tlv tlv;

	*out_reference = *out_opened = bytes_none();
	if (ber_nth(name, 0, &tlv))
		*out_reference = tlv.contents;
	if (ber_nth(name, 1, &tlv))
		*out_opened = tlv.contents;
}

/* --- presentation contexts --- */

static struct bytes oid_kept(struct arena *arena, const char *dotted, struct status **out_wrong)
{
	AUTO(buf_free) struct buf oid = { 0 };

	*out_wrong = oid_from_text(dotted, &oid);
	return arena_dup(arena, buf_view(&oid));
}

/* ACSE's is 1, those of the application context follow, odd as the initiator's are. */
static FALLIBLE propose(struct assoc *a, struct arena *arena, struct pres_connect *connect)
{
	const struct abstract_syntax *syntaxes = a->context->syntaxes;
	struct pres_context *list = arena_new_array(arena, struct pres_context, SYNTAXES_MAX + 1);
	struct status *wrong;
	size_t count = 1;

	list[0] = (struct pres_context){ .id = 1 };
	list[0].abstract_syntax = oid_kept(arena, ACSE_ABSTRACT_SYNTAX, &wrong);
	TRY(wrong);
	for (size_t i = 0; syntaxes[i].name; i++, count++) {
		if (i == SYNTAXES_MAX)
			return FAIL(ST_USAGE, 0, "%s has too many abstract syntaxes", a->context->name);
		list[count].id = (int)(2 * count + 1);
		list[count].abstract_syntax = oid_kept(arena, syntaxes[i].oid, &wrong);
		TRY(wrong);
		a->ids[i] = list[count].id;
	}
	connect->contexts = list;
	connect->context_count = count;
	return OK;
}

/* The initiator: those that were not accepted are not there. */
static void take_results(struct assoc *a, const struct pres_connect *accept)
{
	for (size_t i = 0; a->context->syntaxes[i].name; i++)
		for (size_t k = 0; k < accept->context_count; k++)
			if (accept->contexts[k].id == a->ids[i] &&
			    accept->contexts[k].result != PRES_ACCEPTANCE)
				a->ids[i] = 0;
}

static int syntax_of(const struct app_context *context, struct bytes oid)
{
	for (int i = 0; i < SYNTAXES_MAX && context->syntaxes[i].name; i++)
		if (oid_is(oid, context->syntaxes[i].oid))
			return i;
	return -1;
}

/* The responder: accepts what it knows, and each abstract syntax once. */
static void choose(struct assoc *a, struct pres_connect *connect)
{
	struct pres_context *list =
		arena_new_array(a->kept, struct pres_context, connect->context_count + 1);

	for (size_t i = 0; i < connect->context_count; i++) {
		struct pres_context *c = &list[i];
		int syntax = syntax_of(a->context, connect->contexts[i].abstract_syntax);

		*c = connect->contexts[i];
		c->abstract_syntax = arena_dup(a->kept, c->abstract_syntax);
		if (c->result != PRES_ACCEPTANCE || oid_is(c->abstract_syntax, ACSE_ABSTRACT_SYNTAX))
			continue;
		if (syntax >= 0 && a->ids[syntax] == 0) {
			a->ids[syntax] = c->id;
			continue;
		}
		c->result = PRES_PROVIDER_REJECTION;
		c->reason = PRES_CONTEXT_ABSTRACT_SYNTAX;
	}
	connect->contexts = list;
}

/* --- the initiator --- */

static uint16_t units_of(const struct app_context *context)
{
	return context->rtse ? SU_RTSE : SU_DUPLEX;
}

static bool is_served(const struct assoc *a, const struct app_context *context)
{
	for (size_t i = 0; a->contexts[i]; i++)
		if (a->contexts[i] == context)
			return true;
	return false;
}

/* a->terms has what RTORQ says. */
static FALLIBLE associate(struct assoc *a, const struct app_context *context,
			  const struct assoc_address *calling, const struct assoc_address *called,
			  struct bytes argument)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf information = { 0 };
	struct pres_connect presentation = {
		.calling_p = calling->p_selector, .called_p = called->p_selector,
		.session = {
			.calling_t = calling->t_selector, .called_t = called->t_selector,
			.calling_s = calling->s_selector, .called_s = called->s_selector,
			.units = units_of(context),
			.tokens = TOKENS_ALL(a->initiator_has_turn ? TOKEN_INITIATOR : TOKEN_RESPONDER),
		},
	};
	struct acse_associate request = { .calling_ap_title = calling->ap_title,
					  .called_ap_title = called->ap_title };
	struct status *wrong;

	a->context = context;
	request.context_name = oid_kept(arena, context->oid, &wrong);
	TRY(wrong);
	TRY(propose(a, arena, &presentation));
	if (context->rtse && calling->reference.len) {
		association_name_encode(calling->reference, calling->opened, &a->name);
		TRY(split_name(buf_view(&a->name), &presentation.session.reference));
	}
	bind_data_encode(a, BIND_ARGUMENT, argument, &information);
	request.presentation = presentation;
	request.information = (struct pres_value){ a->ids[context->bind_syntax],
						   buf_view(&information) };
	a->initiator = true;
	a->state = ASSOC_BINDING;
	wrong = acse_associate_req(a->acse, &request);
	if (wrong)
		a->state = ASSOC_NEW;
	return wrong;
}

static FALLIBLE set_terms(struct assoc *a, const struct app_context *context, bool two_way,
			  bool initiator_has_turn)
{
	TRY(assoc_in_state(a, ASSOC_NEW, "a bind"));
	if (!is_served(a, context))
		return FAIL(ST_USAGE, 0, "%s is not among this association's contexts", context->name);
	a->initiator_has_turn = initiator_has_turn;
	a->terms = (struct rtse_open){
		.checkpoint_size = a->limits.checkpoint_size,
		.window_size = a->limits.window_size,
		/* Operations and their answers go both ways. */
		.two_way = two_way || context->rose,
	};
	return OK;
}

FALLIBLE assoc_bind_req(struct assoc *a, const struct app_context *context,
			const struct assoc_address *calling, const struct assoc_address *called,
			bool two_way, bool initiator_has_turn, struct bytes argument)
{
	TRY(set_terms(a, context, two_way, initiator_has_turn));
	return associate(a, context, calling, called, argument);
}

FALLIBLE assoc_recover_req(struct assoc *a, const struct app_context *context,
			   const struct assoc_address *calling, const struct assoc_address *called,
			   bool two_way, bool initiator_has_turn,
			   struct bytes lost_reference, struct bytes lost_opened)
{
	AUTO(buf_free) struct buf lost = { 0 };

	TRY(set_terms(a, context, two_way, initiator_has_turn));
	if (!context->rtse)
		return FAIL(ST_USAGE, 0, "%s has no recovery", context->name);
	association_name_encode(lost_reference, lost_opened, &lost);
	a->terms.recovers = true;
	a->terms.association = buf_view(&lost);
	return associate(a, context, calling, called, bytes_none());
}

/* What the answer agrees to; it never asks for more than was proposed. */
static FALLIBLE take_answer(struct assoc *a, const struct acse_associate *accept,
			    struct bytes *out_result)
{
	struct rtse_open open = { 0 };

	take_results(a, &accept->presentation);
	if (a->ids[a->context->bind_syntax] == 0)
		return FAIL(ST_PEER, 0, "the peer accepts, but not %s",
			    a->context->syntaxes[a->context->bind_syntax].name);
	if ((accept->presentation.session.units & units_of(a->context)) != units_of(a->context))
		return FAIL(ST_PEER, 0, "the peer lacks session functional units of %s",
			    a->context->name);
	TRY(bind_data_decode(a, BIND_RESULT, accept->information.value, &open, out_result));
	if (open.checkpoint_size < a->terms.checkpoint_size)
		a->terms.checkpoint_size = open.checkpoint_size;
	if (open.window_size < a->terms.window_size)
		a->terms.window_size = open.window_size;
	return OK;
}

static void associate_cnf(void *user, const struct acse_associate *accept)
{
	struct assoc *a = user;
	struct bytes result;
	struct status *wrong = take_answer(a, accept, &result);

	if (wrong) {
		assoc_break(a, wrong);
		return;
	}
	assoc_open_machines(a);
	a->user->bind_cnf(a->user_data, result);
}

static void associate_refused(void *user, const struct pres_value *information,
			      const struct status *why)
{
	struct assoc *a = user;
	struct rtse_open open = { 0 };
	struct bytes error = bytes_none();

	/* What cannot be read does not make it less refused. */
	if (information && information->context)
		status_drop(bind_data_decode(a, BIND_ERROR, information->value, &open, &error));
	if (a->state == ASSOC_OVER)
		return;
	a->state = ASSOC_OVER;
	a->user->bind_refused(a->user_data, error, why);
}

/* --- the responder --- */

static const struct app_context *find_context(const struct assoc *a, struct bytes oid)
{
	for (size_t i = 0; a->contexts[i]; i++)
		if (oid_is(oid, a->contexts[i]->oid))
			return a->contexts[i];
	return NULL;
}

/* Refuses what was not told to the user yet. */
static void refuse(struct assoc *a, int diagnostic, struct status *why)
{
	a->answer.result = ACSE_REJECTED_PERMANENT;
	a->answer.diagnostic = diagnostic;
	a->answer.information = (struct pres_value){ 0 };
	status_drop(acse_associate_rsp(a->acse, &a->answer));
	assoc_lost(a, why);
	status_free(&why);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Keeps what the answer repeats of the indication, which is gone when the user answers. */
static void keep(struct assoc *a, const struct acse_associate *ind)
{
	struct session_connect *s = &a->answer.presentation.session;

	a->answer = (struct acse_associate){
		.context_name = arena_dup(a->kept, ind->context_name),
		.presentation = {
			.called_p = arena_dup(a->kept, ind->presentation.called_p),
			.contexts = ind->presentation.contexts,
			.context_count = ind->presentation.context_count,
		},
	};
	s->called_s = arena_dup(a->kept, ind->presentation.session.called_s);
	s->reference.user = arena_dup(a->kept, ind->presentation.session.reference.user);
	s->reference.common = arena_dup(a->kept, ind->presentation.session.reference.common);
	s->reference.additional = arena_dup(a->kept, ind->presentation.session.reference.additional);
	s->tokens = ind->presentation.session.tokens;
	s->units = ind->presentation.session.units;
	buf_put(&a->name, s->reference.user);
	buf_put(&a->name, s->reference.common);
	buf_put(&a->name, s->reference.additional);
}

/* The turn is where the data token is; a choice left to us leaves it with the initiator. */
static bool initiator_has_data_token(uint8_t tokens)
{
	return (tokens & 3 * TOKEN_DATA) != TOKEN_RESPONDER * TOKEN_DATA;
}

static FALLIBLE take_proposal(struct assoc *a, const struct acse_associate *ind,
			      struct assoc_bind *bind)
{
	struct session_connect *s = &a->answer.presentation.session;
	struct rtse_open open = { 0 };
	struct bytes lost;

	choose(a, &a->answer.presentation);
	if (a->ids[a->context->bind_syntax] == 0)
		return FAIL(ST_PEER, 0, "the peer does not propose %s",
			    a->context->syntaxes[a->context->bind_syntax].name);
	if ((s->units & units_of(a->context)) != units_of(a->context))
		return FAIL(ST_PEER, 0, "the peer lacks session functional units of %s",
			    a->context->name);
	s->units = units_of(a->context);
	if (ind->information.context != a->ids[a->context->bind_syntax])
		return FAIL(ST_PEER, 0, "the bind is not in %s",
			    a->context->syntaxes[a->context->bind_syntax].name);
	TRY(bind_data_decode(a, BIND_ARGUMENT, ind->information.value, &open, &bind->argument));
	lost = arena_dup(a->kept, open.association);
	a->initiator_has_turn = initiator_has_data_token(s->tokens);
	s->tokens = TOKENS_ALL(a->initiator_has_turn ? TOKEN_INITIATOR : TOKEN_RESPONDER);
	a->terms = (struct rtse_open){
		.checkpoint_size = least(open.checkpoint_size, a->limits.checkpoint_size),
		.window_size = least(open.window_size, a->limits.window_size),
		.two_way = open.two_way,
		.recovers = open.recovers,
		.association = lost,
	};
	bind->recovers = open.recovers;
	name_parts(lost, &bind->lost_reference, &bind->lost_opened);
	return OK;
}

static void associate_ind(void *user, const struct acse_associate *ind)
{
	struct assoc *a = user;
	const struct session_connect *s = &ind->presentation.session;
	struct assoc_bind bind = {
		.calling = { .t_selector = s->calling_t, .s_selector = s->calling_s,
			     .p_selector = ind->presentation.calling_p,
			     .ap_title = ind->calling_ap_title },
		.called = { .t_selector = s->called_t, .s_selector = s->called_s,
			    .p_selector = ind->presentation.called_p,
			    .ap_title = ind->called_ap_title },
	};
	struct status *wrong;

	keep(a, ind);
	a->context = find_context(a, ind->context_name);
	if (!a->context) {
		refuse(a, ACSE_CONTEXT_NAME_NOT_SUPPORTED,
		       FAIL(ST_PEER, 0, "application context %s is not served here",
			    oid_text(ind->context_name).s));
		return;
	}
	wrong = take_proposal(a, ind, &bind);
	if (wrong) {
		refuse(a, ACSE_NO_REASON_GIVEN, wrong);
		return;
	}
	bind.context = a->context;
	bind.dialogue_two_way = a->terms.two_way;
	bind.initiator_has_turn = a->initiator_has_turn;
	name_parts(buf_view(&a->name), &bind.calling.reference, &bind.calling.opened);
	a->state = ASSOC_ANSWERING;
	a->user->bind_ind(a->user_data, &bind);
}

FALLIBLE assoc_bind_rsp(struct assoc *a, struct bytes result)
{
	AUTO(buf_free) struct buf information = { 0 };

	TRY(assoc_in_state(a, ASSOC_ANSWERING, "the answer to a bind"));
	bind_data_encode(a, BIND_RESULT, result, &information);
	a->answer.result = ACSE_ACCEPTED;
	a->answer.diagnostic = ACSE_NULL;
	a->answer.information = (struct pres_value){ a->ids[a->context->bind_syntax],
						     buf_view(&information) };
	TRY(acse_associate_rsp(a->acse, &a->answer));
	assoc_open_machines(a);
	return OK;
}

FALLIBLE assoc_bind_refuse(struct assoc *a, struct bytes error)
{
	AUTO(buf_free) struct buf information = { 0 };

	TRY(assoc_in_state(a, ASSOC_ANSWERING, "the refusal of a bind"));
	bind_data_encode(a, BIND_ERROR, error, &information);
	a->answer.result = ACSE_REJECTED_PERMANENT;
	a->answer.diagnostic = ACSE_NO_REASON_GIVEN;
	a->answer.information = (struct pres_value){ 0 };
	if (information.len)
		a->answer.information = (struct pres_value){ a->ids[a->context->bind_syntax],
							     buf_view(&information) };
	a->state = ASSOC_OVER;
	return acse_associate_rsp(a->acse, &a->answer);
}

/* --- the end --- */

/* [X.218] Only the initiator closes, with the turn, when nothing is on its way. */
FALLIBLE assoc_unbind_req(struct assoc *a)
{
	TRY(assoc_in_state(a, ASSOC_OPEN, "an unbind"));
	if (!a->initiator)
		return FAIL(ST_USAGE, 0, "only the side that bound may unbind");
	a->unbind_wanted = true;
	assoc_go_on(a);
	return OK;
}

FALLIBLE assoc_release(struct assoc *a)
{
	a->state = ASSOC_UNBINDING;
	return acse_release_req(a->acse, NULL);
}

static void release_ind(void *user, const struct pres_value *information)
{
	struct assoc *a = user;

	(void)information;
	a->state = ASSOC_RELEASING;
	a->user->unbind_ind(a->user_data);
}

FALLIBLE assoc_unbind_rsp(struct assoc *a)
{
	TRY(assoc_in_state(a, ASSOC_RELEASING, "the answer to an unbind"));
	a->state = ASSOC_OVER;
	return acse_release_rsp(a->acse, NULL);
}

static void release_cnf(void *user, const struct pres_value *information)
{
	struct assoc *a = user;

	(void)information;
	a->state = ASSOC_OVER;
	a->user->unbind_cnf(a->user_data);
}

static void abort_ind(void *user, const struct pres_value *information, const struct status *why)
{
	struct assoc *a = user;
	struct status *told = NULL;
	int reason;

	if (a->context && a->context->rtse && information && information->context) {
		struct status *wrong = rtab_decode(information->value, &reason);

		if (!wrong)
			told = status_new(status_copy(why), why->kind, reason,
					  "the peer's RTSE aborted: %s", rtab_reason_text(reason));
		status_drop(wrong);
	}
	assoc_lost(a, told ? told : why);
	status_free(&told);
}

const struct acse_user assoc_acse_user = {
	.associate_ind = associate_ind,
	.associate_cnf = associate_cnf,
	.associate_refused = associate_refused,
	.release_ind = release_ind,
	.release_cnf = release_cnf,
	.abort_ind = abort_ind,
};
