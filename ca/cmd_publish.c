/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca publish: the directory gets what the database has, the revocation list first. */
#include "ca/cmd.h"

#include "asn1/pair.h"
#include "ca/journal.h"
#include "ca/pairs.h"
#include "ca/rollover.h"
#include "lib/base/memory.h"

enum { VALUES_MAX = 2048 };	/* as many as are read of an entry */

/* Values of one attribute, in an arena. */
struct values {
	struct bytes *list;
	size_t count;
};

static void values_cleanup(struct values *values)
{
	mem_free(&values->list);
}

static FALLIBLE values_add(struct values *values, struct arena *arena, struct bytes value)
{
	if (values->count == VALUES_MAX)
		return FAIL(ST_USAGE, 0, "more than %d values for one entry", VALUES_MAX);
	values->list = mem_grow(values->list, values->count + 1, sizeof *values->list);
	values->list[values->count++] = arena_dup(arena, value);
	return OK;
}

static struct directory_change replace_with(enum directory_attr attr, const struct values *values)
{
	return (struct directory_change){ attr, DIRECTORY_REPLACE, values->list, values->count };
}

/* A rehearsal does not reach the directory. */
static FALLIBLE publish_entry(const struct authority *ca, struct directory *dir, const char *name,
			      enum directory_kind kind, const struct directory_change *changes,
			      size_t count)
{
	return ca->rehearsal ? OK : directory_publish(dir, name, kind, changes, count);
}

/* --- the authority's own entry --- */

/* One for each other authority: what it issued to us, and what we issued to it.  A revoked or expired
 * half is left out. */
static FALLIBLE pairs_collect(struct authority *ca, time_t now, struct arena *arena,
			      struct values *values)
{
	AUTO(pairs_cleanup) struct pairs pairs = { 0 };

	TRY(pairs_load(ca, now, arena, &pairs));
	for (size_t i = 0; i < pairs.count; i++) {
		const struct cert *received = pair_half(pairs.list[i].received, now);
		const struct cert *issued = pair_half(pairs.list[i].issued, now);
		struct cert_pair pair = { received ? received->der : bytes_none(),
					  issued ? issued->der : bytes_none() };
		AUTO(buf_free) struct buf der = { 0 };

		if (!received && !issued)
			continue;
		TRY(pair_encode(&pair, &der));
		TRY(values_add(values, arena, buf_view(&der)));
	}
	return OK;
}

static FALLIBLE publish_authority(const struct invocation *invocation, struct authority *ca,
				  time_t now, struct directory *dir)
{
	const struct ca_settings *settings = invocation->settings;
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(crl_free) const struct crl *crl = NULL;
	AUTO(crl_list_free) struct crl_list crls = { 0 };
	AUTO(cert_list_free) struct cert_list links = { 0 };
	AUTO(values_cleanup) struct values own = { 0 }, pairs = { 0 }, lists = { 0 };

	TRY(values_add(&own, arena, ca->cert->der));
	TRY(pairs_collect(ca, now, arena, &pairs));
	TRY(authority_list(ca, now, next_list(invocation, now), &crl));
	TRY(authority_lists(ca, &crls));
	for (size_t i = 0; i < crls.count; i++)
		TRY(values_add(&lists, arena, crls.items[i]->der));
	TRY(rollover_links(ca, now, &links));
	for (size_t i = 0; i < links.count; i++)
		TRY(values_add(&own, arena, links.items[i]->der));

	struct directory_change changes[] = {
		replace_with(DIRECTORY_CA_CERTIFICATE, &own),
		replace_with(DIRECTORY_CRL, &lists),
		replace_with(DIRECTORY_CROSS_PAIR, &pairs),
	};

	/* What is about to be visible is recorded first. */
	TRY(journal_add(ca, now, "publish", json_pack("{s:s, s:I}", "directory",
						      settings->directory.uri, "pairs", (json_int_t)pairs.count)));
	TRY(publish_entry(ca, dir, ca->cert->subject_text, DIRECTORY_AUTHORITY, changes,
			  sizeof changes / sizeof *changes));
	return authority_list_published(ca, crl->number);
}

