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

static void sweep(struct passage *p, int step)
{
	int instants = 0;
	bool died = true;

	for (int n = 1; died; n += step, instants++) {
		p->id = arena_printf(stage_arena, "%s-%d", p->name, n);
		p->confirmed_before = *p->confirmed;
		p->arrived_before = *p->arrived;
		died = dies(p, n);
		if (died)
			comes_back(p);
		process_kill(&mta);
		assert_true(loop_run_until(stage_loop, links_are_gone, NULL, STAGE_TIMEOUT_MS));
	}
	print_message("%s: killed at %d instants\n", p->name, instants - 1);
}
