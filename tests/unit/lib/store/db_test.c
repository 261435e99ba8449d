/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/db.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/store/query.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const steps[] = {
	"CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, octets BLOB);",
	"ALTER TABLE thing ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey';"
	"CREATE INDEX thing_colour ON thing (colour);",
	NULL
};
static const char *const first_step[] = { "CREATE TABLE thing (id INTEGER PRIMARY KEY, "
					  "name TEXT UNIQUE, octets BLOB);", NULL };
static const char *const bad_steps[] = { "CREATE TABLE thing (id INTEGER PRIMARY KEY, "
					 "name TEXT UNIQUE, octets BLOB);",
					 "CREATE TABLE half (id);CREATE TABLE thing (id);", NULL };

static const struct db_schema things = { "the things", 0x54657374, steps };
static const struct db_schema old_things = { "the things", 0x54657374, first_step };
static const struct db_schema bad_things = { "the things", 0x54657374, bad_steps };
static const struct db_schema others = { "the others", 0x4f746872, first_step };

static struct db *open_things(enum db_mode mode)
{
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("things.db"), &things, mode, &db));
	return db;
}

static int64_t count(struct db *db)
{
	AUTO(query_end) struct query *q = db_query(db, "SELECT count(*) FROM thing");

	assert_ok(query_get(q, "count"));
	return query_int(q, 0);
}

static FALLIBLE add(struct db *db, const char *name)
{
	return db_run(db, "INSERT INTO thing (name) VALUES (?)", v_text(name));
}

static bool file_has(const char *name, struct bytes octets)
{
	AUTO(buf_free) struct buf file = { 0 };

	assert_ok(file_read(scratch_path(name), 1 << 20, &file, NULL));
	return memmem(file.data, file.len, octets.data, octets.len);
}

static void what_is_deleted_is_overwritten(void **state)
{
	(void)state;
	struct db *db = open_things(DB_OWNER);

	assert_ok(add(db, "a name that nobody shall find"));
	db_close(&db);
	assert_true(file_has("things.db", BYTES("nobody shall find")));
	db = open_things(DB_OWNER);
	assert_ok(db_run(db, "DELETE FROM thing"));
	db_close(&db);
	assert_false(file_has("things.db", BYTES("nobody shall find")));
}

static void what_was_given_back_is_read_again(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);

	assert_ok(add(db, "one"));
	for (int i = 0; i < 3; i++)
		db_rest(db);
	assert_int_equal(count(db), 1);
	assert_ok(db_begin(db));
	assert_ok(add(db, "two"));
	db_give_back(db);
	assert_ok(db_commit(db));
	assert_int_equal(count(db), 2);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);

	assert_ok(db_run(db, "INSERT INTO thing (id, name, octets) VALUES (?, ?, ?)", v_int(7),
			 v_text("seven"), v_octets(BYTES("\0\1\2"))));
	assert_int_equal(db_changes(db), 1);
	assert_int_equal(db_last_id(db), 7);
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT id, name, octets, colour, NULL FROM thing");
	assert_true(query_next(q));
	assert_int_equal(query_int(q, 0), 7);
	assert_string_equal(query_text(q, 1), "seven");
	assert_bytes(query_octets(q, 2), BYTES("\0\1\2"));
	assert_string_equal(query_text(q, 3), "grey");
	assert_null(query_text(q, 4));
	assert_int_equal(query_octets(q, 4).len, 0);
	assert_false(query_next(q));
	assert_ok(query_check(q));
}

