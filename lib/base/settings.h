/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings: one table says what can be set, where it lies, its default and
 * bounds, and what it means.  The table reads the file ("key = value", one a
 * line, # begins a line of comment), takes --set from the command line, answers
 * --show-settings and is compared with the man page.
 *
 *	#define AT(field) offsetof(struct mta_settings, field)
 *	static const struct setting mta_settings[] = {
 *		{ "listen", SET_STR, AT(listen), "localhost:102", 0, 0,
 *		  "Where to accept associations, as host:port." },
 *		{ "retry-after", SET_SECS, AT(retry), "900", 1, 86400,
 *		  "How long a deferred message waits before it is offered again." },
 *		{ "route", SET_LIST, AT(routes), NULL, 0, 100000, "..." },
 *		{ 0 }
 *	};
 */
#ifndef LIB_BASE_SETTINGS_H
#define LIB_BASE_SETTINGS_H

#include "lib/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_kind {
	SET_STR,	/* char *: never null after settings_finish; max bounds its length if not 0 */
	SET_INT,	/* int64_t */
	SET_SIZE,	/* int64_t: octets, with K, M or G behind it for units of 1024 */
	SET_SECS,	/* int64_t: seconds, with s, m, h or d behind it */
	SET_BOOL,	/* bool: yes or no */
	SET_ENUM,	/* int: the index into choices */
	SET_LIST,	/* struct text_list: the key may be repeated; min and max bound the count */
};

struct text_list {
	char **items;
	size_t count;
};

struct setting {
	const char *name;
	enum setting_kind kind;
	size_t offset;			/* into the program's struct */
	const char *fallback;		/* as it would be written; null: it must be set (a list: empty) */
	int64_t min, max;		/* of a number; both 0: any that is not negative */
	const char *help;		/* one sentence */
	const char *const *choices;	/* SET_ENUM: ends with null */
};

/* Gives every setting its default; into was zeroed. */
void settings_init(const struct setting *table, void *into);

/* Reads a file over what is there.  The first mistake is reported as "file:line: ...", with the
 * value and what would be accepted. */
FALLIBLE settings_read(const struct setting *table, void *into, const char *path);

/* One "key=value" from the command line; a list gains an item. */
FALLIBLE settings_set(const struct setting *table, void *into, const char *assignment);

/* After the last of them: lists that are still empty get their default, and what must be set
 * and is not is an error. */
FALLIBLE settings_finish(const struct setting *table, void *into);

/* Every setting with its value, as a file that could be read again, or as JSON. */
void settings_show(const struct setting *table, const void *from, FILE *to, bool json);

/* Frees what the settings own. */
void settings_cleanup(const struct setting *table, void *into);

#endif
