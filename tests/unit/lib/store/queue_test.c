/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/queue.h"

#include "lib/base/memory.h"
#include "lib/store/query.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct db *open_queue(void)
{
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("queue.db"), &queue_schema, DB_OWNER, &db));
	return db;
}

static struct queue_recipient to(int number, const char *address, const char *hop, time_t due)
{
	return (struct queue_recipient){ .number = number, .address = address, .next_hop = hop,
					 .due = due, .reason = -1, .diagnostic = -1 };
}

static FALLIBLE add(struct db *db, const char *mts_id, const char *copy,
		    enum queue_priority priority, const struct queue_recipient *r, size_t count,
		    int64_t *id, bool *duplicate)
{
	const struct queue_message m = {
		.mts_id = mts_id, .copy = copy, .originator = "/S=Alice/C=FR/", .source = "alice",
		.priority = priority, .arrived = 100, .expires = 1000,
		.envelope = BYTES("envelope"), .content = BYTES("content"),
		.recipients = r, .recipient_count = count,
	};

	return queue_add(db, &m, id, duplicate);
}

static int64_t add_to_bob(struct db *db, const char *mts_id, enum queue_priority priority,
			  const char *hop, time_t due)
{
	struct queue_recipient bob = to(1, "/S=Bob/C=DE/", hop, due);
	int64_t id;
	bool duplicate;

	assert_ok(add(db, mts_id, "", priority, &bob, 1, &id, &duplicate));
	assert_false(duplicate);
	return id;
}

static void mark(struct db *db, int64_t message, int number, enum queue_state state, time_t due)
{
	const struct queue_result result = { .message = message, .number = number, .state = state,
					     .due = due, .reason = -1, .diagnostic = -1 };

	assert_ok(queue_mark(db, &result, 200));
}

/* --- adding --- */

static void a_copy_is_recognised_when_it_comes_again(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_queue();
	struct queue_recipient r[2] = { to(1, "/S=Bob/C=DE/", "south", 0),
					to(3, "/S=Eve/C=DE/", "south", 0) };
	int64_t id, other;
	bool duplicate;

	assert_ok(add(db, "m1", "1", QUEUE_NORMAL, &r[0], 1, &id, &duplicate));
	assert_false(duplicate);
	assert_ok(add(db, "m1", "1", QUEUE_NORMAL, &r[0], 1, &other, &duplicate));
	assert_true(duplicate);
	assert_ok(add(db, "m1", "3", QUEUE_NORMAL, &r[1], 1, &other, &duplicate));
	assert_false(duplicate);
	assert_int_not_equal(id, other);
	/* Finished and removed, it is still recognised, until its time is over. */
	mark(db, id, 1, QUEUE_TRANSFERRED, 0);
	size_t removed;
	assert_ok(queue_clean(db, 201, 50, 10, &removed));
	assert_int_equal(removed, 1);
	assert_ok(add(db, "m1", "1", QUEUE_NORMAL, &r[0], 1, &other, &duplicate));
	assert_true(duplicate);
	assert_ok(queue_clean(db, 0, 101, 10, &removed));
	assert_ok(add(db, "m1", "1", QUEUE_NORMAL, &r[0], 1, &other, &duplicate));
	assert_false(duplicate);
}

static void a_failed_addition_leaves_nothing(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_queue();
	struct queue_recipient r[2] = { to(1, "/S=Bob/C=DE/", "south", 0),
					to(1, "/S=Eve/C=DE/", "south", 0) };
	int64_t id;
	bool duplicate;

	assert_fails(add(db, "m1", "", QUEUE_NORMAL, r, 2, &id, &duplicate),
		     "cannot queue message m1");
	assert_ok(add(db, "m1", "", QUEUE_NORMAL, r, 1, &id, &duplicate));
	assert_false(duplicate);
}

/* --- work --- */

struct taking {
	struct db *db;
	struct queue_taken *taken;
	struct arena *arena;
};

static void taking_init(struct taking *t)
{
	*t = (struct taking){ open_queue(), queue_taken_new(), arena_new() };
}

static void taking_cleanup(struct taking *t)
{
	db_close(&t->db);
	queue_taken_free(&t->taken);
	arena_free(&t->arena);
}