static void the_file_is_private(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);
	static const char *const files[] = { "things.db", "things.db-wal", "things.db-owner" };

	assert_ok(add(db, "x"));
	for (size_t i = 0; i < 3; i++) {
		struct stat st;

		assert_int_equal(stat(scratch_path(files[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void a_query_remembers_its_failure(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);

	assert_ok(add(db, "same"));
	assert_fails(add(db, "same"), "UNIQUE constraint failed: thing.name");
	assert_ok(add(db, "other"));
	assert_fails(db_run(db, "INSERT INTO absent VALUES (1)"), "no such table: absent");
	assert_fails(db_run(db, "SELECT ?, ?", v_int(1)), "wants 2 values and got 1");
	assert_fails(db_run(db, "SELECT 1", v_int(1)), "cannot bind value 1");
	AUTO(query_end) struct query *q = db_query(db, "SELECT id FROM thing WHERE name = 'no'");
	assert_fails(query_get(q, "thing called %s", "no"), "there is no thing called no");
}

static void one_statement_is_used_within_itself(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);
	static const char sql[] = "SELECT name FROM thing ORDER BY name";
	int pairs = 0;

	assert_ok(add(db, "a"));
	assert_ok(add(db, "b"));
	AUTO(query_end) struct query *outer = db_query(db, sql);
	while (query_next(outer)) {
		AUTO(query_end) struct query *inner = db_query(db, sql);

		while (query_next(inner))
			pairs++;
		assert_ok(query_check(inner));
	}
	assert_int_equal(pairs, 4);
}

/* --- large octets --- */

static void large_octets_return_unharmed(void **state)
{
	(void)state;
	enum { LEN = 64 << 20 };
	AUTO(db_close) struct db *db = open_things(DB_OWNER);
	AUTO(buf_free) struct buf big = { 0 }, back = { 0 };
	uint8_t *octets = buf_extend(&big, LEN);

	for (size_t i = 0; i < LEN; i++)
		octets[i] = (uint8_t)(i * 2654435761u >> 24);
	assert_ok(db_run(db, "INSERT INTO thing (id, octets) VALUES (1, ?)",
			 v_octets(buf_view(&big))));
	assert_ok(db_read_blob(db, "thing", "octets", 1, &back));
	assert_true(bytes_equal(buf_view(&big), buf_view(&back)));
	assert_fails(db_read_blob(db, "thing", "octets", 2, &back), "there is no thing 2");
}

/* --- transactions --- */

static FALLIBLE add_two_and_fail(struct db *db, void *arg)
{
	TRY(add(db, "one"));
	TRY(add(db, "two"));
	return arg ? FAIL(ST_NEVER, 0, "%s", (const char *)arg) : OK;
}

static FALLIBLE add_around_a_failing_part(struct db *db, void *arg)
{
	(void)arg;
	TRY(add(db, "outer"));
	assert_fails(db_atomically(db, add_two_and_fail, "the part failed"), "the part failed");
	return OK;
}

static void all_or_nothing(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);

	assert_fails(db_atomically(db, add_two_and_fail, "changed my mind"), "changed my mind");
	assert_int_equal(count(db), 0);
	assert_ok(db_atomically(db, add_around_a_failing_part, NULL));
	assert_int_equal(count(db), 1);
	assert_ok(db_atomically(db, add_two_and_fail, NULL));
	assert_int_equal(count(db), 3);
	assert_false(db_in_transaction(db));
}

static void a_full_disk_is_for_later(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_things(DB_OWNER);
	AUTO(buf_free) struct buf big = { 0 };

	memset(buf_extend(&big, 1 << 20), 'x', 1 << 20);
	assert_ok(db_limit_size(db, 512 << 10));
	struct status *failed = db_run(db, "INSERT INTO thing (octets) VALUES (?)",
				       v_octets(buf_view(&big)));
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_LATER);
	assert_fails(failed, "database or disk is full");
	assert_ok(add(db, "small"));
	assert_int_equal(count(db), 1);
}

/* --- versions --- */

static void an_old_database_is_migrated(void **state)
{
	(void)state;
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("things.db"), &old_things, DB_OWNER, &db));
	assert_ok(add(db, "old"));
	db_close(&db);
	assert_fails(db_open(scratch_path("things.db"), &things, DB_READER, &db),
		     "not yet been brought to this version");
	db = open_things(DB_OWNER);
	AUTO(query_end) struct query *q = db_query(db, "SELECT colour FROM thing");
	assert_ok(query_get(q, "thing"));
	assert_string_equal(query_text(q, 0), "grey");
	query_end(&q);
	db_close(&db);
	assert_fails(db_open(scratch_path("things.db"), &old_things, DB_OWNER, &db),
		     "has version 2 of the things; this program knows up to 1");
}

static void a_failing_migration_changes_nothing(void **state)
{
	(void)state;
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("things.db"), &old_things, DB_OWNER, &db));
	db_close(&db);
	assert_fails(db_open(scratch_path("things.db"), &bad_things, DB_OWNER, &db),
		     "cannot make version 2 of the things");
	assert_ok(db_open(scratch_path("things.db"), &old_things, DB_OWNER, &db));
	assert_fails(db_run(db, "SELECT * FROM half"), "no such table");
	db_close(&db);
}

static void what_is_something_else_is_refused(void **state)
{
	(void)state;
	struct db *db = NULL;
	FILE *file = fopen(scratch_path("text.db"), "w");

	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("this is not a database\n", file);
	fclose(file);
	assert_fails(db_open(scratch_path("text.db"), &things, DB_OWNER, &db),
		     "file is not a database");
	assert_fails(db_open(scratch_path("text.db"), &things, DB_OWNER, &db),
		     "put a copy of it in its place");
	assert_fails(db_open(scratch_path("."), &things, DB_OWNER, &db), "Is a directory");
	assert_ok(db_open(scratch_path("other.db"), &others, DB_OWNER, &db));
	db_close(&db);
	assert_fails(db_open(scratch_path("other.db"), &things, DB_OWNER, &db),
		     "is a database, but not the things");
	assert_fails(db_open(scratch_path("missing.db"), &things, DB_READER, &db),
		     "unable to open database file");
	assert_fails(db_open(scratch_path("no/folder.db"), &things, DB_OWNER, &db),
		     "No such file or directory");
}

