/* SPDX-License-Identifier: Apache-2.0 */
/* A list of people who are to be enrolled: CSV [RFC 4180] or LDIF [RFC 2849]. */
#ifndef CA_PEOPLE_H
#define CA_PEOPLE_H

#include "lib/base/arena.h"
#include "lib/base/status.h"

#include <jansson.h>

enum { PEOPLE_FILE_MAX = 64 * 1024 * 1024 };

/* What is not said is null, or 0. */
struct person {
	size_t line;
	const char *name;		/* RFC 4514 */
	const char *or_address, *scope, *words, *request;
	int days;
};

struct people {
	const char *path;
	struct person *list;
	size_t count;
	json_t *problems;		/* each with "file", "line" (or none), "problem" */
};

/* Takes the failure; about a line of the list, or (0) about another file. */
void people_problem(struct people *people, const char *file, size_t line, struct status *why);

/* Reads all of it; mistakes of single lines are problems, and the reading goes on.  A file that
 * ends in ".ldif" is LDIF, and so is one that begins like it.  Texts live in the arena. */
FALLIBLE people_read(const char *path, struct arena *arena, struct people *out_people);
void people_cleanup(struct people *people);

#endif
