/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sec/jws.h"

#include "tests/support/check.h"

static const enum key_type types[] = { KEY_P256, KEY_ED25519, KEY_RSA };
enum { TYPES = 3 };

static struct private_key *keys[TYPES], *other;

static int make_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < TYPES; i++)
		assert_ok(private_key_generate(types[i], &keys[i]));
	assert_ok(private_key_generate(KEY_P256, &other));
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < TYPES; i++)
		private_key_free(&keys[i]);
	private_key_free(&other);
	return 0;
}

static void test_each_key_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < TYPES; i++) {
		const struct public_key *public = private_key_public(keys[i]);

		/* Often enough that a half of an ECDSA signature begins with a zero octet. */
		for (int n = 0; n < (types[i] == KEY_P256 ? 600 : 2); n++) {
			struct buf line = { 0 }, payload = { 0 };

			assert_ok(jws_sign(keys[i], BYTES("{\"act\":\"issue\"}"), &line));
			assert_true(jws_is_by(buf_view(&line), public));
			assert_ok(jws_verify(buf_view(&line), public));
			assert_ok(jws_payload(buf_view(&line), &payload));
			assert_bytes(buf_view(&payload), BYTES("{\"act\":\"issue\"}"));
			buf_free(&line);
			buf_free(&payload);
		}
	}
}

static void test_every_changed_octet_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < TYPES; i++) {
		const struct public_key *public = private_key_public(keys[i]);
		struct buf line = { 0 };

		assert_ok(jws_sign(keys[i], BYTES("revoke"), &line));
		for (size_t at = 0; at < line.len; at++) {
			uint8_t was = line.data[at];

			line.data[at] = was == 'A' ? 'B' : 'A';
			struct status *st = jws_verify(buf_view(&line), public);

			assert_non_null(st);
			status_free(&st);
			line.data[at] = was;
		}
		for (size_t len = 0; len < line.len; len++) {
			struct status *st = jws_verify(bytes_of(line.data, len), public);

			assert_non_null(st);
			status_free(&st);
		}
		assert_ok(jws_verify(buf_view(&line), public));
		buf_free(&line);
	}
}

static void test_another_key_did_not_sign(void **state)
{
	struct buf line = { 0 };

	(void)state;
	assert_ok(jws_sign(other, BYTES("revoke"), &line));
	assert_false(jws_is_by(buf_view(&line), private_key_public(keys[0])));
	assert_fails(jws_verify(buf_view(&line), private_key_public(keys[0])),
		     "signed with another key");
	buf_free(&line);
}

static void test_what_is_no_line(void **state)
{
	static const struct { const char *line, *fails; } cases[] = {
		{ "", "not a signed line" },
		{ "abc", "not a signed line" },
		{ "abc.def", "not a signed line" },
		{ "a.b!.c", "not in base64url" },
	};
	struct buf payload = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_fails(jws_payload(bytes_text(cases[i].line), &payload), cases[i].fails);
	buf_free(&payload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_key_signs),
		cmocka_unit_test(test_every_changed_octet_is_noticed),
		cmocka_unit_test(test_another_key_did_not_sign),
		cmocka_unit_test(test_what_is_no_line),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