/* The identifiers of what is taken, with the number of recipients: "m2:1 m1:3 ". */
static const char *take(struct taking *t, const char *hop, time_t now, size_t max)
{
	struct queue_work *work;
	size_t count;
	const char *text = "";

	assert_ok(queue_take(t->db, t->taken, hop, now, max, t->arena, &work, &count));
	for (size_t i = 0; i < count; i++)
		text = arena_printf(t->arena, "%s%s:%zu ", text, work[i].mts_id,
				    work[i].recipient_count);
	return text;
}

static void the_urgent_and_then_the_oldest_leave_first(void **state)
{
	(void)state;
	AUTO(taking_cleanup) struct taking t;

	taking_init(&t);
	add_to_bob(t.db, "slow", QUEUE_NON_URGENT, "south", 10);
	add_to_bob(t.db, "second", QUEUE_NORMAL, "south", 30);
	add_to_bob(t.db, "first", QUEUE_NORMAL, "south", 20);
	add_to_bob(t.db, "deferred", QUEUE_URGENT, "south", 500);
	int64_t urgent = add_to_bob(t.db, "urgent", QUEUE_URGENT, "south", 40);
	add_to_bob(t.db, "elsewhere", QUEUE_URGENT, "north", 10);

	struct queue_waiting waiting[QUEUE_PRIORITY_COUNT] = { 0 };

	assert_ok(queue_waiting(t.db, "south", 100, waiting));
	assert_int_equal(waiting[QUEUE_URGENT].messages, 1);
	assert_int_equal(waiting[QUEUE_NORMAL].messages, 2);
	assert_int_equal(waiting[QUEUE_NON_URGENT].messages, 1);
	assert_true(waiting[QUEUE_NORMAL].octets == 2 * waiting[QUEUE_URGENT].octets);
	assert_ok(queue_waiting(t.db, "west", 100, waiting));
	assert_int_equal(waiting[QUEUE_URGENT].messages, 0);
	assert_string_equal(take(&t, "south", 100, 3), "urgent:1 first:1 second:1 ");
	assert_string_equal(take(&t, "south", 100, 3), "slow:1 ");
	assert_string_equal(take(&t, "south", 100, 3), "");
	queue_untake(t.taken, urgent, "south");
	assert_string_equal(take(&t, "south", 100, 3), "urgent:1 ");
	time_t due;
	assert_ok(queue_next_due(t.db, "south", &due));
	assert_int_equal(due, 10);
	assert_ok(queue_next_due(t.db, "west", &due));
	assert_int_equal(due, -1);
	assert_string_equal(take(&t, "south", 500, 3), "deferred:1 ");
}

static void recipients_of_a_message_travel_together(void **state)
{
	(void)state;
	AUTO(taking_cleanup) struct taking t;
	struct queue_recipient r[] = {
		to(1, "/S=A/C=DE/", "south", 0), to(2, "/S=B/C=DE/", "north", 0),
		to(3, "/S=C/C=DE/", "south", 0), to(4, "/S=D/C=DE/", "south", 600),
	};
	int64_t id;
	bool duplicate;

	taking_init(&t);
	assert_ok(add(t.db, "m1", "", QUEUE_NORMAL, r, 4, &id, &duplicate));
	assert_string_equal(take(&t, "south", 100, 10), "m1:2 ");
	assert_string_equal(take(&t, "north", 100, 10), "m1:1 ");
	mark(t.db, id, 1, QUEUE_TRANSFERRED, 0);
	mark(t.db, id, 3, QUEUE_WAITING, 300);
	queue_untake(t.taken, id, "south");
	assert_string_equal(take(&t, "south", 200, 10), "");
	assert_string_equal(take(&t, "south", 300, 10), "m1:1 ");
}

