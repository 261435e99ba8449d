/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir get and find. */
#include "directory/cmd.h"

#include "lib/mhs/orname.h"

const struct option_spec find_options[] = {
	{ "or-address", "ADDRESS", "An O/R address: /G=Alice/S=Smith/O=Ministry/.../C=FR/." },
	{ "cn", "NAME", "A common name." },
	{ "mail", "ADDRESS", "An Internet mail address." },
	{ 0 }
};

FALLIBLE cmd_open(const struct invocation *invocation, struct directory **out_dir)
{
	const struct dir_settings *settings = invocation->settings;
	struct directory_config config = directory_config_of(&settings->directory);

	if (!directory_is_set(&settings->directory))
		return FAIL(ST_USAGE, 0, "which directory? Set \"directory\" in the settings file, "
			    "or --set directory=ldap://HOST:PORT");
	return directory_new(&config, out_dir);
}

static void print_json(json_t *json)
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

/* An address is kept in the one form that all programs write. */
static FALLIBLE usual_address(struct arena *arena, const char *text, const char **out_text)
{
	struct orname *name = NULL;

	TRY(orname_from_text(arena, text, &name));
	*out_text = orname_text(arena, name);
	return OK;
}

static FALLIBLE what_to_find(const struct invocation *invocation, struct arena *arena,
			     enum directory_attr *out_attr, const char **out_value)
{
	static const struct { const char *option; enum directory_attr attr; } by[] = {
		{ "or-address", DIRECTORY_OR_ADDRESS },
		{ "cn", DIRECTORY_CN },
		{ "mail", DIRECTORY_MAIL },
	};
	size_t given = 0;

	for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
		const char *value = options_value(&invocation->options, by[i].option);

		if (!value)
			continue;
		*out_attr = by[i].attr;
		*out_value = value;
		given++;
	}
	if (given != 1)
		return FAIL(ST_USAGE, 0, "find needs one of --or-address, --cn and --mail");
	if (*out_attr == DIRECTORY_OR_ADDRESS)
		TRY(usual_address(arena, *out_value, out_value));
	return OK;
}

FALLIBLE cmd_find(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entries entries = { 0 };
	enum directory_attr attr = DIRECTORY_CN;
	const char *value = NULL;

	TRY(what_to_find(invocation, arena, &attr, &value));
	TRY(cmd_open(invocation, &dir));
	TRY(directory_find(dir, attr, value, arena, &entries));
	if (invocation->json) {
		json_t *list = json_array();

		for (size_t i = 0; i < entries.count; i++)
			json_array_append_new(list, entry_json(&entries.list[i]));
		print_json(list);
		return OK;
	}
	for (size_t i = 0; i < entries.count; i++)
		show_entry(&entries.list[i], stdout);
	return OK;
}
