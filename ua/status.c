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
	struct own_keys certs;		/* of the user's keys, which are not opened */
	const struct cert *cert;	/* of the one that signs; null: none yet */
	size_t waiting;			/* keys without a certificate, beside one that has one */
	const char *first_waiting;
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

static FALLIBLE load_certificates(struct state *s)
{
	struct key_places places;

	TRY(home_key_places(s->home, &places));
	for (size_t i = 0; i < places.count; i++) {
		const struct key_place *place = &places.items[i];
		const struct cert *cert = NULL;

		if (key_place_is_certified(place)) {
			TRY(cert_load(place->certificate, &cert));
			own_keys_add_certificate(&s->certs, cert);
		} else if (s->waiting++ == 0) {
			s->first_waiting = place->key;
		}
	}

	const struct own_key *own = own_keys_signer(&s->certs, clock_now(s->home->clock));

	s->cert = own ? own->cert : NULL;
	return OK;
}

static FALLIBLE load_state(struct state *s)
{
	const struct ua_select all = { .folder = UA_ANY_FOLDER, .state = -1 };
	struct home *home = s->home;

	TRY(uastore_list(home->db, &all, count_message, s));
	TRY(uastore_proofs(home->db, count_proof, s));
	TRY(uastore_number(home->db, "last-sync", &s->last_sync));
	TRY(load_known(s));
	return load_certificates(s);
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

static json_t *certificates_json(const struct state *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->certs.count; i++) {
		const struct cert *cert = s->certs.items[i].cert;

		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:b, s:b, s:b}",
			"serial", cert->serial_text, "key", key_type_name(public_key_type(cert->key)),
			"from", json_time(cert->not_before), "until", json_time(cert->not_after),
			"signs", cert->signs, "seals", cert->seals, "current", cert == s->cert));
	}
	return list;
}

static void state_json(const struct state *s)
{
	const struct ua_settings *settings = s->home->settings;

	print_json(json_pack("{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:{s:o, s:o}, s:I, s:o, s:o, "
		"s:o, s:b, s:o, s:I}",
		"name", json_shown(settings->name), "or_address", json_shown(s->home->own_text),
		s->home->mta ? "mta" : "store",
		json_shown(s->home->mta ? s->home->mta->address : settings->ms), "last_sync", json_time(s->last_sync),
		"queued", (json_int_t)s->queued, "failed", (json_int_t)s->failed,
		"unread", (json_int_t)s->unread, "refused", (json_int_t)s->refused,
		"unchecked", (json_int_t)s->unchecked,
		"unproved", "submission", unproved_json(&s->unproved[UA_SUBMISSION_PROOF]),
		"delivery", unproved_json(&s->unproved[UA_DELIVERY_PROOF]),
		"directory_entries", (json_int_t)s->known.entries,
		"directory_oldest", json_time(s->known.oldest),
		"directory_newest", json_time(s->known.newest),
		"certificate_until", s->cert ? json_time(s->cert->not_after) : json_null(),
		"certificate_ends_soon", ends_soon(s),
		"certificates", certificates_json(s), "keys_waiting", (json_int_t)s->waiting));
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
	for (size_t i = 0; i < s->certs.count; i++) {
		const struct cert *other = s->certs.items[i].cert;

		if (other != s->cert)
			printf("Another certificate, for your %s key, %s on %s.\n",
			       key_type_name(public_key_type(other->key)),
			       other->not_after < now ? "ended" : "ends", time_text(other->not_after).s);
	}
	if (s->waiting)
		printf("The key %s waits for its certificate: \"postern-ua init --certificate FILE\".\n",
		       s->first_waiting);
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
	if (s->home->mta)
		printf("You have no message store: you take your messages from %s.\n", s->home->server);
	else
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
	own_keys_free(&state.certs);
	return OK;
}
