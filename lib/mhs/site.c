/* SPDX-License-Identifier: Apache-2.0 */
/* What every program of a site has in common. */
#include "lib/mhs/site.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/sec/key_process.h"

#include <signal.h>
#include <stdlib.h>

struct key_opening site_key_opening(const struct site_settings *settings, enum scope scope)
{
	return (struct key_opening){
		.passphrase_file = settings->passphrase_file,
		.ask = scope == SCOPE_UA,
		.unencrypted = settings->key_unencrypted,
	};
}

static FALLIBLE check_both(const struct site_settings *settings)
{
	if (!settings->key[0] != !settings->certificate[0])
		return FAIL(ST_USAGE, 0, "key and certificate are set together or not at all");
	return OK;
}

FALLIBLE site_key_places(const struct site_settings *settings, struct arena *arena,
			 struct key_places *out_places)
{
	const struct key_place first = { settings->key, settings->certificate };

	TRY(check_both(settings));
	TRY(key_places_find(arena, &first, settings->keys, out_places));
	if (first.key[0] && !key_place_is_certified(&first))
		return FAIL(ST_NOT_FOUND, 0, "the key %s has no certificate yet: it belongs into %s",
			    first.key, first.certificate);
	return OK;
}

/* --- keys of processes that have started --- */

struct key_starting {
	struct private_key *keys[OWN_KEYS_MAX + 1];
	char *certificates[OWN_KEYS_MAX + 1];
	size_t count;
};

static void key_starting_free(struct key_starting **starting)
{
	if (!*starting)
		return;
	for (size_t i = 0; i < (*starting)->count; i++) {
		private_key_free(&(*starting)->keys[i]);
		mem_free(&(*starting)->certificates[i]);
	}
	mem_free(starting);
}

static FALLIBLE take_started(struct site *site, enum scope scope)
{
	struct key_starting *starting = site->starting;

	for (size_t i = 0; i < starting->count; i++)
		TRY(own_keys_add(&site->keys, TAKE(starting->keys[i]), starting->certificates[i], scope));
	return OK;
}

static FALLIBLE load_keys(const struct site_settings *settings, enum scope scope, struct site *site)
{
	const struct key_opening opening = site_key_opening(settings, scope);
	AUTO(arena_free) struct arena *arena = arena_new();
	struct key_places places;

	if (site->starting)
		return take_started(site, scope);
	TRY(site_key_places(settings, arena, &places));
	return own_keys_load(&site->keys, &places, &opening, scope);
}

/* What makes no sense, or would be unsafe, is said when the program starts, not with every message. */
static FALLIBLE check_directory(const struct directory_config *config)
{
	AUTO(directory_free) struct directory *unused = NULL;

	return directory_new(config, &unused);
}

static FALLIBLE open_trust(const struct site_settings *settings, const struct clock *clock,
			   struct site *site)
{
	site->directory = directory_config_of(&settings->directory);
	if (directory_is_set(&settings->directory))
		TRY(check_directory(&site->directory));
	if (!settings->authority[0])
		return OK;
	const struct trust_options options = {
		.anchor = settings->authority,
		.directory = directory_is_set(&settings->directory) ? &site->directory : NULL,
		.clock = clock,
		.cache_seconds = settings->directory_cache ? settings->directory_cache : -1,
		.kept = settings->directory_store[0] ? settings->directory_store : NULL,
		.offline_seconds = settings->directory_offline,
		.list_seconds = settings->list_age,
		.limits = { (unsigned)settings->path_certificates, (unsigned)settings->path_lookups, 0 },
		.allow_broken_1989 = settings->allow_broken_1989,
		.policies = &settings->policies,
	};
	return trust_open(&options, &site->trust);
}

