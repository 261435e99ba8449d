/* SPDX-License-Identifier: Apache-2.0 */
/* Settings whose value is a line of words: NAME HOST:PORT key=value key="a b". */
#ifndef LIB_BASE_WORDS_H
#define LIB_BASE_WORDS_H

#include "lib/base/arena.h"
#include "lib/base/status.h"

struct word {
	const char *whole;	/* without its quotes */
	const char *key;	/* null where it is not key=value */
	const char *value;	/* behind the sign, or the whole */
};

/* A word that begins with "/" is an O/R address and has no key.  ST_USAGE for an open quote. */
FALLIBLE words_split(struct arena *arena, const char *line, struct word **out_words,
		     size_t *out_count);

/* The first line of a file that only its owner may read: a password.  The caller frees it. */
FALLIBLE words_read_line(const char *path, char **out_line);

#endif
