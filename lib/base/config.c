/* SPDX-License-Identifier: Apache-2.0 */
/* The options that give a program its settings. */
#include "lib/base/config.h"

#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option_spec config_options[] = {
	{ "config", "FILE", "Read the settings from this file." },
	{ "set", "KEY=VALUE", "Set one of them; may be repeated." },
	{ "show-settings", NULL, "Print all settings with their values, and end." },
	{ 0 }
};

const struct option_spec common_options[] = {
	{ "json", NULL, "Print results as JSON." },
	{ "help", NULL, "Print this, and end." },
	{ "version", NULL, "Print the version, and end." },
	{ 0 }
};

char *config_path(const char *usual_file)
{
	const char *home = getenv("HOME");

	if (strncmp(usual_file, "~/", 2) == 0)
		return mem_printf("%s%s", home ? home : "", usual_file + 1);
	return mem_strdup(usual_file);
}

static FALLIBLE file_load(const struct options *options, const char *usual_file,
			  const struct setting *table, void *into)
{
	const char *given = options_value(options, "config");

	if (given)
		return settings_read(table, into, given);
	if (!usual_file)
		return OK;
	AUTO(mem_free) char *path = config_path(usual_file);
	return access(path, F_OK) == 0 ? settings_read(table, into, path) : OK;
}

FALLIBLE config_load(const struct options *options, const char *usual_file,
		     const struct setting *table, void *into)
{
	const char *assignment;

	settings_init(table, into);
	TRY(file_load(options, usual_file, table, into));
	for (size_t i = 0; (assignment = options_nth(options, "set", i)); i++)
		TRY_DOING(settings_set(table, into, assignment), "--set %s", assignment);
	/* What is shown may be what is missing. */
	if (options_has(options, "show-settings"))
		return OK;
	return settings_finish(table, into);
}