static void damage_is_found(void **state)
{
	(void)state;
	struct db *db = open_things(DB_OWNER);

	for (int i = 0; i < 500; i++) {
		AUTO(mem_free) char *name = mem_printf("a thing with a long name, number %d", i);

		assert_ok(add(db, name));
	}
	assert_ok(db_check_integrity(db));
	db_close(&db);
	int file = open(scratch_path("things.db"), O_RDWR);
	assert_true(file >= 0);
	for (off_t page = 3; page < 8; page++)
		assert_int_equal(pwrite(file, "rubbish rubbish", 15, page * 4096), 15);
	close(file);
	db = open_things(DB_OWNER);
	struct status *failed = db_check_integrity(db);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_NEVER);
	status_free(&failed);
	db_close(&db);
}

/* --- others at the same time --- */

static void a_second_owner_is_refused(void **state)
{
	(void)state;
	struct db *owner = open_things(DB_OWNER), *second = NULL;

	assert_fails(db_open(scratch_path("things.db"), &things, DB_OWNER, &second),
		     "another process works on");
	db_close(&owner);
	second = open_things(DB_OWNER);
	db_close(&second);
}

static void readers_see_what_is_committed(void **state)
{
	(void)state;
	AUTO(db_close) struct db *owner = open_things(DB_OWNER);
	AUTO(db_close) struct db *reader = open_things(DB_READER);

	assert_ok(db_begin(owner));
	assert_ok(add(owner, "one"));
	assert_int_equal(count(reader), 0);
	assert_ok(db_commit(owner));
	assert_int_equal(count(reader), 1);
	assert_fails(add(reader, "no"), "attempt to write a readonly database");
}

/* A child commits rows, tells each over a pipe, and is killed: what it told is there. */
static void a_killed_writer_loses_nothing_it_confirmed(void **state)
{
	(void)state;
	int told[2];

	assert_int_equal(pipe(told), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct db *db = open_things(DB_OWNER);

		for (uint32_t i = 1;; i++) {
			AUTO(mem_free) char *name = mem_printf("%u", i);

			status_drop(db_begin(db));
			status_drop(add(db, name));
			if (i == 40)	/* the peer is told when it is durable, never before */
				kill(getpid(), SIGKILL);
			status_drop(db_commit(db));
			if (write(told[1], &i, sizeof(i)) != sizeof(i))
				_exit(1);
		}
	}
	close(told[1]);
	uint32_t last = 0;
	while (read(told[0], &last, sizeof(last)) == sizeof(last))
		;
	close(told[0]);
	int how;
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	assert_int_equal(last, 39);
	AUTO(db_close) struct db *db = open_things(DB_OWNER);
	assert_int_equal(count(db), 39);
	assert_ok(db_check_integrity(db));
}

/* This program run again, as a process that has nothing of ours: opens the database and closes it. */
static int come_and_go(const char *path)
{
	struct db *db = NULL;
	struct status *failed = db_open(path, &things, DB_SHARED, &db);

	db_close(&db);
	return status_exit_code(failed);
}

static void other_process(void)
{
	pid_t child = fork();
	int status = -1;

	if (child == 0) {
		execl("/proc/self/exe", "db_test", scratch_path("things.db"), NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Its last close must not take the log away from those who still write to it. */
static void the_log_stays_while_anyone_has_it(void **state)
{
	(void)state;
	AUTO(db_close) struct db *owner = open_things(DB_OWNER);
	AUTO(db_close) struct db *second = open_things(DB_SHARED);

	assert_ok(add(owner, "before"));
	other_process();
	assert_int_equal(access(scratch_path("things.db-wal"), F_OK), 0);
	assert_ok(add(owner, "after"));
	assert_int_equal(count(second), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read),
		TEST(what_is_deleted_is_overwritten),
		TEST(what_was_given_back_is_read_again),
		TEST(the_file_is_private),
		TEST(a_query_remembers_its_failure),
		TEST(one_statement_is_used_within_itself),
		TEST(large_octets_return_unharmed),
		TEST(all_or_nothing),
		TEST(a_full_disk_is_for_later),
		TEST(an_old_database_is_migrated),
		TEST(a_failing_migration_changes_nothing),
		TEST(what_is_something_else_is_refused),
		TEST(damage_is_found),
		TEST(a_second_owner_is_refused),
		TEST(the_log_stays_while_anyone_has_it),
		TEST(readers_see_what_is_committed),
		TEST(a_killed_writer_loses_nothing_it_confirmed),
	};

	if (argc == 2)
		return come_and_go(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
