/* SPDX-License-Identifier: Apache-2.0 */
/* The user's home. */
#include "ua/home.h"

#include "asn1/dn.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/base/words.h"

#include <stdlib.h>
#include <unistd.h>

/* --- where it is --- */

char *home_path(const struct options *options)
{
	const char *given = options_value(options, "home");
	const char *set = getenv("POSTERN_HOME"), *user = getenv("HOME");

	if (given && *given)
		return mem_strdup(given);
	if (set && *set)
		return mem_strdup(set);
	return mem_printf("%s/.postern", user ? user : "");
}

char *home_config(const struct options *options)
{
	AUTO(mem_free) char *path = home_path(options);

	return mem_printf("%s/ua.conf", path);
}

const char *home_file(const struct home *home, const char *name)
{
	if (!*name || *name == '/')
		return name;
	return arena_printf(home->arena, "%s/%s", home->path, name);
}

/* --- opening --- */

static FALLIBLE read_identity(struct home *home)
{
	const struct ua_settings *settings = home->settings;
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf address = { 0 };
	AUTO(buf_free) struct buf directory_name = { 0 };
	struct orname *own = NULL;

	if (!*settings->address)
		return FAIL(ST_USAGE, 0, "%s/ua.conf names no user: \"postern-ua init\" makes it",
			    home->path);
	TRY_DOING(orname_from_text(home->arena, settings->address, &own), "setting or-address");
	TRY_DOING(orname_check(own), "setting or-address");
	TRY(orname_encode(own, &name));
	TRY(oraddress_encode(own, &address));
	TRY_DOING(dn_from_text(settings->name, &directory_name), "setting name");
	home->own = own;
	home->own_text = orname_text(home->arena, own);
	home->own_key = orname_key(home->arena, own);
	home->own_name = arena_dup(home->arena, buf_view(&name));
	home->own_address = arena_dup(home->arena, buf_view(&address));
	if (*settings->name)
		home->directory_name = arena_dup(home->arena, buf_view(&directory_name));
	return OK;
}

/* Whom he binds to: the one or the other. */
static FALLIBLE read_server(struct home *home)
{
	const struct ua_settings *settings = home->settings;
	struct peer *mta = arena_new_of(home->arena, struct peer);

	home->server = arena_printf(home->arena, "the message store at %s", settings->ms);
	if (!*settings->mta)
		return OK;
	if (*settings->ms)
		return FAIL(ST_USAGE, 0, "\"ms\" and \"mta\" are set: who has a message store takes his "
			    "messages from it, and not from the MTA");
	TRY_DOING(peer_read_in(home->arena, &home->labels, PEER_MTA, home->path, settings->mta, mta),
		  "mta = %s", settings->mta);
	home->mta = mta;
	home->server = arena_printf(home->arena, "%s at %s", mta->name, mta->address);
	home->password_file = mta->expected.own_password_file;
	return OK;
}

static FALLIBLE read_passwords(struct home *home)
{
	const struct ua_settings *settings = home->settings;
	AUTO(mem_free) char *line = NULL;

	if (home->mta && (*settings->password_file || *settings->ms_password_file))
		return FAIL(ST_USAGE, 0, "password-file and ms-password-file are for a message store: "
			    "those for an MTA stand in the setting mta");
	if (*settings->password_file)
		home->password_file = home_file(home, settings->password_file);
	if (!*settings->ms_password_file)
		return OK;
	TRY_DOING(words_read_line(home_file(home, settings->ms_password_file), &line),
		  "setting ms-password-file");
	home->ms_password = arena_strdup(home->arena, line);
	return OK;
}

static FALLIBLE read_suites(struct home *home)
{
	const struct ua_settings *settings = home->settings;

	TRY_DOING(suite_from_text(settings->suite, &home->suite), "setting suite");
	TRY_DOING(suites_from_text(home->arena, settings->accept_suites, &home->accepted),
		  "setting accept-suites");
	return suite_terms_read(home->arena, &settings->site, &settings->suites, &home->terms);
}

static FALLIBLE open_logs(const struct home *home)
{
	const struct log_options options = {
		.program = "ua",
		.path = home_file(home, "ua.log"),
		.audit_path = home_file(home, "audit.log"),
		.level = LOG_LV_INFO,
		.clock = home->clock,
	};

	return log_open(&options);
}

FALLIBLE home_open(const char *path, const struct ua_settings *settings,
		   const struct clock *clock, struct home **out_home)
{
	AUTO(home_free) struct home *home = mem_new(struct home);

	home->arena = arena_new();
	home->path = arena_strdup(home->arena, path);
	home->settings = settings;
	home->clock = clock;
	TRY(read_identity(home));
	TRY(labels_open(home->arena, &settings->labels, &home->labels));
	TRY(read_suites(home));
	TRY(read_server(home));
	TRY(read_passwords(home));
	TRY(open_logs(home));
	TRY_DOING(db_open(home_file(home, "mail.db"), &uastore_schema, DB_SHARED, &home->db),
		  "cannot open the messages in %s", path);
	*out_home = TAKE(home);
	return OK;
}

