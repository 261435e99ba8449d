/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions on our own types. */
#include "tests/support/check.h"

#include <stdlib.h>
#include <time.h>

void check_ok(struct status *st, const char *call, const char *file, int line)
{
	if (!st)
		return;
	print_error("%s failed:\n", call);
	status_print(stderr, "test", st);
	status_free(&st);
	_fail(file, line);
}

void check_fails(struct status *st, const char *words, const char *call, const char *file, int line)
{
	bool found = false;

	if (!st) {
		print_error("%s succeeded; \"%s\" was expected\n", call, words);
		_fail(file, line);
	}
	for (const struct status *s = st; s; s = s->cause)
		found |= strstr(s->words, words) != NULL;
	if (!found) {
		print_error("%s failed, but not with \"%s\":\n", call, words);
		status_print(stderr, "test", st);
	}
	status_free(&st);
	if (!found)
		_fail(file, line);
}

void check_bytes(struct bytes got, struct bytes want, const char *file, int line)
{
	if (bytes_equal(got, want))
		return;
	char *got_hex = bytes_hex(got), *want_hex = bytes_hex(want);
	print_error("octets differ\n  got  %s\n  want %s\n", got_hex, want_hex);
	free(got_hex);
	free(want_hex);
	_fail(file, line);
}

struct buf hex(const char *text)
{
	struct buf octets;

	if (!buf_from_hex(text, &octets))
		fail_msg("not hexadecimal: %s", text);
	return octets;
}

int64_t milliseconds(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * INT64_C(1000) + at.tv_nsec / 1000000;
}
