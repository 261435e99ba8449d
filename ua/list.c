/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua list, receipts and status. */
#include "ua/show.h"

#include "lib/base/memory.h"
#include "ua/letter.h"
#include "ua/print.h"
#include "ua/reports.h"

#include <unistd.h>

const struct option_spec list_options[] = {
	{ "unread", NULL, "Only what was not read." },
	{ "outbox", NULL, "What waits to be sent." },
	{ "sent", NULL, "What was sent." },
	{ "reports", NULL, "Reports, too: \"receipts\" tells what they say." },
	{ 0 }
};

/* --- list --- */

struct listing {
	struct arena *arena;
	enum ua_folder folder;
	bool reports;
	json_t *json;			/* null: for people */
	size_t shown;
};

/* What it says is told by "receipts", unless nobody knows what it is about. */
static const char *report_words(const struct finding *f)
{
	return f->why ? f->why : "told by \"postern-ua receipts\"";
}

static void list_warning(const struct listing *l, const struct ua_message *m,
			 const struct finding *f)
{
	const char *warning = message_warning(l->arena, m, f);

	if (warning)
		printf("       %s\n", warning);
}

static void list_line(struct listing *l, const struct ua_message *m, const struct finding *f)
{
	/* Without the seconds. */
	printf("%4lld %s %.16s  ", (long long)m->id, m->read ? " " : "*", time_text(m->date).s);
	print_line(stdout, m->folder == UA_INBOX ? m->originator : m->recipients);
	fputs("  ", stdout);
	print_line(stdout, m->subject ? m->subject : "(no subject)");
	putchar('\n');
	list_warning(l, m, f);
	if (m->folder == UA_INBOX) {
		fputs("       ", stdout);
		print_line(stdout, m->kind == UA_REPORT ? report_words(f)
							: finding_sentence(l->arena, f));
		putchar('\n');
	} else if (m->state != UA_SUBMITTED) {
		printf("       %s\n", ua_state_names[m->state]);
	}
}

static void list_one(void *arg, const struct ua_message *m)
{
	struct listing *l = arg;
	struct opened o = { .arena = l->arena, .message = *m };

	if (m->kind == UA_REPORT && !l->reports)
		return;
	if (m->folder == UA_INBOX)
		o.finding = finding_read(l->arena, m->facts);
	o.label = o.finding.label;
	l->shown++;
	if (!l->json) {
		list_line(l, m, &o.finding);
		return;
	}
	json_t *json = message_json(&o, false);
	json_object_set_new(json, "read", json_boolean(m->read));
	json_object_set_new(json, "octets", json_integer((json_int_t)m->octets));
	if (m->folder != UA_INBOX)
		json_object_set_new(json, "state", json_string(ua_state_names[m->state]));
	json_array_append_new(l->json, json);
}

FALLIBLE cmd_list(const struct invocation *invocation)
{
	const struct options *options = &invocation->options;
	AUTO(home_free) struct home *home = NULL;
	struct ua_select select = { .folder = UA_INBOX, .state = -1,
				    .unread = options_has(options, "unread") };
	struct listing l = { .reports = options_has(options, "reports") };

	if (options_has(options, "outbox"))
		select.folder = UA_OUTBOX;
	if (options_has(options, "sent"))
		select.folder = UA_SENT;
	TRY(home_of(invocation, &home));
	l.arena = home->arena;
	if (invocation->json)
		l.json = json_array();
	struct status *failed = uastore_list(home->db, &select, list_one, &l);
	if (l.json)
		print_json(l.json);
	else if (!l.shown && !failed)
		printf("There are no messages here.\n");
	return failed;
}

/* --- receipts --- */

struct telling {
	struct home *home;
	json_t *json;			/* the list, or null */
	struct wishes wishes;		/* of the message that is told of, */
	json_t *recipients;		/* and where they go */
	int64_t only;			/* 0: all */
	int64_t *ids;
	size_t count;
};

static const char *outcome_words(const struct telling *t, const struct ua_recipient *r)
{
	struct arena *arena = t->home->arena;

	switch (r->state) {
	case UA_DELIVERED:
		return arena_printf(arena, t->wishes.probe ? "could be delivered on %s"
							   : "delivered on %s", time_text(r->at).s);
	case UA_FAILED:
		return r->words ? r->words : "not delivered";
	case UA_SUBMITTED:
		return t->wishes.report || t->wishes.proof ? "on its way: no report yet"
			: "sent; no report of its delivery was asked for";
	default:
		return "waits in the outbox";
	}
}

