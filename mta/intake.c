/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in, and where it goes [X.411 14.3, 14.4]. */
#include "mta/intake.h"

#include "lib/base/log.h"
#include "mta/policy.h"

/* A name by which copies of one message are told apart: the numbers of the recipients. */
static const char *copy_name(struct arena *arena, const struct envelope *env)
{
	AUTO(buf_free) struct buf text = { 0 };

	for (size_t i = 0; i < env->recipient_count; i++)
		if (env->recipients[i].flags & RCPT_RESPONSIBLE)
			buf_printf(&text, "%s%u", text.len ? "," : "", env->recipients[i].number);
	return arena_text(arena, buf_view(&text));
}

static const struct peer *route_of(struct mta *mta, struct arena *arena, struct bytes name)
{
	struct orname *decoded = NULL;
	struct status *st = orname_decode(arena, name, &decoded);

	if (st) {
		status_drop(st);
		return NULL;
	}
	return peers_route(mta->peers, decoded);
}

/* Settles a recipient who need not wait: nobody can be reached, or a probe has arrived. */
static bool settle_at_once(const struct envelope *env, const struct peer *to, time_t now,
			   struct queue_recipient *entry, struct outcome *outcome)
{
	outcome->when = now;
	if (!to) {
		entry->state = QUEUE_FAILED;
		entry->words = "no route leads to this address";
		outcome->reason = entry->reason = REASON_UNABLE_TO_TRANSFER;
		outcome->diagnostic = entry->diagnostic = DIAG_UNRECOGNISED_OR_NAME;
		outcome->supplementary = entry->words;
		return true;
	}
	if (env->probe && to->kind == PEER_STORE) {
		entry->state = QUEUE_DELIVERED;
		outcome->delivered = true;
		outcome->user_type = USER_MS;
		return true;
	}
	return false;
}

FALLIBLE intake_envelope(struct mta *mta, struct envelope *env, const char *source,
			 struct change *change)
{
	struct arena *arena = change_arena(change);
	struct queue_recipient *entries =
		arena_new_array(arena, struct queue_recipient, env->recipient_count);
	struct outcome *outcomes = arena_new_array(arena, struct outcome, env->recipient_count);
	size_t entry_count = 0, outcome_count = 0;
	time_t now = clock_now(mta->clock);
	AUTO(buf_free) struct buf head = { 0 };

	for (size_t i = 0; i < env->recipient_count; i++) {
		const struct recipient *recipient = &env->recipients[i];

		if (!(recipient->flags & RCPT_RESPONSIBLE))
			continue;
		const struct peer *to = route_of(mta, arena, recipient->name);
		struct queue_recipient *entry = &entries[entry_count++];

		*entry = (struct queue_recipient){
			.number = (int)recipient->number,
			.address = orname_tlv_text(arena, recipient->name),
			.next_hop = to ? to->name : NULL,
			.due = env->deferred_until > now ? env->deferred_until : now,
			.reason = -1,
			.diagnostic = -1,
		};
		if (settle_at_once(env, to, now, entry, &outcomes[outcome_count])) {
			entry->next_hop = NULL;
			outcomes[outcome_count++].recipient = i;
		}
	}
	TRY(p1_encode(env, &head));
	const enum queue_priority priority = policy_priority(env->priority);
	change_add(change, &(struct queue_message){
		.kind = env->probe ? QUEUE_PROBE : QUEUE_MESSAGE,
		.mts_id = mts_id_text(arena, env->id),
		.copy = copy_name(arena, env),
		.originator = orname_tlv_text(arena, env->originator),
		.source = source,
		.priority = priority,
		.arrived = now,
		.expires = policy_expiry(mta->settings, priority,
					 env->deferred_until > now ? env->deferred_until : now),
		.envelope = arena_dup(arena, buf_view(&head)),
		.content = env->content,
		.recipients = entries,
		.recipient_count = entry_count,
	});
	return intake_outcomes(mta, env, outcomes, outcome_count, change);
}

/* --- reports --- */

/* A report that nobody can be given is not reported on: it ends here, in the log. */
static FALLIBLE intake_report(struct mta *mta, const struct report *report, const char *source,
			      struct change *change)
{
	struct arena *arena = change_arena(change);
	const struct peer *to = route_of(mta, arena, report->destination);
	struct queue_recipient *entry = arena_new_of(arena, struct queue_recipient);
	const char *id = mts_id_text(arena, report->id);
	time_t now = clock_now(mta->clock);
	AUTO(buf_free) struct buf apdu = { 0 };

	if (!to) {
		log_event(LOG_LV_WARN, "report without a route dropped", log_msg(id),
			  log_text("to", orname_tlv_text(arena, report->destination)));
		return OK;
	}
	TRY(report_p1_encode(report, &apdu));
	*entry = (struct queue_recipient){
		.number = 1,
		.address = orname_tlv_text(arena, report->destination),
		.next_hop = to->name,
		.due = now,
		.reason = -1,
		.diagnostic = -1,
	};
	change_add(change, &(struct queue_message){
		.kind = QUEUE_REPORT,
		.mts_id = id,
		.copy = "",
		.originator = mts_id_text(arena, report->subject_id),
		.source = source,
		.priority = QUEUE_NORMAL,
		.arrived = now,
		.expires = policy_expiry(mta->settings, QUEUE_NORMAL, now),
		.envelope = arena_dup(arena, buf_view(&apdu)),
		.recipients = entry,
		.recipient_count = 1,
	});
	return OK;
}

