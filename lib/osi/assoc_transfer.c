/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open association: its user's transfers and operations, by RTSE, ROSE, or
 * ROSE over RTSE [X.218, X.219, X.419 7 to 12].
 *
 * Without RTSE an APDU of ROSE is one P-DATA in the presentation context of
 * its operation.  With RTSE it is one transfer, in an EXTERNAL that names that
 * context; it goes when this side has the turn, which passes as needed.
 */
#include "lib/osi/assoc_internal.h"

#include "lib/base/memory.h"
#include "lib/osi/external.h"
#include "lib/osi/parts.h"

/* --- to the layer below --- */

/* Transfers parts in an EXTERNAL. */
static FALLIBLE transfer(struct assoc *a, int context_id, const struct bytes *parts, size_t count)
{
	uint8_t header[EXTERNAL_HEADER_MAX];
	AUTO(headed_cleanup) struct headed headed;
	size_t len;
	struct bytes *all = headed_init(&headed, parts, count, &len);

	all[0] = external_header(context_id, len, header);
	return rtse_transfer_req(a->rtse, all, count + 1);
}

/* Invocations and answers are bounded, but not the rejects of a peer that keeps the turn. */
static FALLIBLE wait_for_turn(struct assoc *a, int context_id, const struct bytes *parts,
			      size_t count)
{
	uint8_t header[EXTERNAL_HEADER_MAX];
	struct waiting *w;
	size_t len = 0;

	if (a->waiting_count > 4 * a->limits.invocations_max)
		return FAIL(ST_PEER, 0, "%u APDUs wait for the turn, which the peer keeps",
			    a->waiting_count);
	w = mem_new(struct waiting);
	w->invoke_id = a->invoke_id;
	a->waiting_count++;
	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	buf_put(&w->apdu, external_header(context_id, len, header));
	for (size_t i = 0; i < count; i++)
		buf_put(&w->apdu, parts[i]);
	*a->last = w;
	a->last = &w->next;
	return OK;
}

static bool may_transfer(const struct assoc *a)
{
	return rtse_is_idle(a->rtse) && rtse_has_turn(a->rtse);
}

/* The context of an operation; of the first operation syntax where it is not known. */
static int context_of(const struct assoc *a, int operation)
{
	int syntax = a->context->operation_syntax(operation);

	if (syntax >= 0)
		return a->ids[syntax];
	for (int i = 0; a->context->syntaxes[i].name; i++)
		if (i != a->context->bind_syntax && a->ids[i])
			return a->ids[i];
	return a->ids[a->context->bind_syntax];
}

static FALLIBLE rose_apdu_req(void *below, int operation, const struct bytes *parts, size_t count)
{
	struct assoc *a = below;
	int id = context_of(a, operation);

	if (!a->context->rtse)
		return pres_data_req(a->presentation, id, parts, count);
	if (!a->first && may_transfer(a)) {
		TRY(transfer(a, id, parts, count));
		rtse_await_answer(a->rtse, a->invoke_id);
		return OK;
	}
	TRY(wait_for_turn(a, id, parts, count));
	assoc_go_on(a);
	return OK;
}

/* An operation whose presentation context was not accepted is none of this association's. */
static enum rose_class class_of(void *below, int operation)
{
	struct assoc *a = below;
	int syntax = a->context->operation_syntax(operation);

	return syntax >= 0 && a->ids[syntax] ? ROSE_ASYNCHRONOUS : ROSE_NOT_AN_OPERATION;
}

static const struct rose_service rose_service = { rose_apdu_req, class_of };

static FALLIBLE send_waiting(struct assoc *a)
{
	struct waiting *w = a->first;
	AUTO(buf_free) struct buf apdu = w->apdu;
	struct bytes part = buf_view(&apdu);
	int32_t invoke_id = w->invoke_id;

	a->first = w->next;
	a->waiting_count--;
	if (!a->first)
		a->last = &a->first;
	mem_free(&w);
	TRY(rtse_transfer_req(a->rtse, &part, 1));
	rtse_await_answer(a->rtse, invoke_id);
	return OK;
}

