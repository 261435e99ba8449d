/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/mailbox.h"

#include "lib/base/memory.h"
#include "lib/store/query.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct fixture {
	struct db *db;
	int64_t alice, bob;
};

static void fixture_init(struct fixture *f)
{
	f->db = NULL;
	assert_ok(db_open(scratch_path("ms.db"), &mailbox_schema, DB_OWNER, &f->db));
	assert_ok(mailbox_user(f->db, "/S=Alice/C=FR/", true, &f->alice));
	assert_ok(mailbox_user(f->db, "/S=Bob/C=DE/", true, &f->bob));
}

static void fixture_cleanup(struct fixture *f)
{
	db_close(&f->db);
}

#define FIXTURE(f) AUTO(fixture_cleanup) struct fixture f; (void)state; fixture_init(&f)

static struct mailbox_entry entry(const char *mts_id, enum mailbox_kind kind, int priority)
{
	return (struct mailbox_entry){
		.kind = kind, .priority = priority, .created = 100, .mts_id = mts_id,
		.originator = "/S=Carol/C=FR/", .content_type = "22", .content_length = 7,
		.attributes = BYTES("attributes"),
	};
}

static int32_t add(struct fixture *f, int64_t user, const char *mts_id)
{
	struct mailbox_entry e = entry(mts_id, MAILBOX_MESSAGE, 0);
	int32_t number;
	bool duplicate;

	assert_ok(mailbox_add(f->db, user, mts_id, &e, BYTES("envelope"), BYTES("content"),
			      &number, &duplicate));
	assert_false(duplicate);
	return number;
}

static bool collect(void *arg, const struct mailbox_entry *e)
{
	buf_printf(arg, "%d:%s ", e->number, e->mts_id);
	return true;
}

static void assert_selects(struct fixture *f, int64_t user, const struct mailbox_select *s,
			   const char *wanted)
{
	AUTO(buf_free) struct buf text = { 0 };

	assert_ok(mailbox_scan(f->db, user, s, collect, &text));
	assert_bytes(buf_view(&text), bytes_text(wanted));
}

static void users_are_made_when_asked_for(void **state)
{
	FIXTURE(f);
	int64_t user;

	assert_int_not_equal(f.alice, f.bob);
	assert_ok(mailbox_user(f.db, "/S=Bob/C=DE/", true, &user));
	assert_int_equal(user, f.bob);
	assert_fails(mailbox_user(f.db, "/S=Eve/C=DE/", false, &user),
		     "there is no mailbox of /S=Eve/C=DE/");
}

static void numbers_are_given_per_user_and_never_again(void **state)
{
	FIXTURE(f);
	size_t deleted;

	assert_int_equal(add(&f, f.alice, "m1"), 1);
	assert_int_equal(add(&f, f.bob, "m1"), 1);
	assert_int_equal(add(&f, f.alice, "m2"), 2);
	assert_ok(mailbox_delete(f.db, f.alice, (const int32_t[]){ 2, 9 }, 2, &deleted));
	assert_int_equal(deleted, 1);
	assert_int_equal(add(&f, f.alice, "m3"), 3);
	assert_ok(db_run(f.db, "UPDATE user SET last_number = 2147483647 WHERE id = ?",
			 v_int(f.bob)));
	struct mailbox_entry e = entry("m2", MAILBOX_MESSAGE, 0);
	int32_t number;
	bool duplicate;
	assert_fails(mailbox_add(f.db, f.bob, "m2", &e, bytes_none(), bytes_none(), &number,
				 &duplicate), "no sequence numbers left");
}

static int32_t add_at(struct fixture *f, const char *mts_id, time_t when)
{
	struct mailbox_entry e = entry(mts_id, MAILBOX_MESSAGE, 0);
	int32_t number;
	bool duplicate;

	e.created = when;
	assert_ok(mailbox_add(f->db, f->alice, mts_id, &e, bytes_none(), bytes_none(), &number, &duplicate));
	return number;
}

static void copy_store(struct fixture *f, const char *command)
{
	AUTO(mem_free) char *in_place = mem_printf("cd '%s' && %s", scratch_path("."), command);

	db_close(&f->db);
	assert_int_equal(system(in_place), 0);
	assert_ok(db_open(scratch_path("ms.db"), &mailbox_schema, DB_OWNER, &f->db));
}

