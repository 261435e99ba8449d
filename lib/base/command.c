/* SPDX-License-Identifier: Apache-2.0 */
/* The skeleton of programs with commands. */
#include "lib/base/command.h"

#include "lib/base/config.h"
#include "lib/base/memory.h"
#include "lib/base/privilege.h"
#include "lib/base/version.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- help --- */

static void help_options(const struct command_program *p, const struct command *c, FILE *to)
{
	fputs("\nOptions:\n", to);
	if (c)
		options_help(c->options, to);
	options_help(p->options, to);
	if (p->settings)
		options_help(config_options, to);
	options_help(common_options, to);
}

static void help_program(const struct command_program *p, FILE *to)
{
	fprintf(to, "%s\n\nUsage: %s COMMAND [OPTIONS] [WORDS]\n\nCommands:\n", p->summary, p->name);
	for (const struct command *c = p->commands; c->name; c++)
		fprintf(to, "  %-24s%s\n", c->name, c->summary);
	help_options(p, NULL, to);
	fprintf(to, "\n\"%s COMMAND --help\" tells more about one.\n", p->name);
}

static void help_command(const struct command_program *p, const struct command *c, FILE *to)
{
	fprintf(to, "%s\n\nUsage: %s %s [OPTIONS]%s%s\n", c->summary, p->name, c->name,
		c->words ? " " : "", c->words ? c->words : "");
	if (c->help)
		fprintf(to, "\n%s\n", c->help);
	help_options(p, c, to);
}

/* --- one run --- */

static const struct command *command_find(const struct command_program *p, const char *name)
{
	for (const struct command *c = p->commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static FALLIBLE words_check(const struct command_program *p, const struct command *c,
			    const struct options *o)
{
	if (o->word_count >= c->words_min && o->word_count <= c->words_max)
		return OK;
	return FAIL(ST_USAGE, 0, "too %s words: the command is \"%s %s%s%s\"",
		    o->word_count < c->words_min ? "few" : "many", p->name, c->name,
		    c->words ? " " : "", c->words ? c->words : "");
}

/* Options before and behind the command. */
static FALLIBLE line_parse(struct invocation *inv, int argc, char **argv)
{
	const struct command_program *p = inv->program;
	const struct option_spec *tables[5] = { common_options };
	size_t count = 1;

	if (p->settings)
		tables[count++] = config_options;
	if (p->options)
		tables[count++] = p->options;
	TRY(options_parse(&inv->options, tables, true, &argc, &argv));
	if (!argc)
		return OK;
	inv->command = command_find(p, *argv);
	if (!inv->command)
		return FAIL(ST_USAGE, 0, "there is no command \"%s\"; --help lists them", *argv);
	if (inv->command->options)
		tables[count++] = inv->command->options;
	argc--, argv++;
	TRY(options_parse(&inv->options, tables, false, &argc, &argv));
	inv->words = inv->options.words;
	inv->word_count = inv->options.word_count;
	return OK;
}

static FALLIBLE load_settings(const struct invocation *inv, void *settings)
{
	const struct command_program *p = inv->program;
	AUTO(mem_free) char *found = p->find_config ? p->find_config(&inv->options) : NULL;

	return config_load(&inv->options, found ? found : p->config, p->settings, settings);
}

static FALLIBLE run_with_settings(struct invocation *inv, void *settings)
{
	const struct command_program *p = inv->program;

	if (p->settings)
		TRY(load_settings(inv, settings));
	inv->settings = settings;
	if (options_has(&inv->options, "show-settings")) {
		settings_show(p->settings, settings, stdout, inv->json);
		return OK;
	}
	if (!inv->command)
		return FAIL(ST_USAGE, 0, "which command? --help lists them");
	TRY(words_check(p, inv->command, &inv->options));
	return inv->command->run(inv);
}

static FALLIBLE run(struct invocation *inv, int argc, char **argv)
{
	const struct command_program *p = inv->program;

	/* Whoever has a key has it in this memory. */
	TRY(privilege_hide());
	TRY(line_parse(inv, argc, argv));
	inv->json = options_has(&inv->options, "json");
	if (options_has(&inv->options, "help")) {
		if (inv->command)
			help_command(p, inv->command, stdout);
		else
			help_program(p, stdout);
		return OK;
	}
	if (options_has(&inv->options, "version")) {
		printf("%s %s\n", p->name, POSTERN_VERSION);
		return OK;
	}
	AUTO(mem_free) void *settings = mem_alloc(1, p->settings_size);
	struct status *st = run_with_settings(inv, settings);
	if (p->settings)
		settings_cleanup(p->settings, settings);
	return st;
}

int command_main(const struct command_program *program, int argc, char **argv)
{
	struct invocation inv = { .program = program };
	AUTO(status_free) struct status *st = run(&inv, argc - 1, argv + 1);

	/* What could not be written was not done: a full disk, a closed pipe. */
	if (!st && (fflush(stdout) || ferror(stdout)))
		st = FAIL(ST_LATER, 0, "cannot write the output");
	if (st)
		status_print(stderr, program->name, st);
	options_cleanup(&inv.options);
	return status_exit_code(st);
}

/* --- what cannot be undone --- */

bool command_is_dry(const struct invocation *invocation)
{
	return options_has(&invocation->options, "dry-run");
}

static bool says_yes(void)
{
	char answer[16] = "";

	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

FALLIBLE command_confirm(const struct invocation *invocation, const char *question, ...)
{
	va_list args;

	if (command_is_dry(invocation) || options_has(&invocation->options, "yes"))
		return OK;
	va_start(args, question);
	AUTO(mem_free) char *text = mem_vprintf(question, args);
	va_end(args);
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return FAIL(ST_USAGE, 0, "%s  That cannot be undone, and there is no terminal to ask "
			    "on: add --yes", text);
	fprintf(stderr, "%s  It cannot be undone. [y/N] ", text);
	if (!says_yes())
		return FAIL(ST_USAGE, 0, "nothing was done");
	return OK;
}

/* --- progress --- */

static bool is_watched(const struct invocation *inv)
{
	return !inv->json && isatty(STDERR_FILENO);
}

void progress_show(const struct invocation *invocation, const char *what,
		   uint64_t done, uint64_t total)
{
	if (!is_watched(invocation))
		return;
	if (total)
		fprintf(stderr, "\r\033[K%s %3d%%", what, (int)(done >= total ? 100 : done * 100.0 / total));
	else
		fprintf(stderr, "\r\033[K%s %llu", what, (unsigned long long)done);
	fflush(stderr);
}

void progress_end(const struct invocation *invocation)
{
	if (is_watched(invocation))
		fputs("\r\033[K", stderr);
}
