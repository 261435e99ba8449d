/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir get, and what every command begins with. */
#include "directory/cmd.h"

FALLIBLE cmd_open(const struct invocation *invocation, struct directory **out_dir)
{
	const struct dir_settings *settings = invocation->settings;
	struct directory_config config = directory_config_of(&settings->directory);

	if (!directory_is_set(&settings->directory))
		return FAIL(ST_USAGE, 0, "which directory? Set \"directory\" in the settings file, "
			    "or --set directory=ldap://HOST:PORT");
	return directory_new(&config, out_dir);
}

void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

FALLIBLE cmd_get(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry;

	TRY(cmd_open(invocation, &dir));
	TRY(directory_get(dir, invocation->words[0], arena, &entry));
	if (invocation->json)
		print_json(entry_json(&entry));
	else
		show_entry(&entry, stdout);
	return OK;
}
