/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery to message stores: P3 forced access, an operation for each
 * recipient [X.411 8.3.1]; what is proved and reported follows from the results.
 */
#include "mta/change.h"
#include "mta/hop.h"
#include "mta/intake.h"
#include "mta/policy.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/operations.h"

static size_t capacity(const struct mta *mta)
{
	return (size_t)mta->settings->window;
}

/* --- sending --- */

/* The place in the envelope of the recipient whom the queue knows by number. */
static FALLIBLE recipient_place(const struct envelope *env, int number, size_t *out_place)
{
	for (size_t i = 0; i < env->recipient_count; i++)
		if ((int)env->recipients[i].number == number) {
			*out_place = i;
			return OK;
		}
	return FAIL(ST_NEVER, DIAG_NONE, "the envelope has no recipient number %d", number);
}

static FALLIBLE send_message(struct assoc *assoc, struct carriage *c, size_t i)
{
	struct delivery *delivery = NULL;
	AUTO(buf_free) struct buf head = { 0 };
	size_t place;

	TRY(recipient_place(c->env, c->work->recipients[i].number, &place));
	c->outcomes[i] = (struct outcome){
		.recipient = place,
		.when = clock_now(c->mta->clock),
		.user_type = USER_MS,
	};
	TRY(delivery_from_envelope(c->env, place, c->outcomes[i].when, &delivery));
	TRY(delivery_encode(delivery, &head));
	const struct bytes parts[] = { buf_view(&head), delivery->content };
	return assoc_invoke_req(assoc, OP_MESSAGE_DELIVERY, parts, 2, &c->invokes[i]);
}

static FALLIBLE send_report(struct assoc *assoc, struct carriage *c)
{
	AUTO(buf_free) struct buf argument = { 0 };

	TRY(report_delivery_encode(c->report, &argument));
	const struct bytes part = buf_view(&argument);
	return assoc_invoke_req(assoc, OP_REPORT_DELIVERY, &part, 1, &c->invokes[0]);
}

/* How many operations of the channel are not answered. */
static size_t outstanding(struct channel *channel)
{
	size_t count = 0;

	for (const struct carriage *c = channel_carriages(channel); c; c = c->next)
		count += c->sent - c->done;
	return count;
}

static FALLIBLE send_next(struct channel *channel, struct carriage *c)
{
	struct assoc *assoc = link_assoc(channel_link(channel));

	TRY(c->report ? send_report(assoc, c) : send_message(assoc, c, c->sent));
	c->sent++;
	return OK;
}

/* Keeps the window full. */
static FALLIBLE send_more(struct channel *channel)
{
	size_t window = capacity(channel_carriages(channel)->mta);

	for (struct carriage *c = channel_carriages(channel); c; c = c->next)
		while (c->sent < c->work->recipient_count && outstanding(channel) < window)
			TRY(send_next(channel, c));
	return OK;
}

static FALLIBLE start(struct channel *channel, struct carriage *c)
{
	size_t count = c->work->recipient_count;

	c->outcomes = arena_new_array(c->arena, struct outcome, count);
	c->failed = arena_new_array(c->arena, struct status *, count);
	c->invokes = arena_new_array(c->arena, int32_t, count);
	c->answered = arena_new_array(c->arena, bool, count);
	return send_more(channel);
}

/* --- results --- */

static void mark_recipient(struct carriage *c, size_t i, struct change *change)
{
	const struct queue_recipient *recipient = &c->work->recipients[i];
	struct queue_result result = {
		.message = c->work->message,
		.number = recipient->number,
		.state = QUEUE_DELIVERED,
		.reason = -1,
		.diagnostic = -1,
	};

	if (c->failed[i]) {
		const struct policy_verdict verdict = policy_failed(c->failed[i]);
		AUTO(mem_free) char *words = status_text(c->failed[i]);

		result.words = arena_strdup(change_arena(change), words);
		result.state = verdict.again ? QUEUE_WAITING : QUEUE_FAILED;
		result.due = clock_now(c->mta->clock) +
			     policy_retry_delay(c->mta->settings, recipient->attempts + 1);
		result.reason = verdict.reason;
		result.diagnostic = verdict.diagnostic;
	}
	change_mark(change, &result);
}