static FALLIBLE give_turn(struct assoc *a)
{
	a->turn_wanted = false;
	return rtse_turn_give_req(a->rtse);
}

static FALLIBLE ask_for_turn(struct assoc *a)
{
	a->turn_asked = true;
	a->turn_needed = false;
	return rtse_turn_please_req(a->rtse, a->turn_priority);
}

/* Not before the peer has acknowledged that it has the turn. */
static bool must_ask_for_turn(const struct assoc *a)
{
	return (a->first || a->unbind_wanted || a->turn_needed) && !a->turn_asked &&
	       !rtse_has_turn(a->rtse) && !session_is_giving_control(a->session);
}

/* [X.228 7] The turn passes to a peer that asked after each transfer, so that neither side
 * starves; without RTSE there is nothing to wait for. */
static FALLIBLE go_on(struct assoc *a)
{
	if (!a->rtse)
		return a->unbind_wanted ? assoc_release(a) : OK;
	if (!rtse_is_idle(a->rtse))
		return OK;
	if (rtse_has_turn(a->rtse)) {
		if (a->turn_wanted && a->context->rose && !a->unbind_wanted)
			TRY(give_turn(a));
		else if (a->first)
			return send_waiting(a);
		else if (a->unbind_wanted)
			return assoc_release(a);
	}
	return must_ask_for_turn(a) ? ask_for_turn(a) : OK;
}

void assoc_go_on(struct assoc *a)
{
	struct status *st;

	if (a->state != ASSOC_OPEN)
		return;
	st = go_on(a);
	if (st)
		assoc_break(a, st);
}

/* --- from ROSE to the user --- */

static void on_invoke(void *user, int32_t invoke_id, int operation, struct bytes argument)
{
	struct assoc *a = user;

	a->user->invoke_ind(a->user_data, invoke_id, operation, argument, a->apdu);
}

static void answered(struct assoc *a, int32_t invoke_id)
{
	if (a->rtse && a->recovery)
		rtse_recovery_answered(a->recovery, invoke_id);
}

static void on_result(void *user, int32_t invoke_id, int operation, struct bytes result)
{
	struct assoc *a = user;

	(void)operation;
	answered(a, invoke_id);
	a->user->result_ind(a->user_data, invoke_id, result, a->apdu);
}

static void on_error(void *user, int32_t invoke_id, int error, struct bytes parameter)
{
	struct assoc *a = user;

	answered(a, invoke_id);
	a->user->error_ind(a->user_data, invoke_id, error, parameter, a->apdu);
}

static void on_reject(void *user, int32_t invoke_id, const struct status *why)
{
	struct assoc *a = user;

	answered(a, invoke_id);
	a->user->reject_ind(a->user_data, invoke_id, why);
}

static const struct rose_user rose_user = { on_invoke, on_result, on_error, on_reject };

/* --- from RTSE to ROSE or the user --- */

static void on_transfer(void *user, struct buf *apdu)
{
	struct assoc *a = user;
	struct bytes message;
	int context_id;
	struct status *st = external_open(buf_view(apdu), &context_id, &message);

	if (st) {
		assoc_break(a, status_doing(st, "what was transferred cannot be read"));
		return;
	}
	if (!a->context->rose) {
		a->user->transfer_ind(a->user_data, message, apdu);
		return;
	}
	a->apdu = apdu;
	st = rose_apdu_ind(a->rose, message);
	if (!st && a->state != ASSOC_OVER)
		st = rtse_transfer_rsp(a->rtse);
	if (st)
		assoc_break(a, st);
}

static void on_transferred(void *user, const struct status *failed)
{
	struct assoc *a = user;

	if (!a->context->rose)
		a->user->transfer_cnf(a->user_data, failed);
	else if (failed)
		assoc_break(a, status_new(status_copy(failed), ST_LATER, 0,
					  "an operation or its answer could not be transferred"));
	else if (a->recovery && !a->first && rose_owed(a->rose) == 0)
		rtse_recovery_forget_complete(a->recovery);
}

