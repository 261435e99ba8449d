/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/store/nonce.h"

#include "lib/store/schema.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

static const char *const steps[] = { nonce_schema, NULL };
static const struct db_schema nonces = { "the nonces", 0x4e6f6e63, steps };

static struct db *open_nonces(void)
{
	struct db *db = NULL;

	assert_ok(db_open(scratch_path("nonces.db"), &nonces, DB_OWNER, &db));
	return db;
}

static void a_replay_is_refused_across_restarts(void **state)
{
	(void)state;
	struct db *db = open_nonces();

	assert_ok(nonce_remember(db, "p7 alice", BYTES("12345678"), 100));
	assert_fails(nonce_remember(db, "p7 alice", BYTES("12345678"), 200), "it is a replay");
	assert_ok(nonce_remember(db, "p7 bob", BYTES("12345678"), 100));
	assert_ok(nonce_remember(db, "p7 alice", BYTES("12345679"), 100));
	db_close(&db);
	db = open_nonces();
	assert_fails(nonce_remember(db, "p7 alice", BYTES("12345678"), 300), "it is a replay");
	db_close(&db);
}

static void what_is_too_old_is_forgotten(void **state)
{
	(void)state;
	AUTO(db_close) struct db *db = open_nonces();
	int forgotten;

	for (uint8_t i = 0; i < 10; i++)
		assert_ok(nonce_remember(db, "p1 north", bytes_of(&i, 1), 100 + i));
	assert_ok(nonce_forget(db, 106, 4, &forgotten));
	assert_int_equal(forgotten, 4);
	assert_ok(nonce_forget(db, 106, 4, &forgotten));
	assert_int_equal(forgotten, 2);
	assert_ok(nonce_forget(db, 106, 4, NULL));
	assert_fails(nonce_remember(db, "p1 north", BYTES("\6"), 100), "it is a replay");
	assert_ok(nonce_remember(db, "p1 north", BYTES("\5"), 100));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_replay_is_refused_across_restarts),
		TEST(what_is_too_old_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
