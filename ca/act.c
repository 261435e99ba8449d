/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/act.h"

#include "lib/base/base64url.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FILE_MAX_OCTETS = 8 * 1024 * 1024, NONCE_OCTETS = 16 };

/* Of the approver: where results go, and what opens a key that is made. */
static const char *const of_approver[] = { "out", "passphrase-file", "no-passphrase" };

static bool is_of_approver(const char *name)
{
	for (size_t i = 0; i < sizeof of_approver / sizeof *of_approver; i++)
		if (!strcmp(of_approver[i], name))
			return true;
	return false;
}

/* An option whose file comes along. */
static const char proof_option[] = "proof";

/* --- as octets --- */

static json_t *base64url_text(struct bytes octets)
{
	AUTO(buf_free) struct buf text = { 0 };

	base64url_put(&text, octets);
	return json_stringn((const char *)text.data, text.len);
}

static json_t *arguments_of(const struct invocation *invocation)
{
	json_t *list = json_array();

	for (const struct option_spec *s = invocation->command->options; s && s->name; s++) {
		const char *value;

		for (size_t i = 0; !is_of_approver(s->name) && strcmp(s->name, proof_option) != 0 &&
				   (value = options_nth(&invocation->options, s->name, i)); i++) {
			AUTO(mem_free) char *argument = mem_printf(s->value ? "--%s=%s" : "--%s", s->name,
								   value);

			json_array_append_new(list, json_string(argument));
		}
	}
	return list;
}

static json_t *profiles_of(const struct invocation *invocation)
{
	const struct ca_settings *settings = invocation->settings;
	json_t *list = json_array();

	for (size_t i = 0; i < settings->profiles.count; i++)
		json_array_append_new(list, json_string(settings->profiles.items[i]));
	return list;
}

static FALLIBLE put_file(json_t *act, const char *name, const char *path)
{
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(file_read(path, FILE_MAX_OCTETS, &octets, NULL));
	json_object_set_new(act, name, base64url_text(buf_view(&octets)));
	return OK;
}

static FALLIBLE put_word(const struct invocation *invocation, json_t *act)
{
	const char *word = invocation->word_count ? invocation->words[0] : NULL;

	if (!word)
		return OK;
	if (access(word, F_OK)) {
		json_object_set_new(act, "word", json_string(word));
		return OK;
	}
	return put_file(act, "file", word);
}

static FALLIBLE put_files(const struct invocation *invocation, json_t *act)
{
	const char *proof = options_value(&invocation->options, proof_option);

	TRY(put_word(invocation, act));
	if (proof)
		TRY(put_file(act, proof_option, proof));
	if (invocation->command->options != batch_options)
		return OK;

	json_t *requests = json_object();

	json_object_set_new(act, "requests", requests);
	return batch_requests(invocation, requests);
}

FALLIBLE act_of(const struct invocation *invocation, const struct authority *ca, struct buf *out_act)
{
	AUTO(mem_free) char *authority = bytes_hex(ca->cert->fingerprint);
	uint8_t nonce[NONCE_OCTETS];	/* no two acts are alike: none is approved by another's approval */

	crypto_random(nonce, sizeof nonce);

	json_t *act = json_pack("{s:s, s:s, s:o, s:o, s:o}", "authority", authority, "command",
				invocation->command->name, "nonce",
				base64url_text(bytes_of(nonce, sizeof nonce)), "arguments",
				arguments_of(invocation), "profiles", profiles_of(invocation));
	struct status *st = act ? put_files(invocation, act) :
			    FAIL(ST_USAGE, 0, "what is asked for is not in UTF-8");
	AUTO(mem_free) char *text = act && !st ? json_dumps(act, JSON_COMPACT) : NULL;

	json_decref(act);
	if (text)
		buf_put(out_act, bytes_text(text));
	return st;
}

/* --- done again --- */

void replay_cleanup(struct replay *replay)
{
	options_cleanup(&replay->invocation.options);
	for (size_t i = 0; i < replay->argument_count; i++)
		mem_free(&replay->arguments[i]);
	mem_free(&replay->arguments);
	json_decref(replay->act);
	if (replay->file.fd > 0)
		close(replay->file.fd);
	if (replay->proof.fd > 0)
		close(replay->proof.fd);
}

