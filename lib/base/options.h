/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: --name, --name value, --name=value, and -- before words
 * that begin with a dash.  -v is --verbose.  What daemon.h and command.h share.
 */
#ifndef LIB_BASE_OPTIONS_H
#define LIB_BASE_OPTIONS_H

#include "lib/base/settings.h"
#include "lib/base/status.h"

struct option_spec {
	const char *name;	/* without the dashes */
	const char *value;	/* what follows it, for the help: "FILE"; null for a flag */
	const char *help;	/* one sentence */
};

struct options {
	struct given_option *given;
	size_t given_count;
	const char **words;	/* what is no option, in order; borrowed from argv */
	size_t word_count;
};

/*
 * Adds what the tables know (each ends with a null name; either may be null).  Stops at the
 * first word where stop_at_word.  *io_argc and *io_argv move to what is left.
 */
FALLIBLE options_parse(struct options *options, const struct option_spec *const *tables,
		       bool stop_at_word, int *io_argc, char ***io_argv);
void options_cleanup(struct options *options);

/* Whether it was given. */
bool options_has(const struct options *options, const char *name);
/* Its last value, or null. */
const char *options_value(const struct options *options, const char *name);
/* Its value number i in the order given, or null behind the last. */
const char *options_nth(const struct options *options, const char *name, size_t i);

/* One line each: "  --name VALUE   help". */
void options_help(const struct option_spec *table, FILE *to);

#endif
