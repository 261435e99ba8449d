/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries in LDIF [RFC 2849], as other directories and ldapsearch give them.  What would have
 * other files read (include:, attribute:<) is refused.
 */
#ifndef DIRECTORY_LDIF_H
#define DIRECTORY_LDIF_H

#include "lib/base/arena.h"
#include "lib/base/status.h"

enum { LDIF_ENTRIES_MAX = 100000 };

struct ldif_value {
	const char *attr;
	const char *text;	/* null where it is no text */
};

struct ldif_entry {
	size_t line;		/* where it begins, from 1 */
	const char *name;	/* its dn */
	struct ldif_value *values;
	size_t count;
};

/* All entries of a text, in the arena.  ST_USAGE with the line where it is no LDIF. */
FALLIBLE ldif_read(struct bytes text, struct arena *arena, struct ldif_entry **out_entries,
		   size_t *out_count);

/* The first value of an attribute, in any case of letters; null where there is none. */
const char *ldif_find(const struct ldif_entry *entry, const char *attr);

#endif
