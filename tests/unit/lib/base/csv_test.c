/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/csv.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

/* The text of a file, all its fields between bars, a row on a line; or the words of failure. */
static char *read_all(struct bytes text)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct csv csv = csv_over(text);
	struct buf out = { 0 };

	while (csv_more(&csv)) {
		struct csv_row row;
		struct status *st = csv_next(&csv, arena, &row);

		buf_printf(&out, "%zu:", row.line);
		for (size_t i = 0; !st && i < row.count; i++)
			buf_printf(&out, "|%s", row.fields[i]);
		if (st)
			buf_printf(&out, "!%s", st->words);
		status_free(&st);
		buf_put_u8(&out, '\n');
	}
	buf_put_u8(&out, 0);
	return (char *)out.data;
}

#define CASE(name, text, read)	{ name, { (const uint8_t *)(text), sizeof(text) - 1 }, read }

static const struct { const char *name; struct bytes text; const char *read; } cases[] = {
	CASE("nothing", "", ""),
	CASE("two lines", "a,b\nc,d\n", "1:|a|b\n2:|c|d\n"),
	CASE("no end of line at the end", "a,b\r\nc", "1:|a|b\n2:|c\n"),
	CASE("a byte order mark", "\xef\xbb\xbf" "a", "1:|a\n"),
	CASE("empty lines", "\n\r\na\n\n\nb\n\n", "3:|a\n6:|b\n"),
	CASE("empty fields", ",a,,\n", "1:||a||\n"),
	CASE("quotes", "\"a,\"\"b\"\"\",\"\"\n", "1:|a,\"b\"|\n"),
	CASE("a line end in quotes", "\"a\nb\",c\nd\n", "1:|a\nb|c\n3:|d\n"),
	CASE("a quote that is not closed", "a\n\"b,c\nd\n", "1:|a\n2:!a quote is opened and not closed\n"),
	CASE("a quote in the middle", "a\"b\nc\n",
	     "1:!a quote inside a field that does not begin with one\n2:|c\n"),
	CASE("something behind a quote", "\"a\"b,c\nd\n",
	     "1:!there is something between a closing quote and the next comma\n2:|d\n"),
	CASE("a NUL", "a\0b,c\nd\n", "1:!a field has a control character (0) in it\n2:|d\n"),
	CASE("a bell in quotes", "\"a\a\"\nd\n", "1:!a field has a control character (7) in it\n2:|d\n"),
	CASE("not UTF-8", "\xc3(,x\nd\n", "1:!a field is not in UTF-8\n2:|d\n"),
	CASE("a lone CR stays", "a\rb\n", "1:|a\rb\n"),
};

static void reads_what_spreadsheets_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(mem_free) char *read = read_all(cases[i].text);

		print_message("%s\n", cases[i].name);
		assert_string_equal(read, cases[i].read);
	}
}

static void bounds_what_it_reads(void **state)
{
	AUTO(buf_free) struct buf text = { 0 };

	(void)state;
	for (int i = 0; i <= CSV_FIELD_MAX; i++)
		buf_put_u8(&text, 'x');
	buf_put_text(&text, "\n");
	for (int i = 0; i < CSV_FIELDS_MAX; i++)
		buf_put_u8(&text, ',');
	buf_put_text(&text, "\nend\n");

	AUTO(mem_free) char *read = read_all(buf_view(&text));

	assert_string_equal(read, "1:!a field has more than 4096 octets\n"
			    "2:!a line has more than 64 fields\n3:|end\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_spreadsheets_write),
		cmocka_unit_test(bounds_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
