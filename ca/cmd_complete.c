/* SPDX-License-Identifier: Apache-2.0 */
/*
 * postern-ca complete: what other authorities have issued to this one, from where they publish it.
 *
 * Whoever answers an offer cannot have been certified in it: the other side did not know his key
 * then.  Its certificate for him comes with a third file, or from its published pair.  There it needs
 * nobody's word: the key that must have signed it is the one that this authority has certified, after
 * people compared it.
 */
#include "ca/cmd.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

const struct option_spec complete_options[] = {
	{ "from", "URI", "Where the others publish, if this authority's own directory does not lead there." },
	{ 0 }
};

struct completing {
	const struct invocation *invocation;
	struct authority *ca;
	struct directory *dir;
	time_t now;
	const char *name;		/* the only one to look at, or null */
	struct cert_list completed;	/* the certificates that are new */
	size_t looked_at;
	json_t *problems;		/* of those whose pair is not complete */
	bool refused;			/* one of them is that something is wrong */
};

static void completing_cleanup(struct completing *c)
{
	cert_list_free(&c->completed);
	directory_free(&c->dir);
	authority_free(&c->ca);
	json_decref(c->problems);
}

/* --- one authority --- */

/* Whether its key, as this authority has certified it, signed the certificate. */
static FALLIBLE check_signer(const struct completing *c, const char *other, const struct cert *cert)
{
	AUTO(status_free) struct status *wrong = OK;
	AUTO(query_end) struct query *q = db_query(c->ca->db,
		"SELECT der FROM certificate WHERE subject = ? AND kind = ? AND revoked_at IS NULL "
		"AND not_after > ?", v_text(other), v_int(ISSUED_CROSS), v_int(c->now));

	while (query_next(q)) {
		AUTO(cert_free) const struct cert *ours = NULL;

		status_free(&wrong);
		TRY(cert_decode(query_octets(q, 0), &ours));
		wrong = cert_check_signed(cert, ours);
		if (!wrong)
			return OK;
	}
	TRY(query_check(q));
	return status_doing(TAKE(wrong), "the key of %s that is certified here did not make the certificate "
			    "%s", other, cert->serial_text);
}

static bool is_for(const struct cert *cert, const struct authority *ca)
{
	return bytes_equal(cert->subject, ca->cert->subject) &&
	       bytes_equal(public_key_id(cert->key), public_key_id(ca->cert->key));
}

/* The one for this authority that lasts longest, among those that hold.  What else is there is
 * another's, or the reason why there is none. */
static void consider(const struct completing *c, const char *other, struct bytes half,
		     const struct cert **io_best, struct status **io_wrong)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st = half.len ? cert_decode(half, &cert) : OK;

	if (!cert || !is_for(cert, c->ca) || (*io_best && (*io_best)->not_after >= cert->not_after)) {
		status_drop(st);
		return;
	}
	st = cert_check_dates(cert, c->now);
	if (!st)
		st = check_signer(c, other, cert);
	if (st) {
		status_free(io_wrong);
		*io_wrong = st;
		return;
	}
	cert_free(io_best);
	*io_best = TAKE(cert);
}

static FALLIBLE find_published(const struct completing *c, const char *other, const struct cert **out_cert)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(status_free) struct status *wrong = OK;
	AUTO(cert_free) const struct cert *best = NULL;
	struct directory_entry entry;

	TRY(directory_get(c->dir, other, arena, &entry));
	for (size_t i = 0; i < entry.pairs.count; i++) {
		consider(c, other, entry.pairs.list[i].forward, &best, &wrong);
		consider(c, other, entry.pairs.list[i].reverse, &best, &wrong);
	}
	if (!best && wrong)
		return TAKE(wrong);
	if (!best)
		return FAIL(ST_NOT_FOUND, 0, "%s publishes no certificate for %s", other,
			    c->ca->cert->subject_text);
	*out_cert = TAKE(best);
	return OK;
}

static FALLIBLE is_kept(struct authority *ca, const struct cert *cert, bool *out_kept)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT 1 FROM received WHERE issuer = ? AND der = ?",
						   v_text(cert->issuer_text), v_octets(cert->der));

	*out_kept = query_next(q);
	return query_check(q);
}

static FALLIBLE complete_one(struct completing *c, const char *other)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	bool kept = false;

	TRY(find_published(c, other, &cert));
	TRY(is_kept(c->ca, cert, &kept));
	if (kept)
		return OK;
	TRY(authority_receive(c->ca, cert, c->now));
	cert_list_add(&c->completed, cert);
	return OK;
}

/* --- all of them --- */