/* Every recipient has been answered for: the results are stored, with the report they ask for. */
static void settle(struct channel *channel, struct carriage *c)
{
	struct change *change = change_new(c->mta);
	struct arena *arena = change_arena(change);
	struct outcome *outcomes = arena_new_array(arena, struct outcome, c->work->recipient_count);
	size_t count = 0;

	for (size_t i = 0; i < c->work->recipient_count; i++) {
		struct outcome *outcome = &c->outcomes[i];

		mark_recipient(c, i, change);
		if (c->failed[i]) {
			const struct policy_verdict verdict = policy_failed(c->failed[i]);

			if (verdict.again)
				continue;
			outcome->reason = verdict.reason;
			outcome->diagnostic = verdict.diagnostic;
			outcome->supplementary = c->failed[i]->words;
		}
		outcomes[count++] = *outcome;
	}
	struct status *st = c->env
		? intake_outcomes(c->mta, c->env, outcomes, count, change) : OK;
	if (st) {
		log_event(LOG_LV_ERROR, "report cannot be made", log_msg(c->work->mts_id),
			  log_why(st));
		status_free(&st);
	}
	channel_settle(channel, c, change);
}

/* Finds what an answer is to. */
static struct carriage *answered(struct channel *channel, int32_t invoke_id, size_t *out_i)
{
	for (struct carriage *c = channel_carriages(channel); c; c = c->next)
		for (size_t i = 0; i < c->sent; i++)
			if (c->invokes[i] == invoke_id && !c->answered[i]) {
				c->answered[i] = true;
				*out_i = i;
				return c;
			}
	return NULL;
}

static void go_on(struct channel *channel, struct carriage *c, size_t i)
{
	log_event(c->failed[i] ? LOG_LV_WARN : LOG_LV_INFO,
		  c->failed[i] ? "delivery failed" : "delivered",
		  log_assoc(link_number(channel_link(channel))), log_msg(c->work->mts_id),
		  log_text("to", c->work->recipients[i].address), log_why(c->failed[i]));
	c->done++;
	struct status *st = send_more(channel);
	if (st)
		link_abort(channel_link(channel), st);
	else if (c->done == c->work->recipient_count)
		settle(channel, c);
}

static FALLIBLE take_proof(struct carriage *c, size_t i, struct bytes result)
{
	struct delivery_result decoded;

	if (!c->env)
		return OK;
	TRY(delivery_result_decode(c->arena, result, &decoded));
	c->outcomes[i].delivered = true;
	c->outcomes[i].proof = arena_dup(c->arena, decoded.proof);
	c->outcomes[i].certificates = arena_dup(c->arena, decoded.certificates);
	return OK;
}

static void delivery_result(void *user, struct link *link, int32_t invoke_id, struct bytes result,
			    struct buf *apdu)
{
	struct channel *channel = user;
	size_t i;
	struct carriage *c = answered(channel, invoke_id, &i);

	(void)apdu;
	if (!c)
		return;
	struct status *st = take_proof(c, i, result);
	if (st) {
		link_abort(link, status_doing(st, "the result of a delivery cannot be read"));
		return;
	}
	go_on(channel, c, i);
}

static void delivery_failed(struct channel *channel, int32_t invoke_id, struct status *failed)
{
	size_t i;
	struct carriage *c = answered(channel, invoke_id, &i);

	if (!c) {
		status_free(&failed);
		return;
	}
	c->failed[i] = failed;
	go_on(channel, c, i);
}

static void delivery_error(void *user, struct link *link, int32_t invoke_id, int error,
			   struct bytes parameter, struct buf *apdu)
{
	(void)link;
	(void)apdu;
	delivery_failed(user, invoke_id, operation_failed(OP_MESSAGE_DELIVERY, error, parameter));
}

static void delivery_reject(void *user, struct link *link, int32_t invoke_id,
			    const struct status *why)
{
	(void)link;
	delivery_failed(user, invoke_id,
			status_new(status_copy(why), ST_NEVER, DIAG_PROTOCOL_VIOLATION,
				   "the store rejected the delivery"));
}

const struct carrier delivery_carrier = {
	.context = &context_mts_forced_access,
	.capacity = capacity,
	.start = start,
	.user = {
		.result = delivery_result,
		.error = delivery_error,
		.reject = delivery_reject,
	},
};
