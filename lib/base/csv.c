/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values [RFC 4180]. */
#include "lib/base/csv.h"

#include <unistr.h>

enum { END = -1 };

static int peek(const struct csv *csv)
{
	return csv->rest.len ? csv->rest.data[0] : END;
}

static int take(struct csv *csv)
{
	int c = peek(csv);

	if (c == END)
		return END;
	csv->rest = bytes_slice(csv->rest, 1, csv->rest.len);
	if (c == '\n')
		csv->line++;
	return c;
}

static bool begins_with(struct bytes text, struct bytes what)
{
	return bytes_equal(bytes_slice(text, 0, what.len), what);
}

/* The line's end, where it begins here, is passed over. */
static bool take_line_end(struct csv *csv)
{
	if (begins_with(csv->rest, BYTES("\r\n")))
		take(csv);
	if (peek(csv) != '\n')
		return false;
	take(csv);
	return true;
}

static bool is_row_end(const struct csv *csv)
{
	return peek(csv) == END || peek(csv) == '\n' || begins_with(csv->rest, BYTES("\r\n"));
}

static FALLIBLE put(struct buf *field, int c)
{
	if (c < ' ' && c != '\t' && c != '\r' && c != '\n')
		return FAIL(ST_USAGE, 0, "a field has a control character (%d) in it", c);
	if (field->len == CSV_FIELD_MAX)
		return FAIL(ST_USAGE, 0, "a field has more than %d octets", CSV_FIELD_MAX);
	buf_put_u8(field, (uint8_t)c);
	return OK;
}

static FALLIBLE take_quoted(struct csv *csv, struct buf *field)
{
	take(csv);
	for (;;) {
		int c = take(csv);

		if (c == END)
			return FAIL(ST_USAGE, 0, "a quote is opened and not closed");
		if (c == '"' && peek(csv) != '"')
			break;
		if (c == '"')
			take(csv);
		TRY(put(field, c));
	}
	if (peek(csv) != ',' && !is_row_end(csv))
		return FAIL(ST_USAGE, 0, "there is something between a closing quote and the next comma");
	return OK;
}

static FALLIBLE take_plain(struct csv *csv, struct buf *field)
{
	while (peek(csv) != ',' && !is_row_end(csv)) {
		if (peek(csv) == '"')
			return FAIL(ST_USAGE, 0, "a quote inside a field that does not begin with one");
		TRY(put(field, take(csv)));
	}
	return OK;
}

static FALLIBLE take_field(struct csv *csv, struct arena *arena, const char **out_field)
{
	AUTO(buf_free) struct buf field = { 0 };

	TRY(peek(csv) == '"' ? take_quoted(csv, &field) : take_plain(csv, &field));
	if (u8_check(field.data, field.len))
		return FAIL(ST_USAGE, 0, "a field is not in UTF-8");
	*out_field = arena_text(arena, buf_view(&field));
	return OK;
}

static FALLIBLE take_row(struct csv *csv, struct arena *arena, struct csv_row *row)
{
	for (;;) {
		if (row->count == CSV_FIELDS_MAX)
			return FAIL(ST_USAGE, 0, "a line has more than %d fields", CSV_FIELDS_MAX);
		TRY(take_field(csv, arena, &row->fields[row->count++]));
		if (peek(csv) != ',')
			break;
		take(csv);
	}
	return OK;
}

struct csv csv_over(struct bytes text)
{
	if (begins_with(text, BYTES("\xef\xbb\xbf")))
		text = bytes_slice(text, 3, text.len);
	return (struct csv){ text, 1 };
}

bool csv_more(struct csv *csv)
{
	while (take_line_end(csv))
		continue;
	return csv->rest.len > 0;
}

FALLIBLE csv_next(struct csv *csv, struct arena *arena, struct csv_row *out_row)
{
	*out_row = (struct csv_row){ .line = csv->line };

	struct status *st = take_row(csv, arena, out_row);

	while (st && !is_row_end(csv))
		take(csv);
	take_line_end(csv);
	return st;
}
