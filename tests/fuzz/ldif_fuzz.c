/* SPDX-License-Identifier: Apache-2.0 */
/* Entries in LDIF: whatever is read has names and attributes that can be found again. */
#include "directory/ldif.h"

#include <stdlib.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first of its name. */
static const char *first(const struct ldif_entry *entry, const char *attr)
{
	for (size_t i = 0; i < entry->count; i++)
		if (!strcasecmp(entry->values[i].attr, attr))
			return entry->values[i].text;
	return NULL;
}

static void check_entry(const struct ldif_entry *entry, size_t line_before)
{
	if (!entry->name || entry->line <= line_before)
		abort();
	for (size_t i = 0; i < entry->count; i++)
		if (ldif_find(entry, entry->values[i].attr) != first(entry, entry->values[i].attr))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ldif_entry *entries = NULL;
	size_t count = 0, line = 0;
	struct status *st = ldif_read(bytes_of(data, size), arena, &entries, &count);

	for (size_t i = 0; !st && i < count; i++) {
		check_entry(&entries[i], line);
		line = entries[i].line;
	}
	status_free(&st);
	return 0;
}
