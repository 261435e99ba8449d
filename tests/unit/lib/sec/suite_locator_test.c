/* SPDX-License-Identifier: Apache-2.0 */
/* The suite locator-1989, against messages that Python and openssl(1) made. */
#include "lib/sec/crypto_1989.h"
#include "lib/sec/der.h"
#include "lib/sec/message.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

static const struct suite *const only_locator[] = { &suite_locator_1989, NULL };
static struct vectors vectors;
static struct private_key *key;
static struct cert alice;

static int setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	key = vectors_key("locator-1989");
	alice = (struct cert){ .subject_text = "CN=Alice", .scope = SCOPE_UA,
			       .key = private_key_public(key) };
	vectors_load("locator-1989", &vectors);
	return 0;
}

static int teardown(void **state)
{
	vectors_free(&vectors);
	private_key_free(&key);
	return scratch_teardown(state);
}

/* Written by a second implementation, from alice to herself. */
static void sealed_messages_of_others_open(void **state)
{
	static const struct { const char *token; enum sqmodn_form form; } cases[] = {
		{ "token-length", SQMODN_LENGTH }, { "token-bare", SQMODN_BARE },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(buf_free) struct buf token = vector(&vectors, cases[i].token);
		AUTO(buf_free) struct buf sealed = vector(&vectors, "sealed");
		AUTO(buf_free) struct buf again = buf_copy(buf_view(&sealed));
		AUTO(buf_free) struct buf algorithm = vector(&vectors, "seal-algorithm");
		AUTO(buf_free) struct buf content = vector(&vectors, "content");
		AUTO(buf_free) struct buf name = vector(&vectors, "name");
		struct check_plan plan = {
			.accepted = only_locator,
			.options = { .allow_broken_1989 = true, .sqmodn = cases[i].form },
			.originator = &alice,
			.own_keys = &key,
			.own_key_count = 1,
			.own_name = buf_view(&name),
			.token = buf_view(&token),
			.seal_algorithm = buf_view(&algorithm),
		};
		struct message_facts facts;

		print_message("  %s\n", cases[i].token);
		assert_ok(message_check(&plan, &sealed, &facts));
		assert_bytes(buf_view(&sealed), buf_view(&content));
		assert_true(facts.sealed && facts.suite->broken);
		plan.options.sqmodn = cases[i].form == SQMODN_LENGTH ? SQMODN_BARE : SQMODN_LENGTH;
		assert_fails(message_check(&plan, &again, &facts), "the signature is wrong");
	}
}

static void the_signature_says_what_its_key_is_for(void **state)
{
	static const struct { const char *name; struct bytes from, to; const char *fails; } cases[] = {
#define STEP(from, to) { (const uint8_t *)(from), sizeof(from) - 1 }, { (const uint8_t *)(to), sizeof(to) - 1 }
		{ "a message store", STEP("\x0a\x01\x01", "\x0a\x01\x02"), "its key is for MS, not for UA" },
		{ "an authority", STEP("\x0a\x01\x01", "\x0a\x01\x04"), "its key is for CA, not for UA" },
		{ "nobody", STEP("\x0a\x01\x01", "\x0a\x01\x09"), "its key is for something unknown" },
		{ "a smaller key", STEP("\x02\x02\x08\x00", "\x02\x02\x04\x00"), "of a key of 1024 bits" },
		{ "another algorithm", STEP("\x55\x08\x03\x01", "\x55\x08\x03\x02"), "2.5.8.3.2 is not that of" },
		{ "an INTEGER for the scope", STEP("\x0a\x01\x01", "\x02\x01\x01"), "scope of use is missing" },
	};
	const struct suite_options options = { .allow_broken_1989 = true };
	const struct signature_method *method = suite_locator_1989.signature;
	const struct bytes part = BYTES("what is signed");
	AUTO(buf_free) struct buf algorithm = { 0 }, signature = { 0 };

	(void)state;
	assert_ok(method->algorithm(alice.key, &options, &algorithm));
	assert_bytes(buf_view(&algorithm), BYTES("\x30\x0f\x06\x04\x55\x08\x03\x01\x30\x07\x02\x02\x08\x00"
						 "\x0a\x01\x01"));
	assert_ok(method->sign(key, &options, &part, 1, &signature));
	assert_ok(method->verify(alice.key, &options, buf_view(&algorithm), &part, 1, buf_view(&signature)));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf other = buf_copy(buf_view(&algorithm));
		uint8_t *at = memmem(other.data, other.len, cases[i].from.data, cases[i].from.len);

		print_message("  %s\n", cases[i].name);
		assert_non_null(at);
		memcpy(at, cases[i].to.data, cases[i].to.len);
		assert_fails(method->verify(alice.key, &options, buf_view(&other), &part, 1,
					    buf_view(&signature)), cases[i].fails);
	}
	for (size_t len = 0; len < signature.len; len++)
		assert_fails(method->verify(alice.key, &options, buf_view(&algorithm), &part, 1,
					    bytes_of(signature.data, len)), "the signature is wrong");
	for (size_t len = 0; len < algorithm.len; len++)
		assert_fails(method->verify(alice.key, &options, bytes_of(algorithm.data, len), &part, 1,
					    buf_view(&signature)), "");
}