/* Who has fetched an entry asks for those behind it. */
static void an_old_copy_gives_no_number_again(void **state)
{
	FIXTURE(f);
	int32_t fetched;

	assert_int_equal(add_at(&f, "m1", 1000), 1);
	assert_int_equal(add_at(&f, "m2", 1300), 2);
	copy_store(&f, "cp ms.db old.db");
	add_at(&f, "m3", 9000);
	fetched = add_at(&f, "m4", 9000);
	copy_store(&f, "cp old.db ms.db");
	assert_true(add_at(&f, "m5", 9010) > fetched);
}

static void a_clock_that_is_mad_takes_half_of_the_numbers(void **state)
{
	FIXTURE(f);

	assert_int_equal(add_at(&f, "m1", 1000), 1);
	assert_int_equal(add_at(&f, "m2", 900), 2);
	assert_int_equal(add_at(&f, "m3", INT64_C(1) << 40), MAILBOX_NUMBER_MAX / 2);
	assert_int_equal(add_at(&f, "m4", 1080), MAILBOX_NUMBER_MAX / 2 + 1);
}

/* A store of before has no time of its first number. */
static void a_store_of_before_goes_on(void **state)
{
	FIXTURE(f);

	assert_int_equal(add_at(&f, "m1", 1000), 1);
	assert_ok(db_run(f.db, "UPDATE user SET began = NULL, last_number = 4000"));
	assert_int_equal(add_at(&f, "m2", 9000), 4001);
	assert_int_equal(add_at(&f, "m3", 9100), 4002);
	assert_int_equal(add_at(&f, "m4", 99000), 93400);
}

static void what_comes_again_is_confirmed_and_not_stored(void **state)
{
	FIXTURE(f);
	struct mailbox_entry e = entry("m1", MAILBOX_MESSAGE, 0);
	int32_t number;
	size_t count;
	bool duplicate;

	add(&f, f.bob, "m0");
	add(&f, f.bob, "m1");
	assert_ok(mailbox_add(f.db, f.bob, "m1", &e, bytes_none(), bytes_none(), &number,
			      &duplicate));
	assert_true(duplicate);
	assert_int_equal(number, 2);
	assert_ok(mailbox_delete(f.db, f.bob, &number, 1, &count));
	assert_ok(mailbox_add(f.db, f.bob, "m1", &e, bytes_none(), bytes_none(), &number,
			      &duplicate));
	assert_true(duplicate);
	assert_ok(mailbox_forget(f.db, 101, 10, &count));
	assert_int_equal(count, 2);
	assert_ok(mailbox_add(f.db, f.bob, "m1", &e, bytes_none(), bytes_none(), &number,
			      &duplicate));
	assert_false(duplicate);
}

static void entries_are_selected(void **state)
{
	FIXTURE(f);
	struct mailbox_select s = MAILBOX_SELECT_ALL;
	struct mailbox_entry urgent = entry("m4", MAILBOX_REPORT, 2);
	int32_t number;
	bool duplicate;

	add(&f, f.bob, "m1");
	add(&f, f.bob, "m2");
	add(&f, f.alice, "other");
	add(&f, f.bob, "m3");
	urgent.created = 200;
	urgent.originator = NULL;
	assert_ok(mailbox_add(f.db, f.bob, "m4", &urgent, bytes_none(), bytes_none(), &number,
			      &duplicate));
	assert_ok(mailbox_raise_status(f.db, f.bob, (const int32_t[]){ 1, 2 }, 2, MAILBOX_LISTED));
	assert_selects(&f, f.bob, &s, "1:m1 2:m2 3:m3 4:m4 ");
	s.newest_first = true;
	assert_selects(&f, f.bob, &s, "4:m4 3:m3 2:m2 1:m1 ");
	s.status = MAILBOX_NEW;
	assert_selects(&f, f.bob, &s, "4:m4 3:m3 ");
	s.newest_first = false;
	assert_selects(&f, f.bob, &s, "3:m3 4:m4 ");
	s = MAILBOX_SELECT_ALL;
	s.from = 2;
	s.to = 3;
	assert_selects(&f, f.bob, &s, "2:m2 3:m3 ");
	s = MAILBOX_SELECT_ALL;
	s.mts_id = "m2";
	assert_selects(&f, f.bob, &s, "2:m2 ");
	s = MAILBOX_SELECT_ALL;
	s.created_from = 101;
	assert_selects(&f, f.bob, &s, "4:m4 ");
	s = MAILBOX_SELECT_ALL;
	s.created_to = 100;
	s.originator = "/S=Carol/C=FR/";
	s.kind = MAILBOX_MESSAGE;
	s.priority = 0;
	s.content_type = "22";
	assert_selects(&f, f.bob, &s, "1:m1 2:m2 3:m3 ");
	s.content_type = "2";
	assert_selects(&f, f.bob, &s, "");
}

