/* SPDX-License-Identifier: Apache-2.0 */
/* The files of postern-dir: cmd_*.c and main.c, which are program, not library. */
#ifndef DIRECTORY_CMD_H
#define DIRECTORY_CMD_H

#include "directory/settings.h"
#include "lib/base/command.h"

#include <jansson.h>

struct dir_settings {
	struct directory_settings directory;
	char *authority;
	int64_t path_certificates, path_lookups;
};

extern const struct option_spec find_options[], publish_options[], path_options[];

FALLIBLE cmd_get(const struct invocation *invocation);
FALLIBLE cmd_find(const struct invocation *invocation);
FALLIBLE cmd_path(const struct invocation *invocation);
FALLIBLE cmd_publish(const struct invocation *invocation);

/* The directory of the settings; *out_config has to live as long as the handle. */
FALLIBLE cmd_open(const struct invocation *invocation, struct directory **out_dir);

/* Writes an entry for people. */
void show_entry(const struct directory_entry *entry, FILE *to);
/* The same for programs. */
json_t *entry_json(const struct directory_entry *entry);

#endif
