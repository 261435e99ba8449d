/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir find: options become terms. */
#include "directory/cmd.h"

#include "lib/mhs/orname.h"

const struct option_spec find_options[] = {
	{ "or-address", "ADDRESS", "An O/R address: /G=Alice/S=Smith/O=Ministry/.../C=FR/." },
	{ "cn", "NAME", "A common name." },
	{ "mail", "ADDRESS", "An Internet mail address." },
	{ "organization", "NAME", "An organization that the entry is of, by what it says or by its name." },
	{ "kind", "KIND", "What it is: user, agent, authority, store, mta or list." },
	{ "part", NULL, "What is given may be any part of it." },
	{ "long", NULL, "Show each entry in full, where there are several." },
	{ 0 }
};

static const struct { const char *option; enum directory_attr attr; } known[] = {
	{ "or-address", DIRECTORY_OR_ADDRESS },
	{ "cn", DIRECTORY_CN },
	{ "mail", DIRECTORY_MAIL },
	{ "organization", DIRECTORY_ORGANIZATION },
};

enum { KNOWN = sizeof known / sizeof *known, TERMS_MAX = KNOWN + 1 };

/* An address is kept in the one form that all programs write. */
static FALLIBLE usual_address(struct arena *arena, const char *text, const char **out_text)
{
	struct orname *name = NULL;

	TRY(orname_from_text(arena, text, &name));
	*out_text = orname_text(arena, name);
	return OK;
}

static FALLIBLE terms_of(const struct options *options, enum directory_kind kind, struct arena *arena,
			 struct directory_term out_terms[TERMS_MAX], size_t *out_count)
{
	bool part = options_has(options, "part");

	*out_count = 0;
	for (size_t i = 0; i < KNOWN; i++) {
		const char *value = options_value(options, known[i].option);

		if (!value)
			continue;
		if (known[i].attr == DIRECTORY_OR_ADDRESS && !part)
			TRY(usual_address(arena, value, &value));
		out_terms[(*out_count)++] = (struct directory_term){ known[i].attr, value, part };
	}
	if (kind < DIRECTORY_KIND_COUNT)
		out_terms[(*out_count)++] = (struct directory_term){ DIRECTORY_CLASS,
								     directory_kind_class(kind), false };
	if (!*out_count)
		return FAIL(ST_USAGE, 0, "find needs one of --or-address, --cn, --mail, --organization and "
			    "--kind, or several");
	return OK;
}

/* An authority may be an agent by its classes as well, but is found as what it is. */
static FALLIBLE keep_kind(struct directory_entries *entries, enum directory_kind kind)
{
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++)
		if (directory_kind_of(&entries->list[i]) == kind)
			entries->list[kept++] = entries->list[i];
	entries->count = kept;
	return kept ? OK : FAIL(ST_NOT_FOUND, 0, "the directory has no entry of kind %s that meets all else",
				directory_kind_names[kind]);
}

FALLIBLE cmd_find(const struct invocation *invocation)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entries entries = { 0 };
	struct directory_term terms[TERMS_MAX];
	enum directory_kind kind;
	size_t count;

	TRY(cmd_kind(&invocation->options, &kind));
	TRY(terms_of(&invocation->options, kind, arena, terms, &count));
	TRY(cmd_open(invocation, &dir));
	TRY(directory_match(dir, terms, count, arena, &entries));
	if (kind < DIRECTORY_KIND_COUNT)
		TRY(keep_kind(&entries, kind));
	if (invocation->json) {
		json_t *list = json_array();

		for (size_t i = 0; i < entries.count; i++)
			json_array_append_new(list, entry_json(&entries.list[i]));
		print_json(list);
	} else if (entries.count > 1 && !options_has(&invocation->options, "long")) {
		show_table(&entries, stdout);
	} else {
		for (size_t i = 0; i < entries.count; i++)
			show_entry(&entries.list[i], stdout);
	}
	return OK;
}
