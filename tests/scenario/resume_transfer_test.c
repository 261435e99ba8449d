/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P1 over a network that breaks: a large message goes on at the last
 * checkpoint, in the next association of the two MTAs, and arrives once.
 */
#include "tests/support/check.h"
#include "tests/support/proxy.h"
#include "tests/support/scratch.h"
#include "tests/support/stage.h"

#include <stdio.h>

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH

enum {
	CONTENT = 20 << 20,
	PASSES = 12 << 20,		/* so many octets, then the connection breaks */
};

static const struct stage_mta mta_a = {
	.name = "mta-a", .domain = NORTH, .store = "store-a",
	.other = "mta-b", .other_domain = SOUTH,
};
static const struct stage_mta mta_b = {
	.name = "mta-b", .domain = SOUTH, .store = "store-b",
	.other = "mta-a", .other_domain = NORTH,
};

static struct process north, south;
static struct store a, b;
static struct proxy *proxy;

static int setup(void **state)
{
	stage_open(state);
	store_open(&a, "store-a", NORTH);
	store_open(&b, "store-b", SOUTH);
	stage_start_mta(&south, &mta_b);
	/* Who calls the southern MTA by its name gets the proxy. */
	assert_int_equal(rename(stage_file("mta-b"), stage_file("behind")), 0);
	assert_ok(proxy_open(stage_loop, stage_socket("mta-b"), stage_socket("behind"), &proxy));
	stage_start_mta(&north, &mta_a);
	return 0;
}

static int teardown(void **state)
{
	process_stop(&north);
	process_stop(&south);
	store_close(&a);
	store_close(&b);
	loop_shutdown(stage_loop);
	proxy_free(&proxy);
	return stage_close(state);
}

static struct bytes pattern(void)
{
	uint8_t *octets = arena_alloc(stage_arena, CONTENT, 1);

	for (size_t i = 0; i < CONTENT; i++)
		octets[i] = (uint8_t)(i * 2654435761u >> 24);
	return bytes_of(octets, CONTENT);
}

static void wait_for(const int *value, int wanted)
{
	if (stage_wait(value, wanted))
		return;
	process_show_log(&north);
	process_show_log(&south);
	fail_msg("it is %d, not %d", *value, wanted);
}

static void a_large_message_goes_on_where_it_was_cut_off(void **state)
{
	static const char *const to[] = { BOB };
	const struct letter letter = { .from = ALICE, .to = to, .count = 1,
				       .content = pattern() };

	(void)state;
	proxy_cut_after(proxy, PASSES);
	store_connect(&a, "mta-a", "secret");
	store_submit(&a, &letter);
	wait_for(&b.deliveries, 1);
	assert_true(bytes_equal(b.delivered->content, letter.content));
	assert_true(proxy_cuts(proxy) > 0);
	assert_true(proxy_octets(proxy) < CONTENT + CONTENT / 10);
	/* The report says that it is over: nothing more comes. */
	wait_for(&a.reports, 1);
	assert_int_equal(b.deliveries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_large_message_goes_on_where_it_was_cut_off,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("resume_transfer", tests, NULL, NULL);
}
