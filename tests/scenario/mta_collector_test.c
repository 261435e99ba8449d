/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users without a store: what is for them waits in the MTA until they bind, and is theirs alone;
 * what they did not confirm is delivered again, whoever dies in between.
 */
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/store/queue.h"
#include "tests/support/check.h"
#include "tests/support/stage.h"

#include <string.h>
#include <time.h>

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define ALICE "/G=Alice/S=Martin" NORTH
#define DORA "/G=Dora/S=Berg" NORTH
#define EVA "/G=Eva/S=Lund" NORTH
#define EVAS_COUSIN "/G=Eva/S=Lund/Q=II" NORTH

static struct process mta;
static struct store store, dora, eva;

static void start(const char *more)
{
	const char *secret = stage_file("password");
	const struct stage_mta north = {
		"mta-a", NORTH, "store-a", "mta-b", SOUTH,
		arena_printf(stage_arena, "collector = %s password-file=%s own-password-file=%s\n"
			     "collector = %s password-file=%s own-password-file=%s\n%s",
			     DORA, secret, secret, EVA, secret, secret, more),
	};

	stage_start_mta(&mta, &north);
}

static int setup(void **state)
{
	stage_open(state);
	store_open(&store, "store-a", NORTH);
	store_open_agent(&dora, "dora", DORA);
	store_open_agent(&eva, "eva", EVA);
	return 0;
}

static int teardown(void **state)
{
	process_kill(&mta);
	store_close(&store);
	store_close(&dora);
	store_close(&eva);
	return stage_close(state);
}

#define WAIT_FOR(field, wanted) STAGE_WAIT_FOR(&mta, field, wanted)

static void submit_to(struct store *from, const char *who, const char *to, const char *text)
{
	const char *recipients[] = { to };
	int before = from->results;

	store_submit(from, &(struct letter){ .from = who, .to = recipients, .count = 1,
					     .content = bytes_text(text) });
	WAIT_FOR(from->results, before + 1);
}

/* Alice, by way of the store. */
static void alice_writes(const char *to, const char *text)
{
	if (!store.submitter)
		store_connect(&store, "mta-a", "secret");
	submit_to(&store, ALICE, to, text);
}

static void bind(struct store *agent)
{
	store_connect(agent, "mta-a", "secret");
	assert_non_null(agent->submitter);
}

static void assert_text(const struct store *agent, const char *text)
{
	assert_bytes(agent->delivered->content, bytes_text(text));
}

/* --- what the MTA was answered, it stores a moment later --- */

struct queued {
	struct db *db;
	const char *hop;
	int64_t messages, wanted;
};

static bool is_queued(void *arg)
{
	struct queue_waiting waiting[QUEUE_PRIORITY_COUNT];
	struct queued *queued = arg;

	assert_ok(queue_waiting(queued->db, queued->hop, time(NULL), waiting));
	queued->messages = waiting[QUEUE_NORMAL].messages;
	return queued->messages == queued->wanted;
}

static void look_again(void *arg)
{
	(void)arg;
}

/* For Dora. */
static void wait_until_queued(int64_t wanted)
{
	struct queued queued = { .wanted = wanted };
	struct timer *often = timer_new(stage_loop, 10, 10, look_again, NULL);
	struct orname *name = NULL;

	assert_ok(orname_from_text(stage_arena, DORA, &name));
	queued.hop = arena_printf(stage_arena, "user %s", orname_key(stage_arena, name));
	assert_ok(db_open(stage_file("mta-a.db"), &queue_schema, DB_READER, &queued.db));
	if (!loop_run_until(stage_loop, is_queued, &queued, STAGE_TIMEOUT_MS))
		fail_msg("%d wait, not %d", (int)queued.messages, (int)wanted);
	db_close(&queued.db);
	timer_free(&often);
}

/* --- what waits for a user --- */

static void what_waits_is_told_and_delivered(void **state)
{
	(void)state;
	start("");
	alice_writes(DORA, "first");
	alice_writes(DORA, "second");
	bind(&dora);
	assert_true(dora.waiting.told);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 2);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].octets, strlen("first") + strlen("second"));
	assert_int_equal(dora.waiting.queues[WAITING_URGENT].messages, 0);
	WAIT_FOR(dora.deliveries, 2);
	WAIT_FOR(store.reports, 2);
	assert_true(store.report->recipients[0].delivered);
	assert_int_equal(store.report->recipients[0].user_type, USER_PRIVATE);
	/* What comes while she is bound is delivered at once, and so is a report on what she wrote. */
	alice_writes(DORA, "third");
	WAIT_FOR(dora.deliveries, 3);
	assert_text(&dora, "third");
	submit_to(&dora, DORA, ALICE, "answer");
	WAIT_FOR(store.deliveries, 1);
	WAIT_FOR(dora.reports, 1);
	wait_until_queued(0);
	store_leave(&dora);
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 0);
}

static void nobody_gets_what_is_anothers(void **state)
{
	(void)state;
	start("");
	alice_writes(EVA, "for eva");
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 0);
	alice_writes(DORA, "for dora");
	WAIT_FOR(dora.deliveries, 1);
	assert_text(&dora, "for dora");
	/* She writes in her own name, and in no other. */
	const char *to[] = { ALICE };
	store_submit(&dora, &(struct letter){ .from = EVA, .to = to, .count = 1,
					      .content = BYTES("not from eva") });
	WAIT_FOR(dora.errors, 1);
	bind(&eva);
	WAIT_FOR(eva.deliveries, 1);
	assert_text(&eva, "for eva");
	assert_int_equal(dora.deliveries, 1);
	assert_int_equal(store.deliveries, 0);
	/* Whose address has one attribute more is somebody else, who has a store. */
	alice_writes(EVAS_COUSIN, "for her cousin");
	WAIT_FOR(store.deliveries, 1);
	assert_int_equal(eva.deliveries, 1);
}

