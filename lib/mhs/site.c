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

static FALLIBLE load_key(const struct site_settings *settings, enum scope scope, struct site *site)
{
	const struct key_opening opening = site_key_opening(settings, scope);

	TRY(check_both(settings));
	if (!settings->key[0])
		return OK;
	if (!site->key)
		TRY_DOING(private_key_load(settings->key, &opening, &site->key),
			  "cannot use the key %s", settings->key);
	TRY_DOING(cert_load(settings->certificate, &site->cert), "cannot use the certificate %s",
		  settings->certificate);
	if (!bytes_equal(public_key_id(site->cert->key),
			 public_key_id(private_key_public(site->key))))
		return FAIL(ST_REFUSED, 0, "the certificate %s is not for the key %s",
			    settings->certificate, settings->key);
	return cert_check_scope(site->cert, scope);
}

static FALLIBLE open_trust(const struct site_settings *settings, const struct clock *clock,
			   struct site *site)
{
	site->directory = directory_config_of(&settings->directory);
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
	};
	return trust_open(&options, &site->trust);
}

FALLIBLE site_open(const struct site_settings *settings, enum scope scope,
		   const struct clock *clock, struct site **io_site)
{
	AUTO(site_free) struct site *site = *io_site ? TAKE(*io_site) : mem_new(struct site);

	TRY(load_key(settings, scope, site));
	TRY(open_trust(settings, clock, site));
	*io_site = TAKE(site);
	return OK;
}

/* --- the key of a server --- */

struct key_watch {
	const struct private_key *key;
	void (*lost)(void *arg, struct status *why);
	void *arg;
};

FALLIBLE site_start_key(const struct site_settings *settings, const char *user, struct site **out_site)
{
	const struct key_opening opening = site_key_opening(settings, SCOPE_NONE);
	AUTO(site_free) struct site *site = mem_new(struct site);

	TRY(check_both(settings));
	if (settings->key[0]) {
		TRY_DOING(key_process_start(settings->key, &opening, user, &site->key),
			  "cannot use the key %s", settings->key);
		const struct key_process_facts facts = key_process_facts(site->key);
		log_event(LOG_LV_INFO, "the key has its own process", log_num("pid", facts.pid));
		if (!facts.locked)
			log_event(LOG_LV_WARN, "the key may be swapped out",
				  log_text("limit", "RLIMIT_MEMLOCK"));
	}
	*out_site = TAKE(site);
	return OK;
}

static void child_ended(void *arg)
{
	const struct key_watch *watch = arg;
	struct status *why = key_process_check(watch->key);

	if (why)
		watch->lost(watch->arg, why);
}

void site_watch(struct site *site, struct loop *loop, void (*lost)(void *arg, struct status *why),
		void *arg)
{
	site->watch = mem_new(struct key_watch);
	*site->watch = (struct key_watch){ site->key, lost, arg };
	if (!site->key)
		return;
	loop_signal(loop, SIGCHLD, child_ended, site->watch);
	child_ended(site->watch);	/* it may have ended already */
}

void site_free(struct site **site)
{
	if (!*site)
		return;
	trust_free(&(*site)->trust);
	cert_free(&(*site)->cert);
	private_key_free(&(*site)->key);
	mem_free(&(*site)->watch);
	free(*site);
	*site = NULL;
}
