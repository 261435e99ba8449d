/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ca journal. */
#include "ca/cmd.h"

#include "ca/journal.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

const struct option_spec journal_options[] = {
	{ "export", "FILE", "Write the entries, as they are signed, to a file." },
	{ "certificate", "FILE", "The authority's certificate, to verify an exported journal without "
	  "the authority." },
	{ "head", "HEAD", "The head of the journal as it was remembered." },
	{ 0 }
};

/* --- listing --- */

static const char *text_of(const json_t *entry, const char *member)
{
	const char *text = json_string_value(json_object_get(entry, member));

	return text ? text : "";
}

static void show_facts(const json_t *entry)
{
	const char *name;
	json_t *fact;

	json_object_foreach(json_object_get(entry, "facts"), name, fact) {
		AUTO(mem_free) char *text = json_is_string(fact) ? mem_strdup(json_string_value(fact)) :
						json_dumps(fact, JSON_COMPACT | JSON_ENCODE_ANY);
		AUTO(mem_free) char *shown = text_shown(bytes_text(text));

		printf("        %-14s %s\n", name, shown);
	}
}

static FALLIBLE show_entry(void *arg, int64_t number, struct bytes line)
{
	json_t *list = arg, *entry = NULL;

	TRY_DOING(journal_entry(line, &entry), "entry %lld of the journal is broken", (long long)number);
	if (list) {
		json_array_append_new(list, entry);
		return OK;
	}

	AUTO(mem_free) char *who = mem_printf("%s%s%s", text_of(entry, "user"),
		json_object_get(entry, "as") ? " as " : "", text_of(entry, "as"));
	AUTO(mem_free) char *shown = text_shown(bytes_text(who));

	printf("%6lld  %s  %s, by %s\n", (long long)number, text_of(entry, "time"),
	       text_of(entry, "act"), shown);
	show_facts(entry);
	json_decref(entry);
	return OK;
}

static void print_head(const struct invocation *invocation, const struct journal_head *head,
		       json_t *entries)
{
	char text[JOURNAL_HEAD_TEXT];

	journal_head_text(head, text);
	if (invocation->json)
		print_json(invocation, json_pack("{s:s, s:I, s:o*}", "head", text, "count",
						 (json_int_t)head->number, "entries", entries));
	else
		printf("Head: %s\n", text);
}

static FALLIBLE list(const struct invocation *invocation, struct authority *ca)
{
	struct journal_source source = { .db = ca->db };
	json_t *entries = invocation->json ? json_array() : NULL;
	struct journal_head head = { 0 };
	struct status *st = journal_head(ca->db, &head);

	if (!st)
		st = journal_each(&source, show_entry, entries);
	if (st)
		json_decref(entries);
	else
		print_head(invocation, &head, entries);
	return st;
}

/* --- exporting --- */

static FALLIBLE gather(void *arg, int64_t number, struct bytes line)
{
	struct buf *all = arg;

	(void)number;
	buf_put(all, line);
	buf_put_u8(all, '\n');
	return OK;
}

static FALLIBLE export(const struct invocation *invocation, struct authority *ca, const char *path)
{
	struct journal_source source = { .db = ca->db };
	AUTO(buf_free) struct buf all = { 0 };
	struct journal_head head;

	TRY(journal_each(&source, gather, &all));
	TRY(journal_head(ca->db, &head));
	if (!command_is_dry(invocation))
		TRY(file_replace(path, 0644, buf_view(&all)));
	if (!invocation->json)
		printf("Written to %s: %lld entries.\n", path, (long long)head.number);
	print_head(invocation, &head, NULL);
	return cmd_done(invocation);
}

/* --- verifying --- */

static FALLIBLE verify(const struct invocation *invocation)
{
	const char *known_text = options_value(&invocation->options, "head");
	const char *cert_path = options_value(&invocation->options, "certificate");
	AUTO(authority_free) struct authority *ca = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	struct journal_source source = { .path = invocation->word_count > 1 ? invocation->words[1] : NULL };
	struct journal_head known = { 0 }, head = { 0 };

	if (known_text)
		TRY(journal_head_from_text(known_text, &known));
	if (!cert_path || !source.path) {
		TRY(cmd_authority(invocation, &ca));
		cert = cert_ref(ca->cert);
		source.db = source.path ? NULL : ca->db;
	} else {
		TRY(cert_load(cert_path, &cert));
	}
	TRY(journal_verify(&source, cert, &known, &head));
	if (!invocation->json)
		printf("All %lld entries follow one another and are signed by %s.\n",
		       (long long)head.number, cert->subject_text);
	print_head(invocation, &head, NULL);
	return OK;
}

FALLIBLE cmd_journal(const struct invocation *invocation)
{
	const char *path = options_value(&invocation->options, "export");
	AUTO(authority_free) struct authority *ca = NULL;

	if (invocation->word_count && strcmp(invocation->words[0], "verify") == 0)
		return verify(invocation);
	if (invocation->word_count)
		return FAIL(ST_USAGE, 0, "journal knows \"verify\", not \"%s\"", invocation->words[0]);
	TRY(cmd_authority(invocation, &ca));
	return path ? export(invocation, ca, path) : list(invocation, ca);
}