static void what_is_not_confirmed_comes_again(void **state)
{
	(void)state;
	start("retry-max = 1h\n");
	alice_writes(DORA, "once");
	dora.answer = STORE_IS_SILENT;
	bind(&dora);
	WAIT_FOR(dora.deliveries, 1);
	store_break(&dora);
	/* At once: she does not wait for the MTA to try again. */
	bind(&dora);
	WAIT_FOR(dora.deliveries, 2);
	store_leave(&dora);
	process_kill(&mta);
	store_break(&store);
	start("");
	dora.answer = STORE_TAKES;
	bind(&dora);
	WAIT_FOR(dora.new_deliveries, 1);
	WAIT_FOR(store.reports, 1);
	wait_until_queued(0);
	store_leave(&dora);
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 0);
}

static bool is_closed(void *arg)
{
	return ((const struct store *)arg)->closed;
}

/* A link that is lost without anybody noticing keeps nothing from its user. */
static void the_next_bind_takes_over(void **state)
{
	struct store again;

	(void)state;
	start("");
	alice_writes(DORA, "once");
	dora.answer = STORE_IS_SILENT;
	bind(&dora);
	WAIT_FOR(dora.deliveries, 1);
	store_open_agent(&again, "again", DORA);
	bind(&again);
	WAIT_FOR(again.deliveries, 1);
	assert_text(&again, "once");
	assert_true(loop_run_until(stage_loop, is_closed, &dora, STAGE_TIMEOUT_MS));
	WAIT_FOR(store.reports, 1);
	store_close(&again);
}

static void what_is_put_off_waits_for_the_next_bind(void **state)
{
	(void)state;
	start("");
	alice_writes(DORA, "later");
	dora.answer = STORE_PUTS_OFF;
	bind(&dora);
	WAIT_FOR(dora.deliveries, 1);
	dora.answer = STORE_TAKES;
	alice_writes(DORA, "later still");
	submit_to(&dora, DORA, ALICE, "my disk was full");
	WAIT_FOR(store.deliveries, 1);
	assert_int_equal(dora.deliveries, 1);
	wait_until_queued(3);	/* with the report on what she wrote */
	store_leave(&dora);
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 3);
	WAIT_FOR(dora.new_deliveries, 2);
	WAIT_FOR(dora.reports, 1);
	WAIT_FOR(store.reports, 2);
}

static void what_is_refused_goes_back(void **state)
{
	(void)state;
	start("");
	alice_writes(DORA, "unwanted");
	dora.answer = STORE_REFUSES;
	bind(&dora);
	WAIT_FOR(store.reports, 1);
	assert_false(store.report->recipients[0].delivered);
	assert_int_equal(store.report->recipients[0].diagnostic, DIAG_UNRECOGNISED_OR_NAME);
}

static void what_waits_too_long_goes_back(void **state)
{
	const struct timespec more_than_a_second = { .tv_sec = 2 };

	(void)state;
	start("expire-normal = 1s\n");
	alice_writes(DORA, "too late");
	nanosleep(&more_than_a_second, NULL);
	process_stop(&mta);
	store_break(&store);
	start("");	/* it looks at once */
	WAIT_FOR(store.reports, 1);
	assert_false(store.report->recipients[0].delivered);
	assert_int_equal(store.report->recipients[0].diagnostic, DIAG_MAXIMUM_TIME_EXPIRED);
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 0);
}

/* --- killed at every other instant of a delivery --- */

static bool gone_or_reported(void *arg)
{
	const int *reports = arg;

	return process_is_gone(&mta) || store.reports > *reports;
}

/* Whether it died of it; afterwards it runs, and knows nobody. */
static bool dies_delivering(int n)
{
	int reports = store.reports;

	mta.crash_at = n;
	start("");
	store_connect(&dora, "mta-a", "secret");
	loop_run_until(stage_loop, gone_or_reported, &reports, STAGE_TIMEOUT_MS);
	bool died = process_is_gone(&mta);
	process_kill(&mta);
	store_break(&dora);
	mta.crash_at = 0;
	return died;
}

static void killed_at_many_instants_nothing_is_lost(void **state)
{
	int n = 1;

	(void)state;
	start("");
	alice_writes(DORA, "once");
	process_kill(&mta);
	store_break(&store);
	while (dies_delivering(n))
		n += SANITIZED ? 5 : 2;
	print_message("killed at %d instants\n", n - 1);
	assert_true(n > 5);
	start("");
	bind(&dora);
	assert_int_equal(dora.waiting.queues[WAITING_NORMAL].messages, 0);
	assert_int_equal(dora.new_deliveries, 1);
	assert_int_equal(store.new_reports, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_waits_is_told_and_delivered),
		TEST(nobody_gets_what_is_anothers),
		TEST(what_is_not_confirmed_comes_again),
		TEST(the_next_bind_takes_over),
		TEST(what_is_put_off_waits_for_the_next_bind),
		TEST(what_is_refused_goes_back),
		TEST(what_waits_too_long_goes_back),
		TEST(killed_at_many_instants_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
