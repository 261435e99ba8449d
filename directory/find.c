/* SPDX-License-Identifier: Apache-2.0 */
/* Entries whose names are not known: by what they hold, and all of them, page by page. */
#include "directory/handle.h"

#include "lib/base/memory.h"

enum {
	VALUE_MAX = 4096,
	TERMS_MAX = 8,
	PAGE = 50,
};

char *filter_value(const char *value)
{
	struct buf text = { 0 };

	for (const char *c = value; *c; c++) {
		if ((uint8_t)*c < ' ' || (uint8_t)*c >= 0x7f || strchr("*()\\", *c))
			buf_printf(&text, "\\%02x", (uint8_t)*c);
		else
			buf_put_u8(&text, (uint8_t)*c);
	}
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

static FALLIBLE term_check(const struct directory_term *term)
{
	static const bool findable[DIRECTORY_ATTR_COUNT] = {
		[DIRECTORY_OR_ADDRESS] = true, [DIRECTORY_CN] = true, [DIRECTORY_MAIL] = true,
		[DIRECTORY_ORGANIZATION] = true, [DIRECTORY_CLASS] = true,
	};

	if (!findable[term->attr])
		return FAIL(ST_USAGE, 0, "entries cannot be found by their %s",
			    attr_infos[term->attr].name);
	if (!*term->value || strlen(term->value) > VALUE_MAX)
		return FAIL(ST_USAGE, 0, "the value to look for has to have 1 to %d octets", VALUE_MAX);
	return OK;
}

/* The part of the filter for one term [RFC 4515 3]. */
static void put_term(struct buf *filter, const struct directory_term *term)
{
	AUTO(mem_free) char *value = filter_value(term->value);
	const char *name = attr_infos[term->attr].name;
	const char *any = term->part && term->attr != DIRECTORY_CLASS ? "*" : "";

	if (term->attr == DIRECTORY_ORGANIZATION && !term->part)
		buf_printf(filter, "(|(o=%s)(o:dn:=%s))", value, value);
	else
		buf_printf(filter, "(%s=%s%s%s)", name, any, value, any);
}

FALLIBLE directory_match(struct directory *dir, const struct directory_term *terms, size_t count,
			 struct arena *arena, struct directory_entries *out_entries)
{
	AUTO(buf_free) struct buf filter = { 0 };
	struct ldap_search search = { .base = dir->config.base, .subtree = true };

	if (!count || count > TERMS_MAX)
		return FAIL(ST_USAGE, 0, "entries are found by 1 to %d things known of them", TERMS_MAX);
	buf_put_text(&filter, "(&");
	for (size_t i = 0; i < count; i++) {
		TRY(term_check(&terms[i]));
		put_term(&filter, &terms[i]);
	}
	buf_put_text(&filter, ")");
	buf_put_u8(&filter, 0);
	search.filter = (const char *)filter.data;
	TRY_DOING(search_run(dir, &search, arena, out_entries),
		  "cannot look for %s in the directory", terms[0].value);
	if (!out_entries->count)
		return FAIL(ST_NOT_FOUND, 0, "the directory has no entry with %s %s%s",
			    attr_infos[terms[0].attr].name, terms[0].value,
			    count > 1 ? " and all else that was asked for" : "");
	return OK;
}

FALLIBLE directory_find(struct directory *dir, enum directory_attr attr, const char *value,
			struct arena *arena, struct directory_entries *out_entries)
{
	const struct directory_term term = { attr, value, false };

	return directory_match(dir, &term, 1, arena, out_entries);
}

FALLIBLE directory_walk(struct directory *dir, const char *base,
			FALLIBLE (*each)(void *arg, const struct directory_entry *entry), void *arg)
{
	AUTO(buf_free) struct buf cookie = { 0 };
	struct ldap_search search = {
		.base = *base ? base : dir->config.base,
		.subtree = true,
		.filter = "(objectClass=*)",
		.page = PAGE,
		.cookie = &cookie,
	};

	do {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct directory_entries entries = { 0 };

		TRY_DOING(search_run(dir, &search, arena, &entries),
			  "cannot walk through the directory below \"%s\"", search.base);
		for (size_t i = 0; i < entries.count; i++)
			TRY(each(arg, &entries.list[i]));
	} while (cookie.len);
	return OK;
}
