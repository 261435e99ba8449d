/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of postern-ca. */
#ifndef CA_CMD_H
#define CA_CMD_H

#include "ca/approval.h"
#include "ca/pairs.h"
#include "directory/settings.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/command.h"

#include <jansson.h>

enum approval_mode { APPROVAL_NONE, APPROVAL_TWO };

struct ca_settings {
	char *path, *passphrase_file;
	int approval;			/* enum approval_mode */
	struct text_list approvers;
	/* No settings, of what waited for approval; null: */
	struct approval *given;		/* what cmd_authority gives the authority */
	const json_t *given_requests;	/* what enrol-batch finds in place of its folder [ca/inbox.h] */
	struct directory_settings directory;
	struct text_list profiles;
	bool needs_words, allow_broken_1989;
	int64_t list_interval, list_overlap;
};

extern const struct option_spec init_options[], request_options[], issue_options[], cross_options[],
	batch_options[], renew_options[], expiring_options[], revoke_options[], crl_options[],
	passphrase_options[], journal_options[], offer_options[], answer_options[], accept_options[],
	complete_options[], rollover_options[], backup_options[], restore_options[], approve_options[];

FALLIBLE cmd_init(const struct invocation *invocation);
FALLIBLE cmd_request(const struct invocation *invocation);
FALLIBLE cmd_issue(const struct invocation *invocation);
FALLIBLE cmd_batch(const struct invocation *invocation);
FALLIBLE cmd_renew(const struct invocation *invocation);
FALLIBLE cmd_expiring(const struct invocation *invocation);
FALLIBLE cmd_cross(const struct invocation *invocation);
FALLIBLE cmd_revoke(const struct invocation *invocation);
FALLIBLE cmd_suspend(const struct invocation *invocation);
FALLIBLE cmd_release(const struct invocation *invocation);
FALLIBLE cmd_crl(const struct invocation *invocation);
FALLIBLE cmd_publish(const struct invocation *invocation);
FALLIBLE cmd_show(const struct invocation *invocation);
FALLIBLE cmd_offer(const struct invocation *invocation);
FALLIBLE cmd_inspect(const struct invocation *invocation);
FALLIBLE cmd_answer(const struct invocation *invocation);
FALLIBLE cmd_accept(const struct invocation *invocation);
FALLIBLE cmd_pairs(const struct invocation *invocation);
FALLIBLE cmd_complete(const struct invocation *invocation);
FALLIBLE cmd_pending(const struct invocation *invocation);
FALLIBLE cmd_approve(const struct invocation *invocation);
FALLIBLE cmd_reject(const struct invocation *invocation);
/* What enrol-batch finds in its folder, for an act that waits. */
FALLIBLE batch_requests(const struct invocation *invocation, json_t *into);
/* Runs a command that may have to wait for approval. */
FALLIBLE cmd_with_approval(const struct invocation *invocation);
FALLIBLE cmd_backup(const struct invocation *invocation);
FALLIBLE cmd_restore(const struct invocation *invocation);
FALLIBLE cmd_rollover(const struct invocation *invocation);
FALLIBLE cmd_withdraw(const struct invocation *invocation);
FALLIBLE cmd_journal(const struct invocation *invocation);
FALLIBLE cmd_passphrase(const struct invocation *invocation);

/* How its key is opened: as the settings say, or on the terminal.  It was made encrypted or not. */
struct key_opening cmd_opening(const struct invocation *invocation);
/* Where it lies, as --ca or the settings say. */
const char *cmd_authority_path(const struct invocation *invocation);
/* ST_REFUSED where an authority is of 1988 [lib/sec/cert_1989.h] and the settings do not allow it. */
FALLIBLE cmd_allows(const struct invocation *invocation, bool form_1989);
/* The authority of the settings; with --dry-run, one that only rehearses. */
FALLIBLE cmd_authority(const struct invocation *invocation, struct authority **out_ca);
/* The last line of a command that changes something: says where it did not. */
FALLIBLE cmd_done(const struct invocation *invocation);

/* --- options in common --- */

/* The text of an option that has to be given. */
FALLIBLE option_needed(const struct invocation *invocation, const char *name,
		       const char **out_text);
