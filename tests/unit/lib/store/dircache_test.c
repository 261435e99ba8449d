/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of the directory: what is due first, which lists were the newest, and a file of before. */
#include "lib/store/dircache.h"

#include "lib/store/query.h"
#include "lib/store/schema.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

enum { NOW = 1800000000, DAY = 86400 };

static struct dircache *cache;

static void put(const char *key, time_t fetched, time_t ends)
{
	const struct dircache_item item = { .fetched = fetched, .ends = ends };

	assert_ok(dircache_put(cache, DIRCACHE_ENTRY, bytes_text(key), &item));
}

static void add_key(void *arg, struct bytes key)
{
	buf_put(arg, key);
	buf_put_text(arg, " ");
}

static void expect_due(int max, const char *keys)
{
	const struct dircache_due due = { .fetched_before = NOW - 300, .used_since = NOW - 30 * DAY,
					  .ends_before = NOW + DAY, .max = max };
	AUTO(buf_free) struct buf found = { 0 };

	assert_ok(dircache_due(cache, &due, add_key, &found));
	assert_bytes(buf_view(&found), bytes_text(keys));
}

/* Those with a list that ends soon, then the oldest; not what was fetched just now. */
static void what_ends_soon_is_due_first(void **state)
{
	(void)state;
	put("older", NOW - 3000, 0);
	put("old", NOW - 2000, NOW + 5 * DAY);
	put("ending", NOW - 1000, NOW + DAY - 1);
	put("ended", NOW - 400, NOW - 1);
	put("fresh", NOW - 1, NOW + 60);
	expect_due(10, "ending ended older old ");
	expect_due(3, "ending ended older ");
	put("ending", NOW, NOW + 7 * DAY);
	expect_due(10, "ended older old ");
}

static void expect_newest(uint64_t number, time_t made)
{
	struct dircache_list list = { 0 };

	assert_ok(dircache_newest_list(cache, BYTES("issuer"), &list));
	assert_true(list.number == number);
	assert_int_equal(list.made, made);
}

static void note(uint64_t number, time_t made)
{
	const struct dircache_list list = { number, made };

	assert_ok(dircache_note_list(cache, BYTES("issuer"), &list));
}

static void nothing_goes_back(void **state)
{
	(void)state;
	expect_newest(0, 0);
	note(7, NOW);
	expect_newest(7, NOW);
	note(6, NOW - 1);
	expect_newest(7, NOW);
	note(8, NOW - 1);	/* its clock was set back: what is newest of each stays */
	expect_newest(8, NOW);
	note(0, NOW + 1);
	expect_newest(8, NOW + 1);
	note(UINT64_MAX, 0);	/* has no sign */
	expect_newest(UINT64_MAX, NOW + 1);
	note(9, NOW + 2);
	expect_newest(UINT64_MAX, NOW + 2);
}

/* Of the numbers that it has nobody knows when their lists were made: before it was opened. */
static void a_file_from_before_is_taken_over(void **state)
{
	static const char *const steps[] = { dircache_schema, NULL };
	const struct db_schema before = { "what is kept of the directory", 0x50644972, steps };
	struct dircache_list list = { 0 };
	struct dircache_item item;
	struct db *db = NULL;
	bool found = false;
	time_t then = time(NULL);

	(void)state;
	dircache_free(&cache);
	assert_ok(db_open(scratch_path("old.db"), &before, DB_SHARED, &db));
	assert_ok(db_run(db, "INSERT INTO newest_list VALUES (?, 5)", v_octets(BYTES("issuer"))));
	assert_ok(db_run(db, "INSERT INTO item VALUES (0, ?, ?, ?, 0, x'01')", v_octets(BYTES("name")),
			 v_int(NOW), v_int(NOW)));
	db_close(&db);
	assert_ok(dircache_open(scratch_path("old.db"), 0, &cache));
	assert_ok(dircache_newest_list(cache, BYTES("issuer"), &list));
	assert_int_equal(list.number, 5);
	assert_in_range(list.made, then, then + 60);
	assert_ok(dircache_find(cache, DIRCACHE_ENTRY, BYTES("name"), NOW, &item, &found));
	assert_true(found);
	assert_int_equal(item.ends, 0);
	assert_bytes(buf_view(&item.octets), BYTES("\x01"));
	buf_free(&item.octets);
}

static int setup(void **state)
{
	scratch_setup(state);
	assert_ok(dircache_open(scratch_path("directory.db"), 0, &cache));
	return 0;
}

static int teardown(void **state)
{
	dircache_free(&cache);
	return scratch_teardown(state);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(what_ends_soon_is_due_first),
		FRESH(nothing_goes_back),
		FRESH(a_file_from_before_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
