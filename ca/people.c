/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/people.h"

#include "directory/ldif.h"
#include "lib/base/csv.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <strings.h>

void people_cleanup(struct people *people)
{
	mem_free(&people->list);
	json_decref(people->problems);
}

void people_problem(struct people *people, const char *file, size_t line, struct status *why)
{
	AUTO(mem_free) char *text = status_text(why);
	json_t *problem = json_pack("{s:s, s:s}", "file", file, "problem", text);

	if (line)
		json_object_set_new(problem, "line", json_integer((json_int_t)line));
	json_array_append_new(people->problems, problem);
	status_free(&why);
}

static void add(struct people *people, const struct person *person)
{
	people->list = mem_grow(people->list, people->count + 1, sizeof *people->list);
	people->list[people->count++] = *person;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

/* --- CSV --- */

enum column { NAME, OR_ADDRESS, SCOPE, WORDS, REQUEST, DAYS, COLUMN_COUNT };

static const char *const column_names[COLUMN_COUNT] = {
	"name", "or-address", "scope", "words", "request", "days",
};

/* Where each column is; -1 where it is not. */
struct header {
	int at[COLUMN_COUNT];
	size_t count;
};

static int column_of(const char *name)
{
	for (int i = 0; i < COLUMN_COUNT; i++)
		if (!strcasecmp(column_names[i], name))
			return i;
	return -1;
}

static FALLIBLE read_header(struct csv *csv, struct arena *arena, struct header *out)
{
	struct csv_row row;

	if (!csv_more(csv))
		return FAIL(ST_USAGE, 0, "the list is empty: it begins with the names of its columns");
	TRY(csv_next(csv, arena, &row));
	for (int i = 0; i < COLUMN_COUNT; i++)
		out->at[i] = -1;
	out->count = row.count;
	for (size_t i = 0; i < row.count; i++) {
		int column = column_of(row.fields[i]);

		if (column < 0)
			return FAIL(ST_USAGE, 0, "\"%s\" is no column: name, or-address, scope, words, request "
				    "and days are", row.fields[i]);
		if (out->at[column] >= 0)
			return FAIL(ST_USAGE, 0, "the column \"%s\" is there twice", row.fields[i]);
		out->at[column] = (int)i;
	}
	if (out->at[NAME] < 0)
		return FAIL(ST_USAGE, 0, "the list has no column \"name\"");
	return OK;
}

static const char *field(const struct header *header, const struct csv_row *row, enum column column)
{
	return header->at[column] < 0 ? NULL : or_null(row->fields[header->at[column]]);
}

static FALLIBLE read_days(const char *text, int *out_days)
{
	char *end = NULL;
	long count = text ? strtol(text, &end, 10) : 0;

	if (text && (end == text || *end || count < 1 || count > INT16_MAX))
		return FAIL(ST_USAGE, 0, "\"%s\" is no number of days", text);
	*out_days = (int)count;
	return OK;
}

static FALLIBLE read_person(const struct header *header, const struct csv_row *row,
			    struct person *out)
{
	if (row->count != header->count)
		return FAIL(ST_USAGE, 0, "the line has %zu fields, the first has %zu", row->count,
			    header->count);
	*out = (struct person){
		.line = row->line,
		.name = field(header, row, NAME),
		.or_address = field(header, row, OR_ADDRESS),
		.scope = field(header, row, SCOPE),
		.words = field(header, row, WORDS),
		.request = field(header, row, REQUEST),
	};
	if (!out->name)
		return FAIL(ST_USAGE, 0, "there is no name");
	return read_days(field(header, row, DAYS), &out->days);
}

static FALLIBLE read_csv(struct bytes text, struct arena *arena, struct people *people)
{
	struct csv csv = csv_over(text);
	struct header header;

	TRY(read_header(&csv, arena, &header));
	while (csv_more(&csv)) {
		struct csv_row row;
		struct person person;
		struct status *st = csv_next(&csv, arena, &row);

		if (!st)
			st = read_person(&header, &row, &person);
		if (st)
			people_problem(people, people->path, row.line, st);
		else
			add(people, &person);
	}
	return OK;
}

/* --- LDIF --- */

/* The address has the name that X.402 gives it, its value is text, as in the directory; the rest, those
 * of the columns. */
static FALLIBLE read_ldif(struct bytes text, struct arena *arena, struct people *people)
{
	struct ldif_entry *entries = NULL;
	size_t count = 0;

	TRY(ldif_read(text, arena, &entries, &count));
	for (size_t i = 0; i < count; i++) {
		struct person person = {
			.line = entries[i].line,
			.name = entries[i].name,
			.or_address = ldif_find(&entries[i], "mhsORAddresses"),
			.scope = ldif_find(&entries[i], column_names[SCOPE]),
			.words = ldif_find(&entries[i], column_names[WORDS]),
			.request = ldif_find(&entries[i], column_names[REQUEST]),
		};
		struct status *st = read_days(ldif_find(&entries[i], column_names[DAYS]), &person.days);

		if (st)
			people_problem(people, people->path, person.line, st);
		else
			add(people, &person);
	}
	return OK;
}

static bool begins(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len >= len && !strncasecmp((const char *)text.data, with, len);
}

/* Comments and empty lines come before an entry, and before nothing in CSV. */
static struct bytes skip_comments(struct bytes text)
{
	while (text.len && text.data[0] && strchr("# \r\n", text.data[0])) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t line = end ? (size_t)(end - text.data) + 1 : text.len;

		text = bytes_slice(text, line, text.len - line);
	}
	return text;
}

static bool is_ldif(const char *path, struct bytes text)
{
	size_t len = strlen(path);

	text = skip_comments(text);
	return (len > 5 && !strcasecmp(path + len - 5, ".ldif")) || begins(text, "version:") ||
	       begins(text, "dn:");
}

FALLIBLE people_read(const char *path, struct arena *arena, struct people *out_people)
{
	AUTO(buf_free) struct buf text = { 0 };

	out_people->path = path;
	out_people->problems = json_array();
	TRY(file_read(path, PEOPLE_FILE_MAX, &text, NULL));
	TRY_DOING(is_ldif(path, buf_view(&text)) ? read_ldif(buf_view(&text), arena, out_people)
			  : read_csv(buf_view(&text), arena, out_people), "%s", path);
	return OK;
}
