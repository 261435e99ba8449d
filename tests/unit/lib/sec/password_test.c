/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords that are stored: recognised, salted, and not believed where they are damaged. */
#include "lib/sec/password.h"

#include "lib/sec/crypto.h"
#include "tests/support/check.h"

/* [RFC 7914 12] the first half of its third vector. */
static void scrypt_is_that_of_others(void **state)
{
	AUTO(buf_free) struct buf expected = hex(
		"7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
	uint8_t hash[HASH_OCTETS];

	(void)state;
	crypto_scrypt(BYTES("pleaseletmein"), BYTES("SodiumChloride"), 14, hash);
	assert_bytes(bytes_of(hash, sizeof(hash)), buf_view(&expected));
}

static void a_stored_password_is_recognised(void **state)
{
	AUTO(buf_free) struct buf stored = { 0 }, again = { 0 };
	const struct bytes password = BYTES("open sesame");

	(void)state;
	password_store(password, &stored);
	password_store(password, &again);
	assert_false(bytes_equal(buf_view(&stored), buf_view(&again)));
	assert_true(password_is(buf_view(&stored), password));
	assert_true(password_is(buf_view(&again), password));
	assert_false(password_is(buf_view(&stored), BYTES("open sesam")));
	assert_false(password_is(buf_view(&stored), BYTES("open sesame ")));
	assert_false(password_is(buf_view(&stored), bytes_none()));
}

static void what_is_damaged_is_no_password(void **state)
{
	AUTO(buf_free) struct buf stored = { 0 };

	(void)state;
	password_store(BYTES("x"), &stored);
	for (size_t len = 0; len < stored.len; len++)
		assert_false(password_is(bytes_of(stored.data, len), BYTES("x")));
	stored.data[0] = 40;	/* a cost that would take for ever */
	assert_false(password_is(buf_view(&stored), BYTES("x")));
	stored.data[0] = 0;
	assert_false(password_is(buf_view(&stored), BYTES("x")));
	stored.data[0] = 14;
	assert_true(password_is(buf_view(&stored), BYTES("x")));
	stored.data[1] ^= 1;
	assert_false(password_is(buf_view(&stored), BYTES("x")));
}

static void what_is_stored_counts_in_place_of_the_text(void **state)
{
	AUTO(buf_free) struct buf stored = { 0 };

	(void)state;
	password_store(BYTES("new"), &stored);
	assert_true(password_matches(bytes_none(), "old", BYTES("old")));
	assert_false(password_matches(bytes_none(), "old", BYTES("older")));
	assert_false(password_matches(bytes_none(), "old", bytes_none()));
	assert_true(password_matches(bytes_none(), "", bytes_none()));
	assert_true(password_matches(buf_view(&stored), "old", BYTES("new")));
	assert_false(password_matches(buf_view(&stored), "old", BYTES("old")));
	/* Damaged: neither counts. */
	stored.data[1] ^= 1;
	assert_false(password_matches(buf_view(&stored), "old", BYTES("new")));
	assert_false(password_matches(buf_view(&stored), "old", BYTES("old")));
	/* Nothing is expected: nothing matches, not even nothing. */
	assert_false(password_matches(bytes_none(), NULL, BYTES("old")));
	assert_false(password_matches(bytes_none(), NULL, bytes_none()));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_stored_counts_in_place_of_the_text),
		cmocka_unit_test(scrypt_is_that_of_others),
		cmocka_unit_test(a_stored_password_is_recognised),
		cmocka_unit_test(what_is_damaged_is_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