static void add_argument(struct replay *r, char *argument)
{
	r->arguments = mem_grow(r->arguments, r->argument_count + 1, sizeof *r->arguments);
	r->arguments[r->argument_count++] = argument;
}

static FALLIBLE take_options(struct replay *r, const struct option_spec *table, size_t first)
{
	const struct option_spec *const tables[] = { table, NULL };
	char **argv = r->arguments + first;
	int argc = (int)(r->argument_count - first);

	return options_parse(&r->invocation.options, tables, false, &argc, &argv);
}

static FALLIBLE find_command(struct replay *r, const struct command_program *program)
{
	const char *name = json_string_value(json_object_get(r->act, "command"));

	for (const struct command *c = program->commands; c->name; c++)
		if (name && !strcmp(c->name, name)) {
			r->invocation.command = c;
			return OK;
		}
	return FAIL(ST_USAGE, 0, "the act is one that this program does not know");
}

static FALLIBLE open_file(const char *text, struct act_file *out)
{
	AUTO(buf_free) struct buf octets = { 0 };

	if (!base64url_get(bytes_text(text), &octets))
		return FAIL(ST_PEER, 0, "the act has a file that cannot be read");
	out->fd = memfd_create("act", MFD_CLOEXEC);
	if (out->fd < 0 || write(out->fd, octets.data, octets.len) != (ssize_t)octets.len)
		return status_errno(errno, "cannot take the act's file out");
	snprintf(out->path, sizeof out->path, "/proc/self/fd/%d", out->fd);
	return OK;
}

/* Options of the act are those of its command, and no others; its word is none, whatever it is. */
static FALLIBLE take_arguments(struct replay *r)
{
	const char *file = json_string_value(json_object_get(r->act, "file"));
	const char *word = json_string_value(json_object_get(r->act, "word"));
	const char *proof = json_string_value(json_object_get(r->act, proof_option));
	json_t *argument;
	size_t i;

	json_array_foreach(json_object_get(r->act, "arguments"), i, argument) {
		const char *text = json_string_value(argument);

		add_argument(r, mem_strdup(text ? text : ""));
	}
	if (proof) {
		TRY(open_file(proof, &r->proof));
		add_argument(r, mem_printf("--%s=%s", proof_option, r->proof.path));
	}
	if (file)
		TRY(open_file(file, &r->file));
	add_argument(r, mem_strdup("--"));
	if (file || word)
		add_argument(r, mem_strdup(file ? r->file.path : word));
	return take_options(r, r->invocation.command->options, 0);
}

static void add_of_approver(struct replay *r, const struct option_spec *table,
			    const struct options *given)
{
	for (const struct option_spec *s = table; s && s->name; s++) {
		const char *value = options_value(given, s->name);

		if (value && (table != r->invocation.command->options || is_of_approver(s->name)))
			add_argument(r, mem_printf(s->value ? "--%s=%s" : "--%s", s->name, value));
	}
}

/* Which authority it is, who acts, and where to: as the approver says.  He was asked already. */
static FALLIBLE take_of_approver(struct replay *r, const struct invocation *approving)
{
	size_t first = r->argument_count;

	add_of_approver(r, approving->program->options, &approving->options);
	add_argument(r, mem_strdup("--yes"));
	TRY(take_options(r, approving->program->options, first));
	first = r->argument_count;
	add_of_approver(r, r->invocation.command->options, &approving->options);
	return take_options(r, r->invocation.command->options, first);
}

FALLIBLE replay_begin(struct bytes octets, const struct invocation *approving, struct replay *out)
{
	*out = (struct replay){ .invocation = { .program = approving->program, .json = approving->json,
						.settings = &out->settings },
				.settings = *(const struct ca_settings *)approving->settings };
	out->act = json_loadb((const char *)octets.data, octets.len, JSON_REJECT_DUPLICATES, NULL);
	out->settings.given_requests = json_object_get(out->act, "requests");
	TRY(find_command(out, approving->program));

	json_t *profiles = profiles_of(approving);
	bool same = json_equal(profiles, json_object_get(out->act, "profiles"));

	json_decref(profiles);
	if (!same)
		return FAIL(ST_REFUSED, 0, "the profiles of the settings are not those under which it was "
			    "asked for: reject it, and ask again");
	TRY(take_arguments(out));
	TRY(take_of_approver(out, approving));
	out->invocation.words = out->invocation.options.words;
	out->invocation.word_count = out->invocation.options.word_count;
	return OK;
}
