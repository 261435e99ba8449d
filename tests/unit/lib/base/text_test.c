/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/text.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

static const struct { const char *name; struct bytes in; const char *out; } cases[] = {
	{ "nothing", { 0 }, "" },
	{ "plain", { (const uint8_t *)"Alice", 5 }, "Alice" },
	{ "UTF-8", { (const uint8_t *)"\xc3\xa9", 2 }, "\xc3\xa9" },
	{ "Latin-1", { (const uint8_t *)"\xe9t", 2 }, "?t" },
	{ "cut off", { (const uint8_t *)"a\xc3", 2 }, "a?" },
	{ "escape sequence", { (const uint8_t *)"\x1b[2J", 4 }, "?[2J" },
	{ "line end and zero", { (const uint8_t *)"a\n\0b", 4 }, "a??b" },
	{ "right-to-left override", { (const uint8_t *)"\xe2\x80\xae", 3 }, "?" },
};

static void shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(mem_free) char *text = text_shown(cases[i].in);

		print_message("%s\n", cases[i].name);
		assert_string_equal(text, cases[i].out);
	}
}

static void columns(void **state)
{
	(void)state;
	assert_int_equal(text_columns("Alice"), 5);
	assert_int_equal(text_columns("Ren\xc3\xa9"), 4);
	assert_int_equal(text_columns("\xe5\xb1\xb1"), 2);	/* a wide one */
	assert_int_equal(text_columns("e\xcc\x81"), 1);	/* an accent of its own */
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(shown), cmocka_unit_test(columns) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
