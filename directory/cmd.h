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
	int64_t list_age, path_certificates, path_lookups;
	struct text_list policies;
	bool allow_broken_1989;
};

extern const struct option_spec find_options[], publish_options[], path_options[], check_options[],
	repair_options[], serve_options[], unpublish_options[];

FALLIBLE cmd_get(const struct invocation *invocation);
FALLIBLE cmd_find(const struct invocation *invocation);
FALLIBLE cmd_path(const struct invocation *invocation);
FALLIBLE cmd_publish(const struct invocation *invocation);
FALLIBLE cmd_unpublish(const struct invocation *invocation);
FALLIBLE cmd_check(const struct invocation *invocation);
FALLIBLE cmd_repair(const struct invocation *invocation);
FALLIBLE cmd_serve(const struct invocation *invocation);

/* The directory of the settings; *out_config has to live as long as the handle. */
FALLIBLE cmd_open(const struct invocation *invocation, struct directory **out_dir);

/* The value of an option --kind; DIRECTORY_KIND_COUNT where there is none. */
FALLIBLE cmd_kind(const struct options *options, enum directory_kind *out_kind);

/* Prints JSON on stdout, and gives it back. */
void print_json(json_t *json);

/* The O/R address that a certificate binds its name to, as text fit to be shown; null where it has
 * none that can be read.  The caller frees it. */
struct cert;
char *cert_address(const struct cert *cert);

/* Writes an entry for people. */
void show_entry(const struct directory_entry *entry, FILE *to);
/* The same for programs. */
json_t *entry_json(const struct directory_entry *entry);
/* Many of them, a line for each. */
void show_table(const struct directory_entries *entries, FILE *to);

#endif
