/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/arena.h"

#include "tests/support/check.h"

#include <stdalign.h>

static void what_it_gives_is_zeroed_and_aligned(void **state)
{
	(void)state;
	AUTO(arena_free) struct arena *a = arena_new();

	/* Sizes around a block, so that shared and own blocks come in turn. */
	for (size_t size = 0; size < 9000; size += 37) {
		uint8_t *p = arena_alloc(a, size, 1);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void copies_are_its_own(void **state)
{
	(void)state;
	AUTO(arena_free) struct arena *a = arena_new();
	char text[] = "abc";
	struct bytes octets = arena_dup(a, bytes_of(text, 3));
	char *copy = arena_strdup(a, text), *cut = arena_text(a, bytes_of(text, 2));

	text[0] = 'x';
	assert_bytes(octets, BYTES("abc"));
	assert_string_equal(copy, "abc");
	assert_string_equal(cut, "ab");
	assert_string_equal(arena_printf(a, "%s-%d", "n", 7), "n-7");
	assert_int_equal(arena_dup(a, bytes_none()).len, 0);
}

static char order[4];

static void note(void *thing)
{
	order[strlen(order)] = *(const char *)thing;
}

static void what_it_owns_goes_newest_first(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	char one = '1', two = '2', three = '3';

	arena_own(a, &one, note);
	arena_own(a, &two, note);
	arena_own(a, &three, note);
	arena_free(&a);
	assert_null(a);
	assert_string_equal(order, "321");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_gives_is_zeroed_and_aligned),
		cmocka_unit_test(copies_are_its_own),
		cmocka_unit_test(what_it_owns_goes_newest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
