/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target without a fuzzer, as a test that prints TAP: over the target's own corpus,
 * and over hostile octets that others collected.  Named files are run instead, to see a
 * finding again.
 */
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 64 << 20 };

static size_t inputs;

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
	inputs++;
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

/* Records of 4 octets of length, big-endian, then the octets. */
static FALLIBLE run_records(FILE *from)
{
	AUTO(buf_free) struct buf input = { 0 };
	uint8_t head[4];

	while (fread(head, sizeof(head), 1, from) == 1) {
		size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];

		if (len > INPUT_MAX)
			return FAIL(ST_USAGE, 0, "record %zu has %zu octets", inputs, len);
		buf_clear(&input);
		if (len && fread(buf_extend(&input, len), len, 1, from) != 1)
			return FAIL(ST_USAGE, 0, "record %zu ends too early", inputs);
		run_once(buf_view(&input));
	}
	return OK;
}

static FALLIBLE run_collection(const char *path)
{
	char command[4200];

	if (snprintf(command, sizeof(command), "gzip -dc '%s'", path) >= (int)sizeof(command))
		return FAIL(ST_USAGE, 0, "%s is too long a name", path);
	FILE *from = popen(command, "re");
	if (!from)
		return status_errno(errno, "cannot unpack %s", path);
	struct status *failed = run_records(from);
	int status = pclose(from);
	TRY(failed);
	if (status != 0)
		return FAIL(ST_USAGE, 0, "gzip ended with %d", status);
	return OK;
}

/* Each file of a pattern; none is a failure, because it proves nothing. */
static FALLIBLE run_each(const char *folder, const char *pattern, FALLIBLE (*run)(const char *path))
{
	char path[4096];
	glob_t found;
	struct status *failed = OK;

	if (snprintf(path, sizeof(path), "%s/%s", folder, pattern) >= (int)sizeof(path))
		return FAIL(ST_USAGE, 0, "%s is too long a name", folder);
	if (glob(path, 0, NULL, &found) != 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no %s", path);
	for (size_t i = 0; i < found.gl_pathc && !failed; i++) {
		failed = run(found.gl_pathv[i]);
		if (failed)
			failed = status_doing(failed, "%s", found.gl_pathv[i]);
	}
	globfree(&found);
	return failed;
}

/* --- as a test --- */

/* Prints one result; returns whether it is a good one.  Takes failed. */
static bool report(int number, const char *what, struct status *failed)
{
	bool good = !failed;

	printf("%s %d - %s takes %s, %zu inputs\n", good ? "ok" : "not ok", number,
	       program_invocation_short_name, what, inputs);
	fflush(stdout);
	if (failed)
		status_print(stderr, program_invocation_short_name, failed);
	status_free(&failed);
	inputs = 0;
	return good;
}

static int test(void)
{
	const char *data = getenv("POSTERN_DATA");
	char own[200], others[4000];
	bool good;

	snprintf(own, sizeof(own), "tests/fuzz/corpus/%s", program_invocation_short_name);
	snprintf(others, sizeof(others), "%s/fuzz", data ? data : "../shared/data");
	good = report(1, "its corpus", run_each(own, "*", run_file));
	if (access(others, F_OK) != 0) {
		printf("# %s is absent: only our own corpus was replayed\n1..1\n", others);
		return good ? EXIT_SUCCESS : EXIT_FAILURE;
	}
	good = report(2, "what others collected", run_each(others, "*.corpus.gz", run_collection)) &&
	       good;
	printf("1..2\n");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static FALLIBLE run_files(char **paths)
{
	for (; *paths; paths++)
		TRY(run_file(*paths));
	return OK;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return test();
	AUTO(status_free) struct status *failed = run_files(argv + 1);
	if (failed)
		status_print(stderr, argv[0], failed);
	return status_exit_code(failed);
}
