/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delivery to message stores, by P3 forced access, and to users who bind themselves: an operation
 * for each recipient [X.411 8.3.1]; what is proved and reported follows from the results.
 */
#include "mta/hop.h"
#include "mta/intake.h"
#include "mta/mts_user.h"
#include "mta/policy.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"

static size_t capacity(const struct mta *mta)
{
	return (size_t)mta->settings->window;
}

static const char *who_takes(const struct channel *channel)
{
	return channel_peer(channel)->kind == PEER_USER ? "the user agent" : "the store";
}

/* --- sending --- */

/* A critical extension that is not known here may have to change what is delivered [X.411 9.1]. */
static FALLIBLE check_critical(const struct envelope *env, const struct recipient *recipient)
{
	TRY(ext_check_critical(&env->extensions, EXT_FOR_DELIVERY));
	return ext_check_critical(&recipient->extensions, EXT_FOR_DELIVERY);
}

static FALLIBLE send_message(const struct channel *channel, struct carriage *c, size_t i)
{
	const struct peer *to = channel_peer(channel);
	struct delivery *delivery = NULL;
	AUTO(buf_free) struct buf head = { 0 };
	size_t place;

	TRY(carriage_place(c->env, c->work->recipients[i].number, &place));
	c->outcomes[i] = (struct outcome){
		.recipient = place,
		.when = clock_now(c->mta->clock),
		.user_type = mts_user_type(to),
	};
	TRY(check_critical(c->env, &c->env->recipients[place]));
	TRY(mts_user_takes(c->mta, to, c->env->recipients[place].name, c->env));
	TRY(delivery_from_envelope(c->env, place, c->outcomes[i].when, &delivery));
	TRY(delivery_encode(delivery, &head));
	const struct bytes parts[] = { buf_view(&head), delivery->content };
	return assoc_invoke_req(link_assoc(channel_link(channel)), OP_MESSAGE_DELIVERY, parts, 2,
				&c->invokes[i]);
}

/* A store serves many users, and the delivery of a report does not say whose it is, but by the
 * beginning of the history of its subject [X.411 8.3.1.2.1.8]. */