static void octets_go_with_the_last_recipient(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_queue();
	struct queue_recipient r[] = { to(1, "/S=A/C=DE/", "south", 0),
				       to(2, "/S=B/C=DE/", "north", 0) };
	AUTO(buf_free) struct buf envelope = { 0 }, content = { 0 };
	int64_t id;
	bool duplicate;

	assert_ok(add(db, "m1", "", QUEUE_NORMAL, r, 2, &id, &duplicate));
	mark(db, id, 1, QUEUE_TRANSFERRED, 0);
	assert_ok(queue_read(db, id, &envelope, &content));
	assert_bytes(buf_view(&envelope), BYTES("envelope"));
	assert_bytes(buf_view(&content), BYTES("content"));
	mark(db, id, 2, QUEUE_FAILED, 0);
	assert_fails(queue_read(db, id, &envelope, NULL), "there is no octets");
	const struct queue_result again = { .message = id, .number = 2, .state = QUEUE_DELIVERED };
	assert_fails(queue_mark(db, &again, 300), "recipient 2 of queued message 1 does not wait");
}

static void what_expired_is_found_for_every_hop(void **state)
{
	(void)state;
	AUTO(taking_cleanup) struct taking t;
	struct queue_recipient r[] = { to(1, "/S=A/C=DE/", "south", 5000),
				       to(2, "/S=B/C=DE/", "north", 0),
				       to(3, "/S=C/C=DE/", "south", 0) };
	struct queue_work *work;
	int64_t id;
	size_t count;
	bool duplicate;

	taking_init(&t);
	assert_ok(add(t.db, "m1", "", QUEUE_NORMAL, r, 3, &id, &duplicate));
	assert_ok(queue_expired(t.db, t.taken, 999, 10, t.arena, &work, &count));
	assert_int_equal(count, 0);
	assert_ok(queue_expired(t.db, t.taken, 1000, 10, t.arena, &work, &count));
	assert_int_equal(count, 2);
	assert_string_equal(work[0].recipients[0].next_hop, "north");
	assert_int_equal(work[1].recipient_count, 2);
	for (int number = 1; number <= 3; number++)
		mark(t.db, id, number, QUEUE_FAILED, 0);
	assert_ok(queue_expired(t.db, t.taken, 1000, 10, t.arena, &work, &count));
	assert_int_equal(count, 0);
}

static void collect_hop(void *arg, const char *hop)
{
	buf_printf(arg, "%s ", hop);
}

static void hops_with_work_are_listed(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_queue();
	AUTO(buf_free) struct buf text = { 0 };

	int64_t id = add_to_bob(db, "m1", QUEUE_NORMAL, "west", 0);
	add_to_bob(db, "m2", QUEUE_NORMAL, "south", 0);
	add_to_bob(db, "m3", QUEUE_NORMAL, "south", 0);
	add_to_bob(db, "m4", QUEUE_NORMAL, "east", 0);
	mark(db, id, 1, QUEUE_TRANSFERRED, 0);
	assert_ok(queue_hops(db, collect_hop, &text));
	assert_bytes(buf_view(&text), BYTES("east south "));
}

/* --- where is my message? --- */

static void collect_entry(void *arg, const struct queue_entry *e)
{
	buf_printf(arg, "%s/%d:%s ", e->mts_id, e->recipient.number,
		   queue_state_names[e->recipient.state]);
}

static void collect_event(void *arg, const struct queue_event *e)
{
	buf_printf(arg, "%d %s %d %s; ", (int)e->at, e->what, e->number,
		   e->words ? e->words : "-");
}

static void messages_are_found_with_their_history(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_queue();
	static const struct {
		struct queue_filter filter;
		const char *found;
	} cases[] = {
		{ { .mts_id = "m2", .state = -1, .max = 9 }, "m2/1:waiting " },
		{ { .address = "/S=Bob/C=DE/", .state = -1, .max = 9 },
		  "m3/1:waiting m2/1:waiting m1/1:failed " },
		{ { .address = "/S=Bob/C=DE/", .state = QUEUE_FAILED, .max = 9 }, "m1/1:failed " },
		{ { .mts_id = "m2", .address = "/S=Eve/C=DE/", .state = -1, .max = 9 }, "" },
		{ { .state = -1, .max = 2 }, "m3/1:waiting m2/1:waiting " },
		{ { .state = -1, .since = 101, .max = 9 }, "" },
	};
	int64_t id = add_to_bob(db, "m1", QUEUE_NORMAL, "west", 0);

	add_to_bob(db, "m2", QUEUE_NORMAL, "west", 0);
	add_to_bob(db, "m3", QUEUE_NORMAL, "west", 0);
	const struct queue_result later = { .message = id, .number = 1, .due = 300,
					    .reason = -1, .diagnostic = -1, .words = "no answer" };
	assert_ok(queue_mark(db, &later, 150));
	mark(db, id, 1, QUEUE_FAILED, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf text = { 0 };

		assert_ok(queue_find(db, &cases[i].filter, collect_entry, &text));
		assert_bytes(buf_view(&text), bytes_text(cases[i].found));
	}
	AUTO(buf_free) struct buf history = { 0 };
	assert_ok(queue_history(db, id, collect_event, &history));
	assert_bytes(buf_view(&history),
		     BYTES("100 arrived 0 alice; 150 deferred 1 no answer; 200 failed 1 -; "));
}