static void on_turn_please(void *user, int priority)
{
	struct assoc *a = user;

	(void)priority;
	a->turn_wanted = true;
	if (!a->context->rose)
		a->user->turn_please_ind(a->user_data);
}

static void on_turn(void *user)
{
	struct assoc *a = user;

	a->turn_asked = false;
	if (!a->context->rose)
		a->user->turn_ind(a->user_data);
}

static const struct rtse_user rtse_user = { on_transfer, on_transferred, on_turn_please, on_turn };

void assoc_open_machines(struct assoc *a)
{
	a->state = ASSOC_OPEN;
	cotp_limit_tsdu(a->cotp, a->limits.apdu_max);
	session_limit_ssdu(a->session, a->limits.apdu_max);
	if (a->context->rtse) {
		struct rtse_terms terms = {
			.checkpoint_size = a->terms.checkpoint_size,
			.window_size = a->terms.window_size,
			.two_way = a->terms.two_way,
			.has_turn = a->initiator == a->initiator_has_turn,
			.apdu_max = a->limits.apdu_max,
			.answered = a->context->rose,
			.association = buf_view(&a->name),
		};

		a->rtse = rtse_new(&terms, &assoc_rtse_service, a, &rtse_user, a);
		if (a->recovery)
			rtse_use_recovery(a->rtse, a->recovery);
	}
	if (a->context->rose)
		a->rose = rose_new(a->limits.invocations_max, &rose_service, a, &rose_user, a);
}

FALLIBLE assoc_data_ind(struct assoc *a, int context_id, struct bytes data, struct buf *holder)
{
	if (a->rtse) {
		if (context_id != a->ids[a->context->bind_syntax])
			return FAIL(ST_PEER, 0, "data in presentation context %d, which is not RTSE's",
				    context_id);
		return rtse_p_data_ind(a->rtse, data);
	}
	a->apdu = holder;
	return rose_apdu_ind(a->rose, data);
}

/* --- the user's requests --- */

static FALLIBLE want(const struct assoc *a, bool has, const char *request)
{
	TRY(assoc_in_state(a, ASSOC_OPEN, request));
	if (!has)
		return FAIL(ST_USAGE, 0, "%s is not a request of %s", request, a->context->name);
	return OK;
}

static bool went_well(struct status *st)
{
	bool ok = !st;

	status_free(&st);
	return ok;
}

/* Whether an APDU that was cut off carried this very invocation. */
static bool carried(struct bytes cut_off, int operation, const struct bytes *parts, size_t count,
		    int32_t *out_invoke_id)
{
	struct rose_apdu apdu;
	struct bytes message, argument;
	int context_id;

	if (!went_well(external_open(cut_off, &context_id, &message)) ||
	    !went_well(rose_decode(message, &apdu)) ||
	    apdu.kind != ROSE_INVOKE || apdu.value != operation)
		return false;
	argument = apdu.argument;
	for (size_t i = 0; i < count; i++) {
		if (!bytes_equal(bytes_slice(argument, 0, parts[i].len), parts[i]))
			return false;
		argument = bytes_slice(argument, parts[i].len, SIZE_MAX);
	}
	*out_invoke_id = apdu.invoke_id;
	return argument.len == 0;
}

/* The invoke identifier under which this very invocation was sent and not answered, so that the
 * repetition is the same octet by octet: it resumes, and so does its answer.  0: there is none. */
static int32_t find_unanswered(const struct assoc *a, int operation, const struct bytes *parts,
			       size_t count)
{
	struct bytes sent;
	int32_t id;

	for (size_t i = 0; (sent = rtse_recovery_outgoing(a->recovery, i)).len; i++)
		if (carried(sent, operation, parts, count, &id) && !rose_awaits(a->rose, id))
			return id;
	for (size_t i = 0;; i++) {
		id = rtse_recovery_unanswered(a->recovery, operation, parts, count, i);
		if (!id || !rose_awaits(a->rose, id))
			return id;
	}
}

