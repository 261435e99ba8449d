/* SPDX-License-Identifier: Apache-2.0 */
/* What was given back is looked for where it was: through the system, since the compiler knows that
 * nobody may look there. */
#include "lib/base/wipe.h"

#include "lib/base/bytes.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The first words of what is free are the allocator's. */
enum { HEAD = 32, MARK = 0xa5 };

static int memory = -1;

static int open_memory(void **state)
{
	(void)state;
	memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	return memory < 0;
}

static int close_memory(void **state)
{
	(void)state;
	return close(memory);
}

/* How many octets there are still the mark; those that the system has back are not. */
static size_t marks_at(uintptr_t address, size_t from, size_t len)
{
	uint8_t now[4096];
	size_t marks = 0;

	for (; from < len; from += sizeof(now)) {
		size_t want = len - from < sizeof(now) ? len - from : sizeof(now);
		ssize_t got = pread(memory, now, want, (off_t)(address + from));

		for (ssize_t i = 0; i < got; i++)
			marks += now[i] == MARK;
	}
	return marks;
}

#if FREED_IS_WIPED
static const size_t sizes[] = { 48, 200, 1000, 2000, 100000, 300000 };
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static void what_is_freed_is_wiped(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		size_t size = sizes[i];
		void *p = mem_alloc(1, size);
		uintptr_t was = (uintptr_t)p;

		memset(p, MARK, size);
		assert_int_equal(marks_at(was, 0, size), size);
		mem_free(&p);
		assert_int_equal(marks_at(was, HEAD, size), 0);
	}
}

static void what_grows_leaves_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		size_t size = sizes[i];
		uint8_t *p = mem_alloc(1, size);
		uintptr_t was = (uintptr_t)p;

		memset(p, MARK, size);
		p = mem_grow(p, 4 * size, 1);
		assert_true((uintptr_t)p != was);
		assert_int_equal(p[0], MARK);
		assert_int_equal(p[size - 1], MARK);
		assert_int_equal(marks_at(was, HEAD, size), 0);
		mem_free(&p);
	}
}

static void what_shrinks_much_leaves_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		size_t size = sizes[i];
		uint8_t *p = mem_alloc(1, size);
		uintptr_t was = (uintptr_t)p;

		memset(p, MARK, size);
		p = mem_grow(p, size / 4, 1);
		assert_int_equal(p[size / 4 - 1], MARK);
		assert_int_equal(marks_at(was, size / 4 + HEAD, size), 0);
		mem_free(&p);
	}
}

/* Libraries free with it too: the C library's own buffers among them. */
static void so_is_what_libraries_free(void **state)
{
	(void)state;
	char *line = NULL;
	size_t room = 0;
	FILE *stream = tmpfile();

	assert_non_null(stream);
	for (int i = 0; i < 500; i++)
		putc(MARK, stream);
	rewind(stream);
	assert_int_equal(getline(&line, &room, stream), 500);
	uintptr_t was = (uintptr_t)line;
	assert_int_equal(marks_at(was, 0, 500), 500);
	free(line);
	fclose(stream);
	assert_int_equal(marks_at(was, HEAD, 500), 0);
}

#endif

static void a_buffer_keeps_nothing_that_it_gave_up(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf b = { 0 };

	memset(buf_extend(&b, 1000), MARK, 1000);
	uintptr_t at = (uintptr_t)b.data;
	buf_consume(&b, 400);
	assert_int_equal(marks_at(at, 0, b.cap), 600);
	buf_clear(&b);
	assert_int_equal(marks_at(at, 0, b.cap), 0);
}

static void nothing_can_be_freed(void **state)
{
	(void)state;
	void *p = realloc(NULL, 10);

	assert_non_null(p);
	free(NULL);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if FREED_IS_WIPED
		cmocka_unit_test(what_is_freed_is_wiped),
		cmocka_unit_test(what_grows_leaves_nothing),
		cmocka_unit_test(what_shrinks_much_leaves_nothing),
		cmocka_unit_test(so_is_what_libraries_free),
#endif
		cmocka_unit_test(a_buffer_keeps_nothing_that_it_gave_up),
		cmocka_unit_test(nothing_can_be_freed),
	};

	return cmocka_run_group_tests(tests, open_memory, close_memory);
}
