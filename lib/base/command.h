/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The skeleton of programs with commands: postern-ua send [options] words.
 *
 *	int main(int argc, char **argv) { return command_main(&ua, argc, argv); }
 *
 * Every program understands --help, --version and --json, every command --help;
 * one with settings also --config, --set and --show-settings.  These may stand
 * before or behind the command.  A failure is printed with its causes and ends
 * the program with status_exit_code.
 */
#ifndef LIB_BASE_COMMAND_H
#define LIB_BASE_COMMAND_H

#include "lib/base/options.h"
#include "lib/base/settings.h"

struct invocation {
	const struct command_program *program;
	const struct command *command;
	bool json;
	const void *settings;		/* the program's struct, filled; null where it has none */
	struct options options;		/* options_has, options_value, options_nth */
	const char *const *words;	/* what follows the command and is no option */
	size_t word_count;
};

struct command {
	const char *name;
	const char *words;		/* for the help: "[--sign] --to NAME FILE"; may be null */
	size_t words_min, words_max;
	const char *summary;		/* one sentence, in the list of commands */
	const char *help;		/* more, in its own help; may be null */
	const struct option_spec *options;	/* ends with a null name; may be null */
	FALLIBLE (*run)(const struct invocation *invocation);
};

struct command_program {
	const char *name;		/* "postern-ua" */
	const char *summary;
	const struct command *commands;	/* ends with a null name */
	const struct option_spec *options;	/* of all commands; may be null */
	const struct setting *settings;	/* null: none */
	size_t settings_size;
	const char *config;		/* default settings file, read where it exists; ~/ is the home */
	/* The same where the options say which; freed after use.  Null: config it is. */
	char *(*find_config)(const struct options *options);
};

int command_main(const struct command_program *program, int argc, char **argv);

/*
 * Before what cannot be undone: asks the user on a terminal, where he answers yes or no; --yes answers
 * beforehand.  With --dry-run nothing is asked.  ST_USAGE where he does not say yes, or there is
 * nobody to ask.  The words are a question: "Revoke the certificate of CN=...?"  The program's
 * options have CONFIRM_OPTIONS among them.
 */
__attribute__((format(printf, 2, 3)))
FALLIBLE command_confirm(const struct invocation *invocation, const char *question, ...);

/* --yes and --dry-run, for tables of options. */
#define CONFIRM_OPTIONS									\
	{ "yes", NULL, "Do what cannot be undone without asking." },			\
	{ "dry-run", NULL, "Say what would be done, and do not do it." }

/* Whether it is to be left at saying what would be done. */
bool command_is_dry(const struct invocation *invocation);

/* How far it has come, on one line of a terminal; silent where stderr is none, or with --json.
 * total 0 is unknown. */
void progress_show(const struct invocation *invocation, const char *what,
		   uint64_t done, uint64_t total);
/* Removes the line. */
void progress_end(const struct invocation *invocation);

#endif
