/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/registered.h"

#include "lib/store/queue.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

static struct db *db;
static struct arena *arena;

static int setup(void **state)
{
	scratch_setup(state);
	arena = arena_new();
	assert_ok(db_open(scratch_path("queue.db"), &queue_schema, DB_OWNER, &db));
	return 0;
}

static int teardown(void **state)
{
	db_close(&db);
	arena_free(&arena);
	return scratch_teardown(state);
}

static struct registered found(const char *name)
{
	struct registered r;

	assert_ok(registered_find(db, arena, name, &r));
	return r;
}

static void each_element_is_kept_until_another_comes(void **state)
{
	const struct registered first = { .has_labels = true, .labels = BYTES("labels"),
					  .has_content_max = true, .content_max = 0 };
	const struct registered second = { .has_labels = true, .has_content_types = true,
					   .content_types = BYTES("types") };

	(void)state;
	assert_false(found("store a").has_content_max);
	assert_ok(registered_set(db, "store a", &first));
	assert_true(found("store a").has_labels && found("store a").has_content_max);
	assert_bytes(found("store a").labels, BYTES("labels"));
	assert_int_equal(found("store a").content_max, 0);
	assert_ok(registered_set(db, "store a", &second));
	assert_false(found("store a").has_labels);	/* taken back */
	assert_bytes(found("store a").content_types, BYTES("types"));
	assert_true(found("store a").has_content_max);
	assert_false(found("user a").has_content_max);
}

static void a_password_and_the_rest_do_not_disturb_each_other(void **state)
{
	const struct registered length = { .has_content_max = true, .content_max = 7 };
	AUTO(buf_free) struct buf none = { 0 }, stored = { 0 };

	(void)state;
	assert_ok(registered_password(db, "store a", &none));
	assert_int_equal(none.len, 0);
	assert_ok(registered_set(db, "store a", &length));
	assert_ok(registered_password(db, "store a", &none));
	assert_int_equal(none.len, 0);
	assert_ok(registered_set_password(db, "store a", BYTES("first")));
	assert_ok(registered_set_password(db, "store a", BYTES("second")));
	assert_ok(registered_password(db, "store a", &stored));
	assert_bytes(buf_view(&stored), BYTES("second"));
	assert_int_equal(found("store a").content_max, 7);
	assert_ok(registered_set_password(db, "store b", BYTES("b's")));
	assert_false(found("store b").has_content_max);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_element_is_kept_until_another_comes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_password_and_the_rest_do_not_disturb_each_other,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
