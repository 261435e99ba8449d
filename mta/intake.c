/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in, and where it goes [X.411 14.3, 14.4]. */
#include "mta/intake.h"

#include "lib/base/log.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/report_origin.h"
#include "lib/mhs/site.h"
#include "mta/clearance.h"
#include "mta/mts_user.h"
#include "mta/origin.h"
#include "mta/policy.h"

/* A name by which copies of one message are told apart: the numbers of the recipients, and which
 * of its visits to this MTA it is.  A copy that comes again is the same to the last trace element;
 * one that was sent elsewhere and came back is not, and has to go on. */
static FALLIBLE copy_name(const struct mta *mta, struct arena *arena, const struct envelope *env,
			  const char **out_name)
{
	AUTO(buf_free) struct buf text = { 0 };
	unsigned visits;

	for (size_t i = 0; i < env->recipient_count; i++)
		if (env->recipients[i].flags & RCPT_RESPONSIBLE)
			buf_printf(&text, "%s%u", text.len ? "," : "", env->recipients[i].number);
	TRY(internal_trace_visits(mta->identity,
				  ext_value(&env->extensions, EXT_INTERNAL_TRACE_INFORMATION),
				  &visits));
	if (visits > 1)
		buf_printf(&text, " visit %u", visits);
	*out_name = arena_text(arena, buf_view(&text));
	return OK;
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

/* A probe is told what would become of the message; it does not wait until that can be said. */
static FALLIBLE judge_probe(const struct mta *mta, const struct envelope *env,
			    const struct recipient *recipient, const struct peer *to)
{
	struct status *st = mts_user_takes(mta, to, recipient->name, env);

	return st && st->kind != ST_NEVER
		? status_new(st, ST_NEVER, DIAG_MTS_CONGESTION, "it is not known now") : st;
}

/* Why a recipient cannot be served; OK where he can. */
static FALLIBLE judge(const struct mta *mta, const struct envelope *env,
		      const struct recipient *recipient, const struct peer *to)
{
	if (env->probe && env->content_length > mta->settings->content_max)
		return FAIL(ST_NEVER, DIAG_CONTENT_TOO_LONG,
			    "a content of %lld octets: %lld are the most",
			    (long long)env->content_length, (long long)mta->settings->content_max);
	TRY(ext_check_critical(&recipient->extensions, EXT_FOR_TRANSFER));
	if (!to)
		return FAIL(ST_NEVER, DIAG_UNRECOGNISED_OR_NAME,
			    "no route leads to this address");
	return env->probe && to->kind != PEER_MTA ? judge_probe(mta, env, recipient, to) : OK;
}

/* Settles a recipient who need not wait: he cannot be served, or a probe has arrived. */
static bool settle_at_once(const struct envelope *env, const struct peer *to,
			   const struct status *failed, struct arena *arena,
			   struct queue_recipient *entry, struct outcome *outcome)
{
	if (failed) {
		entry->state = QUEUE_FAILED;
		entry->words = arena_strdup(arena, failed->words);
		outcome->reason = entry->reason = diagnostic_reason(failed->diag);
		outcome->diagnostic = entry->diagnostic = failed->diag;
		outcome->supplementary = entry->words;
	} else if (env->probe && to->kind != PEER_MTA) {
		entry->state = QUEUE_DELIVERED;
		outcome->delivered = true;
		outcome->user_type = mts_user_type(to);
	}
	return entry->state != QUEUE_WAITING;
}

/* What is known and done of the recipients that this MTA is responsible for. */
struct arrivals {
	struct queue_recipient *entries;
	size_t entry_count;
	struct outcome *outcomes;
	size_t outcome_count;
};

static void arrive(struct mta *mta, const struct envelope *env, size_t i,
		   const struct status *refused, struct arena *arena, struct arrivals *all)
{
	const struct recipient *recipient = &env->recipients[i];
	const struct peer *to = route_of(mta, arena, recipient->name);
	struct queue_recipient *entry = &all->entries[all->entry_count++];
	struct outcome *outcome = &all->outcomes[all->outcome_count];
	time_t now = clock_now(mta->clock);
	AUTO(status_free) struct status *failed =
		refused ? status_copy(refused) : judge(mta, env, recipient, to);

	*entry = (struct queue_recipient){
		.number = (int)recipient->number,
		.address = orname_tlv_text(arena, recipient->name),
		.due = env->deferred_until > now ? env->deferred_until : now,
		.reason = -1,
		.diagnostic = -1,
	};
	*outcome = (struct outcome){ .recipient = i, .when = now };
	if (settle_at_once(env, to, failed, arena, entry, outcome))
		all->outcome_count++;
	else
		entry->next_hop = to->name;
}

FALLIBLE intake_envelope(struct mta *mta, struct envelope *env, const char *source,
			 const struct status *refused, struct change *change)
{
	struct arena *arena = change_arena(change);
	struct arrivals all = {
		.entries = arena_new_array(arena, struct queue_recipient, env->recipient_count),
		.outcomes = arena_new_array(arena, struct outcome, env->recipient_count),
	};
	time_t now = clock_now(mta->clock);
	AUTO(buf_free) struct buf head = { 0 };
	const char *copy = NULL;

	for (size_t i = 0; i < env->recipient_count; i++)
		if (env->recipients[i].flags & RCPT_RESPONSIBLE)
			arrive(mta, env, i, refused, arena, &all);
	TRY(copy_name(mta, arena, env, &copy));
	TRY(p1_encode(env, &head));
	change_add(change, &(struct queue_message){
		.kind = env->probe ? QUEUE_PROBE : QUEUE_MESSAGE,
		.mts_id = mts_id_text(arena, env->id),
		.copy = copy,
		.originator = orname_tlv_text(arena, env->originator),
		.source = source,
		.priority = policy_priority(env->priority),
		.arrived = now,
		.expires = policy_expiry(mta->settings, env, now),
		.envelope = arena_dup(arena, buf_view(&head)),
		.content = env->content,
		.recipients = all.entries,
		.recipient_count = all.entry_count,
	});
	return intake_outcomes(mta, env, all.outcomes, all.outcome_count, change);
}

/* --- reports --- */

/* MTAs ask each other for reports beyond what the originator wants to know: where one reaches him,
 * he is told what he asked for and no more [X.411 14.3.4].  Of a signed report he gets all or
 * nothing: its signature is over all of it. */
static void keep_wanted(struct report *report)
{
	struct report_recipient *wanted = arena_new_array(report->arena, struct report_recipient,
							  report->recipient_count);
	size_t kept = 0;

	for (size_t i = 0; i < report->recipient_count; i++) {
		const struct report_recipient *recipient = &report->recipients[i];

		if (report_reaches_originator(recipient->flags, recipient->delivered))
			wanted[kept++] = *recipient;
	}
	if (kept && report_is_signed(report))
		return;
	report->recipients = wanted;
	report->recipient_count = kept;
}

/* A report that nobody can be given is not reported on: it ends here, in the log. */
static FALLIBLE intake_report(struct mta *mta, struct report *report, const char *source,
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
	if (to->kind != PEER_MTA)
		keep_wanted(report);
	if (!report->recipient_count) {
		log_event(LOG_LV_INFO, "report that nobody asked for dropped", log_msg(id));
		return OK;
	}
	clearance_hold_content(mta, to, report);
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
		.expires = policy_report_expiry(mta->settings, now),
		.envelope = arena_dup(arena, buf_view(&apdu)),
		.recipients = entry,
		.recipient_count = 1,
	});
	return OK;
}