/* --key, or P-256. */
FALLIBLE key_type_option(const struct invocation *invocation, enum key_type *out_type);
/* A time so many days from now, as --days says. */
FALLIBLE option_days(const struct invocation *invocation, int fallback, time_t now,
		     time_t *out_time);
/* The number of days that --days says; 0 where it is not given. */
FALLIBLE option_day_count(const struct invocation *invocation, int *out_days);
/* The seconds of an option that says how soon: 30d, and 30d where it is not given. */
FALLIBLE option_soon(const struct invocation *invocation, const char *name, int64_t *out_seconds);
/* The text of an option, or of what is taken where it is not given. */
const char *options_or(const struct options *options, const char *name, const char *fallback);
/* When the certificate of another authority ends, as --days and the profile of authorities say, which
 * has to allow its key. */
FALLIBLE option_cross_days(const struct invocation *invocation, const struct cert *other, time_t now,
			   time_t *out_until);
/* A serial number of the command line, or that of a file with the certificate. */
FALLIBLE serial_from_word(const char *word, struct buf *out_serial);
/* An O/R address of the command line: its DER ORAddress, and its usual text in the arena. */
FALLIBLE address_from_text(const char *text, struct arena *arena, struct buf *out_der,
			   const char **out_usual);
/* The usual text of a DER ORAddress, in the arena; null for none. */
FALLIBLE or_address_text(struct bytes der, struct arena *arena, const char **out_text);

/* When the next list comes at the latest, as the settings say. */
time_t next_list(const struct invocation *invocation, time_t now);
/* --fingerprint or --words, one of which has to be given, and right: ST_REFUSED where it is not. */
#define IDENTITY_OPTIONS								\
	{ "fingerprint", "HEX", "What the other authority says its certificate's fingerprint is." }, \
	{ "words", "WORDS", "The same in the words that inspect prints." }
FALLIBLE check_identity(const struct invocation *invocation, const struct cert *other);

/* --- what an authority is held to --- */

#define LIMITS_OPTIONS(who)								\
	{ "path-length", "NUMBER", "How many further authorities may follow." },	\
	{ "permit-or-address", "ADDRESS", "A domain of O/R addresses " who " held to; may be repeated." }, \
	{ "permit-name", "NAME", "A subtree of directory names " who " held to; may be repeated." }, \
	{ "exclude-or-address", "ADDRESS", "A domain of O/R addresses kept from it; may be repeated." }, \
	{ "exclude-name", "NAME", "A subtree of directory names kept from it; may be repeated." }, \
	{ "policy", "OID", "A policy that may be relied on; may be repeated." },	\
	{ "map-policy", "OURS=THEIRS", "A policy of the other's that is worth one of ours; may be " \
	  "repeated." }

FALLIBLE limits_from_options(const struct invocation *invocation, struct arena *arena,
			     struct cert_limits *out);
/* Where nothing was said of a kind, what was asked for is taken; of path lengths, the shorter. */
void limits_or_else(struct cert_limits *limits, const struct cert_limits *asked);
/* Under the names of the options. */
FALLIBLE limits_json(const struct cert_limits *limits, json_t *into);
void limits_print(const json_t *limits);

/* Lists pairs, for people or as JSON, and returns how many are to be made anew. */
size_t pairs_tell(const struct pairs *pairs, bool only_to_renew, time_t now, json_t *list);

/* Shows an offer or an answer. */
FALLIBLE inspect_offer(const struct invocation *invocation);

/* --- results --- */

/* ST_USAGE where the settings name no directory. */
FALLIBLE directory_needed(const struct invocation *invocation);
/* Brings the authority's own entry up to date, with a new revocation list; *out_published: unless no
 * directory is set. */
FALLIBLE publish_own(const struct invocation *invocation, struct authority *ca, time_t now,
		     bool *out_published);
json_t *issued_json(const struct cert *cert, const char *path);
/* Says what was issued and where it lies (or null), for people or as JSON. */
void print_issued(const struct invocation *invocation, const struct cert *cert, const char *path);
/* Writes what was issued, unless with --dry-run, and says so. */
FALLIBLE save_issued(const struct invocation *invocation, const struct cert *cert, const char *path);
/* Prints the object, which it takes over; with --dry-run it says so. */
void print_json(const struct invocation *invocation, json_t *json);

#endif
