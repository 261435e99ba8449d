/* SPDX-License-Identifier: Apache-2.0 */
/* The square-mod-n hash against Python's arithmetic, and why nobody should rely on it. */
#include "lib/sec/sqmodn.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

static struct private_key *key;

static int setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	key = vectors_key("locator-1989");
	return 0;
}

static int teardown(void **state)
{
	private_key_free(&key);
	return scratch_teardown(state);
}

static struct buf hash(enum sqmodn_form form, struct bytes octets)
{
	struct buf made = { 0 };

	assert_ok(sqmodn_hash(private_key_public(key), form, &octets, 1, &made));
	return made;
}

static void it_is_what_arithmetic_says(void **state)
{
	static const size_t lengths[] = { 0, 1, 126, 127, 128, 254, 300 };
	static const struct { enum sqmodn_form form; const char *name; } forms[] = {
		{ SQMODN_LENGTH, "length" }, { SQMODN_BARE, "bare" },
	};
	AUTO(vectors_free) struct vectors vectors = { 0 };
	uint8_t octets[300];

	(void)state;
	vectors_load("locator-1989", &vectors);
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i % 251);
	for (size_t f = 0; f < 2; f++)
		for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			AUTO(mem_free) char *name = mem_printf("hash-%s-%zu", forms[f].name, lengths[i]);
			AUTO(buf_free) struct buf want = vector(&vectors, name);
			AUTO(buf_free) struct buf got = hash(forms[f].form, bytes_of(octets, lengths[i]));

			print_message("  %s\n", name);
			assert_bytes(buf_view(&got), buf_view(&want));
		}
}

static void parts_are_hashed_as_one(void **state)
{
	const struct bytes parts[] = { BYTES("Dear "), bytes_none(), BYTES("Bob") };
	AUTO(buf_free) struct buf whole = hash(SQMODN_LENGTH, BYTES("Dear Bob")), joined = { 0 };

	(void)state;
	assert_ok(sqmodn_hash(private_key_public(key), SQMODN_LENGTH, parts, 3, &joined));
	assert_bytes(buf_view(&joined), buf_view(&whole));
}

static void ones_at_the_end_count_only_with_the_length(void **state)
{
	AUTO(buf_free) struct buf bare = hash(SQMODN_BARE, BYTES("pay 1"));
	AUTO(buf_free) struct buf bare_more = hash(SQMODN_BARE, BYTES("pay 1\xff"));
	AUTO(buf_free) struct buf length = hash(SQMODN_LENGTH, BYTES("pay 1"));
	AUTO(buf_free) struct buf length_more = hash(SQMODN_LENGTH, BYTES("pay 1\xff"));

	(void)state;
	assert_bytes(buf_view(&bare), buf_view(&bare_more));
	assert_false(bytes_equal(buf_view(&length), buf_view(&length_more)));
}

static void another_key_gives_another_hash(void **state)
{
	AUTO(private_key_free) struct private_key *other = NULL, *elliptic = NULL;
	AUTO(buf_free) struct buf one = hash(SQMODN_LENGTH, BYTES("a letter")), two = { 0 };
	struct bytes letter = BYTES("a letter");

	(void)state;
	assert_ok(private_key_generate(KEY_RSA, &other));
	assert_ok(sqmodn_hash(private_key_public(other), SQMODN_LENGTH, &letter, 1, &two));
	assert_int_equal(two.len, 3072 / 8);
	assert_false(bytes_equal(buf_view(&one), buf_view(&two)));
	assert_ok(private_key_generate(KEY_P256, &elliptic));
	assert_fails(sqmodn_hash(private_key_public(elliptic), SQMODN_LENGTH, &letter, 1, &two),
		     "needs an RSA key, not one of type P-256");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_arithmetic_says),
		cmocka_unit_test(parts_are_hashed_as_one),
		cmocka_unit_test(ones_at_the_end_count_only_with_the_length),
		cmocka_unit_test(another_key_gives_another_hash),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