static bool stop_after_two(void *arg, const struct mailbox_entry *e)
{
	collect(arg, e);
	return e->number < 2;
}

static void a_scan_stops_when_it_is_told(void **state)
{
	FIXTURE(f);
	AUTO(buf_free) struct buf text = { 0 };

	add(&f, f.bob, "m1");
	add(&f, f.bob, "m2");
	add(&f, f.bob, "m3");
	assert_ok(mailbox_scan(f.db, f.bob, &MAILBOX_SELECT_ALL, stop_after_two, &text));
	assert_bytes(buf_view(&text), BYTES("1:m1 2:m2 "));
}

static void an_entry_is_read(void **state)
{
	FIXTURE(f);
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf envelope = { 0 }, content = { 0 };
	struct mailbox_entry e;

	add(&f, f.bob, "m1");
	assert_ok(mailbox_get(f.db, f.bob, 1, arena, &e));
	assert_string_equal(e.mts_id, "m1");
	assert_string_equal(e.originator, "/S=Carol/C=FR/");
	assert_bytes(e.attributes, BYTES("attributes"));
	assert_ok(mailbox_read(f.db, f.bob, 1, &envelope, &content));
	assert_bytes(buf_view(&envelope), BYTES("envelope"));
	assert_bytes(buf_view(&content), BYTES("content"));
	assert_fails(mailbox_get(f.db, f.alice, 1, arena, &e), "there is no entry 1");
	assert_fails(mailbox_read(f.db, f.alice, 1, NULL, &content), "there is no octets");
}

static void status_only_rises(void **state)
{
	FIXTURE(f);
	AUTO(arena_free) struct arena *arena = arena_new();
	const int32_t one = 1;
	struct mailbox_entry e;

	add(&f, f.bob, "m1");
	assert_ok(mailbox_raise_status(f.db, f.bob, &one, 1, MAILBOX_PROCESSED));
	assert_ok(mailbox_raise_status(f.db, f.bob, &one, 1, MAILBOX_LISTED));
	assert_ok(mailbox_get(f.db, f.bob, 1, arena, &e));
	assert_int_equal(e.status, MAILBOX_PROCESSED);
}

static void collect_count(void *arg, const struct mailbox_count *c)
{
	buf_printf(arg, "kind %d status %d priority %d type %s: %llu; ", (int)c->kind,
		   (int)c->status, c->priority, c->content_type ? c->content_type : "-",
		   (unsigned long long)c->entries);
}

static void counts_follow_every_change(void **state)
{
	FIXTURE(f);
	AUTO(buf_free) struct buf text = { 0 };
	int32_t first, last;
	size_t deleted;

	assert_ok(mailbox_span(f.db, f.bob, &first, &last));
	assert_int_equal(first + last, 0);
	for (int i = 0; i < 5; i++) {
		AUTO(mem_free) char *mts_id = mem_printf("m%d", i);

		add(&f, f.bob, mts_id);
	}
	assert_ok(mailbox_raise_status(f.db, f.bob, (const int32_t[]){ 1, 2 }, 2, MAILBOX_LISTED));
	assert_ok(mailbox_delete(f.db, f.bob, (const int32_t[]){ 1, 5 }, 2, &deleted));
	assert_ok(mailbox_counts(f.db, f.bob, collect_count, &text));
	assert_bytes(buf_view(&text), BYTES("kind 0 status 0 priority 0 type 22: 2; "
					    "kind 0 status 1 priority 0 type 22: 1; "));
	assert_ok(mailbox_span(f.db, f.bob, &first, &last));
	assert_int_equal(first, 2);
	assert_int_equal(last, 4);
}

