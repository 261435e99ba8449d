/* SPDX-License-Identifier: Apache-2.0 */
/* What the suite modern makes stays what it was, octet for octet. */
#include "lib/sec/message.h"

#include "lib/sec/cic.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

/* An Ed25519 signature is the same each time, and so is the whole token. */
static void a_token_is_what_it_always_was(void **state)
{
	AUTO(vectors_free) struct vectors vectors = { 0 };
	AUTO(private_key_free) struct private_key *key = vectors_key("modern");
	AUTO(protected_message_free) struct protected_message *message = NULL;

	(void)state;
	vectors_load("modern", &vectors);
	AUTO(buf_free) struct buf content = vector(&vectors, "content"), name = vector(&vectors, "name");
	AUTO(buf_free) struct buf token = vector(&vectors, "token");
	const struct protect_recipient to = { .name = buf_view(&name), .sequence = 7 };
	const struct protect_plan plan = {
		.suite = &suite_modern, .signer = key, .now = 1790000000, .recipients = &to, .count = 1,
	};
	assert_ok(message_protect(&plan, &content, &message));
	assert_bytes(buf_view(&message->tokens[0]), buf_view(&token));
}

/* A check for the recipients' eyes that somebody else made, and whose it is. */
static void a_secret_check_is_that_of_the_standard(void **state)
{
	AUTO(vectors_free) struct vectors vectors = { 0 };
	AUTO(private_key_free) struct private_key *key = vectors_key("modern");
	AUTO(private_key_free) struct private_key *other = NULL;
	struct cic cic;

	(void)state;
	vectors_load("modern", &vectors);
	AUTO(buf_free) struct buf check = vector(&vectors, "cic-keyed"), content = vector(&vectors, "content");
	AUTO(buf_free) struct buf secret = vector(&vectors, "keyed-key");
	const struct bytes known = buf_view(&secret);

	assert_ok(private_key_generate(KEY_ED25519, &other));
	assert_ok(cic_decode(buf_view(&check), &cic));
	assert_ok(cic_check_keyed(&suite_modern, &cic, private_key_public(key), known,
				  buf_view(&content)));
	assert_fails(cic_check_keyed(&suite_modern, &cic, private_key_public(other), known,
				     buf_view(&content)), "made by someone else");
	assert_fails(cic_check_keyed(&suite_modern, &cic, private_key_public(key),
				     bytes_slice(known, 1, known.len), buf_view(&content)),
		     "has 63 octets, not 64");
	secret.data[0] ^= 1;
	assert_fails(cic_check_keyed(&suite_modern, &cic, private_key_public(key), known,
				     buf_view(&content)), "is not the one that was signed");
}

static void refuses_to_open(struct bytes algorithm, struct bytes key, struct bytes sealed,
			    const char *why)
{
	AUTO(buf_free) struct buf harmed = buf_copy(sealed);

	assert_fails(suite_modern.seal->open(algorithm, key, &harmed), why);
}

/* What somebody else sealed opens; not where an octet of it is another, and with no parameters. */
static void a_seal_is_that_of_the_standard(void **state)
{
	static const char with_null[] = "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e\x05\x00";
	AUTO(vectors_free) struct vectors vectors = { 0 };

	(void)state;
	vectors_load("modern", &vectors);
	AUTO(buf_free) struct buf algorithm = vector(&vectors, "seal-algorithm");
	AUTO(buf_free) struct buf key = vector(&vectors, "content-key");
	AUTO(buf_free) struct buf sealed = vector(&vectors, "sealed"), content = vector(&vectors, "content");
	AUTO(buf_free) struct buf opened = buf_copy(buf_view(&sealed));

	assert_ok(suite_modern.seal->open(buf_view(&algorithm), buf_view(&key), &opened));
	assert_bytes(buf_view(&opened), buf_view(&content));
	refuses_to_open(BYTES(with_null), buf_view(&key), buf_view(&sealed), "has parameters");
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		refuses_to_open(buf_view(&algorithm), buf_view(&key), buf_view(&sealed), "");
		sealed.data[i] ^= 1;
		refuses_to_open(buf_view(&algorithm), buf_view(&key), bytes_slice(buf_view(&sealed), 0, i), "");
	}
	refuses_to_open(buf_view(&algorithm), buf_view(&key), BYTES("\x04\x02xx"), "is not a nonce");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seal_is_that_of_the_standard),
		cmocka_unit_test_setup_teardown(a_secret_check_is_that_of_the_standard, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(a_token_is_what_it_always_was, scratch_setup,
						scratch_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
