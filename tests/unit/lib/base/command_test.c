/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/command.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

struct sample_settings {
	char *name;
};

static const struct setting sample_table[] = {
	{ "name", SET_STR, offsetof(struct sample_settings, name), "nobody", 0, 0, "Whose." },
	{ 0 }
};

/* What the command was given, as one line. */
static char *seen;

static FALLIBLE run_send(const struct invocation *inv)
{
	struct buf line = { 0 };
	const char *to;

	buf_printf(&line, "%s", ((const struct sample_settings *)inv->settings)->name);
	for (size_t i = 0; (to = options_nth(&inv->options, "to", i)); i++)
		buf_printf(&line, " to:%s", to);
	for (size_t i = 0; i < inv->word_count; i++)
		buf_printf(&line, " %s", inv->words[i]);
	buf_printf(&line, "%s%s", options_has(&inv->options, "sign") ? " sign" : "",
		   inv->json ? " json" : "");
	buf_put_u8(&line, 0);
	mem_free(&seen);
	seen = (char *)line.data;
	return OK;
}

static FALLIBLE run_fail(const struct invocation *inv)
{
	(void)inv;
	return FAIL(ST_LATER, 0, "the server does not answer");
}

static const struct option_spec send_options[] = {
	{ "to", "NAME", "Who gets it; may be repeated." },
	{ "sign", NULL, "Sign it." },
	{ 0 }
};

static const struct command commands[] = {
	{ "send", "FILE...", 1, 3, "Sends a message.", "More words.", send_options, run_send },
	{ "fail", NULL, 0, 0, "Fails.", NULL, NULL, run_fail },
	{ 0 }
};

static const struct command_program sample = {
	.name = "sample", .summary = "A sample.", .commands = commands,
	.settings = sample_table, .settings_size = sizeof(struct sample_settings),
};

enum { ARGS_MAX = 10 };

/* Runs the program; gives its exit code, and what it wrote to both outputs in *out_text. */
static int run(const char *const *args, char **out_text)
{
	char *argv[ARGS_MAX + 2] = { (char *)"sample" };
	int argc = 1, kept_out = dup(STDOUT_FILENO), kept_err = dup(STDERR_FILENO);
	FILE *f = tmpfile();

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)args[argc - 1];
	fflush(NULL);
	dup2(fileno(f), STDOUT_FILENO);
	dup2(fileno(f), STDERR_FILENO);
	int code = command_main(&sample, argc, argv);
	fflush(NULL);
	dup2(kept_out, STDOUT_FILENO);
	dup2(kept_err, STDERR_FILENO);
	close(kept_out);
	close(kept_err);
	struct buf text = { 0 };
	rewind(f);
	for (int c; (c = fgetc(f)) != EOF; )
		buf_put_u8(&text, (uint8_t)c);
	buf_put_u8(&text, 0);
	fclose(f);
	*out_text = (char *)text.data;
	return code;
}

static const struct {
	const char *args[ARGS_MAX];
	int code;
	const char *seen;	/* by the command; null: it does not run */
	const char *words;	/* in what is written */
} cases[] = {
	{ { "send", "f" }, 0, "nobody f", "" },
	{ { "--json", "--set", "name=alice", "send", "--to", "bob", "f", "--to=carol", "g", "--sign" }, 0,
	  "alice to:bob to:carol f g sign json", "" },
	{ { "send", "--", "--sign" }, 0, "nobody --sign", "" },
	{ { "send", "-" }, 0, "nobody -", "" },
	{ { "send" }, EX_USAGE, NULL, "sample: too few words: the command is \"sample send FILE...\"" },
	{ { "send", "1", "2", "3", "4" }, EX_USAGE, NULL, "too many words" },
	{ { "send", "f", "--to" }, EX_USAGE, NULL, "--to needs a value: NAME" },
	{ { "send", "f", "--sign=yes" }, EX_USAGE, NULL, "--sign takes no value" },
	{ { "send", "f", "--seal" }, EX_USAGE, NULL, "there is no option --seal" },
	{ { "--sign", "send", "f" }, EX_USAGE, NULL, "there is no option --sign" },
	{ { "send", "f", "-s" }, EX_USAGE, NULL, "options have long names" },
	{ { "send", "f", "-v" }, EX_USAGE, NULL, "there is no option --verbose" },
	{ { "burn" }, EX_USAGE, NULL, "there is no command \"burn\"" },
	{ { NULL }, EX_USAGE, NULL, "which command?" },
	{ { "fail" }, EX_TEMPFAIL, NULL, "sample: the server does not answer" },
	{ { "send", "f", "--set", "colour=red" }, EX_USAGE, NULL, "because: there is no setting \"colour\"" },
	{ { "send", "f", "--config", "/nowhere" }, EX_NOINPUT, NULL, "cannot read the settings in /nowhere" },
	{ { "--help" }, 0, NULL, "  send                    Sends a message." },
	{ { "send", "--help" }, 0, NULL, "  --to NAME               Who gets it; may be repeated." },
	{ { "--version" }, 0, NULL, "sample 0." },
	{ { "--show-settings", "--set", "name=eve" }, 0, NULL, "name = eve" },
	{ { "--show-settings", "--json" }, 0, NULL, "\"name\": \"nobody\"" },
};

static void a_line_of_words_and_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(mem_free) char *text = NULL;

		mem_free(&seen);
		int code = run(cases[i].args, &text);
		if (code != cases[i].code || !strstr(text, cases[i].words))
			fail_msg("case %zu: exit %d: %s", i, code, text);
		if (cases[i].seen)
			assert_string_equal(seen, cases[i].seen);
		else
			assert_null(seen);
	}
	mem_free(&seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_words_and_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