FALLIBLE intake_outcomes(struct mta *mta, const struct envelope *subject,
			 const struct outcome *outcomes, size_t count, struct change *change)
{
	struct arena *arena = change_arena(change);
	struct report *report = NULL;
	struct bytes id;

	if (!count)
		return OK;
	TRY(mta_new_id(mta, arena, &id));
	TRY(report_make(subject, outcomes, count, mta->identity, id, clock_now(mta->clock), arena,
			&report));
	return report ? intake_report(mta, report, mta->settings->name, change) : OK;
}

/* --- from other MTAs --- */

/* Our own element in the trace of MTAs; in that of domains, where the message comes from another. */
static FALLIBLE add_trace(struct mta *mta, const struct peer *from, struct arena *arena,
			  struct bytes *io_trace, struct ext_set *extensions)
{
	time_t now = clock_now(mta->clock);
	AUTO(buf_free) struct buf internal = { 0 };
	AUTO(buf_free) struct buf trace = { 0 };

	TRY(trace_check_loop(mta->identity, *io_trace,
			     ext_value(extensions, EXT_INTERNAL_TRACE_INFORMATION),
			     (unsigned)mta->settings->visits_max));
	TRY(internal_trace_add(mta->identity, now, false,
			       ext_value(extensions, EXT_INTERNAL_TRACE_INFORMATION), &internal));
	ext_put(arena, extensions, EXT_INTERNAL_TRACE_INFORMATION, buf_view(&internal));
	if (domain_equal(from->domain, buf_view(&mta->domain)))
		return OK;
	buf_put(&trace, *io_trace);
	TRY(trace_add(mta->identity, now, false, &trace));
	*io_trace = arena_dup(arena, buf_view(&trace));
	return OK;
}

/* A message that cannot be taken on ends here, for each recipient that it was to reach. */
static FALLIBLE bounce(struct mta *mta, struct envelope *env, const struct status *why,
		       struct change *change)
{
	struct arena *arena = change_arena(change);
	struct outcome *outcomes = arena_new_array(arena, struct outcome, env->recipient_count);
	size_t count = 0;

	log_event(LOG_LV_WARN, "message returned", log_msg(mts_id_text(arena, env->id)),
		  log_why(why));
	for (size_t i = 0; i < env->recipient_count; i++)
		if (env->recipients[i].flags & RCPT_RESPONSIBLE)
			outcomes[count++] = (struct outcome){
				.recipient = i,
				.when = clock_now(mta->clock),
				.reason = diagnostic_reason(why->diag),
				.diagnostic = why->diag,
				.supplementary = arena_strdup(arena, why->words),
			};
	return intake_outcomes(mta, env, outcomes, count, change);
}

static FALLIBLE check_envelope(struct mta *mta, const struct envelope *env)
{
	if (env->content.len > (size_t)mta->settings->content_max)
		return FAIL(ST_NEVER, DIAG_CONTENT_TOO_LONG, "the content has %zu octets: %lld are "
			    "the most", env->content.len, (long long)mta->settings->content_max);
	TRY(ext_check_critical(&env->extensions, EXT_FOR_TRANSFER));
	for (size_t i = 0; i < env->recipient_count; i++)
		TRY(ext_check_critical(&env->recipients[i].extensions, EXT_FOR_TRANSFER));
	return OK;
}

static FALLIBLE intake_message_apdu(struct mta *mta, const struct peer *from, struct bytes apdu,
				    struct change *change)
{
	struct arena *arena = change_arena(change);
	struct envelope *env = NULL;

	TRY(p1_decode(arena, apdu, &env));
	struct status *st = check_envelope(mta, env);
	if (!st)
		st = add_trace(mta, from, arena, &env->trace, &env->extensions);
	if (st && st->kind == ST_NEVER) {
		struct status *bounced = bounce(mta, env, st, change);

		status_free(&st);
		return bounced;
	}
	TRY(st);
	return intake_envelope(mta, env, from->name, change);
}

static FALLIBLE intake_report_apdu(struct mta *mta, const struct peer *from, struct bytes apdu,
				   struct change *change)
{
	struct arena *arena = change_arena(change);
	struct report *report = NULL;

	TRY(report_p1_decode(arena, apdu, &report));
	struct status *st = add_trace(mta, from, arena, &report->trace,
				      &report->envelope_extensions);
	if (st && st->kind == ST_NEVER) {
		log_event(LOG_LV_WARN, "report dropped",
			  log_msg(mts_id_text(arena, report->id)), log_why(st));
		status_free(&st);
		return OK;
	}
	TRY(st);
	return intake_report(mta, report, from->name, change);
}

FALLIBLE intake_apdu(struct mta *mta, const struct peer *from, struct bytes apdu,
		     struct change *change)
{
	enum p1_kind kind;

	TRY(p1_kind_of(apdu, &kind));
	if (kind == P1_REPORT)
		return intake_report_apdu(mta, from, apdu, change);
	return intake_message_apdu(mta, from, apdu, change);
}