static FALLIBLE name_originator(struct carriage *c)
{
	struct report *report = c->report;
	AUTO(buf_free) struct buf history = { 0 };
	time_t begin = 0;

	if (ext_find(&report->extensions, EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY))
		return OK;
	/* Without a trace of the subject, its report says best when it began. */
	struct status *st = trace_first_time(report->subject_trace, &begin);
	if (st) {
		status_free(&st);
		TRY(trace_first_time(report->trace, &begin));
	}
	buf_put(&history, report->destination);
	TRY(put_time(&history, BER_UTC_TIME, begin));
	ber_wrap(&history, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&history, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ext_put(c->arena, &report->extensions, EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY,
		buf_view(&history));
	return OK;
}

static FALLIBLE send_report(const struct channel *channel, struct carriage *c)
{
	AUTO(buf_free) struct buf argument = { 0 };

	if (channel_peer(channel)->kind == PEER_STORE)
		TRY(name_originator(c));
	TRY(report_delivery_encode(c->report, &argument));
	const struct bytes part = buf_view(&argument);
	return assoc_invoke_req(link_assoc(channel_link(channel)), OP_REPORT_DELIVERY, &part, 1,
				&c->invokes[0]);
}

/* How many operations of the channel are not answered. */
static size_t outstanding(struct channel *channel)
{
	size_t count = 0;

	for (const struct carriage *c = channel_carriages(channel); c; c = c->next)
		count += c->sent - c->done;
	return count;
}

static void answer_with(struct carriage *c, size_t i, struct status *failed)
{
	c->failed[i] = failed;
	c->answered[i] = true;
	c->done++;
	log_event(failed ? LOG_LV_WARN : LOG_LV_INFO, failed ? "delivery failed" : "delivered",
		  log_msg(c->work->mts_id), log_text("to", c->work->recipients[i].address),
		  log_text("peer", c->next_hop), log_why(failed));
}

/* Sends to the next recipient.  What he or the message is to blame for is his failure; only what
 * the association is to blame for is returned. */
static FALLIBLE send_next(struct channel *channel, struct carriage *c)
{
	size_t i = c->sent;
	struct status *st = c->report ? send_report(channel, c) : send_message(channel, c, i);

	if (st && (st->kind == ST_LATER || st->kind == ST_PEER))
		return st;
	c->sent++;
	if (st)
		answer_with(c, i, st);
	return OK;
}

/* --- results --- */

/* What became of those recipients who were answered for: stored, with the report they ask for. */
static void record(struct carriage *c, struct change *change)
{
	struct outcome *outcomes = arena_new_array(change_arena(change), struct outcome,
						   c->work->recipient_count);
	size_t count = 0;

	for (size_t i = 0; i < c->work->recipient_count; i++) {
		struct outcome *outcome = &c->outcomes[i];

		if (!c->answered[i])
			continue;
		if (c->failed[i]) {
			const struct policy_verdict verdict = policy_failed(c->failed[i]);

			work_mark_failed(c->mta, c->work, i, c->failed[i], change);
			if (verdict.again)
				continue;
			outcome->reason = verdict.reason;
			outcome->diagnostic = verdict.diagnostic;
			outcome->supplementary = c->failed[i]->words;
		} else {
			change_mark(change, &(struct queue_result){
				.message = c->work->message,
				.number = c->work->recipients[i].number,
				.state = QUEUE_DELIVERED,
				.reason = -1,
				.diagnostic = -1,
			});
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
}

static void lost(struct carriage *c, const struct status *why, struct change *change)
{
	for (size_t i = 0; i < c->work->recipient_count; i++) {
		if (c->answered[i])
			continue;
		c->answered[i] = true;
		c->failed[i] = status_new(status_copy(why), ST_LATER, 0,
			"the association ended before the delivery was confirmed");
	}
	record(c, change);
}

/* It waits as before: when he binds again, it is time. */
static void lost_by_collector(struct carriage *c, const struct status *why, struct change *change)
{
	(void)why;
	record(c, change);
}

/* Stores the results of those that are done. */
static void settle_done(struct channel *channel)
{
	struct carriage *c = channel_carriages(channel), *next;

	for (; c; c = next) {
		next = c->next;
		if (c->done < c->work->recipient_count)
			continue;
		struct change *change = change_new(c->mta);

		record(c, change);
		channel_settle(channel, c, change);
	}
}

/* Keeps the window full. */
static FALLIBLE send_more(struct channel *channel)
{
	for (struct carriage *c = channel_carriages(channel); c; c = c->next)
		while (c->sent < c->work->recipient_count && outstanding(channel) < capacity(c->mta))
			TRY(send_next(channel, c));
	settle_done(channel);
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

/* Finds what an answer is to. */
static struct carriage *answered(struct channel *channel, int32_t invoke_id, size_t *out_i)
{
	for (struct carriage *c = channel_carriages(channel); c; c = c->next)
		for (size_t i = 0; i < c->sent; i++)
			if (c->invokes[i] == invoke_id && !c->answered[i]) {
				*out_i = i;
				return c;
			}
	return NULL;
}

static void go_on(struct channel *channel)
{
	struct status *st = send_more(channel);

	if (st)
		link_abort(channel_link(channel), st);
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
	answer_with(c, i, OK);
	go_on(channel);
}

static void delivery_error(void *user, struct link *link, int32_t invoke_id, int error,
			   struct bytes parameter, struct buf *apdu)
{
	struct channel *channel = user;
	size_t i;
	struct carriage *c = answered(channel, invoke_id, &i);

	(void)link;
	(void)apdu;
	if (!c)
		return;
	struct status *why = policy_refused(who_takes(channel), c->report ? OP_REPORT_DELIVERY
								      : OP_MESSAGE_DELIVERY,
					    error, parameter);

	if (why->kind == ST_LATER && channel_peer(channel)->kind == PEER_USER) {
		log_event(LOG_LV_WARN, "delivery put off", log_msg(c->work->mts_id),
			  log_text("peer", c->next_hop), log_why(why));
		channel_hold(channel, c, why);
		status_free(&why);
		return;
	}
	answer_with(c, i, why);
	go_on(channel);
}

static void delivery_reject(void *user, struct link *link, int32_t invoke_id,
			    const struct status *why)
{
	struct channel *channel = user;
	size_t i;
	struct carriage *c = answered(channel, invoke_id, &i);

	(void)link;
	if (!c)
		return;
	answer_with(c, i, status_new(status_copy(why), ST_NEVER, DIAG_PROTOCOL_VIOLATION,
				     "%s rejected the delivery", who_takes(channel)));
	go_on(channel);
}

const struct carrier delivery_carrier = {
	.context = &context_mts_forced_access,
	.capacity = capacity,
	.start = start,
	.lost = lost,
	.user = {
		.result = delivery_result,
		.error = delivery_error,
		.reject = delivery_reject,
	},
};

const struct carrier collection_carrier = {
	.capacity = capacity,
	.start = start,
	.lost = lost_by_collector,
	.user = {
		.result = delivery_result,
		.error = delivery_error,
		.reject = delivery_reject,
	},
};
