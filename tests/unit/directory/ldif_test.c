/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/ldif.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <stdlib.h>

/* Entries as "line name attr=text ...;", or the words of failure. */
static char *read_all(struct bytes text)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ldif_entry *entries = NULL;
	size_t count = 0;
	struct buf out = { 0 };
	struct status *st = ldif_read(text, arena, &entries, &count);

	for (size_t i = 0; !st && i < count; i++) {
		buf_printf(&out, "%zu %s", entries[i].line, entries[i].name);
		for (size_t k = 0; k < entries[i].count; k++)
			if (strcmp(entries[i].values[k].attr, "dn") != 0)
				buf_printf(&out, " %s=%s", entries[i].values[k].attr,
					   entries[i].values[k].text ? entries[i].values[k].text : "(octets)");
		buf_put_text(&out, ";");
	}
	if (st)
		buf_printf(&out, "!%s", st->words);
	status_free(&st);
	buf_put_u8(&out, 0);
	return (char *)out.data;
}

#define CASE(name, text, read)	{ name, { (const uint8_t *)(text), sizeof(text) - 1 }, read }

static const struct { const char *name; struct bytes text; const char *read; } cases[] = {
	CASE("nothing", "", ""),
	CASE("one", "dn: CN=a\nmail: b\n", "1 CN=a mail=b;"),
	CASE("a version, comments, two", "version: 1\n\n# c\ndn: CN=a\nx: 1\n\n\ndn: CN=b\n",
	     "4 CN=a x=1;8 CN=b;"),
	CASE("a version in front", "version: 1\ndn: CN=a\nx: 1\n", "2 CN=a version=1 x=1;"),
	CASE("folded", "dn: CN=a\nmail: b\n c\n", "1 CN=a mail=bc;"),
	CASE("base64", "dn:: Q049w6k=\nx:: AAE=\n", "1 CN=\xc3\xa9 x=(octets);"),
	CASE("line ends of others", "dn: CN=a\r\nmail: b\r\n", "1 CN=a mail=b;"),
	CASE("no dn", "mail: b\n", "!the entry of line 1 has no dn"),
	CASE("no attribute", "dn: CN=a\nnothing\n", "!the entry of line 1 has a line without an attribute"),
	CASE("another file", "dn: CN=a\nx:< file:///etc/passwd\n",
	     "!the entry of line 1 takes a value from another file: that is not read"),
	CASE("another file, folded: libldap takes it for text", "dn: CN=a\nx:\n < file:///etc/passwd\n",
	     "1 CN=a x=< file:///etc/passwd;"),
	CASE("a whole other file", "include: file:///etc/passwd\n",
	     "!line 1 includes another file: that is not read"),
	CASE("in capitals", "dn: CN=a\n\nINCLUDE: file:///etc/passwd\n",
	     "!line 3 includes another file: that is not read"),
	CASE("a number where an entry begins", "1\n\ndn: CN=a\n\n2\n\ndn: CN=b\n\n3", "3 CN=a;7 CN=b;"),
	CASE("a NUL", "dn: CN=a\nx: \0\n", "!line 2 has a zero octet in it"),
};

static void reads_entries_and_no_other_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(mem_free) char *read = read_all(cases[i].text);

		print_message("%s\n", cases[i].name);
		assert_string_equal(read, cases[i].read);
	}
}

static void what_ends_early_is_bounded(void **state)
{
	static const char text[] = "version: 1\n\ndn: CN=a\nx:: AAE=\n y\nz: 1\n\ndn: CN=b\n";

	(void)state;
	for (size_t len = 0; len < sizeof text; len++)
		free(read_all(bytes_of(text, len)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_entries_and_no_other_files),
		cmocka_unit_test(what_ends_early_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