static void note_problem(struct completing *c, const char *other, struct status *why)
{
	AUTO(mem_free) char *text = status_text(why);

	json_array_append_new(c->problems, json_pack("{s:s, s:s}", "authority", other, "problem", text));
	c->refused |= why->kind == ST_REFUSED;
	status_drop(why);
}

static FALLIBLE complete_all(struct completing *c)
{
	AUTO(query_end) struct query *q = db_query(c->ca->db,
		"SELECT DISTINCT subject FROM certificate WHERE kind = ? AND revoked_at IS NULL "
		"AND not_after > ? ORDER BY subject", v_int(ISSUED_CROSS), v_int(c->now));

	while (query_next(q)) {
		const char *other = query_text(q, 0);

		if (c->name && !dn_text_equal(other, c->name))
			continue;
		c->looked_at++;

		struct status *st = complete_one(c, other);

		if (st)
			note_problem(c, other, st);
	}
	TRY(query_check(q));
	if (c->name && !c->looked_at)
		return FAIL(ST_NOT_FOUND, 0, "this authority does not certify %s: \"answer\" its offer first",
			    c->name);
	return OK;
}

/* --- what came of it --- */

static FALLIBLE completed_json(const struct completing *c, struct arena *arena, json_t *list)
{
	for (size_t i = 0; i < c->completed.count; i++) {
		const struct cert *cert = c->completed.items[i];
		json_t *held = json_object();
		struct cert_limits limits;

		json_array_append_new(list, json_pack(
			"{s:s, s:s, s:s, s:o}", "authority", cert->issuer_text, "serial", cert->serial_text,
			"not_after", time_rfc3339(cert->not_after).s, "held_to", held));
		TRY(limits_of(cert, arena, &limits));
		TRY(limits_json(&limits, held));
	}
	return OK;
}

static void print_completed(const json_t *list)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		printf("%s certifies this authority until %s, held to\n",
		       json_string_value(json_object_get(one, "authority")),
		       json_string_value(json_object_get(one, "not_after")));
		limits_print(json_object_get(one, "held_to"));
	}
}

static void print_problems(const json_t *problems)
{
	const json_t *one;
	size_t i;

	json_array_foreach(problems, i, one) {
		AUTO(mem_free) char *shown =
			text_shown(bytes_text(json_string_value(json_object_get(one, "problem"))));

		printf("Not complete: %s\n", shown);
	}
}

static FALLIBLE tell(const struct completing *c, bool published)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	json_t *list = json_array();
	struct status *st = completed_json(c, arena, list);

	if (!st && c->invocation->json)
		print_json(c->invocation, json_pack("{s:O, s:O, s:b}", "completed", list, "problems",
						    c->problems, "published", published));
	else if (!st) {
		print_completed(list);
		print_problems(c->problems);
		printf("%zu of %zu pairs were completed.%s\n", c->completed.count, c->looked_at,
		       published || !c->completed.count ? "" : "  \"publish\" tells the directory.");
	}
	json_decref(list);
	TRY(st);
	TRY(cmd_done(c->invocation));
	if (json_array_size(c->problems))
		return FAIL(c->refused ? ST_REFUSED : ST_LATER, 0, "%zu of %zu pairs are not complete",
			    json_array_size(c->problems), c->looked_at);
	return OK;
}

/* Elsewhere we are nobody. */
static FALLIBLE open_directory(const struct invocation *invocation, struct directory_config *config,
			       struct directory **out_dir)
{
	const struct ca_settings *settings = invocation->settings;
	const char *from = options_value(&invocation->options, "from");

	*config = directory_config_of(&settings->directory);
	if (from) {
		config->uri = from;
		config->bind = DIRECTORY_ANONYMOUS;
		config->bind_dn = config->password_file = config->cert_file = config->key_file = NULL;
	} else if (!directory_is_set(&settings->directory)) {
		return FAIL(ST_USAGE, 0, "which directory? Set \"directory\" in the settings file, or say "
			    "--from ldap://HOST:PORT");
	}
	return directory_new(config, out_dir);
}

FALLIBLE cmd_complete(const struct invocation *invocation)
{
	AUTO(completing_cleanup) struct completing c = {
		.invocation = invocation, .now = clock_now(&clock_real), .problems = json_array(),
		.name = invocation->word_count ? invocation->words[0] : NULL,
	};
	struct directory_config config;
	bool published = false;

	TRY(open_directory(invocation, &config, &c.dir));
	TRY(cmd_authority(invocation, &c.ca));
	TRY(complete_all(&c));
	if (c.completed.count)
		TRY_DOING(publish_own(invocation, c.ca, c.now, &published), "what was found is kept, but this "
			  "authority's own pair is not published: \"publish\" does that");
	return tell(&c, published);
}
