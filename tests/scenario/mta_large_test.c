/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contents of one octet and of 64 MiB through two MTAs, and one beyond the
 * limit; others pass meanwhile, and the memory that an MTA takes stays bounded.
 */
#include "lib/mhs/operations.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#include <stdio.h>
#include <string.h>

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH

enum {
	LARGEST = 64 << 20,
	/* The message as it arrives, as it is stored or read again, and as it leaves, and as much
	 * again where a buffer grows. */
	MEMORY_MAX_KB = 6 * (LARGEST >> 10),
};

static struct process north, south;
static struct store a, b;

static int setup(void **state)
{
	static const struct stage_mta mta_north = {
		"mta-a", NORTH, "store-a", "mta-b", SOUTH, NULL,
	};
	static const struct stage_mta mta_south = {
		"mta-b", SOUTH, "store-b", "mta-a", NORTH, NULL,
	};

	stage_open(state);
	store_open(&a, "store-a", NORTH);
	store_open(&b, "store-b", SOUTH);
	stage_start_mta(&north, &mta_north);
	stage_start_mta(&south, &mta_south);
	store_connect(&a, "mta-a", "secret");
	return 0;
}

static int teardown(void **state)
{
	process_stop(&north);
	process_stop(&south);
	store_close(&a);
	store_close(&b);
	return stage_close(state);
}

#define WAIT_FOR(field, wanted)                                                        \
	do {                                                                           \
		if (!stage_wait(&(field), (wanted))) {                                 \
			process_show_log(&north);                                      \
			process_show_log(&south);                                      \
			fail_msg("%s is %d, not %d", #field, (field), (wanted));       \
		}                                                                      \
	} while (0)

static struct bytes content_of(size_t len)
{
	uint8_t *octets = arena_alloc(stage_arena, len, 1);

	memset(octets, 'x', len);
	octets[0] = 'a';
	octets[len - 1] = 'z';
	return bytes_of(octets, len);
}

static void submit(struct bytes content)
{
	static const char *const to[] = { BOB };

	store_submit(&a, &(struct letter){ .from = ALICE, .to = to, .count = 1,
					   .content = content,
					   .flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT });
}

/* The most memory that a process has had, in KiB. */
static long peak_of(const struct process *process)
{
	char path[64], line[256];
	long peak = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)process->pid);
	FILE *status = fopen(path, "re");
	assert_non_null(status);
	while (fgets(line, sizeof(line), status))
		if (sscanf(line, "VmHWM: %ld kB", &peak) == 1)
			break;
	fclose(status);
	return peak;
}

static void one_octet_passes(void **state)
{
	(void)state;
	submit(BYTES("1"));
	WAIT_FOR(b.deliveries, 1);
	assert_bytes(b.delivered->content, BYTES("1"));
}

static void the_largest_passes_and_others_beside_it(void **state)
{
	const struct bytes largest = content_of(LARGEST);
	int results = a.results, deliveries = b.deliveries;

	(void)state;
	submit(largest);
	for (int i = 0; i < 10; i++)
		submit(BYTES("beside it"));
	WAIT_FOR(a.results, results + 11);
	WAIT_FOR(b.deliveries, deliveries + 11);
	assert_int_equal(b.new_deliveries, b.deliveries);
	assert_true(b.largest == LARGEST);
	print_message("peak: %ld KiB in the first MTA, %ld KiB in the second\n", peak_of(&north),
		      peak_of(&south));
	/* A sanitizer keeps what was freed. */
	if (SANITIZED)
		return;
	assert_in_range(peak_of(&north), 1, MEMORY_MAX_KB);
	assert_in_range(peak_of(&south), 1, MEMORY_MAX_KB);
}

static void one_octet_more_is_refused(void **state)
{
	int errors = a.errors;

	(void)state;
	submit(content_of(LARGEST + 1));
	WAIT_FOR(a.errors, errors + 1);
	assert_int_equal(a.last_error, ERR_CONTROL_VIOLATED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_octet_passes),
		cmocka_unit_test(the_largest_passes_and_others_beside_it),
		cmocka_unit_test(one_octet_more_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
