/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values: what was read, written again in quotes, is read as the same. */
#include "lib/base/csv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_row(const struct csv_row *row, struct buf *out)
{
	for (size_t i = 0; i < row->count; i++) {
		buf_put_text(out, i ? ",\"" : "\"");
		for (const char *c = row->fields[i]; *c; c++) {
			if (*c == '"')
				buf_put_u8(out, '"');
			buf_put_u8(out, (uint8_t)*c);
		}
		buf_put_u8(out, '"');
	}
	buf_put_u8(out, '\n');
}

static void read_again(const struct csv_row *row, struct arena *arena)
{
	AUTO(buf_free) struct buf text = { 0 };
	struct csv_row again;

	put_row(row, &text);

	struct csv csv = csv_over(buf_view(&text));
	struct status *st = csv_more(&csv) ? csv_next(&csv, arena, &again) : OK;

	if (st || again.count != row->count || csv_more(&csv))
		abort();
	for (size_t i = 0; i < row->count; i++)
		if (strcmp(again.fields[i], row->fields[i]) != 0)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct csv csv = csv_over(bytes_of(data, size));

	while (csv_more(&csv)) {
		struct csv_row row;
		size_t left = csv.rest.len;
		struct status *st = csv_next(&csv, arena, &row);

		if (csv.rest.len >= left)
			abort();	/* it would never end */
		if (!st)
			read_again(&row, arena);
		status_free(&st);
	}
	return 0;
}
