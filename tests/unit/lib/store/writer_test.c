/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/writer.h"

#include "lib/base/memory.h"
#include "lib/store/query.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <pthread.h>
#include <time.h>

static const char *const steps[] = {
	"CREATE TABLE row (id INTEGER PRIMARY KEY, octets BLOB);", NULL
};
static const struct db_schema rows = { "the rows", 0x526f7773, steps };

/* A loop of a test: calls are posted to it and run when it is asked to. */
struct test_loop {
	pthread_mutex_t mutex;
	pthread_cond_t posted;
	struct {
		void (*run)(void *arg);
		void *arg;
	} calls[20000];
	size_t count, ran;
};

static struct test_loop loop = { .mutex = PTHREAD_MUTEX_INITIALIZER,
				 .posted = PTHREAD_COND_INITIALIZER };

static void test_post(void *to, void (*run)(void *arg), void *arg)
{
	struct test_loop *l = to;

	pthread_mutex_lock(&l->mutex);
	assert_true(l->count < sizeof(l->calls) / sizeof(l->calls[0]));
	l->calls[l->count].run = run;
	l->calls[l->count].arg = arg;
	l->count++;
	pthread_cond_signal(&l->posted);
	pthread_mutex_unlock(&l->mutex);
}

static void run_what_is_posted(void)
{
	for (; loop.ran < loop.count; loop.ran++)
		loop.calls[loop.ran].run(loop.calls[loop.ran].arg);
}

static const struct writer_post post = { test_post, &loop };

static struct writer *start(size_t waiting_max)
{
	struct db *db = NULL;
	struct writer *writer = NULL;

	loop.count = loop.ran = 0;
	assert_ok(db_open(scratch_path("rows.db"), &rows, DB_OWNER, &db));
	assert_ok(writer_start(db, &post, waiting_max, &writer));
	return writer;
}

static int64_t stored(void)
{
	AUTO(db_close) struct db *db = NULL;

	assert_ok(db_open(scratch_path("rows.db"), &rows, DB_READER, &db));
	AUTO(query_end) struct query *q = db_query(db, "SELECT count(*) FROM row");
	assert_ok(query_get(q, "count"));
	return query_int(q, 0);
}

struct row {
	int64_t id;
	int told;
	char *failed;
};

static FALLIBLE store_row(struct db *db, void *arg)
{
	const struct row *row = arg;

	TRY(db_run(db, "INSERT INTO row (id) VALUES (?)", v_int(row->id)));
	if (row->id % 7 == 0)
		return FAIL(ST_NEVER, 0, "row %d is a seventh", (int)row->id);
	return OK;
}

static void row_done(void *arg, const struct status *failed)
{
	struct row *row = arg;

	row->told++;
	row->failed = failed ? mem_strdup(failed->words) : NULL;
}

/* Holds the writer until the test lets go, so that jobs gather behind it. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static FALLIBLE wait_at_gate(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	return OK;
}

static void close_gate(struct writer *writer)
{
	pthread_mutex_lock(&gate);
	assert_ok(writer_submit(writer, wait_at_gate, NULL, NULL));
	while (writer_waiting(writer))
		;	/* until it has begun */
}

enum { SUBMITTERS = 8, EACH = 100 };

static void *submit_rows(void *arg)
{
	struct writer *writer = ((void **)arg)[0];
	struct row *row = ((void **)arg)[1];

	for (int i = 0; i < EACH; i++)
		status_drop(writer_submit(writer, store_row, row_done, &row[i]));
	return NULL;
}

static void many_submitters_share_few_commits(void **state)
{
	(void)state;
	static struct row row[SUBMITTERS][EACH];
	pthread_t threads[SUBMITTERS];
	void *args[SUBMITTERS][2];
	struct writer *writer = start(0);

	memset(row, 0, sizeof(row));
	close_gate(writer);
	for (int s = 0; s < SUBMITTERS; s++) {
		for (int i = 0; i < EACH; i++)
			row[s][i].id = 7 * (s * EACH + i) + 1;
		args[s][0] = writer;
		args[s][1] = row[s];
		assert_int_equal(pthread_create(&threads[s], NULL, submit_rows, args[s]), 0);
	}
	for (int s = 0; s < SUBMITTERS; s++)
		pthread_join(threads[s], NULL);
	pthread_mutex_unlock(&gate);
	assert_ok(writer_submit(writer, wait_at_gate, NULL, NULL));
	writer_stop(&writer);
	run_what_is_posted();
	for (int s = 0; s < SUBMITTERS; s++) {
		for (int i = 0; i < EACH; i++) {
			assert_int_equal(row[s][i].told, 1);
			assert_null(row[s][i].failed);
		}
	}
	assert_int_equal(stored(), SUBMITTERS * EACH);
	assert_true(loop.count <= 3);	/* one per commit: the gate, all of them, the last */
}