FALLIBLE directory_needed(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;

	if (!directory_is_set(&settings->directory))
		return FAIL(ST_USAGE, 0, "which directory? Set \"directory\" in the settings file, "
			    "or --set directory=ldap://HOST:PORT");
	return OK;
}

FALLIBLE publish_own(const struct invocation *invocation, struct authority *ca, time_t now,
		     bool *out_published)
{
	const struct ca_settings *settings = invocation->settings;
	struct directory_config config = directory_config_of(&settings->directory);
	AUTO(directory_free) struct directory *dir = NULL;

	*out_published = directory_is_set(&settings->directory);
	if (!*out_published)
		return OK;
	TRY(directory_new(&config, &dir));
	return publish_authority(invocation, ca, now, dir);
}

/* --- users --- */

/* All for a name that have not expired: a user may have keys for several uses.  Revoked ones stay,
 * so that whoever meets one learns that it was revoked, not that it is unknown. */
static FALLIBLE publish_subject(struct authority *ca, struct directory *dir, const char *name,
				enum scope scope, time_t now)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der, or_address FROM certificate WHERE subject = ? AND kind = ? "
		"AND not_after > ? ORDER BY revoked_at IS NOT NULL, id DESC",
		v_text(name), v_int(ISSUED_USER), v_int(now));
	AUTO(values_cleanup) struct values certs = { 0 }, addresses = { 0 };
	struct directory_change changes[2];
	size_t count = 1;

	while (query_next(q)) {
		TRY(values_add(&certs, arena, query_octets(q, 0)));
		if (query_text(q, 1) && !addresses.count)
			TRY(values_add(&addresses, arena, bytes_text(query_text(q, 1))));
	}
	TRY(query_check(q));
	changes[0] = replace_with(DIRECTORY_USER_CERTIFICATE, &certs);
	if (addresses.count)
		changes[count++] = replace_with(DIRECTORY_OR_ADDRESS, &addresses);
	return publish_entry(ca, dir, name, scope == SCOPE_UA ? DIRECTORY_USER : DIRECTORY_AGENT,
			     changes, count);
}

static FALLIBLE count_subjects(struct authority *ca, size_t *out_count)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT count(DISTINCT subject) FROM certificate WHERE kind = ?", v_int(ISSUED_USER));

	TRY(query_get(q, "number of certified names"));
	*out_count = (size_t)query_int(q, 0);
	return OK;
}

static FALLIBLE publish_subjects(const struct invocation *invocation, struct authority *ca,
				 struct directory *dir, time_t now, size_t *out_count)
{
	AUTO(query_end) struct query *q = NULL;
	size_t all = 0;

	TRY(count_subjects(ca, &all));
	q = db_query(ca->db, "SELECT subject, min(scope) FROM certificate WHERE kind = ? GROUP BY subject "
		     "ORDER BY subject", v_int(ISSUED_USER));
	while (query_next(q)) {
		progress_show(invocation, "Publishing", *out_count, all);
		TRY(publish_subject(ca, dir, query_text(q, 0), (enum scope)query_int(q, 1), now));
		++*out_count;
	}
	return query_check(q);
}

FALLIBLE cmd_publish(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	struct directory_config config = directory_config_of(&settings->directory);
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(directory_free) struct directory *dir = NULL;
	time_t now = clock_now(&clock_real);
	size_t count = 0;

	TRY(directory_needed(invocation));
	TRY(cmd_authority(invocation, &ca));
	TRY(directory_new(&config, &dir));
	TRY(publish_authority(invocation, ca, now, dir));

	struct status *st = publish_subjects(invocation, ca, dir, now, &count);

	progress_end(invocation);
	TRY(st);
	if (invocation->json)
		print_json(invocation, json_pack("{s:I}", "published", (json_int_t)count + 1));
	else
		printf("Published the entry of %s, its revocation list, and %zu certified names.\n",
		       ca->cert->subject_text, count);
	return cmd_done(invocation);
}