static FALLIBLE invoke_for_recovery(struct assoc *a, int operation, const struct bytes *parts,
				    size_t count, int32_t *out_invoke_id)
{
	int32_t id = find_unanswered(a, operation, parts, count);
	struct status *failed;

	while (!id || rose_awaits(a->rose, id))
		id = rtse_recovery_next_id(a->recovery);
	a->invoke_id = id;
	failed = rose_invoke_again_req(a->rose, id, operation, parts, count);
	a->invoke_id = 0;
	TRY(failed);
	rtse_recovery_invoked(a->recovery, id, operation, parts, count);
	*out_invoke_id = id;
	return OK;
}

FALLIBLE assoc_invoke_req(struct assoc *a, int operation,
			  const struct bytes *parts, size_t count, int32_t *out_invoke_id)
{
	TRY(want(a, a->rose, "an invocation"));
	if (a->unbind_wanted)
		return FAIL(ST_USAGE, 0, "the association is being released");
	if (a->rtse && a->recovery)
		return invoke_for_recovery(a, operation, parts, count, out_invoke_id);
	return rose_invoke_req(a->rose, operation, parts, count, out_invoke_id);
}

FALLIBLE assoc_result_req(struct assoc *a, int32_t invoke_id, int operation,
			  const struct bytes *parts, size_t count)
{
	(void)operation;
	TRY(want(a, a->rose, "a result"));
	return rose_result_req(a->rose, invoke_id, parts, count);
}

FALLIBLE assoc_error_req(struct assoc *a, int32_t invoke_id, int error, struct bytes parameter)
{
	TRY(want(a, a->rose, "an error"));
	return rose_error_req(a->rose, invoke_id, error, parameter);
}

FALLIBLE assoc_reject_req(struct assoc *a, int32_t invoke_id, int problem)
{
	TRY(want(a, a->rose, "a reject"));
	return rose_reject_req(a->rose, invoke_id, (enum rose_problem)problem);
}

FALLIBLE assoc_transfer_req(struct assoc *a, const struct bytes *parts, size_t count)
{
	int syntax = 0;

	TRY(want(a, a->rtse && !a->rose, "a transfer"));
	while (syntax == a->context->bind_syntax || !a->ids[syntax])
		syntax++;
	return transfer(a, a->ids[syntax], parts, count);
}

FALLIBLE assoc_transfer_rsp(struct assoc *a)
{
	TRY(want(a, a->rtse && !a->rose, "a transfer's response"));
	TRY(rtse_transfer_rsp(a->rtse));
	assoc_go_on(a);
	return OK;
}

FALLIBLE assoc_transfer_refuse(struct assoc *a)
{
	TRY(want(a, a->rtse && !a->rose, "a transfer's refusal"));
	return rtse_transfer_refuse(a->rtse);
}

FALLIBLE assoc_transfer_stop(struct assoc *a)
{
	TRY(want(a, a->rtse, "the stopping of a transfer"));
	return rtse_transfer_stop(a->rtse);
}

FALLIBLE assoc_turn_give(struct assoc *a)
{
	TRY(want(a, a->rtse && !a->rose, "giving the turn"));
	return give_turn(a);
}

FALLIBLE assoc_turn_please(struct assoc *a, int priority)
{
	TRY(want(a, a->rtse && !a->rose, "asking for the turn"));
	if (!a->terms.two_way)
		return FAIL(ST_USAGE, 0, "the turn cannot pass in a monologue");
	if (rtse_has_turn(a->rtse))
		return FAIL(ST_USAGE, 0, "the turn is here already");
	a->turn_needed = true;
	a->turn_priority = priority;
	assoc_go_on(a);
	return OK;
}

bool assoc_has_turn(const struct assoc *a)
{
	return a->rtse && rtse_has_turn(a->rtse);
}
