/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca backup and restore. */
#include "ca/cmd.h"

#include "ca/backup.h"
#include "lib/base/memory.h"

const struct option_spec backup_options[] = {
	{ "with-key", NULL, "Save the key as well, which has to be encrypted." },
	{ 0 }
};

const struct option_spec restore_options[] = {
	{ "head", "HEAD", "The head of the journal as it was remembered: what was done since the backup is "
	  "counted." },
	{ "without-directory", NULL, "Do not ask what was published since the backup: what was revoked since "
	  "is forgotten." },
	{ 0 }
};

/* What the backup has of the keys, and what else is to be kept. */
static void tell_keys(const struct backup_keys *keys)
{
	if (keys->saved)
		printf("Keys that are in it, encrypted as they were: %zu.  Their passphrase is not.\n",
		       keys->saved);
	if (keys->left_out)
		printf("Keys that are NOT in it: %zu.  Without them it is of no use: keep a copy of each, or "
		       "say --with-key.\n", keys->left_out);
	if (keys->in_token)
		printf("Keys that a token has: %zu.  The backup says where, and no more: without the token, or "
		       "one with the same keys, it is of no use.\n", keys->in_token);
}

FALLIBLE cmd_backup(const struct invocation *invocation)
{
	const char *folder = invocation->words[0];
	AUTO(authority_free) struct authority *ca = NULL;
	struct backup_keys keys;
	struct journal_head head;
	char text[JOURNAL_HEAD_TEXT];

	TRY(cmd_authority(invocation, &ca));
	TRY(authority_backup(ca, folder, options_has(&invocation->options, "with-key"),
			     clock_now(&clock_real), &keys));
	TRY(journal_head(ca->db, &head));
	journal_head_text(&head, text);
	if (invocation->json) {
		print_json(invocation, json_pack(
			"{s:s, s:s, s:I, s:I, s:I}", "folder", folder, "head", text, "keys_saved",
			(json_int_t)keys.saved, "keys_left_out", (json_int_t)keys.left_out,
			"keys_in_token", (json_int_t)keys.in_token));
		return OK;
	}
	printf("Saved in %s.\nHead: %s\n", folder, text);
	tell_keys(&keys);
	return cmd_done(invocation);
}

/* Without the directory only a yes helps: nobody knows what was revoked since. */
static FALLIBLE find_directory(const struct invocation *invocation,
			       const struct directory_config *config, struct directory **out_dir)
{
	const struct ca_settings *settings = invocation->settings;

	if (options_has(&invocation->options, "without-directory"))
		return command_confirm(invocation, "Forget what was revoked since the backup was made?");
	if (!directory_is_set(&settings->directory))
		return FAIL(ST_USAGE, 0, "which directory? It knows what was revoked since the backup: set "
			    "\"directory\", or say --without-directory");
	return directory_new(config, out_dir);
}

static void say_lost(const struct restored *restored, const struct journal_head *known)
{
	if (known->number > restored->head.number)
		printf("%lld acts since the backup are lost: what was issued then is not known here.\n",
		       (long long)(known->number - restored->head.number));
}

FALLIBLE cmd_restore(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	const struct key_opening opening = cmd_opening(invocation);
	const struct directory_config config = directory_config_of(&settings->directory);
	const char *known_text = options_value(&invocation->options, "head");
	AUTO(directory_free) struct directory *dir = NULL;
	struct journal_head known = { 0 };
	struct restored restored;

	if (known_text)
		TRY(journal_head_from_text(known_text, &known));
	TRY(find_directory(invocation, &config, &dir));

	struct restore_plan plan = {
		.authority = cmd_authority_path(invocation), .folder = invocation->words[0],
		.as = options_value(&invocation->options, "as"), .opening = &opening, .dir = dir,
		.now = clock_now(&clock_real), .dry = command_is_dry(invocation),
	};

	TRY(authority_restore(&plan, &restored));
	if (invocation->json) {
		print_json(invocation, json_pack(
			"{s:I, s:I, s:I}", "entries", (json_int_t)restored.head.number, "revocations",
			(json_int_t)restored.revocations, "published_list", (json_int_t)restored.list));
		return OK;
	}
	printf("Restored, as of entry %lld of the journal; %zu revocations are taken from what was published "
	       "since.\n", (long long)restored.head.number, restored.revocations);
	say_lost(&restored, &known);
	return cmd_done(invocation);
}
