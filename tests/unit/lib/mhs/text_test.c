/* SPDX-License-Identifier: Apache-2.0 */
/* Character sets of names. */
#include "lib/mhs/text.h"

#include "tests/support/check.h"

/* What ASCII becomes must not depend on whether the converter is needed for what follows it. */
static void ascii_in_teletex_is_itself(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	for (int c = 1; c < 0x80; c++) {
		const uint8_t octets[] = { 'a', (uint8_t)c, 0xe1 };	/* AE */
		const char alone[] = { 'a', (char)c, 0 };
		const char with_ae[] = { 'a', (char)c, '\xc3', '\x86', 0 };

		assert_string_equal(text_from_teletex(arena, bytes_of(octets, 2)), alone);
		assert_string_equal(text_from_teletex(arena, bytes_of(octets, 3)), with_ae);
	}
	arena_free(&arena);
}

static void zero_does_not_end_a_text(void **state)
{
	static const uint8_t octets[] = { 'a', 0, 'b' };
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(text_from_teletex(arena, bytes_of(octets, 3)), "a?b");
	assert_string_equal(text_from_teletex(arena, bytes_none()), "");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascii_in_teletex_is_itself),
		cmocka_unit_test(zero_does_not_end_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