static void des_takes_and_gives_back(void **state)
{
	AUTO(secret_free) struct secret one = { 0 };

	(void)state;
	des_key_new(&one);
	for (size_t i = 0; i < one.len; i++)
		assert_true(__builtin_parity(one.data[i]));	/* odd */
	for (size_t len = 0; len < 20; len++) {
		AUTO(buf_free) struct buf content = buf_copy(bytes_of("twenty octets or less", len));
		AUTO(buf_free) struct buf harmed = { 0 };

		assert_ok(des_cbc_encrypt(secret_view(&one), BYTES("8octets!"), &content));
		assert_int_equal(content.len, (len / DES_OCTETS + 1) * DES_OCTETS);
		buf_put(&harmed, bytes_slice(buf_view(&content), 0, content.len - 1));
		assert_ok(des_cbc_decrypt(secret_view(&one), BYTES("8octets!"), &content));
		assert_bytes(buf_view(&content), bytes_of("twenty octets or less", len));
		assert_fails(des_cbc_decrypt(secret_view(&one), BYTES("8octets!"), &harmed), "were changed");
	}
	AUTO(buf_free) struct buf content = { 0 };
	assert_fails(des_cbc_encrypt(secret_view(&one), BYTES("7octets"), &content), "not of 8 and 7");
	assert_fails(des_cbc_encrypt(BYTES("16 octets of key"), BYTES("8octets!"), &content), "not of 16 and 8");
	assert_fails(suite_locator_1989.seal->open(BYTES("\x30\x07\x06\x05\x2b\x0e\x03\x02\x07"),
						   secret_view(&one), &content),
		     "the initialization vector is missing");
}

static void keys_are_sent_to_one_owner(void **state)
{
	const struct transport_method *transport = suite_locator_1989.transport;
	AUTO(private_key_free) struct private_key *other = NULL;
	AUTO(buf_free) struct buf algorithm = { 0 }, octets = { 0 };
	AUTO(secret_free) struct secret plain = { 0 };
	static const char words[] = "what was sealed is not for this key, or was changed";

	(void)state;
	assert_ok(private_key_generate(KEY_RSA, &other));
	assert_ok(transport->seal(alice.key, BYTES("a key"), &algorithm, &octets));
	assert_bytes(buf_view(&algorithm), BYTES("\x30\x0a\x06\x04\x55\x08\x01\x01\x02\x02\x08\x00"));
	assert_ok(transport->open(key, buf_view(&algorithm), buf_view(&octets), &plain));
	assert_bytes(secret_view(&plain), BYTES("a key"));
	secret_free(&plain);
	assert_fails(transport->open(other, buf_view(&algorithm), buf_view(&octets), &plain), words);
	assert_fails(transport->open(key, BYTES("\x30\x00"), buf_view(&octets), &plain), words);
	for (size_t len = 0; len < octets.len; len += 17)
		assert_fails(transport->open(key, buf_view(&algorithm), bytes_of(octets.data, len), &plain),
			     words);
	buf_clear(&octets);
	assert_fails(transport->seal(alice.key, bytes_of(vectors.text, 250), &algorithm, &octets),
		     "cannot seal for the RSA key");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealed_messages_of_others_open),
		cmocka_unit_test(the_signature_says_what_its_key_is_for),
		cmocka_unit_test(des_takes_and_gives_back),
		cmocka_unit_test(keys_are_sent_to_one_owner),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
