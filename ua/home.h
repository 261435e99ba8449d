/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's home: the folder with his settings, keys and messages.  Opening
 * it needs neither network nor keys; these are loaded when they are needed.
 */
#ifndef UA_HOME_H
#define UA_HOME_H

#include "lib/base/command.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/peer.h"
#include "lib/store/uastore.h"
#include "ua/settings.h"

struct home {
	const char *path;
	const struct ua_settings *settings;
	const struct clock *clock;
	struct arena *arena;		/* lives as long as the home */
	struct db *db;
	const struct orname *own;	/* the user's O/R address */
	const char *own_text, *own_key;
	struct bytes own_name;		/* its ORName TLV */
	struct bytes own_address;	/* its ORAddress DER */
	struct bytes directory_name;	/* DER Name, empty where none is set */
	const struct peer *mta;		/* that serves him, who has no message store; or null */
	const char *server;		/* "the message store at HOST:PORT", or the MTA, for people */
	const char *password_file;	/* that he binds with; null: strong credentials */
	const char *ms_password;	/* that the store answers with then; null: nothing is expected */
	struct labels labels;		/* security policies, and what may be carried */
	const struct suite *suite;	/* that messages are made with, unless they say otherwise */
	const struct suite *const *accepted;	/* ends with null */
	struct suite_terms terms;
	struct site *site;		/* null until home_unlock; then: */
	struct private_key **openers;	/* the keys that something may be sealed for */
	size_t opener_count;
};

/* --home DIR, else $POSTERN_HOME, else ~/.postern.  The caller frees it. */
char *home_path(const struct options *options);
/* Its settings file.  The caller frees it. */
char *home_config(const struct options *options);

/* ST_USAGE where the home was not made by "init".  Settings and clock outlive the home. */
FALLIBLE home_open(const char *path, const struct ua_settings *settings,
		   const struct clock *clock, struct home **out_home);
/* The same for a command. */
FALLIBLE home_of(const struct invocation *invocation, struct home **out_home);
void home_free(struct home **home);

/* A path in the settings: relative ones begin in the home.  In the home's arena. */
const char *home_file(const struct home *home, const char *name);

/* How the user's key is opened. */
struct key_opening home_key_opening(const struct home *home);

/* The folder of further keys. */
const char *home_keys_folder(const struct home *home);
/* Where the keys are; in the home's arena. */
FALLIBLE home_key_places(const struct home *home, struct key_places *out_places);

/* Where what the directory said is kept. */
const char *home_directory_store(const struct home *home);

/* Loads keys, certificates and authority.  ST_USAGE where there is no certificate yet; ST_REFUSED
 * where one is not the user's: another name, another address, another key. */
FALLIBLE home_unlock(struct home *home);

/* What the user signs with now. */
const struct own_key *home_signer(const struct home *home);

/* That a certificate is what the settings say: subject and x400Address. */
FALLIBLE home_check_certificate(const struct home *home, const struct cert *cert);

/* Where a suite that was used is broken, the audit log says so.  user: whose signature it was; the
 * message's MTS-identifier may be null. */
void audit_suite(const char *msg, const char *user, const char *suite, const char *broken);

#endif
