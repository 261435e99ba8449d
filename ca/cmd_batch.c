/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-ca enrol-batch: certificates for a list of people.
 *
 * First all of it is done in a transaction that is rolled back: every mistake and every clash,
 * also between two of the list, shows.  Then each person is enrolled for himself, durably; whoever
 * has a certificate for the key of his request is passed over, so that the same command goes on
 * where it was stopped, and nobody gets two.
 */
#include "ca/cmd.h"

#include "ca/admission.h"
#include "ca/inbox.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>

const struct option_spec batch_options[] = {
	{ "requests", "DIR", "Where the requests lie: *.pem." },
	{ "out", "DIR", "Where the certificates go, under the names of the requests." },
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
	json_t *done;			/* what became of each */
	size_t issued, kept;
};

static void batch_cleanup(struct batch *b)
{
	people_cleanup(&b->people);
	inbox_cleanup(&b->inbox);
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
static FALLIBLE enrol(struct batch *b, const struct person *person,
		      const struct inbox_request **out_request, const struct cert **out_cert,
		      bool *out_issued)
{
	AUTO(admission_cleanup) struct admission admission = { 0 };

	TRY(inbox_find(&b->inbox, person, out_request));
	TRY(decide(b, person, *out_request, &admission));
	admission.once = true;
	return admission_issue(b->ca, &admission, b->now, out_cert, out_issued);
}

/* --- the rehearsal --- */

static FALLIBLE rehearse(struct db *db, void *arg)
{
	struct batch *b = arg;

	(void)db;
	for (size_t i = 0; i < b->people.count; i++) {
		AUTO(cert_free) const struct cert *cert = NULL;
		const struct inbox_request *request = NULL;
		bool issued = false;
		struct status *st = enrol(b, &b->people.list[i], &request, &cert, &issued);

		progress_show(b->invocation, "Checking", i, b->people.count);
		if (st && st->kind == ST_LATER)
			return st;	/* nothing to do with him */
		if (st)
			people_problem(&b->people, b->people.path, b->people.list[i].line, st);
	}
	return FAIL(ST_USAGE, 0, "rolled back");
}

static FALLIBLE check(struct batch *b)
{
	struct status *st = db_atomically(b->ca->db, rehearse, b);

	progress_end(b->invocation);
	if (st && st->kind == ST_LATER)
		return st;
	status_free(&st);
	return OK;
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

/* --- the act --- */

static FALLIBLE act_on(struct batch *b, const struct person *person)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	const struct inbox_request *request = NULL;
	bool issued = false;

	TRY(enrol(b, person, &request, &cert, &issued));

	const char *file = arena_printf(b->arena, "%s/%s", b->out, request->file);

	if (!command_is_dry(b->invocation))
		TRY_DOING(cert_save(file, cert), "the certificate %s of %s is issued, but not written",
			  cert->serial_text, cert->subject_text);
	b->issued += issued;
	b->kept += !issued;
	json_array_append_new(b->done, json_pack(
		"{s:I, s:s, s:s, s:s, s:s, s:b}", "line", (json_int_t)person->line, "subject",
		cert->subject_text, "serial", cert->serial_text, "not_after",
		time_rfc3339(cert->not_after).s, "file", file, "issued", issued));
	return OK;
}

static FALLIBLE act(struct batch *b)
{
	if (!command_is_dry(b->invocation) && mkdir(b->out, 0755) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", b->out);
	for (size_t i = 0; i < b->people.count; i++) {
		progress_show(b->invocation, "Issuing", i, b->people.count);
		TRY_DOING(act_on(b, &b->people.list[i]), "%s:%zu", b->people.path, b->people.list[i].line);
	}
	progress_end(b->invocation);
	return OK;
}

static FALLIBLE tell(const struct batch *b)
{
	if (b->invocation->json)
		print_json(b->invocation, json_pack("{s:I, s:I, s:O}", "issued", (json_int_t)b->issued,
						    "kept", (json_int_t)b->kept, "people", b->done));
	else
		printf("%zu issued, %zu were there already.\n  written to     %s\n", b->issued, b->kept,
		       b->out);
	return cmd_done(b->invocation);
}

FALLIBLE cmd_batch(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	AUTO(batch_cleanup) struct batch b = { .invocation = invocation, .arena = arena_new(),
					       .done = json_array(), .now = clock_now(&clock_real) };
	const char *requests = NULL;

	TRY(option_needed(invocation, "requests", &requests));
	TRY(option_needed(invocation, "out", &b.out));
	b.scope = options_value(&invocation->options, "scope");
	b.scope = b.scope ? b.scope : "ua";
	TRY(profiles_read(&settings->profiles, &b.profiles));
	TRY(people_read(invocation->words[0], b.arena, &b.people));
	TRY(inbox_open(requests, b.arena, &b.people, &b.inbox));
	TRY(cmd_authority(invocation, &b.ca));
	TRY(check(&b));
	if (json_array_size(b.people.problems))
		return report_problems(&b);
	TRY(act(&b));
	return tell(&b);
}