static void registrations_are_kept(void **state)
{
	FIXTURE(f);
	AUTO(buf_free) struct buf out = { 0 };

	assert_ok(mailbox_registered(f.db, f.bob, "list", &out));
	assert_int_equal(out.len, 0);
	assert_ok(mailbox_register(f.db, f.bob, "list", BYTES("one")));
	assert_ok(mailbox_register(f.db, f.bob, "list", BYTES("two")));
	assert_ok(mailbox_registered(f.db, f.bob, "list", &out));
	assert_bytes(buf_view(&out), BYTES("two"));
	buf_clear(&out);
	assert_ok(mailbox_register(f.db, f.bob, "list", bytes_none()));
	assert_ok(mailbox_registered(f.db, f.bob, "list", &out));
	assert_int_equal(out.len, 0);
}

static void a_submission_is_known_by_its_identifier(void **state)
{
	FIXTURE(f);
	int64_t user;
	size_t count;

	assert_ok(mailbox_submitted(f.db, f.bob, "m1", 100));
	assert_ok(mailbox_submitted(f.db, f.alice, "m1", 100));
	assert_ok(mailbox_submitter(f.db, "m1", &user));
	assert_int_equal(user, f.bob);
	assert_ok(mailbox_forget(f.db, 101, 10, &count));
	assert_int_equal(count, 1);
	assert_fails(mailbox_submitter(f.db, "m1", &user), "there is no submission m1");
}

/* Killed between commit and confirm: the peer delivers again, and it is there once. */
static void a_delivery_that_was_not_confirmed_is_stored_once(void **state)
{
	(void)state;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct fixture f;

		fixture_init(&f);
		add(&f, f.bob, "m1");
		kill(getpid(), SIGKILL);
	}
	int how;
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	FIXTURE(f);
	struct mailbox_entry e = entry("m1", MAILBOX_MESSAGE, 0);
	int32_t number;
	bool duplicate;
	assert_ok(mailbox_add(f.db, f.bob, "m1", &e, bytes_none(), bytes_none(), &number,
			      &duplicate));
	assert_true(duplicate);
	assert_selects(&f, f.bob, &MAILBOX_SELECT_ALL, "1:m1 ");
}

/* --- size --- */

enum { MANY = 100000 };

static FALLIBLE fill(struct db *db, void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; i < MANY; i++) {
		AUTO(mem_free) char *mts_id = mem_printf("m%d", i);

		add(f, f->bob, mts_id);
	}
	return db_run(db, "UPDATE entry SET status = 2 WHERE id < ?",
		      v_int((f->bob << 32) + MANY - 99));
}

static double microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void a_full_mailbox_costs_no_more_than_an_empty_one(void **state)
{
	FIXTURE(f);
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf text = { 0 };
	struct mailbox_select fresh = MAILBOX_SELECT_ALL;
	struct mailbox_entry e;
	int32_t first, last;

	double from = microseconds();
	assert_ok(db_atomically(f.db, fill, &f));
	print_message("%d entries stored: %.1f us each\n", MANY, (microseconds() - from) / MANY);
	fresh.status = MAILBOX_NEW;
	from = microseconds();
	assert_ok(mailbox_scan(f.db, f.bob, &fresh, collect, &text));
	print_message("listing 100 new of them: %.0f us\n", microseconds() - from);
	from = microseconds();
	add(&f, f.bob, "one more");
	print_message("one more, committed alone: %.0f us\n", microseconds() - from);
	assert_ok(mailbox_counts(f.db, f.bob, collect_count, &text));
	assert_ok(mailbox_span(f.db, f.bob, &first, &last));
	assert_ok(mailbox_get(f.db, f.bob, MANY, arena, &e));
	assert_ok(mailbox_raise_status(f.db, f.bob, &last, 1, MAILBOX_LISTED));
	assert_int_equal(db_scanned(f.db), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users_are_made_when_asked_for),
		TEST(numbers_are_given_per_user_and_never_again),
		TEST(an_old_copy_gives_no_number_again),
		TEST(a_clock_that_is_mad_takes_half_of_the_numbers),
		TEST(a_store_of_before_goes_on),
		TEST(what_comes_again_is_confirmed_and_not_stored),
		TEST(entries_are_selected),
		TEST(a_scan_stops_when_it_is_told),
		TEST(an_entry_is_read),
		TEST(status_only_rises),
		TEST(counts_follow_every_change),
		TEST(registrations_are_kept),
		TEST(a_submission_is_known_by_its_identifier),
		TEST(a_delivery_that_was_not_confirmed_is_stored_once),
		TEST(a_full_mailbox_costs_no_more_than_an_empty_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
