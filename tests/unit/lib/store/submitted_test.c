/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/submitted.h"

#include "lib/store/queue.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <string.h>

/* Submits it and says whether it was taken for a repetition, and of what. */
static const char *submit(struct db *db, struct bytes digest, int64_t session, const char *id)
{
	static struct submitted s;
	bool repeated;

	s = (struct submitted){ .digest = digest, .session = session, .at = 100 * session };
	snprintf(s.mts_id, sizeof(s.mts_id), "%s", id);
	assert_ok(submitted_add(db, &s, &repeated));
	return repeated ? s.mts_id : "new";
}

static void only_what_may_be_unanswered_is_a_repetition(void **state)
{
	AUTO(db_close) struct db *db = NULL;
	const struct bytes one = BYTES("one"), two = BYTES("two");

	(void)state;
	assert_ok(db_open(scratch_path("queue.db"), &queue_schema, DB_OWNER, &db));
	assert_string_equal(submit(db, one, 1, "first"), "new");
	/* The same on the same association, or beside it: somebody means it. */
	assert_string_equal(submit(db, one, 1, "second"), "new");
	assert_string_equal(submit(db, one, 2, "third"), "new");
	assert_ok(submitted_released(db, 2));
	assert_string_equal(submit(db, one, 3, "fourth"), "new");
	assert_ok(submitted_broke(db, 3));
	assert_string_equal(submit(db, two, 4, "other"), "new");
	assert_string_equal(submit(db, one, 4, "fifth"), "fourth");
	/* That answer arrives. */
	assert_ok(submitted_released(db, 4));
	assert_string_equal(submit(db, one, 5, "sixth"), "new");
}

static void a_restart_breaks_every_association(void **state)
{
	AUTO(db_close) struct db *db = NULL;
	const struct bytes one = BYTES("one");

	(void)state;
	assert_ok(db_open(scratch_path("queue.db"), &queue_schema, DB_OWNER, &db));
	assert_string_equal(submit(db, one, 7, "before"), "new");
	assert_ok(submitted_broke(db, 0));
	assert_string_equal(submit(db, one, 1, "after"), "before");
	assert_ok(submitted_broke(db, 1));
	assert_string_equal(submit(db, one, 2, "again"), "before");
	assert_ok(submitted_broke(db, 2));
	assert_ok(submitted_forget(db, 700));
	assert_string_equal(submit(db, one, 3, "later"), "before");
	assert_ok(submitted_broke(db, 3));
	assert_ok(submitted_forget(db, 701));
	assert_string_equal(submit(db, one, 4, "much later"), "new");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_may_be_unanswered_is_a_repetition),
		TEST(a_restart_breaks_every_association),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
