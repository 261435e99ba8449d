/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every program of a site has in common: its keys and certificates, the
 * authority it trusts, and the directory.
 */
#ifndef LIB_MHS_SITE_H
#define LIB_MHS_SITE_H

#include "directory/settings.h"
#include "lib/base/clock.h"
#include "lib/base/loop.h"
#include "lib/mhs/own_keys.h"
#include "lib/mhs/trust.h"

struct site_settings {
	char *key, *passphrase_file, *certificate, *keys, *authority;
	bool key_unencrypted;
	struct directory_settings directory;
	int64_t directory_cache;
	char *directory_store;
	int64_t directory_offline, list_age;
	int64_t path_certificates, path_lookups;
	struct text_list policies;
	bool allow_broken_1989;
};

/* Lines of a program's table, for the member of its struct that is a struct site_settings. */
#define SITE_SETTINGS(type, member, broken)                                                       \
	{ "key", SET_STR, offsetof(type, member.key), "", 0, 0,                                   \
	  "PEM file of the private key; nobody else may read it." },                              \
	{ "key-passphrase-file", SET_STR, offsetof(type, member.passphrase_file), "", 0, 0,       \
	  "File whose first line opens the key; nobody else may read it." },                      \
	{ "key-unencrypted", SET_BOOL, offsetof(type, member.key_unencrypted), "no", 0, 0,        \
	  "Whether the key may lie in its file unencrypted." },                                   \
	{ "certificate", SET_STR, offsetof(type, member.certificate), "", 0, 0,                   \
	  "PEM file of the certificate that belongs to the key." },                               \
	{ "keys", SET_STR, offsetof(type, member.keys), "", 0, 0,                                 \
	  "Folder of further keys, each in NAME.key with its certificate in NAME.pem." },         \
	{ "authority", SET_STR, offsetof(type, member.authority), "", 0, 0,                       \
	  "PEM file of the certification authority that is trusted." },                           \
	DIRECTORY_SETTINGS(offsetof(type, member.directory)),                                     \
	{ "directory-cache", SET_SECS, offsetof(type, member.directory_cache), "5m", 0, 604800,   \
	  "How long certificates and revocation lists that were found are believed." },          \
	{ "directory-store", SET_STR, offsetof(type, member.directory_store), "", 0, 0,           \
	  "File that keeps what the directory said beyond the process, with its age." },          \
	{ "directory-offline", SET_SECS, offsetof(type, member.directory_offline), "7d", 0,       \
	  31536000, "How old that may be where the directory cannot be asked." },                 \
	{ "revocation-list-age", SET_SECS, offsetof(type, member.list_age), "0", 0, 31536000,     \
	  "How old a revocation list may be; 0: until the time that it says itself." },           \
	{ "path-certificates", SET_INT, offsetof(type, member.path_certificates), "8", 2, 1000,   \
	  "How many certificates a certification path may have." },                               \
	{ "path-lookups", SET_INT, offsetof(type, member.path_lookups), "64", 1, 10000,           \
	  "How many entries of authorities are looked at for a certification path." },            \
	{ "require-policy", SET_LIST, offsetof(type, member.policies), NULL, 0, 64,               \
	  "A policy (OID) under which all certificates of a path have to be; one of several." },  \
	{ "allow-broken-1989", SET_BOOL, offsetof(type, member.allow_broken_1989), "no", 0, 0,    \
	  broken }

/* What a program allows that has no other use for what is broken. */
#define SITE_BROKEN "Whether certificates signed with the hash of 1988, which is broken, are believed."

/* How the key of the settings is opened: where no file says the passphrase, a user is asked. */
struct key_opening site_key_opening(const struct site_settings *settings, enum scope scope);

/* The places of the settings' keys, in the arena. */
FALLIBLE site_key_places(const struct site_settings *settings, struct arena *arena,
			 struct key_places *out_places);

struct site {
	struct own_keys keys;		/* those of a server are in processes of their own */
	const struct clock *clock;
	struct trust *trust;		/* null where there is no authority */
	struct directory_config directory;
	struct key_starting *starting;
	struct key_watch *watch;
};

/* The key to sign with now, and its certificate; null where there is none. */
const struct own_key *site_signer(const struct site *site);

/* Of a server, before it has connections: starts the processes that hold its keys, as the user. */
FALLIBLE site_start_keys(const struct site_settings *settings, const char *user, struct site **out_site);

/* Loads what the settings name into the site, which site_start_keys made or is null; settings and clock
 * outlive it.  ST_REFUSED where a key and a certificate do not belong together, or the certificate is not
 * for the scope. */
FALLIBLE site_open(const struct site_settings *settings, enum scope scope,
		   const struct clock *clock, struct site **io_site);

/* Calls lost once a process that holds a key has ended; it takes why.  Until the loop is freed.  Warns in
 * the log, now and once a day, where the certificate ends within a month, or has ended. */
void site_watch(struct site *site, struct loop *loop, void (*lost)(void *arg, struct status *why),
		void *arg);
void site_free(struct site **site);

#endif
