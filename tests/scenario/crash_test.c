/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server is killed at every instant of its work and started again: nothing is
 * lost, and nothing reaches the recipient twice.  Its peers are played by this
 * test and do what peers have to do: what was not confirmed is sent again.
 */
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define ALINE "/G=Aline/S=Petit" NORTH
#define BOB "/G=Bob/S=Nilsen" SOUTH

static const struct stage_mta mta_north = {
	"mta-a", NORTH, "store-a", "mta-b", SOUTH, "linger = 1h\n",
};

static struct process mta;
static struct store store;
static struct relay relay;

static int setup(void **state)
{
	stage_open(state);
	store_open(&store, "store-a", NORTH);
	relay_open(&relay, "mta-b", SOUTH);
	return 0;
}

static int teardown(void **state)
{
	process_kill(&mta);
	store_close(&store);
	relay_close(&relay);
	return stage_close(state);
}

/* One message on its way through the MTA. */
struct passage {
	const char *name;
	void (*send)(const char *id);		/* into the MTA */
	const int *confirmed;			/* of what was sent */
	const int *arrived;			/* on its other side */
	const char *id;
	int confirmed_before, arrived_before;
};

static bool is_over(void *arg)
{
	struct passage *p = arg;

	return process_is_gone(&mta) || (*p->confirmed > p->confirmed_before &&
					 *p->arrived > p->arrived_before);
}

static bool has_arrived(void *arg)
{
	const struct passage *p = arg;

	return *p->arrived > p->arrived_before && *p->confirmed > p->confirmed_before;
}

static bool links_are_gone(void *arg)
{
	(void)arg;
	return !store.submitter && !relay.sender;
}

/* The server is started, and dies before its n-th act; false where it lived to the end. */
static bool dies(struct passage *p, int n)
{
	mta.crash_at = n;
	stage_start_mta(&mta, &mta_north);
	p->send(p->id);
	loop_run_until(stage_loop, is_over, p, STAGE_TIMEOUT_MS);
	return process_is_gone(&mta);
}

static void comes_back(struct passage *p)
{
	assert_true(loop_run_until(stage_loop, links_are_gone, NULL, STAGE_TIMEOUT_MS));
	mta.crash_at = 0;
	stage_start_mta(&mta, &mta_north);
	if (*p->confirmed == p->confirmed_before)
		p->send(p->id);
	if (!loop_run_until(stage_loop, has_arrived, p, STAGE_TIMEOUT_MS)) {
		process_show_log(&mta);
		fail_msg("%s: message %s is lost", p->name, p->id);
	}
}

/* Returns how many messages were sent. */
static int sweep(struct passage *p)
{
	const int step = SANITIZED ? 5 : 1;	/* every instant, where that does not take minutes */
	int sent = 0;
	bool died = true;

	for (int n = 1; died; n += step, sent++) {
		p->id = arena_printf(stage_arena, "crash-%d", n);
		p->confirmed_before = *p->confirmed;
		p->arrived_before = *p->arrived;
		died = dies(p, n);
		if (died)
			comes_back(p);
		process_kill(&mta);
		assert_true(loop_run_until(stage_loop, links_are_gone, NULL, STAGE_TIMEOUT_MS));
	}
	print_message("%s: killed at %d instants\n", p->name, sent - 1);
	return sent;
}

/* --- what is sent --- */

static void submit_to(const char *recipient, const char *id)
{
	const char *to[] = { recipient };

	store_connect(&store, "mta-a", "secret");
	if (store.submitter)
		store_submit(&store, &(struct letter){ .from = ALICE, .to = to, .count = 1,
						       .content = bytes_text(id) });
}

static void submit_to_another_domain(const char *id)
{
	submit_to(BOB, id);
}

static void submit_to_a_neighbour(const char *id)
{
	submit_to(ALINE, id);
}

static void transfer_to_this_domain(const char *id)
{
	static const char *const to[] = { ALICE };
	const struct letter letter = { .from = BOB, .to = to, .count = 1,
				       .content = bytes_text(id) };

	relay_connect(&relay, "mta-a");
	if (relay.sender)
		relay_transfer(&relay, relay_envelope(&relay, &letter, id));
}

/* --- the sweeps --- */

static void submission_and_relay_out(void **state)
{
	struct passage p = { "submitted and relayed", submit_to_another_domain, &store.results,
			     &relay.new_messages };

	(void)state;
	int swept = sweep(&p);
	assert_int_equal(relay.new_messages, swept);
}

static void relay_in_and_delivery(void **state)
{
	struct passage p = { "relayed and delivered", transfer_to_this_domain, &relay.confirmed,
			     &store.new_deliveries };

	(void)state;
	int swept = sweep(&p);
	assert_int_equal(store.new_deliveries, swept);
}

/* The report on its delivery is the last that is waited for. */
static void submission_delivery_and_report(void **state)
{
	struct passage p = { "submitted, delivered, reported", submit_to_a_neighbour,
			     &store.results, &store.new_reports };

	(void)state;
	int swept = sweep(&p);
	assert_int_equal(store.new_deliveries, swept);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(submission_and_relay_out),
		TEST(relay_in_and_delivery),
		TEST(submission_delivery_and_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