FALLIBLE home_of(const struct invocation *invocation, struct home **out_home)
{
	AUTO(mem_free) char *path = home_path(&invocation->options);

	if (access(path, F_OK) != 0)
		return FAIL(ST_USAGE, 0, "there is no %s: \"postern-ua init\" makes it", path);
	return home_open(path, invocation->settings, &clock_real, out_home);
}

void home_free(struct home **home)
{
	if (!*home)
		return;
	site_free(&(*home)->site);
	db_close(&(*home)->db);
	arena_free(&(*home)->arena);
	log_close();
	mem_free(home);
}

/* --- keys --- */

/* [X.402 18.4] the certificate's x400Address and the user's. */
static bool has_address(struct bytes address, const struct orname *own)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *name = NULL;
	struct status *failed = oraddress_decode(arena, address, &name);
	bool same = !failed && orname_equal(name, own);

	status_drop(failed);
	return same;
}

FALLIBLE home_check_certificate(const struct home *home, const struct cert *cert)
{
	TRY(cert_check_scope(cert, SCOPE_UA));
	if (home->directory_name.len && !dn_equal(cert->subject, home->directory_name))
		return FAIL(ST_REFUSED, 0, "the certificate is for %s, the user is %s",
			    cert->subject_text, home->settings->name);
	if (!has_address(cert->or_address, home->own))
		return FAIL(ST_REFUSED, 0, "the certificate is not for the O/R address %s",
			    home->own_text);
	return OK;
}

struct key_opening home_key_opening(const struct home *home)
{
	struct key_opening opening = site_key_opening(&home->settings->site, SCOPE_UA);

	opening.passphrase_file = home_file(home, opening.passphrase_file);
	return opening;
}

const char *home_directory_store(const struct home *home)
{
	const char *path = home->settings->site.directory_store;

	return home_file(home, *path ? path : "directory.db");
}

const char *home_keys_folder(const struct home *home)
{
	const char *folder = home->settings->site.keys;

	return home_file(home, *folder ? folder : "keys");
}

FALLIBLE home_key_places(const struct home *home, struct key_places *out_places)
{
	const struct key_place first = { home_file(home, home->settings->site.key),
					 home_file(home, home->settings->site.certificate) };

	return key_places_find(home->arena, &first, home_keys_folder(home), out_places);
}

static struct site_settings *site_settings_of(struct home *home)
{
	struct site_settings *site = arena_new_of(home->arena, struct site_settings);

	*site = home->settings->site;
	site->key = arena_strdup(home->arena, home_file(home, site->key));
	site->keys = arena_strdup(home->arena, home_keys_folder(home));
	site->passphrase_file = arena_strdup(home->arena, home_file(home, site->passphrase_file));
	site->certificate = arena_strdup(home->arena, home_file(home, site->certificate));
	site->authority = arena_strdup(home->arena, home_file(home, site->authority));
	site->directory_store = arena_strdup(home->arena, home_directory_store(home));
	return site;
}

static FALLIBLE take_keys(struct home *home)
{
	const struct own_keys *keys = &home->site->keys;

	home->openers = arena_new_array(home->arena, struct private_key *, keys->count);
	for (size_t i = 0; i < keys->count; i++) {
		TRY(home_check_certificate(home, keys->items[i].cert));
		if (keys->items[i].cert->seals)
			home->openers[home->opener_count++] = keys->items[i].key;
	}
	if (!home_signer(home))
		return FAIL(ST_USAGE, 0, "none of your certificates is for a key that signs");
	return OK;
}

FALLIBLE home_unlock(struct home *home)
{
	const struct site_settings *site = NULL;

	if (home->site)
		return OK;
	site = site_settings_of(home);
	if (!*site->key || !*site->certificate || access(site->certificate, F_OK) != 0)
		return FAIL(ST_USAGE, 0, "there is no certificate yet: have %s certified, then "
			    "\"postern-ua init --certificate FILE\"", home_file(home, "request.pem"));
	TRY(site_open(site, SCOPE_UA, home->clock, &home->site));
	if (!home->site->trust)
		return FAIL(ST_USAGE, 0, "whom to trust? Set \"authority\" in %s",
			    home_file(home, "ua.conf"));
	return take_keys(home);
}

const struct own_key *home_signer(const struct home *home)
{
	return site_signer(home->site);
}

void audit_suite(const char *msg, const char *user, const char *suite, const char *broken)
{
	AUTO(status_free) struct status *why = NULL;

	if (!broken)
		return;
	why = FAIL(ST_REFUSED, 0, "a setting allows the suite %s: %s", suite, broken);
	const struct audit_event event = {
		.msg = msg, .user = user, .what = "broken-suite", .allowed = true, .why = why,
	};
	log_audit(&event);
}
