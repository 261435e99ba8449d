/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir check: walks through the directory, and says what is wrong and how it is repaired. */
#include "directory/cmd_check.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/sec/signed_by.h"

#include <stdarg.h>
#include <stdlib.h>

enum { DAY = 86400, SOON_DAYS = 30, SOON_DAYS_MAX = 3650 };

const struct option_spec check_options[] = {
	{ "soon", "DAYS", "Tell also what ends within so many days; 30 where nothing is said." },
	{ 0 }
};

/* --- telling --- */

const char *check_quoted(struct arena *arena, const char *text)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(text));
	AUTO(buf_free) struct buf out = { 0 };

	for (const char *c = shown; *c; c++) {
		if (*c == '\'')
			buf_put_text(&out, "'\\''");
		else
			buf_put_u8(&out, (uint8_t)*c);
	}
	buf_put_u8(&out, 0);
	return arena_printf(arena, "'%s'", (const char *)out.data);
}

const char *check_command(const struct checking *c, struct arena *arena, const char *verb,
			  const struct directory_entry *entry, const char *rest, ...)
{
	const char *config = options_value(&c->invocation->options, "config");
	va_list args;

	va_start(args, rest);
	AUTO(mem_free) char *tail = mem_vprintf(rest, args);
	va_end(args);
	return arena_printf(arena, "postern-dir%s%s %s %s %s", config ? " --config " : "",
			    config ? check_quoted(arena, config) : "", verb, check_quoted(arena, entry->name), tail);
}

const char *check_fingerprint(struct arena *arena, struct bytes value)
{
	uint8_t hash[HASH_OCTETS];
	AUTO(mem_free) char *text = NULL;

	crypto_sha256(&value, 1, hash);
	text = bytes_hex(bytes_of(hash, 8));
	return arena_strdup(arena, text);
}

static json_t *json_text(const char *text)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(text));

	return json_string(shown);
}

void check_tell(struct checking *c, const struct directory_entry *entry, const char *what,
		const char *words, const char *repair)
{
	AUTO(mem_free) char *shown = text_shown(bytes_text(words));

	c->found += repair != NULL;
	if (c->invocation->json) {
		json_array_append_new(c->list, json_pack("{s:o, s:s, s:s, s:o}",
							 "name", json_text(entry->name), "what", what,
							 "words", shown, "repair",
							 repair ? json_text(repair) : json_null()));
		return;
	}
	progress_end(c->invocation);
	if (c->heading != entry->name) {
		AUTO(mem_free) char *name = text_shown(bytes_text(entry->name));

		printf("%s\n", name);
		c->heading = entry->name;
	}
	printf("  %s\n", shown);
	if (repair)
		printf("    repair: %s\n", repair);
}

/* --- what issuers have revoked --- */

/* Lists in an authority's entry that one of its own certificates signed. */
static void read_lists(struct check_issuer *issuer, const struct directory_entry *entry)
{
	const struct directory_values *lists = &entry->values[DIRECTORY_CRL];
	const struct directory_values *certs = &entry->values[DIRECTORY_CA_CERTIFICATE];

	for (size_t i = 0; i < lists->count; i++) {
		AUTO(crl_free) const struct crl *crl = NULL;
		struct status *st = crl_decode(lists->list[i], &crl);
		bool holds = false;

		status_drop(st);
		for (size_t k = 0; crl && !holds && k < certs->count; k++) {
			AUTO(cert_free) const struct cert *signer = NULL;

			st = cert_decode_foreign(certs->list[k], &signer);
			status_drop(st);
			holds = signer && crl_signed_by(crl, signer);
		}
		if (holds)
			crl_list_add(&issuer->crls, crl);
	}
}

static const struct check_issuer *issuer_of(struct checking *c, struct bytes name)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct check_issuer *issuer = c->issuers;
	struct directory_entry entry;

	while (issuer && !bytes_equal(issuer->name, name))
		issuer = issuer->next;
	if (issuer)
		return issuer;
	issuer = arena_new_of(c->arena, struct check_issuer);
	*issuer = (struct check_issuer){ .name = arena_dup(c->arena, name), .next = c->issuers };
	c->issuers = issuer;

	struct status *st = directory_get_der(c->dir, name, arena, &entry);

	if (!st)
		read_lists(issuer, &entry);
	status_drop(st);
	return issuer;
}

bool check_revoked(struct checking *c, const struct cert *cert, time_t *out_when)
{
	const struct check_issuer *issuer = issuer_of(c, cert->issuer);

	for (size_t i = 0; i < issuer->crls.count; i++)
		if (crl_find(issuer->crls.items[i], cert->serial, out_when))
			return true;
	return false;
}

/* --- the walk --- */

static FALLIBLE check_entry(void *arg, const struct directory_entry *entry)
{
	struct checking *c = arg;

	c->heading = NULL;
	progress_show(c->invocation, "entries looked at", ++c->entries, 0);
	check_certificates(c, entry);
	check_authority(c, entry);
	return OK;
}

static FALLIBLE soon_of(const struct invocation *invocation, time_t *out_seconds)
{
	const char *text = options_value(&invocation->options, "soon");
	char *end = NULL;
	long days = text ? strtol(text, &end, 10) : SOON_DAYS;

	if (text && (end == text || *end || days < 0 || days > SOON_DAYS_MAX))
		return FAIL(ST_USAGE, 0, "--soon is 0 to %d days, not \"%s\"", SOON_DAYS_MAX, text);
	*out_seconds = (time_t)days * DAY;
	return OK;
}

static FALLIBLE walk(struct checking *c)
{
	const struct invocation *invocation = c->invocation;
	const char *base = invocation->word_count ? invocation->words[0] : "";
	struct status *st = directory_walk(c->dir, base, check_entry, c);

	progress_end(invocation);
	for (struct check_issuer *issuer = c->issuers; issuer; issuer = issuer->next)
		crl_list_free(&issuer->crls);
	if (invocation->json)
		print_json(c->list);
	else if (!st)
		printf("%zu entries were looked at; %zu things are to be repaired.\n", c->entries,
		       c->found);
	return st;
}

FALLIBLE cmd_check(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct checking c = {
		.invocation = invocation, .arena = arena, .now = clock_now(&clock_real),
	};
	time_t soon;

	TRY(soon_of(invocation, &soon));
	TRY(cmd_open(invocation, &dir));
	c.dir = dir;
	c.soon = c.now + soon;
	c.list = invocation->json ? json_array() : NULL;
	TRY(walk(&c));
	if (c.found)
		return FAIL(ST_NEVER, 0, "%zu things in the directory are to be repaired", c.found);
	return OK;
}
