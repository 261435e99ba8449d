/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, by tables. */
#include "lib/base/options.h"

#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>

struct given_option {
	const char *name, *value;
};

static bool same_name(const char *name, const char *given, size_t len)
{
	return strlen(name) == len && memcmp(name, given, len) == 0;
}

static const struct option_spec *spec_find(const struct option_spec *const *tables,
					   const char *given, size_t len)
{
	for (; *tables; tables++)
		for (const struct option_spec *s = *tables; s->name; s++)
			if (same_name(s->name, given, len))
				return s;
	return NULL;
}

static void given_add(struct options *o, const char *name, const char *value)
{
	o->given = mem_grow(o->given, o->given_count + 1, sizeof(*o->given));
	o->given[o->given_count++] = (struct given_option){ name, value };
}

static void word_add(struct options *o, const char *word)
{
	o->words = mem_grow(o->words, o->word_count + 1, sizeof(*o->words));
	o->words[o->word_count++] = word;
}

/* The one short name that everybody types. */
static bool is_verbose(const char *arg)
{
	return strcmp(arg, "-v") == 0;
}

/* One option, which begins at **io_argv. */
static FALLIBLE option_take(struct options *o, const struct option_spec *const *tables,
			    int *io_argc, char ***io_argv)
{
	const char *text = is_verbose(**io_argv) ? "verbose" : **io_argv + 2;
	const char *equals = strchr(text, '=');
	size_t len = equals ? (size_t)(equals - text) : strlen(text);
	const struct option_spec *s = spec_find(tables, text, len);

	++*io_argv, --*io_argc;
	if (!s)
		return FAIL(ST_USAGE, 0, "there is no option --%.*s", (int)len, text);
	if (!s->value) {
		if (equals)
			return FAIL(ST_USAGE, 0, "the option --%s takes no value", s->name);
		given_add(o, s->name, "");
	} else if (equals) {
		given_add(o, s->name, equals + 1);
	} else if (*io_argc > 0) {
		given_add(o, s->name, **io_argv);
		++*io_argv, --*io_argc;
	} else {
		return FAIL(ST_USAGE, 0, "the option --%s needs a value: %s", s->name, s->value);
	}
	return OK;
}

FALLIBLE options_parse(struct options *options, const struct option_spec *const *tables,
		       bool stop_at_word, int *io_argc, char ***io_argv)
{
	bool only_words = false;

	while (*io_argc > 0) {
		const char *arg = **io_argv;
		bool is_option = !only_words && arg[0] == '-' && arg[1];

		if (!is_option && stop_at_word)
			break;
		if (is_option && arg[1] != '-' && !is_verbose(arg))
			return FAIL(ST_USAGE, 0, "there is no option %s; options have long names: --help",
				    arg);
		if (is_option && (arg[2] || is_verbose(arg))) {
			TRY(option_take(options, tables, io_argc, io_argv));
			continue;
		}
		if (is_option)
			only_words = true;
		else
			word_add(options, arg);
		++*io_argv, --*io_argc;
	}
	return OK;
}

void options_cleanup(struct options *options)
{
	free(options->given);
	free(options->words);
	*options = (struct options){ 0 };
}

bool options_has(const struct options *options, const char *name)
{
	return options_value(options, name) != NULL;
}

const char *options_value(const struct options *options, const char *name)
{
	for (size_t i = options->given_count; i > 0; i--)
		if (strcmp(options->given[i - 1].name, name) == 0)
			return options->given[i - 1].value;
	return NULL;
}

const char *options_nth(const struct options *options, const char *name, size_t n)
{
	for (size_t i = 0; i < options->given_count; i++)
		if (strcmp(options->given[i].name, name) == 0 && n-- == 0)
			return options->given[i].value;
	return NULL;
}

void options_help(const struct option_spec *table, FILE *to)
{
	for (const struct option_spec *s = table; s && s->name; s++) {
		int width = fprintf(to, "  --%s%s%s", s->name, s->value ? " " : "", s->value ? s->value : "");

		fprintf(to, "%*s%s\n", width < 26 ? 26 - width : 2, "", s->help);
	}
}
