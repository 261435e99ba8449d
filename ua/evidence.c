/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua evidence export: what is kept of a message becomes one file. */
#include "ua/evidence.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/mhs/evidence_judge.h"
#include "ua/inbox.h"
#include "ua/print.h"
#include "ua/reports.h"
#include "ua/vouchers.h"

const struct option_spec evidence_options[] = {
	{ "out", "FILE", "export: where to; otherwise to standard output." },
	{ "digest-only", NULL, "export: tell the content by its hash alone." },
	{ "trust", "FILE", "verify: PEM certificate of an authority to trust; may be repeated." },
	{ "at", "TIME", "verify: judge as of this time (1994-03-02T09:00:00Z), not that of the check." },
	{ "crl", "FILE", "verify: PEM revocation list made later, to be looked into; may be repeated." },
	{ "content", "FILE", "verify: the content, where it is told by its hash alone." },
	{ "verbose", NULL, "verify: show how the certificates were verified." },
	{ 0 }
};

/* What vouched for it when it was checked, unless no judge would go by that. */
static FALLIBLE add_vouchers(struct home *home, const struct opened *o, struct evidence *io)
{
	TRY(vouchers_add(home, o->message.id, io));
	for (size_t i = 0; i < io->certs.count; i++)
		TRY_DOING(evidence_check_form(io->certs.items[i]), "message %lld proves nothing to others",
			  (long long)o->message.id);
	return OK;
}

/* --- a received message --- */

static FALLIBLE received(struct home *home, const struct opened *o, struct evidence **out)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_new(EVIDENCE_RECEIVED);

	if (o->finding.verdict != VERDICT_GOOD)
		return FAIL(ST_REFUSED, 0, "message %lld proves nothing: it is %s",
			    (long long)o->message.id, verdict_names[o->finding.verdict]);
	if (o->finding.confidential_check)
		return FAIL(ST_REFUSED, 0, "message %lld proves nothing to others: its integrity check was "
			    "for your eyes alone", (long long)o->message.id);
	evidence->envelope = arena_dup(evidence->arena, buf_view(&o->envelope));
	evidence_set_content(evidence, buf_view(&o->content));
	TRY(add_vouchers(home, o, evidence));
	*out = TAKE(evidence);
	return OK;
}

/* --- a message that was sent --- */

struct gathering {
	struct home *home;
	const char *mts_id;
	struct evidence *evidence;
	struct status *failed;
};

static FALLIBLE add_if_about(struct gathering *g, int64_t id)
{
	AUTO(opened_free) struct opened *o = NULL;

	TRY(inbox_open(g->home, id, &o));
	if (o->finding.verdict == VERDICT_REFUSED ||
	    strcmp(mts_id_text(o->arena, o->report->subject_id), g->mts_id) != 0)
		return OK;
	return evidence_add_report(g->evidence, buf_view(&o->envelope));
}

static void add_report(void *arg, const struct ua_message *m)
{
	struct gathering *g = arg;

	if (m->kind == UA_REPORT && !g->failed)
		g->failed = add_if_about(g, m->id);
}

/* Envelope and content, of which our own argument is made in this order. */
static FALLIBLE add_argument(struct home *home, const struct opened *o, struct evidence *evidence)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct envelope *env = NULL;

	TRY(sent_argument(home->db, o->arena, o->message.id, &argument));
	TRY(submission_decode(o->arena, buf_view(&argument), &env));
	evidence_set_content(evidence, env->content);
	evidence->envelope = arena_dup(evidence->arena, bytes_slice(buf_view(&argument), 0,
								     argument.len - env->content.len));
	return OK;
}

static FALLIBLE add_result(struct home *home, const struct opened *o, struct evidence *evidence)
{
	AUTO(buf_free) struct buf result = { 0 };
	const char *proof;
	struct status *failed = uastore_result(home->db, o->message.id, o->arena, &result, &proof);

	if (!failed)
		evidence->result = arena_dup(evidence->arena, buf_view(&result));
	else if (failed->kind == ST_NOT_FOUND)
		status_free(&failed);	/* no proof of submission was asked for */
	return failed;
}

static FALLIBLE sent(struct home *home, const struct opened *o, struct evidence **out)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_new(EVIDENCE_SENT);
	const struct ua_select inbox = { .folder = UA_INBOX, .state = -1 };
	struct gathering g = { .home = home, .mts_id = o->message.mts_id, .evidence = evidence };

	TRY(add_argument(home, o, evidence));
	TRY(add_result(home, o, evidence));
	struct status *failed = uastore_list(home->db, &inbox, add_report, &g);
	if (failed || g.failed) {
		status_drop(failed ? g.failed : OK);
		return failed ? failed : g.failed;
	}
	TRY(add_vouchers(home, o, evidence));
	if (!evidence->certs.count)
		return FAIL(ST_NOT_FOUND, 0, "message %lld has no proof of submission or delivery (yet)",
			    (long long)o->message.id);
	*out = TAKE(evidence);
	return OK;
}

/* --- the command --- */

/* The warning is null unless it was made with a broken suite. */
static FALLIBLE gather(struct home *home, int64_t id, struct evidence **out, const char **out_warning)
{
	AUTO(opened_free) struct opened *o = NULL;

	TRY(inbox_open(home, id, &o));
	switch (o->message.folder) {
	case UA_INBOX:
		if (o->message.kind != UA_REPORT) {
			*out_warning = suite_warning(home->arena, o->finding.suite, o->finding.broken);
			return received(home, o, out);
		}
		return FAIL(ST_USAGE, 0, "message %lld is a report: export the message that it is about",
			    (long long)id);
	case UA_SENT:
		return sent(home, o, out);
	default:
		return FAIL(ST_USAGE, 0, "message %lld was not sent yet", (long long)id);
	}
}

FALLIBLE evidence_export(const struct invocation *invocation, const char *number)
{
	const char *file = options_value(&invocation->options, "out");
	AUTO(home_free) struct home *home = NULL;
	AUTO(evidence_free) struct evidence *evidence = NULL;
	AUTO(buf_free) struct buf text = { 0 };
	const char *warning = NULL;
	int64_t id;

	TRY(message_number(number, &id));
	TRY(home_of(invocation, &home));
	TRY(gather(home, id, &evidence, &warning));
	evidence_write(evidence, !options_has(&invocation->options, "digest-only"), &text);
	if (warning && !(file && invocation->json))
		fprintf(file ? stdout : stderr, "%s\n", warning);
	if (!file) {
		fwrite(text.data, 1, text.len, stdout);
		return OK;
	}
	TRY(file_create(file, 0600, buf_view(&text)));
	if (invocation->json)
		print_json(json_pack("{s:s, s:I, s:s*}", "file", file, "octets", (json_int_t)text.len,
				     "warning", warning));
	else
		printf("%s holds the evidence of message %lld.\n", file, (long long)id);
	return OK;
}

FALLIBLE cmd_evidence(const struct invocation *invocation)
{
	const char *what = invocation->words[0], *about = invocation->words[1];

	if (!strcmp(what, "export"))
		return evidence_export(invocation, about);
	if (!strcmp(what, "verify"))
		return evidence_verify(invocation, about);
	return FAIL(ST_USAGE, 0, "evidence is exported or verified: \"%s\" is neither", what);
}
