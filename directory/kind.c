/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry stands for, by its object classes [X.402 Annex A, RFC 4519 3, RFC 4523 3]. */
#include "directory/directory.h"

#include <strings.h>

const char *const directory_kind_names[DIRECTORY_KIND_COUNT] = {
	[DIRECTORY_USER] = "user",
	[DIRECTORY_AGENT] = "agent",
	[DIRECTORY_AUTHORITY] = "authority",
	[DIRECTORY_STORE] = "store",
	[DIRECTORY_MTA] = "mta",
	[DIRECTORY_LIST] = "list",
};

/* The first that an entry has says what it is; of a kind, the first is what entries are found by. */
static const struct {
	const char *class;
	enum directory_kind kind;
} known[] = {
	{ "mhsDistributionList", DIRECTORY_LIST },
	{ "mhsMessageStore", DIRECTORY_STORE },
	{ "mhsMessageTransferAgent", DIRECTORY_MTA },
	{ "pkiCA", DIRECTORY_AUTHORITY },
	{ "applicationProcess", DIRECTORY_AGENT },
	{ "person", DIRECTORY_USER },
	{ "organizationalPerson", DIRECTORY_USER },	/* servers know that these are persons, */
	{ "inetOrgPerson", DIRECTORY_USER },		/* and need not say so */
};

enum { KNOWN = sizeof known / sizeof *known };

const char *directory_kind_class(enum directory_kind kind)
{
	size_t i = 0;

	while (known[i].kind != kind)
		i++;
	return known[i].class;
}

static bool has_class(const struct directory_entry *entry, const char *class)
{
	const struct directory_values *classes = &entry->values[DIRECTORY_CLASS];

	for (size_t i = 0; i < classes->count; i++)
		if (!strcasecmp((const char *)classes->list[i].data, class))
			return true;
	return false;
}

enum directory_kind directory_kind_of(const struct directory_entry *entry)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (has_class(entry, known[i].class))
			return known[i].kind;
	return DIRECTORY_KIND_COUNT;
}
