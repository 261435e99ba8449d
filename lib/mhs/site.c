/* SPDX-License-Identifier: Apache-2.0 */
/* What every program of a site has in common. */
#include "lib/mhs/site.h"

#include "lib/base/memory.h"

#include <stdlib.h>

struct key_opening site_key_opening(const struct site_settings *settings, enum scope scope)
{
	return (struct key_opening){
		.passphrase_file = settings->passphrase_file,
		.ask = scope == SCOPE_UA,
		.unencrypted = settings->key_unencrypted,
	};
}

static FALLIBLE load_key(const struct site_settings *settings, enum scope scope, struct site *site)
{
	const struct key_opening opening = site_key_opening(settings, scope);

	if (!settings->key[0] && !settings->certificate[0])
		return OK;
	if (!settings->key[0] || !settings->certificate[0])
		return FAIL(ST_USAGE, 0, "key and certificate are set together or not at all");
	TRY_DOING(private_key_load(settings->key, &opening, &site->key), "cannot use the key %s",
		  settings->key);
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
		.limits = { (unsigned)settings->path_certificates, (unsigned)settings->path_lookups, 0 },
	};
	return trust_open(&options, &site->trust);
}

FALLIBLE site_open(const struct site_settings *settings, enum scope scope,
		   const struct clock *clock, struct site **out_site)
{
	AUTO(site_free) struct site *site = mem_new(struct site);

	TRY(load_key(settings, scope, site));
	TRY(open_trust(settings, clock, site));
	*out_site = TAKE(site);
	return OK;
}

void site_free(struct site **site)
{
	if (!*site)
		return;
	trust_free(&(*site)->trust);
	cert_free(&(*site)->cert);
	private_key_free(&(*site)->key);
	free(*site);
	*site = NULL;
}