static FALLIBLE report_to(struct mta *mta, const struct envelope *subject,
			  const struct outcome *outcomes, size_t count,
			  enum report_audience audience, struct change *change)
{
	struct arena *arena = change_arena(change);
	struct report *report = NULL;
	struct bytes id;

	TRY(mta_new_id(mta, arena, &id));
	TRY(report_make(subject, outcomes, count, audience, mta->identity, id,
			clock_now(mta->clock), arena, &report));
	if (!report)
		return OK;
	const struct own_key *own = site_signer(mta->site);

	if (own)
		TRY_DOING(report_sign(report, own->key, own->cert), "cannot sign a report");
	return intake_report(mta, report, mta->settings->name, change);
}

FALLIBLE intake_outcomes(struct mta *mta, const struct envelope *subject,
			 const struct outcome *outcomes, size_t count, struct change *change)
{
	TRY(report_to(mta, subject, outcomes, count, REPORT_FOR_ORIGINATOR, change));
	return report_to(mta, subject, outcomes, count, REPORT_FOR_MTAS, change);
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

/* Why a message cannot be taken on for anybody; ST_PEER where it breaks the protocol. */
static FALLIBLE check_envelope(struct mta *mta, const struct peer *from, const struct link *link,
			       struct envelope *env)
{
	TRY(add_trace(mta, from, env->arena, &env->trace, &env->extensions));
	TRY(clearance_check(mta, link, env, "receive"));
	if (env->content.len > (size_t)mta->settings->content_max)
		return FAIL(ST_NEVER, DIAG_CONTENT_TOO_LONG, "the content has %zu octets: %lld are "
			    "the most", env->content.len, (long long)mta->settings->content_max);
	return ext_check_critical(&env->extensions, EXT_FOR_TRANSFER);
}

/* A message or probe whose origin is being judged. */
struct judged {
	struct intake intake;
	struct envelope *env;
};

static FALLIBLE take_in(const struct intake *in, struct envelope *env, const struct status *refused)
{
	if (refused)
		log_event(LOG_LV_WARN, "message returned",
			  log_msg(mts_id_text(env->arena, env->id)), log_why(refused));
	return intake_envelope(in->mta, env, in->from->name, refused, in->change);
}

/* Whoever passed it on is not to blame for what it is: its originator gets to know. */
static void origin_known(void *arg, const struct status *failed)
{
	struct judged *j = arg;
	AUTO(status_free) struct status *done = OK;

	if (failed && failed->kind == ST_LATER) {
		done = status_copy(failed);
	} else {
		AUTO(status_free) struct status *refused = failed
			? status_new(status_copy(failed), ST_NEVER, DIAG_SECURE_MESSAGING_ERROR,
				     "its origin cannot be verified") : OK;

		done = take_in(&j->intake, j->env, refused);
	}
	j->intake.done(j->intake.arg, done);
}

static FALLIBLE intake_message_apdu(const struct intake *in, struct bytes apdu, bool *out_waits)
{
	struct arena *arena = change_arena(in->change);
	struct judged *j = arena_new_of(arena, struct judged);

	j->intake = *in;
	TRY(p1_decode(arena, apdu, &j->env));
	AUTO(status_free) struct status *refused = check_envelope(in->mta, in->from, in->link,
							  j->env);
	if (refused && refused->kind != ST_NEVER)
		return TAKE(refused);
	if (refused || !origin_is_judged(in->mta))
		return take_in(in, j->env, refused);
	*out_waits = true;
	origin_judge(&(struct origin_question){ in->mta, j->env, link_number(in->link),
						origin_known, j });
	return OK;
}

static FALLIBLE intake_report_apdu(const struct intake *in, struct bytes apdu)
{
	struct arena *arena = change_arena(in->change);
	struct report *report = NULL;

	TRY(report_p1_decode(arena, apdu, &report));
	struct status *st = add_trace(in->mta, in->from, arena, &report->trace,
				      &report->envelope_extensions);
	if (st && st->kind == ST_NEVER) {
		log_event(LOG_LV_WARN, "report dropped",
			  log_msg(mts_id_text(arena, report->id)), log_why(st));
		status_free(&st);
		return OK;
	}
	TRY(st);
	return intake_report(in->mta, report, in->from->name, in->change);
}

void intake_apdu(const struct intake *in, struct bytes apdu)
{
	enum p1_kind kind;
	bool waits = false;
	AUTO(status_free) struct status *failed = p1_kind_of(apdu, &kind);

	if (!failed)
		failed = kind == P1_REPORT ? intake_report_apdu(in, apdu)
					   : intake_message_apdu(in, apdu, &waits);
	if (!waits)
		in->done(in->arg, failed);
}
