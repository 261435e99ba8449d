/* SPDX-License-Identifier: Apache-2.0 */
/* Reports and receipts find the message they are about. */
#include "ua/reports.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "ua/letter.h"

/* --- the recipients of what was sent --- */

struct sought {
	struct arena *arena;
	const struct orname *name;
	int number;
	const char *address;
};

static void find_recipient(void *arg, const struct ua_recipient *r)
{
	struct sought *sought = arg;
	struct orname *name = NULL;
	struct status *failed = orname_from_text(sought->arena, r->address, &name);

	if (!failed && !sought->number && orname_equal(name, sought->name)) {
		sought->number = r->number;
		sought->address = arena_strdup(sought->arena, r->address);
	}
	status_drop(failed);
}

/* Which recipient of a sent message an O/R name is; ST_NOT_FOUND. */
static FALLIBLE recipient_of(struct db *db, int64_t sent, struct arena *arena, struct bytes name,
			     struct sought *out)
{
	struct orname *wanted = NULL;

	TRY(orname_decode(arena, name, &wanted));
	*out = (struct sought){ .arena = arena, .name = wanted };
	TRY(uastore_recipients(db, sent, find_recipient, out));
	if (!out->number)
		return FAIL(ST_NOT_FOUND, 0, "message %lld was not sent to %s", (long long)sent,
			    orname_text(arena, wanted));
	return OK;
}

/* --- reports --- */

struct settling {
	struct home *home;
	struct opened *o;
	int64_t sent;
	struct proof_subject subject;
	struct reporter reporter;
	bool unchecked;			/* a proof could not be checked yet */
};

FALLIBLE sent_argument(struct db *db, struct arena *arena, int64_t id, struct buf *argument)
{
	AUTO(buf_free) struct buf content = { 0 };
	struct ua_message message;

	TRY(uastore_get(db, id, arena, &message));
	TRY(uastore_read(db, id, argument, &content));
	/* What is sealed stands in the argument already. */
	if (!wishes_from_text(arena, message.facts).seal)
		buf_put(argument, buf_view(&content));
	return OK;
}

/* A proof of delivery is over the content as it is delivered: it is none where that is sealed. */
static FALLIBLE load_subject(struct settling *s, struct buf *argument)
{
	struct ua_message message;

	TRY(uastore_get(s->home->db, s->sent, s->o->arena, &message));
	s->subject.message = s->sent;
	s->subject.wanted = wishes_from_text(s->o->arena, message.facts).proof;
	TRY(sent_argument(s->home->db, s->o->arena, s->sent, argument));
	return message.kind == UA_PROBE
		? probe_submission_decode(s->o->arena, buf_view(argument), &s->subject.envelope)
		: submission_decode(s->o->arena, buf_view(argument), &s->subject.envelope);
}

static FALLIBLE settle_recipient(struct settling *s, const struct report_recipient *r)
{
	struct arena *arena = s->o->arena;
	struct proof_finding proof = { 0 };
	struct sought sought;

	TRY(recipient_of(s->home->db, s->sent, arena,
			 r->intended_name.len ? r->intended_name : r->name, &sought));
	if (r->delivered)
		proof = proof_examine(s->home, arena, &s->subject, r);
	s->unchecked |= proof.state == PROOF_UNCHECKED;
	proof.reporter = s->reporter.by;
	AUTO(mem_free) char *proof_text = proof_to_text(&proof);
	const struct ua_recipient result = {
		.number = sought.number,
		.state = r->delivered ? UA_DELIVERED : UA_FAILED,
		.at = r->delivered ? r->delivery_time : s->o->message.date,
		.reason = r->delivered ? -1 : r->reason,
		.diagnostic = r->delivered ? -1 : r->diagnostic,
		.words = r->delivered ? NULL : report_recipient_text(arena, r),
		.proof = proof_text,
	};
	if (proof.state == PROOF_GOOD || proof.state == PROOF_REFUSED)
		log_event(LOG_LV_INFO, "proof of delivery", log_text("user", sought.address),
			  log_text("result", proof_names[proof.state]), log_text("why", proof.why));
	return uastore_report(s->home->db, s->sent, &result);
}

static FALLIBLE store_verdict(struct db *db, int64_t id, const struct finding *finding)
{
	json_t *json = finding_json(finding);
	AUTO(mem_free) char *facts = json_dumps(json, JSON_COMPACT);

	json_decref(json);
	return uastore_set_verdict(db, id, verdict_names[finding->verdict], facts);
}

static FALLIBLE settle_body(struct db *db, void *arg)
{
	struct settling *s = arg;
	const struct report *report = s->o->report;

	for (size_t i = 0; i < report->recipient_count; i++) {
		struct status *failed = settle_recipient(s, &report->recipients[i]);

		/* About somebody we never wrote to: the rest may be right. */
		if (failed && failed->kind != ST_NOT_FOUND)
			return failed;
		status_drop(failed);
	}
	const struct finding finding = {
		.verdict = s->unchecked ? VERDICT_UNCHECKED : s->reporter.verdict,
		.why = s->unchecked ? "a proof of delivery could not be checked" : NULL,
		.signer = s->reporter.by,
	};
	TRY(uastore_set_read(db, s->o->message.id, true));
	return store_verdict(db, s->o->message.id, &finding);
}

/* Kept, so that the user may look at it; nothing is believed of what it says. */
static FALLIBLE keep_apart(struct home *home, const struct opened *o, enum verdict verdict,
			   const char *why)
{
	const struct finding finding = { .verdict = verdict, .why = why };

	return store_verdict(home->db, o->message.id, &finding);
}

FALLIBLE reports_settle(struct home *home, struct opened *o)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct settling s = { .home = home, .o = o };
	struct status *failed = uastore_find_sent(home->db,
						  mts_id_text(o->arena, o->report->subject_id),
						  NULL, &s.sent);

	if (failed && failed->kind == ST_NOT_FOUND) {
		status_free(&failed);
		return keep_apart(home, o, VERDICT_REFUSED, "it is about no message sent from here");
	}
	TRY(failed);
	TRY(load_subject(&s, &argument));
	s.reporter = reporter_examine(home, o, s.subject.envelope);
	if (s.reporter.why)
		return keep_apart(home, o, s.reporter.verdict, s.reporter.why);
	return db_atomically(home->db, settle_body, &s);
}

/* --- receipts --- */

FALLIBLE reports_note_receipt(struct db *db, const struct opened *from, const struct ipn *ipn)
{
	const char *subject = ipm_id_text(from->arena, &ipn->subject);
	struct sought sought;
	int64_t sent;
	struct status *failed;

	if (!subject)
		return OK;
	failed = uastore_find_sent(db, NULL, subject, &sent);
	if (!failed)
		failed = recipient_of(db, sent, from->arena, from->delivery->originator, &sought);
	if (!failed)
		failed = uastore_receipt(db, sent, sought.address, ipn->receipt_time);
	if (failed && failed->kind == ST_NOT_FOUND)
		status_free(&failed);	/* about no message of ours: it stays in the inbox */
	return failed;
}
