/* SPDX-License-Identifier: Apache-2.0 */
/* Small whole files. */
#include "lib/base/file.h"

#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void what_was_written_is_read(void **state)
{
	const char *path = scratch_path("thing");
	AUTO(buf_free) struct buf got = { 0 };
	mode_t mode = 0;

	(void)state;
	assert_fails(file_read(path, 10, &got, NULL), "cannot open");
	assert_ok(file_create(path, 0600, BYTES("first")));
	assert_fails(file_create(path, 0600, BYTES("second")), "is there already");
	assert_ok(file_read(path, 5, &got, &mode));
	assert_bytes(buf_view(&got), BYTES("first"));
	assert_int_equal(mode, 0600);
	assert_ok(file_replace(path, 0644, BYTES("the third")));
	assert_fails(file_read(path, 5, &got, NULL), "is longer than 5 octets");
	buf_free(&got);
	assert_ok(file_read(path, 100, &got, &mode));
	assert_bytes(buf_view(&got), BYTES("the third"));
	assert_int_equal(mode, 0644);
	assert_fails(file_read("/", 100, &got, NULL), "is not a file");
	assert_int_equal(unlink(path), 0);
}

/* As root, /dev/null would be a file from then on, for everyone. */
static void what_is_no_file_is_written_to(void **state)
{
	const char *path = scratch_path("pipe");
	char got[16];
	struct stat info;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	int end = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_ok(file_replace(path, 0644, BYTES("through")));
	assert_int_equal(read(end, got, sizeof got), 7);
	assert_memory_equal(got, "through", 7);
	assert_int_equal(stat(path, &info), 0);
	assert_true(S_ISFIFO(info.st_mode));
	close(end);
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_no_file_is_written_to, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(what_was_written_is_read, scratch_setup,
						scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
