/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir repair and unpublish: what check says is to be taken away or moved, and whole entries. */
#include "directory/cmd.h"

#include "lib/base/memory.h"
#include "lib/sec/cert.h"

#include <strings.h>

enum { PREFIX_MIN = 8 };	/* of a fingerprint's digits */

const struct option_spec repair_options[] = {
	{ "drop", "FINGERPRINT", "Take away the value whose SHA-256 begins so; may be repeated." },
	{ "adopt", NULL, "Move certificates to where they are looked for." },
	CONFIRM_OPTIONS,
	{ 0 }
};

const struct option_spec unpublish_options[] = { CONFIRM_OPTIONS, { 0 } };

/* The attributes that hold octets. */
static const enum directory_attr octets[] = {
	DIRECTORY_USER_CERTIFICATE, DIRECTORY_CA_CERTIFICATE, DIRECTORY_CROSS_PAIR, DIRECTORY_CRL,
	DIRECTORY_ARL, DIRECTORY_SMIME_CERTIFICATE, DIRECTORY_BARE_CERTIFICATE,
};

enum { OCTETS = sizeof octets / sizeof *octets };

struct repair {
	const struct options *options;
	struct arena *arena;
	struct directory_change changes[2 * OCTETS];
	size_t count;
	size_t dropped, adopted;
};

static bool is_dropped(const struct repair *r, struct bytes value)
{
	uint8_t hash[HASH_OCTETS];
	AUTO(mem_free) char *text = NULL;
	const char *prefix;

	crypto_sha256(&value, 1, hash);
	text = bytes_hex(bytes_of(hash, sizeof hash));
	for (size_t i = 0; (prefix = options_nth(r->options, "drop", i)); i++)
		if (!strncasecmp(text, prefix, strlen(prefix)))
			return true;
	return false;
}

static bool is_adopted(const struct repair *r, enum directory_attr attr, struct bytes value)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	struct status *st;

	if (!options_has(r->options, "adopt") ||
	    (attr != DIRECTORY_SMIME_CERTIFICATE && attr != DIRECTORY_BARE_CERTIFICATE))
		return false;
	st = cert_decode_foreign(value, &cert);
	status_drop(st);
	return cert;
}

static void add_change(struct repair *r, enum directory_attr attr, enum directory_op op,
		       const struct bytes *values, size_t count)
{
	r->changes[r->count++] = (struct directory_change){ attr, op, values, count };
}

/* What stays replaces what there was: servers do not compare all of these values. */
static void repair_attr(struct repair *r, enum directory_attr attr, const struct directory_values *values)
{
	struct bytes *stay = arena_new_array(r->arena, struct bytes, values->count);
	struct bytes *move = arena_new_array(r->arena, struct bytes, values->count);
	size_t stays = 0, moves = 0;

	for (size_t i = 0; i < values->count; i++) {
		if (is_dropped(r, values->list[i]))
			r->dropped++;
		else if (is_adopted(r, attr, values->list[i]))
			move[moves++] = values->list[i];
		else
			stay[stays++] = values->list[i];
	}
	if (stays < values->count)
		add_change(r, attr, DIRECTORY_REPLACE, stay, stays);
	if (moves)
		add_change(r, DIRECTORY_USER_CERTIFICATE, DIRECTORY_ADD, move, moves);
	r->adopted += moves;
}

static FALLIBLE repair_plan(struct repair *r, const struct directory_entry *entry)
{
	const char *prefix;

	if (!options_has(r->options, "drop") && !options_has(r->options, "adopt"))
		return FAIL(ST_USAGE, 0, "repair what? --drop FINGERPRINT or --adopt: check says which");
	for (size_t i = 0; (prefix = options_nth(r->options, "drop", i)); i++)
		if (strlen(prefix) < PREFIX_MIN)
			return FAIL(ST_USAGE, 0, "--drop needs at least %d digits of the fingerprint",
				    PREFIX_MIN);
	for (size_t i = 0; i < OCTETS; i++)
		repair_attr(r, octets[i], &entry->values[octets[i]]);
	if (!r->count)
		return FAIL(ST_NOT_FOUND, 0, "%s has nothing to drop or adopt", entry->name);
	return OK;
}

static void tell(const struct invocation *invocation, const struct repair *r)
{
	bool dry = command_is_dry(invocation);

	if (invocation->json)
		printf("{\"dropped\": %zu, \"adopted\": %zu, \"done\": %s}\n", r->dropped, r->adopted,
		       dry ? "false" : "true");
	else
		printf("%s %zu values dropped and %zu moved to userCertificate.\n",
		       dry ? "This would be done:" : "Done:", r->dropped, r->adopted);
}

FALLIBLE cmd_repair(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct repair r = { .options = &invocation->options, .arena = arena };
	const char *name = invocation->words[0];
	struct directory_entry entry;

	TRY(cmd_open(invocation, &dir));
	TRY(directory_get(dir, name, arena, &entry));
	TRY(repair_plan(&r, &entry));
	if (r.dropped)
		TRY(command_confirm(invocation, "Take %zu values out of %s?", r.dropped, name));
	if (!command_is_dry(invocation))
		TRY(directory_publish(dir, name, DIRECTORY_USER, r.changes, r.count));
	tell(invocation, &r);
	return OK;
}

FALLIBLE cmd_unpublish(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *name = invocation->words[0];
	bool dry = command_is_dry(invocation);
	struct directory_entry entry;

	TRY(cmd_open(invocation, &dir));
	TRY(directory_get(dir, name, arena, &entry));
	if (!invocation->json)
		show_entry(&entry, stdout);
	TRY(command_confirm(invocation, "Take this entry out of the directory?"));
	if (!dry)
		TRY(directory_unpublish(dir, name));
	if (invocation->json)
		print_json(json_pack("{s:o, s:b}", "entry", entry_json(&entry), "done", !dry));
	else
		printf(dry ? "This entry would be taken out.\n" : "It is out of the directory.\n");
	return OK;
}
