/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua status: who the user is, how far the exchange has come, how long his certificate lasts. */
#include "ua/reports.h"
#include "ua/show.h"

#include "lib/store/dircache.h"
#include "ua/print.h"

#include <unistd.h>

enum { SOON = 30 * 86400 };

/* Proofs that were asked for and prove nothing. */
struct unproved {
	size_t missing, refused, unchecked;
};

struct state {
	struct home *home;
	size_t queued, failed, unread, refused, unchecked;
	struct unproved unproved[2];	/* by enum ua_proof */
	int64_t last_sync;
	struct dircache_summary known;	/* of the directory */
	const struct cert *cert;	/* null: none yet */
};

static void count_message(void *arg, const struct ua_message *m)
{
	struct state *s = arg;
	AUTO(arena_free) struct arena *arena = arena_new();

	s->queued += m->folder == UA_OUTBOX && m->state == UA_QUEUED;
	s->failed += m->folder == UA_OUTBOX && m->state == UA_FAILED;
	if (m->folder != UA_INBOX || m->kind == UA_REPORT)
		return;
	const struct finding finding = finding_read(arena, m->facts);
	s->unread += !m->read;
	s->refused += finding.verdict == VERDICT_REFUSED;
	s->unchecked += finding.verdict == VERDICT_UNCHECKED;
}

static void count_proof(void *arg, enum ua_proof of, const char *proof)
{
	struct state *s = arg;
	struct unproved *count = &s->unproved[of];
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct proof_finding finding = proof_from_text(arena, proof);

	count->missing += finding.state == PROOF_MISSING;
	count->refused += finding.state == PROOF_REFUSED;
	count->unchecked += finding.state == PROOF_UNCHECKED || !proof;
}

static FALLIBLE load_known(struct state *s)
{
	AUTO(dircache_free) struct dircache *cache = NULL;
	const char *path = home_directory_store(s->home);

	if (access(path, F_OK) != 0)
		return OK;
	TRY(dircache_open(path, clock_now(s->home->clock) - s->home->settings->site.directory_offline,
			  &cache));
	return dircache_summarize(cache, &s->known);
}

static FALLIBLE load_state(struct state *s)
{
	const struct ua_select all = { .folder = UA_ANY_FOLDER, .state = -1 };
	struct home *home = s->home;

	TRY(uastore_list(home->db, &all, count_message, s));
	TRY(uastore_proofs(home->db, count_proof, s));
	TRY(uastore_number(home->db, "last-sync", &s->last_sync));
	TRY(load_known(s));
	struct status *failed = cert_load(home_file(home, home->settings->site.certificate),
					  &s->cert);
	if (failed && failed->kind == ST_NOT_FOUND)
		status_free(&failed);
	return failed;
}

static bool ends_soon(const struct state *s)
{
	return s->cert && s->cert->not_after < clock_now(s->home->clock) + SOON;
}

static json_t *unproved_json(const struct unproved *count)
{
	return json_pack("{s:I, s:I, s:I}", "missing", (json_int_t)count->missing,
			 "refused", (json_int_t)count->refused,
			 "unchecked", (json_int_t)count->unchecked);
}

static void state_json(const struct state *s)
{
	const struct ua_settings *settings = s->home->settings;

	print_json(json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}, s:I, s:o, s:o, "
		"s:o, s:b}",
		"name", json_shown(settings->name), "or_address", json_shown(s->home->own_text),
		"store", json_shown(settings->ms), "last_sync", json_time(s->last_sync),
		"queued", (json_int_t)s->queued, "failed", (json_int_t)s->failed,
		"unread", (json_int_t)s->unread, "refused", (json_int_t)s->refused,
		"unchecked", (json_int_t)s->unchecked,
		"unproved", "submission", unproved_json(&s->unproved[UA_SUBMISSION_PROOF]),
		"delivery", unproved_json(&s->unproved[UA_DELIVERY_PROOF]),
		"directory_entries", (json_int_t)s->known.entries,
		"directory_oldest", json_time(s->known.oldest),
		"directory_newest", json_time(s->known.newest),
		"certificate_until", s->cert ? json_time(s->cert->not_after) : json_null(),
		"certificate_ends_soon", ends_soon(s)));
}

static void tell_unproved(const char *of, const struct unproved *count)
{
	const char *separator = "";

	if (!count->missing && !count->refused && !count->unchecked)
		return;
	printf("Proofs of %s that you asked for: ", of);
	const struct { size_t count; const char *words; } facts[] = {
		{ count->missing, "missing" },
		{ count->refused, "refused" },
		{ count->unchecked, "not checked yet" },
	};
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
		if (facts[i].count) {
			printf("%s%zu %s", separator, facts[i].count, facts[i].words);
			separator = ", ";
		}
	puts("; \"postern-ua receipts\" says why.");
}

static void tell_certificate(const struct state *s)
{
	time_t now = clock_now(s->home->clock);

	if (!s->cert) {
		printf("There is no certificate yet: have %s certified, then "
		       "\"postern-ua init --certificate FILE\".\n",
		       home_file(s->home, "request.pem"));
		return;
	}
	printf("Your certificate %s on %s%s.\n", s->cert->not_after < now ? "ENDED" : "ends",
	       time_text(s->cert->not_after).s,
	       ends_soon(s) ? ": \"postern-ua enrol\" asks for the next" : "");
}

static void tell_known(const struct state *s)
{
	struct arena *arena = s->home->arena;
	time_t now = clock_now(s->home->clock);

	if (s->known.entries)
		printf("Of the directory %s kept, as of %s ago to %s ago.\n",
		       s->known.entries == 1 ? "1 entry is"
					     : arena_printf(arena, "%zu entries are", s->known.entries),
		       age_words(arena, now - s->known.oldest), age_words(arena, now - s->known.newest));
}

static void tell(const struct state *s)
{
	const struct ua_settings *settings = s->home->settings;
	struct arena *arena = s->home->arena;

	printf("You are %s, %s.\n", settings->name, s->home->own_text);
	printf("Your message store is %s%s%s.\n", *settings->ms ? settings->ms : "not set",
	       *settings->ms_name ? ", " : "", settings->ms_name);
	if (s->last_sync)
		printf("The last exchange with it was on %s.\n", time_text(s->last_sync).s);
	else
		puts("There was no exchange with it yet.");
	printf("%s to be sent", sentence(arena, count_words(arena, s->queued, "message")));
	if (s->failed)
		printf(", %zu that cannot be", s->failed);
	printf("; %s unread", count_words(arena, s->unread, "message"));
	if (s->refused)
		printf("; %zu refused", s->refused);
	if (s->unchecked)
		printf("; %zu not checked yet", s->unchecked);
	puts(".");
	tell_unproved("submission", &s->unproved[UA_SUBMISSION_PROOF]);
	tell_unproved("delivery", &s->unproved[UA_DELIVERY_PROOF]);
	tell_known(s);
	tell_certificate(s);
}

FALLIBLE cmd_status(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	struct state state = { 0 };

	TRY(home_of(invocation, &home));
	state.home = home;
	TRY(load_state(&state));
	if (invocation->json)
		state_json(&state);
	else
		tell(&state);
	cert_free(&state.cert);
	return OK;
}