/* What an MTA said may be what anybody said. */
static bool is_reported(const struct ua_recipient *r)
{
	return r->proof && (r->state == UA_DELIVERED || r->state == UA_FAILED);
}

static void tell_reporter(const struct ua_recipient *r, const struct proof_finding *proof)
{
	if (!is_reported(r))
		return;
	if (!proof->reporter) {
		fputs("; the report is NOT SIGNED: anybody on the way can have made it", stdout);
		return;
	}
	fputs("; reported by ", stdout);
	print_line(stdout, proof->reporter);
}

static void tell_recipient(void *arg, const struct ua_recipient *r)
{
	struct telling *t = arg;
	struct arena *arena = t->home->arena;
	const struct proof_finding proof = proof_from_text(arena, r->proof);
	const char *proved = proof_sentence(arena, &proof);
	const char *outcome = outcome_words(t, r);

	if (t->recipients) {
		json_array_append_new(t->recipients, json_pack(
			"{s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:b, s:o}",
			"to", json_shown(r->address), "state", ua_state_names[r->state],
			"at", json_time(r->at), "words", json_shown(outcome),
			"proof", proof_names[proof.state], "proved_by", json_shown(proof.by),
			"proof_why", json_shown(proof.why), "read_at", json_time(r->read_at),
			"reported", is_reported(r), "reported_by", json_shown(proof.reporter)));
		return;
	}
	fputs("  to ", stdout);
	print_line(stdout, r->address);
	fputs(":\n    ", stdout);
	print_line(stdout, outcome);
	if (proved) {
		fputs("; ", stdout);
		print_line(stdout, proved);
	}
	tell_reporter(r, &proof);
	if (r->read_at)
		printf("; read on %s, says the recipient", time_text(r->read_at).s);
	putchar('\n');
}

static FALLIBLE tell_message(struct telling *t, int64_t id)
{
	struct proof_finding submission;
	const char *proved = submission_sentence(t->home, id, &submission);
	struct ua_message m;

	TRY(uastore_get(t->home->db, id, t->home->arena, &m));
	if (m.folder == UA_INBOX)
		return FAIL(ST_USAGE, 0, "message %lld was received, not sent", (long long)id);
	t->wishes = wishes_from_text(t->home->arena, m.facts);
	if (t->json) {
		t->recipients = json_array();
		json_array_append_new(t->json, json_pack(
			"{s:I, s:o, s:s, s:o, s:o, s:s, s:o, s:o, s:o}", "id", (json_int_t)m.id,
			"subject", json_shown(m.subject), "state", ua_state_names[m.state],
			"submitted", json_time(m.submitted), "mts_id", json_shown(m.mts_id),
			"submission_proof", proof_names[submission.state],
			"submission_proved_by", json_shown(submission.by),
			"submission_proof_why", json_shown(submission.why),
			"recipients", t->recipients));
	} else {
		printf("Message %lld, ", (long long)m.id);
		print_line(stdout, m.subject ? m.subject : "(no subject)");
		if (m.submitted)
			printf(", submitted on %s\n", time_text(m.submitted).s);
		else
			puts(", not sent");
		if (proved) {
			fputs("  submission: ", stdout);
			print_line(stdout, proved);
			putchar('\n');
		}
	}
	return uastore_recipients(t->home->db, id, tell_recipient, t);
}

static void add_told(void *arg, const struct ua_message *m)
{
	struct telling *t = arg;

	if (m->folder == UA_INBOX || (m->folder == UA_OUTBOX && m->state == UA_QUEUED))
		return;
	t->ids = mem_grow(t->ids, t->count + 1, sizeof(*t->ids));
	t->ids[t->count++] = m->id;
}

static FALLIBLE tell_all(struct telling *t)
{
	const struct ua_select all = { .folder = UA_ANY_FOLDER, .state = -1 };

	if (t->only)
		return tell_message(t, t->only);
	TRY(uastore_list(t->home->db, &all, add_told, t));
	for (size_t i = t->count; i > 0; i--)
		TRY(tell_message(t, t->ids[i - 1]));
	if (!t->count && !t->json)
		puts("Nothing was sent yet.");
	return OK;
}

FALLIBLE cmd_receipts(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	struct telling t = { 0 };

	if (invocation->word_count)
		TRY(message_number(invocation->words[0], &t.only));
	TRY(home_of(invocation, &home));
	t.home = home;
	t.json = invocation->json ? json_array() : NULL;
	struct status *failed = tell_all(&t);
	mem_free(&t.ids);
	if (t.json && !failed)
		print_json(t.json);
	else
		json_decref(t.json);
	return failed;
}