/* --- crash, size --- */

/* Killed in the middle of adding: what was committed is there, whole. */
static void a_killed_mta_finds_its_queue_whole(void **state)
{
	(void)state;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct db *db = open_queue();
		int64_t id = add_to_bob(db, "committed", QUEUE_NORMAL, "south", 0);

		status_drop(db_begin(db));
		add_to_bob(db, "lost", QUEUE_NORMAL, "south", 0);
		mark(db, id, 1, QUEUE_TRANSFERRED, 0);
		kill(getpid(), SIGKILL);
	}
	int how;
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	AUTO(taking_cleanup) struct taking t;
	taking_init(&t);
	assert_string_equal(take(&t, "south", 100, 10), "committed:1 ");
	assert_ok(db_check_integrity(t.db));
}

struct filling {
	int count;
	const char *hop;
};

static FALLIBLE fill(struct db *db, void *arg)
{
	const struct filling *f = arg;

	for (int i = 0; i < f->count; i++) {
		AUTO(mem_free) char *mts_id = mem_printf("%s-%d", f->hop, i);

		add_to_bob(db, mts_id, QUEUE_NORMAL, f->hop, i);
	}
	return OK;
}

static double microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void a_long_queue_costs_no_more_than_a_short_one(void **state)
{
	(void)state;
	enum { MANY = 100000 };
	AUTO(taking_cleanup) struct taking t;
	struct filling dead = { MANY, "dead" }, live = { 100, "live" };
	AUTO(buf_free) struct buf text = { 0 };
	struct queue_work *work;
	size_t count, removed;
	time_t due;

	taking_init(&t);
	double from = microseconds();
	assert_ok(db_atomically(t.db, fill, &dead));
	print_message("%d messages queued: %.1f us each\n", MANY, (microseconds() - from) / MANY);
	assert_ok(db_atomically(t.db, fill, &live));
	from = microseconds();
	assert_ok(queue_take(t.db, t.taken, "live", MANY, 50, t.arena, &work, &count));
	assert_ok(queue_take(t.db, t.taken, "dead", MANY, 50, t.arena, &work, &count));
	print_message("taking 100 beside them: %.0f us\n", microseconds() - from);
	assert_int_equal(count, 50);
	mark(t.db, work[0].message, 1, QUEUE_TRANSFERRED, 0);
	assert_ok(queue_next_due(t.db, "dead", &due));
	assert_ok(queue_hops(t.db, collect_hop, &text));
	assert_ok(queue_expired(t.db, t.taken, 999, 50, t.arena, &work, &count));
	assert_ok(queue_clean(t.db, 201, 0, 50, &removed));
	assert_ok(queue_find(t.db, &(struct queue_filter){ .mts_id = "dead-7", .state = -1,
							   .max = 9 }, collect_entry, &text));
	/* A sort of the few rows of one message is no cost that grows. */
	assert_in_range(db_scanned(t.db), 0, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_copy_is_recognised_when_it_comes_again),
		TEST(a_failed_addition_leaves_nothing),
		TEST(the_urgent_and_then_the_oldest_leave_first),
		TEST(recipients_of_a_message_travel_together),
		TEST(octets_go_with_the_last_recipient),
		TEST(what_expired_is_found_for_every_hop),
		TEST(hops_with_work_are_listed),
		TEST(messages_are_found_with_their_history),
		TEST(a_killed_mta_finds_its_queue_whole),
		TEST(a_long_queue_costs_no_more_than_a_short_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
