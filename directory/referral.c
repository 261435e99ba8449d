/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a server says that another knows [RFC 4511 4.1.10, 4.5.3].  The other is whoever the
 * first says, and the first may lie: he is given no name, password or certificate of ours unless
 * he is one of the configured servers himself, TLS is not given up, only servers of a network are
 * asked, and both the length of the chain and the number of servers have an end.
 */
#include "directory/handle.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"

#include <strings.h>

enum { SERVERS_ASKED_MAX = 16 };	/* for one search, all in all */

static bool is_configured(const struct directory *dir, const char *uri)
{
	for (size_t i = 0; i < dir->server_count; i++)
		if (!strcasecmp(dir->servers[i].uri, uri))
			return true;
	return false;
}

static bool is_over_tls(const struct directory *dir)
{
	return dir->config.start_tls || !strncasecmp(dir->servers[dir->current].uri, "ldaps:", 6);
}

/* How to talk to the server of a place. */
static struct directory_config config_there(const struct directory *dir, const struct ldap_place *place)
{
	struct directory_config there = dir->config;

	there.uri = place->uri;
	there.referrals = dir->config.referrals - 1;
	if (is_configured(dir, place->uri))
		return there;
	there.bind = DIRECTORY_ANONYMOUS;
	there.bind_dn = there.password_file = there.cert_file = there.key_file = NULL;
	there.start_tls = is_over_tls(dir) && !strncasecmp(place->uri, "ldap:", 5);
	return there;
}

static FALLIBLE follow_url(struct directory *dir, const struct ldap_search *search, const char *url,
			   struct arena *arena, struct directory_entries *out_entries)
{
	AUTO(directory_free) struct directory *there = NULL;
	struct ldap_search again = *search;
	struct ldap_place place = { 0 };

	TRY(ldap_place_read(url, arena, &place));

	struct directory_config config = config_there(dir, &place);

	if (!*dir->references_left)
		return FAIL(ST_PEER, 0, "more than %d servers would have to be asked", SERVERS_ASKED_MAX);
	(*dir->references_left)--;
	if (place.base)
		again.base = place.base;
	if (place.base_only)
		again.subtree = false;
	again.page = 0;
	TRY(directory_new(&config, &there));
	there->references_left = dir->references_left;
	return search_run(there, &again, arena, out_entries);
}

/* The addresses of a reference are all as good: the first that answers will do. */
static FALLIBLE follow(struct directory *dir, const struct ldap_search *search,
		       const struct reference *to, struct arena *arena,
		       struct directory_entries *out_entries)
{
	AUTO(status_free) struct status *failed = OK;

	if (!dir->config.referrals)
		return FAIL(ST_NEVER, 0, "the directory refers to %s, and no referral may lead further",
			    to->urls[0]);
	for (size_t i = 0; to->urls[i]; i++) {
		status_free(&failed);
		failed = follow_url(dir, search, to->urls[i], arena, out_entries);
		if (!failed || !*dir->references_left)
			break;
		failed = status_doing(failed, "the directory refers to %s", to->urls[i]);
	}
	return TAKE(failed);
}

static void reading_join(struct reading *r, const struct directory_entries *more)
{
	size_t count = r->entries.count + more->count;
	struct directory_entry *list = arena_new_array(r->arena, struct directory_entry, count);

	if (r->entries.count)
		memcpy(list, r->entries.list, r->entries.count * sizeof *list);
	if (more->count)
		memcpy(list + r->entries.count, more->list, more->count * sizeof *list);
	r->entries = (struct directory_entries){ list, count };
}

static FALLIBLE follow_all(struct directory *dir, const struct ldap_search *search, struct reading *r)
{
	AUTO(status_free) struct status *failed = OK;

	for (size_t i = 0; i < r->reference_count; i++) {
		struct directory_entries more = { 0 };
		struct status *st = follow(dir, search, &r->references[i], r->arena, &more);

		if (st) {
			log_event(LOG_LV_WARN, "referral not followed",
				  log_text("to", r->references[i].urls[0]), log_why(st));
			status_free(&failed);
			failed = st;
			continue;
		}
		reading_join(r, &more);
		if (r->entries.count > dir->config.max_entries)
			return FAIL(ST_PEER, 0, "there are more than %u entries",
				    dir->config.max_entries);
	}
	/* What others do not tell takes nothing from what was found. */
	return r->entries.count ? OK : TAKE(failed);
}

FALLIBLE references_follow(struct directory *dir, const struct ldap_search *search,
			   struct reading *reading)
{
	unsigned budget = SERVERS_ASKED_MAX;
	bool first = !dir->references_left;

	if (first)
		dir->references_left = &budget;

	struct status *st = follow_all(dir, search, reading);

	if (first)
		dir->references_left = NULL;
	return st;
}
