/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-ca enrol-batch: certificates for a list of people.
 *
 * All of them are issued in one transaction, which is rolled back where there is a mistake or a
 * clash, also between two of the list: every one shows, and then nothing was done.  Whoever has a
 * certificate for the key of his request is passed over, so that the same command writes what a
 * run that was stopped has left, and nobody gets two.
 */
#include "ca/cmd.h"

#include "ca/admission.h"
#include "ca/approval.h"
#include "ca/inbox.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>

const struct option_spec batch_options[] = {
	{ "requests", "DIR", "Where the requests lie: *.pem." },
	{ "out", "DIR", "Where the certificates go, under the names of the requests (default certs)." },
	{ "scope", "SCOPE", "Of those whose line and request do not say: ua (default), ms or mta." },
	{ 0 }
};

struct batch {
	const struct invocation *invocation;
	struct authority *ca;
	struct arena *arena;
	struct profiles profiles;
	struct people people;
	struct inbox inbox;
	const char *out, *scope;
	time_t now;
	struct cert_list certs;		/* of each */
	json_t *done;			/* what became of each */
	size_t issued;
};

static void batch_cleanup(struct batch *b)
{
	people_cleanup(&b->people);
	inbox_cleanup(&b->inbox);
	cert_list_free(&b->certs);
	authority_free(&b->ca);
	json_decref(b->done);
	arena_free(&b->arena);
}

/* --- one person --- */

static FALLIBLE decide(struct batch *b, const struct person *person,
		       const struct inbox_request *request, struct admission *out)
{
	const struct ca_settings *settings = b->invocation->settings;
	const struct wishes wishes = {
		.name = person->name,
		.or_address = person->or_address,
		.scope = person->scope ? person->scope :
			 request->request->scope == SCOPE_NONE ? b->scope : NULL,
		.words = person->words,
		.needs_words = settings->needs_words,
		.days = person->days,
	};

	return admission_decide(b->ca, &b->profiles, request->request, &wishes, b->now, b->arena, out);
}

/* Issues, unless he has one for this key already. */
static FALLIBLE enrol(struct batch *b, const struct person *person)
{
	AUTO(admission_cleanup) struct admission admission = { 0 };
	AUTO(cert_free) const struct cert *cert = NULL;
	const struct inbox_request *request = NULL;
	bool issued = false;

	TRY(inbox_find(&b->inbox, person, &request));
	TRY(decide(b, person, request, &admission));
	admission.once = true;
	TRY(admission_issue(b->ca, &admission, b->now, &cert, &issued));
	cert_list_add(&b->certs, cert);
	b->issued += issued;
	json_array_append_new(b->done, json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:b}", "line", (json_int_t)person->line, "subject",
		cert->subject_text, "serial", cert->serial_text, "not_after",
		time_rfc3339(cert->not_after).s, "file",
		arena_printf(b->arena, "%s/%s", b->out, request->file), "issued", issued));
	return OK;
}

/* --- all of them, or none --- */

static FALLIBLE enrol_all(struct db *db, void *arg)
{
	struct batch *b = arg;

	(void)db;
	for (size_t i = 0; i < b->people.count; i++) {
		struct status *st = enrol(b, &b->people.list[i]);

		progress_show(b->invocation, "Issuing", i, b->people.count);
		if (st && st->kind == ST_LATER)
			return st;	/* nothing to do with him */
		if (st)
			people_problem(&b->people, b->people.path, b->people.list[i].line, st);
	}
	return json_array_size(b->people.problems) ? FAIL(ST_USAGE, 0, "there are mistakes") : OK;
}

static void print_problems(const struct batch *b)
{
	json_t *problem;
	size_t i;

	json_array_foreach(b->people.problems, i, problem) {
		const json_t *line = json_object_get(problem, "line");

		printf("%s", json_string_value(json_object_get(problem, "file")));
		if (line)
			printf(":%lld", (long long)json_integer_value(line));
		printf(": %s\n", json_string_value(json_object_get(problem, "problem")));
	}
}

static FALLIBLE report_problems(const struct batch *b)
{
	size_t count = json_array_size(b->people.problems);

	if (b->invocation->json)
		print_json(b->invocation, json_pack("{s:O}", "problems", b->people.problems));
	else
		print_problems(b);
	return FAIL(ST_USAGE, 0, "nothing was issued: there %s %zu %s to be put right first",
		    count == 1 ? "is" : "are", count, count == 1 ? "mistake" : "mistakes");
}

static FALLIBLE issue(struct batch *b)
{
	struct status *st = db_atomically(b->ca->db, enrol_all, b);

	progress_end(b->invocation);
	if (!st || !json_array_size(b->people.problems) || st->kind == ST_LATER)
		return st;
	status_free(&st);
	return report_problems(b);
}

/* What is approved as one act is tried first, and comes to wait without its mistakes. */
static FALLIBLE issue_or_wait(struct batch *b)
{
	bool waits = approval_is_missing(b->ca);

	if (waits)
		TRY(authority_rehearse(b->ca));
	TRY(issue(b));
	return waits && b->issued ? approval_want(b->ca) : OK;
}

/* --- files --- */

static FALLIBLE write_files(const struct batch *b)
{
	if (command_is_dry(b->invocation))
		return OK;
	if (mkdir(b->out, 0755) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", b->out);
	for (size_t i = 0; i < b->certs.count; i++) {
		const json_t *done = json_array_get(b->done, i);

		progress_show(b->invocation, "Writing", i, b->certs.count);
		TRY(cert_save(json_string_value(json_object_get(done, "file")), b->certs.items[i]));
	}
	return OK;
}

static FALLIBLE tell(const struct batch *b)
{
	size_t kept = b->certs.count - b->issued;

	if (b->invocation->json)
		print_json(b->invocation, json_pack("{s:I, s:I, s:O}", "issued", (json_int_t)b->issued,
						    "kept", (json_int_t)kept, "people", b->done));
	else
		printf("%zu issued, %zu were there already.\n  written to     %s\n", b->issued, kept, b->out);
	return cmd_done(b->invocation);
}

/* --- the command --- */

static FALLIBLE read_lists(struct batch *b)
{
	const struct ca_settings *settings = b->invocation->settings;
	const char *folder = NULL;

	TRY(option_needed(b->invocation, "requests", &folder));
	TRY(people_read(b->invocation->words[0], b->arena, &b->people));
	if (!settings->given_requests)
		return inbox_open(folder, b->arena, &b->people, &b->inbox);
	b->people.path = "the list";	/* of an act, whose file is nowhere */
	return inbox_load(folder, settings->given_requests, b->arena, &b->people, &b->inbox);
}

FALLIBLE cmd_batch(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	AUTO(batch_cleanup) struct batch b = { .invocation = invocation, .arena = arena_new(),
					       .done = json_array(), .now = clock_now(&clock_real) };

	b.out = options_or(&invocation->options, "out", "certs");
	b.scope = options_or(&invocation->options, "scope", "ua");
	TRY(profiles_read(&settings->profiles, &b.profiles));
	TRY(read_lists(&b));
	TRY(cmd_authority(invocation, &b.ca));
	TRY(issue_or_wait(&b));

	struct status *st = write_files(&b);

	progress_end(invocation);
	TRY_DOING(st, "all certificates are issued, but not all are written: the same command "
		  "writes them");
	return tell(&b);
}

FALLIBLE batch_requests(const struct invocation *invocation, json_t *into)
{
	AUTO(batch_cleanup) struct batch b = { .invocation = invocation, .arena = arena_new() };

	TRY(read_lists(&b));
	return inbox_save(&b.inbox, &b.people, into);
}