FALLIBLE site_open(const struct site_settings *settings, enum scope scope,
		   const struct clock *clock, struct site **io_site)
{
	AUTO(site_free) struct site *site = *io_site ? TAKE(*io_site) : mem_new(struct site);

	site->clock = clock;
	TRY(load_keys(settings, scope, site));
	TRY(open_trust(settings, clock, site));
	*io_site = TAKE(site);
	return OK;
}

const struct own_key *site_signer(const struct site *site)
{
	return own_keys_signer(&site->keys, clock_now(site->clock));
}

/* --- the keys of a server --- */

enum { DAY = 86400, SOON = 30 * DAY };

struct key_watch {
	const struct site *site;
	void (*lost)(void *arg, struct status *why);
	void *arg;
	struct timer *daily;
};

static FALLIBLE start_key(const struct key_place *place, const struct key_opening *opening,
			  const char *user, struct key_starting *starting)
{
	struct private_key **key = &starting->keys[starting->count];

	TRY_DOING(key_process_start(place->key, opening, user, key), "cannot use the key %s", place->key);
	starting->certificates[starting->count++] = mem_strdup(place->certificate);

	const struct key_process_facts facts = key_process_facts(*key);

	log_event(LOG_LV_INFO, "the key has its own process", log_num("pid", facts.pid));
	if (!facts.locked)
		log_event(LOG_LV_WARN, "the key may be swapped out", log_text("limit", "RLIMIT_MEMLOCK"));
	return OK;
}

FALLIBLE site_start_keys(const struct site_settings *settings, const char *user, struct site **out_site)
{
	const struct key_opening opening = site_key_opening(settings, SCOPE_NONE);
	AUTO(site_free) struct site *site = mem_new(struct site);
	AUTO(arena_free) struct arena *arena = arena_new();
	struct key_places places;

	TRY(site_key_places(settings, arena, &places));
	site->starting = mem_new(struct key_starting);
	for (size_t i = 0; i < places.count; i++)
		if (key_place_is_certified(&places.items[i]))
			TRY(start_key(&places.items[i], &opening, user, site->starting));
	*out_site = TAKE(site);
	return OK;
}

static void child_ended(void *arg)
{
	const struct key_watch *watch = arg;

	for (size_t i = 0; i < watch->site->keys.count; i++) {
		struct status *why = key_process_check(watch->site->keys.items[i].key);

		if (why)
			watch->lost(watch->arg, why);
	}
}

/* Nobody believes the server after that, and whoever runs it has to ask for another certificate. */
static void warn_of_end(void *arg)
{
	const struct key_watch *watch = arg;
	const struct own_key *own = site_signer(watch->site);
	time_t now = clock_now(watch->site->clock);

	if (own && own->cert->not_after < now)
		log_event(LOG_LV_ERROR, "the certificate has ended",
			  log_text("until", time_rfc3339(own->cert->not_after).s));
	else if (own && own->cert->not_after < now + SOON)
		log_event(LOG_LV_WARN, "the certificate ends soon",
			  log_text("until", time_rfc3339(own->cert->not_after).s));
}

void site_watch(struct site *site, struct loop *loop, void (*lost)(void *arg, struct status *why),
		void *arg)
{
	site->watch = mem_new(struct key_watch);
	*site->watch = (struct key_watch){ site, lost, arg, NULL };
	if (!site->keys.count)
		return;
	warn_of_end(site->watch);
	site->watch->daily = timer_new(loop, DAY * 1000, DAY * 1000, warn_of_end, site->watch);
	loop_signal(loop, SIGCHLD, child_ended, site->watch);
	child_ended(site->watch);	/* it may have ended already */
}

static void watch_free(struct key_watch **watch)
{
	if (*watch)
		timer_free(&(*watch)->daily);
	mem_free(watch);
}

void site_free(struct site **site)
{
	if (!*site)
		return;
	trust_free(&(*site)->trust);
	own_keys_free(&(*site)->keys);
	key_starting_free(&(*site)->starting);
	watch_free(&(*site)->watch);
	free(*site);
	*site = NULL;
}
