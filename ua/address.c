/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a user means. */
#include "ua/address.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "ua/print.h"

/* An O/R address begins with "/", or its parts end with ";"; otherwise what has a "=" is a
 * directory name. */
static bool is_or_address(const char *text)
{
	return *text == '/' || (strchr(text, ';') && strchr(text, '='));
}

static FALLIBLE from_address(struct arena *arena, const char *text, struct correspondent *out)
{
	TRY(orname_from_text(arena, text, &out->name));
	return orname_has_address(out->name) ? orname_check(out->name) : OK;
}

static FALLIBLE from_directory_name(struct arena *arena, const char *text,
				    struct correspondent *out)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(dn_from_text(text, &der));
	out->directory_name = arena_strdup(arena, text);
	if (!out->name)
		out->name = arena_new_of(arena, struct orname);
	out->name->directory_name = arena_dup(arena, buf_view(&der));
	return OK;
}

FALLIBLE correspondent_stored(struct arena *arena, const char *address,
			      const char *directory_name, struct correspondent *out)
{
	*out = (struct correspondent){ 0 };
	if (!address && !directory_name)
		return FAIL(ST_NOT_FOUND, 0, "there is neither an O/R address nor a directory name");
	if (address)
		TRY(from_address(arena, address, out));
	return directory_name ? from_directory_name(arena, directory_name, out) : OK;
}

FALLIBLE correspondent_find(struct home *home, struct arena *arena, const char *text,
			    struct correspondent *out)
{
	struct ua_name known;

	*out = (struct correspondent){ 0 };
	if (is_or_address(text))
		return from_address(arena, text, out);
	if (strchr(text, '='))
		return from_directory_name(arena, text, out);
	struct status *st = uastore_get_name(home->db, text, arena, &known);
	if (st && st->kind == ST_NOT_FOUND)
		return status_new(st, ST_USAGE, 0, "\"%s\" is neither an O/R address (/S=.../C=../) nor a "
				  "directory name (CN=...,C=..) nor a nickname", text);
	TRY(st);
	return correspondent_stored(arena, known.address, known.directory_name, out);
}

/* Where there is an address, others need no more. */
static struct orname shortest(const struct correspondent *who)
{
	struct orname name = *who->name;

	if (orname_has_address(&name))
		name.directory_name = bytes_none();
	return name;
}

const char *correspondent_text(struct arena *arena, const struct correspondent *who)
{
	const struct orname name = shortest(who);

	return orname_text(arena, &name);
}

FALLIBLE correspondent_tlv(struct arena *arena, const struct correspondent *who,
			   struct bytes *out_tlv)
{
	const struct orname name = shortest(who);
	AUTO(buf_free) struct buf tlv = { 0 };

	TRY(orname_encode(&name, &tlv));
	*out_tlv = arena_dup(arena, buf_view(&tlv));
	return OK;
}

/* --- the directory --- */

static FALLIBLE address_of_entry(struct arena *arena, const struct directory_entry *entry,
				 struct correspondent *io)
{
	const struct directory_values *values = &entry->values[DIRECTORY_OR_ADDRESS];
	struct orname *name = NULL;

	if (values->count == 0)
		return FAIL(ST_NOT_FOUND, 0, "%s has no O/R address in the directory", entry->name);
	TRY(orname_from_text(arena, (const char *)values->list[0].data, &name));
	TRY(orname_check(name));
	name->directory_name = io->name->directory_name;
	io->name = name;
	return OK;
}

FALLIBLE correspondent_resolve(struct home *home, struct arena *arena, unsigned timeout,
			       struct correspondent *io)
{
	struct directory_config config = directory_config_of(&home->settings->site.directory);
	AUTO(directory_free) struct directory *directory = NULL;
	struct directory_entry entry = { 0 };

	if (orname_has_address(io->name))
		return OK;
	if (!directory_is_set(&home->settings->site.directory))
		return FAIL(ST_USAGE, 0, "there is no directory that could tell the O/R address of %s",
			    io->directory_name);
	if (timeout && timeout < config.timeout)
		config.timeout = timeout;
	TRY(directory_new(&config, &directory));
	TRY_DOING(directory_get_der(directory, io->name->directory_name, arena, &entry),
		  "cannot find the O/R address of %s",
		  io->directory_name ? io->directory_name : correspondent_text(arena, io));
	return address_of_entry(arena, &entry, io);
}

/* --- nicknames --- */

const struct option_spec nickname_options[] = {
	{ "delete", NULL, "Forget it." },
	{ 0 }
};

static void print_name(void *arg, const struct ua_name *name)
{
	json_t *list = arg;

	if (list)
		json_array_append_new(list, json_pack("{s:s, s:s?, s:s?}", "nickname", name->nickname,
						      "address", name->address,
						      "directory_name", name->directory_name));
	else
		printf("%-16s  %s\n", name->nickname,
		       name->address ? name->address : name->directory_name);
}

static FALLIBLE print_names(struct home *home, bool json)
{
	json_t *list = json ? json_array() : NULL;
	struct status *failed = uastore_names(home->db, print_name, list);

	if (list)
		print_json(list);
	return failed;
}

static FALLIBLE set_nickname(struct home *home, const char *nickname, const char *text)
{
	struct correspondent who;

	/* What an empty variable of a shell stands for is nobody. */
	if (!*nickname)
		return FAIL(ST_USAGE, 0, "a nickname has at least one character");
	if (strpbrk(nickname, "=/;\t\r\n"))
		return FAIL(ST_USAGE, 0, "a nickname stands in one line, and has none of the characters = / ;");
	TRY(correspondent_find(home, home->arena, text, &who));
	const struct ua_name name = {
		.nickname = nickname,
		.address = orname_has_address(who.name) ? correspondent_text(home->arena, &who) : NULL,
		.directory_name = who.directory_name,
	};
	return uastore_set_name(home->db, &name);
}

FALLIBLE cmd_nickname(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;

	TRY(home_of(invocation, &home));
	if (invocation->word_count == 0)
		return print_names(home, invocation->json);
	if (options_has(&invocation->options, "delete"))
		return uastore_delete_name(home->db, invocation->words[0]);
	if (invocation->word_count == 1)
		return FAIL(ST_USAGE, 0, "nickname NAME ADDRESS: which address?");
	return set_nickname(home, invocation->words[0], invocation->words[1]);
}
