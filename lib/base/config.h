/* SPDX-License-Identifier: Apache-2.0 */
/* The options that give a program its settings: what daemon.h and command.h share. */
#ifndef LIB_BASE_CONFIG_H
#define LIB_BASE_CONFIG_H

#include "lib/base/options.h"

/* --config FILE, --set KEY=VALUE, --show-settings. */
extern const struct option_spec config_options[];
/* --help, --version, --json. */
extern const struct option_spec common_options[];

/*
 * Fills the settings: defaults, then the file of --config, or the usual file where it exists (null:
 * there is none; ~/ is the home), then every --set.  into was zeroed; the caller cleans it up, also
 * after a failure.
 */
FALLIBLE config_load(const struct options *options, const char *usual_file,
		     const struct setting *table, void *into);

/* The usual file's path, with the home in place of ~.  The caller frees it. */
char *config_path(const char *usual_file);

#endif