static void a_failing_job_fails_alone(void **state)
{
	(void)state;
	struct row row[21] = { 0 };
	struct writer *writer = start(0);

	close_gate(writer);
	for (int i = 0; i < 21; i++) {
		row[i].id = i + 1;
		assert_ok(writer_submit(writer, store_row, row_done, &row[i]));
	}
	pthread_mutex_unlock(&gate);
	writer_stop(&writer);
	run_what_is_posted();
	for (int i = 0; i < 21; i++) {
		assert_int_equal(row[i].told, 1);
		assert_int_equal(row[i].failed != NULL, (i + 1) % 7 == 0);
		mem_free(&row[i].failed);
	}
	assert_int_equal(stored(), 18);
}

static FALLIBLE fill_the_disk(struct db *db, void *arg)
{
	(void)arg;
	TRY(db_limit_size(db, 64 << 10));
	return db_run(db, "INSERT INTO row (octets) VALUES (zeroblob(1048576))");
}

static void nothing_is_confirmed_that_a_full_disk_took_back(void **state)
{
	(void)state;
	struct row before = { .id = 1 }, full = { .id = 0 }, after = { .id = 2 };
	struct writer *writer = start(0);

	close_gate(writer);
	assert_ok(writer_submit(writer, store_row, row_done, &before));
	assert_ok(writer_submit(writer, fill_the_disk, row_done, &full));
	assert_ok(writer_submit(writer, store_row, row_done, &after));
	pthread_mutex_unlock(&gate);
	writer_stop(&writer);
	run_what_is_posted();
	assert_non_null(full.failed);
	assert_int_equal(stored(), !before.failed + !after.failed);
	mem_free(&before.failed);
	mem_free(&full.failed);
	mem_free(&after.failed);
}

static void waiting_is_bounded(void **state)
{
	(void)state;
	struct row row = { .id = 1 }, more = { .id = 2 }, over = { .id = 3 };
	struct writer *writer = start(2);

	close_gate(writer);
	assert_ok(writer_submit(writer, store_row, row_done, &row));
	assert_ok(writer_submit(writer, store_row, row_done, &more));
	assert_fails(writer_submit(writer, store_row, row_done, &over),
		     "the store is busy: 2 changes wait");
	assert_int_equal(writer_waiting(writer), 2);
	pthread_mutex_unlock(&gate);
	writer_stop(&writer);
	run_what_is_posted();
	assert_int_equal(row.told + more.told, 2);
	assert_int_equal(over.told, 0);
	assert_int_equal(stored(), 2);
}

static FALLIBLE store_2k(struct db *db, void *arg)
{
	return db_run(db, "INSERT INTO row (octets) VALUES (?)", v_octets(bytes_of(arg, 2048)));
}

static void measures_shared_commits(void **state)
{
	(void)state;
	enum { JOBS = 10000 };
	static uint8_t octets[2048];
	struct writer *writer = start(JOBS);
	struct timespec from, to;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < JOBS; i++)
		assert_ok(writer_submit(writer, store_2k, NULL, octets));
	while (writer_counts(writer).jobs < JOBS)
		sched_yield();
	clock_gettime(CLOCK_MONOTONIC, &to);
	struct writer_counts counts = writer_counts(writer);
	writer_stop(&writer);
	run_what_is_posted();
	double seconds = (double)(to.tv_sec - from.tv_sec) +
			 (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	print_message("%d rows of 2 KB in %llu commits: %.0f rows/s\n", JOBS,
		      (unsigned long long)counts.commits, JOBS / seconds);
	assert_int_equal(counts.failed, 0);
	assert_int_equal(stored(), JOBS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(many_submitters_share_few_commits),
		TEST(a_failing_job_fails_alone),
		TEST(nothing_is_confirmed_that_a_full_disk_took_back),
		TEST(waiting_is_bounded),
		TEST(measures_shared_commits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
