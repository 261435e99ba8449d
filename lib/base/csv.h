/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values [RFC 4180], as spreadsheets write them: fields may be in quotes, with
 * commas, line ends and doubled quotes in them; lines end in LF or CR LF; a byte order mark at
 * the beginning and empty lines are passed over.
 *
 *	struct csv csv = csv_over(text);
 *	struct csv_row row;
 *
 *	while (csv_more(&csv)) {
 *		st = csv_next(&csv, arena, &row);	// also after a failure: the next line
 *		...
 *	}
 */
#ifndef LIB_BASE_CSV_H
#define LIB_BASE_CSV_H

#include "lib/base/arena.h"
#include "lib/base/status.h"

enum { CSV_FIELD_MAX = 4096, CSV_FIELDS_MAX = 64 };

struct csv {
	struct bytes rest;
	size_t line;		/* where the rest begins, from 1 */
};

/* In the arena; fields are UTF-8 without control characters but white space. */
struct csv_row {
	size_t line;		/* where it begins */
	const char *fields[CSV_FIELDS_MAX];
	size_t count;
};

/* The text is borrowed. */
struct csv csv_over(struct bytes text);
/* Passes over empty lines: whether there is another row. */
bool csv_more(struct csv *csv);
/* The next row.  ST_USAGE where it is none; out_row->line says where, and the reading goes on
 * with the line behind it. */
FALLIBLE csv_next(struct csv *csv, struct arena *arena, struct csv_row *out_row);

#endif
