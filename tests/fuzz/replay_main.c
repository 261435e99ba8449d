/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer: over the files that are named, and over
 * records on standard input where "-" is (4 octets of length, big-endian, then
 * the octets).  Prints how many inputs there were.
 */
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 64 << 20 };

/* A copy of its own size each time, so that the sanitizer sees every octet read past the end. */
static void run_once(struct bytes input)
{
	struct buf exact = { .data = malloc(input.len ? input.len : 1), .len = input.len };

	if (!exact.data)
		abort();
	if (input.len)
		memcpy(exact.data, input.data, input.len);
	LLVMFuzzerTestOneInput(exact.data, exact.len);
	buf_free(&exact);
}

static FALLIBLE run_file(const char *path)
{
	AUTO(buf_free) struct buf input = { 0 };
	FILE *f = fopen(path, "re");

	if (!f)
		return status_errno(errno, "cannot read %s", path);
	for (int c; (c = fgetc(f)) != EOF; )
		buf_put_u8(&input, (uint8_t)c);
	fclose(f);
	run_once(buf_view(&input));
	return OK;
}

static FALLIBLE run_records(size_t *io_count)
{
	AUTO(buf_free) struct buf input = { 0 };
	uint8_t head[4];

	while (fread(head, sizeof(head), 1, stdin) == 1) {
		size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

		if (len > INPUT_MAX)
			return FAIL(ST_USAGE, 0, "record %zu has %zu octets", *io_count, len);
		buf_clear(&input);
		if (len && fread(buf_extend(&input, len), len, 1, stdin) != 1)
			return FAIL(ST_USAGE, 0, "record %zu ends too early", *io_count);
		run_once(buf_view(&input));
		++*io_count;
	}
	return OK;
}

static FALLIBLE run_all(char **names, size_t *out_count)
{
	*out_count = 0;
	for (; *names; names++) {
		if (strcmp(*names, "-") == 0) {
			TRY(run_records(out_count));
			continue;
		}
		TRY(run_file(*names));
		++*out_count;
	}
	return OK;
}

int main(int argc, char **argv)
{
	size_t count;
	AUTO(status_free) struct status *st = run_all(argv + 1, &count);

	(void)argc;
	if (st)
		status_print(stderr, argv[0], st);
	else
		printf("%zu\n", count);
	return status_exit_code(st);
}
