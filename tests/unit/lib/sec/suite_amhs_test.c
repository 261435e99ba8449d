/* SPDX-License-Identifier: Apache-2.0 */
/* The suite amhs: its receiver's eleven reasons to refuse, and vectors that openssl made. */
#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

enum { NOW = 1790000000 };

#define TO_BOB		"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB"
#define LETTER		"Dear Bob, the patent is mine."
#define SHA1		"\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01"
#define SHA1_NULL	"\x30\x0b\x06\x07\x2a\x86\x48\xce\x3d\x04\x01\x05\x00"
#define SHA256		"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
#define DES		"\x30\x07\x06\x05\x2b\x0e\x03\x02\x07"

static const struct suite *const only_amhs[] = { &suite_amhs, NULL };
static struct private_key *key;
static struct cert alice;

static int setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	key = vectors_key("amhs");
	alice = (struct cert){ .subject_text = "CN=Alice", .scope = SCOPE_UA,
			       .key = private_key_public(key) };
	return 0;
}

static int teardown(void **state)
{
	private_key_free(&key);
	return scratch_teardown(state);
}

/* What a token says, each part as it shall be. */
struct says {
	struct bytes algorithm;
	enum ecdsa_hash hash;
	bool other_type, no_time, no_signed_data, no_cic, confidentiality, encrypted;
};

static void put_cic(struct buf *out, const struct says *says)
{
	struct cic_input input;
	AUTO(buf_free) struct buf value = { 0 };
	size_t from = out->len;

	cic_input_init(&input, CIC_SEQUENCE, says->algorithm, BYTES(LETTER));
	assert_ok(crypto_ecdsa_sign(key, says->hash, input.parts, CIC_INPUT_PARTS, &value));
	buf_put(out, says->algorithm);
	der_put_bits(out, BER_BIT_STRING, buf_view(&value));
	ber_wrap(out, from, BER_CONTEXT(1));
}

static void put_signed_data(struct buf *out, const struct says *says)
{
	size_t from = out->len;

	ber_put_integer(out, BER_CONTEXT(0), TOKEN_DATA_MESSAGE_SIGNED);
	size_t value = out->len;
	if (says->confidentiality)
		der_put_as(out, BER_CONTEXT(0), BYTES(DES));
	if (!says->no_cic)
		put_cic(out, says);
	ber_wrap(out, value, BER_SEQUENCE);
	ber_wrap(out, value, BER_CONTEXT(1));
	ber_wrap(out, from, BER_CONTEXT(0));
}

/* The token of the letter to bob, in the order in which it stands on the wire. */
static struct buf token_that(const struct says *says)
{
	AUTO(buf_free) struct buf signature = { 0 };
	struct buf token = { 0 };

	buf_put(&token, says->algorithm);
	buf_put(&token, BYTES(TO_BOB));
	if (!says->no_time)
		ber_put(&token, DER_UTC_TIME, BYTES("260921141320Z"));
	if (!says->no_signed_data)
		put_signed_data(&token, says);
	if (says->encrypted) {
		der_put_as(&token, BER_CONTEXT(1), BYTES(DES));
		der_put_bits(&token, BER_CONTEXT(2), BYTES("8octets!"));
	}
	ber_wrap(&token, 0, BER_SEQUENCE);
	const struct bytes tbs = buf_view(&token);
	assert_ok(crypto_ecdsa_sign(key, says->hash, &tbs, 1, &signature));
	buf_put(&token, says->algorithm);
	der_put_bits(&token, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(&token, 0, BER_SEQUENCE);
	ber_wrap(&token, 0, BER_CONTEXT(1));
	buf_insert(&token, 0, says->other_type ? BYTES("\x80\x04\x56\x03\x06\x09") :
		   BYTES("\x80\x04\x56\x03\x06\x00"));
	ber_wrap(&token, 0, BER_SEQUENCE);
	return token;
}

static struct check_plan bob_checks(struct bytes token)
{
	return (struct check_plan){
		.accepted = only_amhs,
		.originator = &alice,
		.own_name = BYTES(TO_BOB),
		.token = token,
	};
}

static void refused(const struct check_plan *plan, const char *letter, const char *words)
{
	AUTO(buf_free) struct buf content = buf_copy(bytes_text(letter));
	struct message_facts facts;
	struct status *st = message_check(plan, &content, &facts);

	/* [X.411 8.3.1.2.1.11] unable-to-transfer, [X.411 8.3.1.2.1.12] secure-messaging-error */
	assert_int_equal(MESSAGE_REASON, 1);
	if (st)
		assert_int_equal(st->diag, 46);
	assert_fails(st, words);
}

/* One record of what was seen before, as a store has many. */
struct one_record {
	uint8_t once[HASH_OCTETS];
	time_t forget_after;
	bool taken;
};

static FALLIBLE record_one(void *data, struct bytes key_id, struct bytes once, time_t forget_after,
			   bool *out_new)
{
	struct one_record *one = data;

	assert_bytes(key_id, public_key_id(alice.key));
	assert_int_equal(once.len, sizeof(one->once));
	*out_new = !one->taken || memcmp(one->once, once.data, once.len) != 0;
	memcpy(one->once, once.data, once.len);
	one->forget_after = forget_after;
	one->taken = true;
	return OK;
}

static void the_receiver_has_eleven_reasons_to_refuse(void **state)
{
	static const struct {
		const char *name;
		struct says says;
		const char *letter, *fails;
		int flip;	/* an octet of the token, from its end */
	} cases[] = {
		{ "not asymmetric", { .other_type = true }, LETTER, "its type 2.6.3.6.9 is not known", 0 },
		{ "the algorithm is not the profile's",
		  { .algorithm = { (const uint8_t *)SHA256, sizeof(SHA256) - 1 }, .hash = ECDSA_SHA256 },
		  LETTER, "is not the one agreed on: ecdsa-with-SHA1 is", 0 },
		{ "no time", { .no_time = true }, LETTER, "the time is missing", 0 },
		{ "no signed-data", { .no_signed_data = true }, LETTER, "the token has no signed data", 0 },
		{ "no content integrity check", { .no_cic = true }, LETTER, "has no content integrity check", 0 },
		{ "a confidentiality algorithm", { .confidentiality = true }, LETTER,
		  "names the content confidentiality algorithm 1.3.14.3.2.7", 0 },
		{ "encrypted parts", { .encrypted = true }, LETTER, "forbids encrypted data in the token", 0 },
		{ "a wrong signature", { .hash = ECDSA_SHA1 }, LETTER, "was not signed by CN=Alice, or was changed", 1 },
		{ "an altered content", { .hash = ECDSA_SHA1 }, "Dear Bob, the patent is his.",
		  "the content is not the one that was signed", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct says says = cases[i].says;

		if (!says.algorithm.len)
			says.algorithm = BYTES(SHA1);
		AUTO(buf_free) struct buf token = token_that(&says);
		if (cases[i].flip)
			token.data[token.len - (size_t)cases[i].flip] ^= 1;
		struct check_plan plan = bob_checks(buf_view(&token));
		print_message("  %s\n", cases[i].name);
		refused(&plan, cases[i].letter, cases[i].fails);
	}
}

static void the_tenth_is_that_there_is_no_token(void **state)
{
	struct check_plan plan = bob_checks(bytes_none());

	(void)state;
	refused(&plan, LETTER, "there is no message token: nothing says who the message is from");
}

static void the_eleventh_is_a_repeat(void **state)
{
	const struct says says = { .algorithm = BYTES(SHA1) };
	AUTO(buf_free) struct buf token = token_that(&says), content = buf_copy(BYTES(LETTER));
	struct check_plan plan = bob_checks(buf_view(&token));
	struct one_record one = { 0 };
	const struct seen_before seen = { &one, record_one };
	struct message_facts facts;

	(void)state;
	plan.seen = &seen;
	plan.now = NOW;
	refused(&plan, "Dear Bob, the patent is his.", "not the one that was signed");
	assert_false(one.taken);	/* what is refused does not fill the record */
	assert_ok(message_check(&plan, &content, &facts));
	assert_true(one.forget_after == NOW + MESSAGE_SEEN_SECONDS);
	refused(&plan, LETTER, "the message of CN=Alice, signed on 2026-09-21 14:13:20 UTC, is repeated");
	plan.now = NOW + MESSAGE_SEEN_SECONDS + 1;
	refused(&plan, LETTER, "whether it is a repeat is not remembered that long");
}

static void both_hashes_are_made_and_neither_stands_for_the_other(void **state)
{
	static const struct { struct bytes algorithm; enum ecdsa_hash hash; } made[] = {
		{ { (const uint8_t *)SHA1, sizeof(SHA1) - 1 }, ECDSA_SHA1 },
		{ { (const uint8_t *)SHA1_NULL, sizeof(SHA1_NULL) - 1 }, ECDSA_SHA1 },
		{ { (const uint8_t *)SHA256, sizeof(SHA256) - 1 }, ECDSA_SHA256 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		const struct says says = { .algorithm = made[i].algorithm, .hash = made[i].hash };
		AUTO(buf_free) struct buf token = token_that(&says), content = buf_copy(BYTES(LETTER));
		struct check_plan plan = bob_checks(buf_view(&token));
		struct message_facts facts;

		plan.options.amhs_hash = made[i].hash;
		assert_ok(message_check(&plan, &content, &facts));
		assert_ptr_equal(facts.suite, &suite_amhs);
		plan.options.amhs_hash = made[i].hash == ECDSA_SHA1 ? ECDSA_SHA256 : ECDSA_SHA1;
		refused(&plan, LETTER, "is not the one agreed on");
	}
}

/* With one recipient another hash and another reading are agreed on than with the others. */
static void each_recipient_gets_what_was_agreed_on(void **state)
{
	static const struct suite_options newer = { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_JOINED };
	const struct protect_recipient to[] = {
		{ .name = BYTES(TO_BOB) }, { .name = BYTES(TO_BOB), .options = &newer },
		{ .name = BYTES(TO_BOB) }, { .name = BYTES(TO_BOB), .options = &newer },
	};
	const struct protect_plan plan = {
		.suite = &suite_amhs, .signer = key, .now = NOW, .recipients = to, .count = 4,
	};
	AUTO(buf_free) struct buf content = buf_copy(BYTES(LETTER));
	AUTO(protected_message_free) struct protected_message *made = NULL;
	struct message_facts facts;

	(void)state;
	assert_ok(message_protect(&plan, &content, &made));
	for (size_t i = 0; i < 4; i++) {
		struct check_plan check = bob_checks(buf_view(&made->tokens[i]));

		if (to[i].options)
			check.options = newer;
		assert_ok(message_check(&check, &content, &facts));
		check.options.amhs_cic = check.options.amhs_cic == CIC_JOINED ? CIC_SEQUENCE : CIC_JOINED;
		refused(&check, LETTER, "the content is not the one that was signed");
		check.options.amhs_hash = check.options.amhs_hash == ECDSA_SHA1 ? ECDSA_SHA256 : ECDSA_SHA1;
		refused(&check, LETTER, "is not the one agreed on");
	}
}

/* Made by openssl(1), with the token put together by Python. */
static void vectors_of_both_readings_are_understood(void **state)
{
	static const struct { const char *name; struct suite_options options; } cases[] = {
		{ "sha1-sequence", { .amhs_hash = ECDSA_SHA1, .amhs_cic = CIC_SEQUENCE } },
		{ "sha1-joined", { .amhs_hash = ECDSA_SHA1, .amhs_cic = CIC_JOINED } },
		{ "sha256-sequence", { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_SEQUENCE } },
		{ "sha256-joined", { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_JOINED } },
	};
	AUTO(vectors_free) struct vectors vectors = { 0 };

	(void)state;
	vectors_load("amhs", &vectors);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(mem_free) char *in = mem_printf("input-%s", cases[i].name);
		AUTO(mem_free) char *check = mem_printf("cic-%s", cases[i].name);
		AUTO(mem_free) char *whole = mem_printf("token-%s", cases[i].name);
		AUTO(buf_free) struct buf input = vector(&vectors, in), own = { 0 };
		AUTO(buf_free) struct buf octets = vector(&vectors, check), token = vector(&vectors, whole);
		AUTO(buf_free) struct buf content = vector(&vectors, "content");
		struct check_plan plan = bob_checks(buf_view(&token));
		struct message_facts facts;
		struct cic_input parts;
		struct cic cic;

		print_message("  %s\n", cases[i].name);
		assert_ok(cic_decode(buf_view(&octets), &cic));
		cic_input_init(&parts, cases[i].options.amhs_cic, cic.algorithm, buf_view(&content));
		for (size_t part = 0; part < CIC_INPUT_PARTS; part++)
			buf_put(&own, parts.parts[part]);
		assert_bytes(buf_view(&own), buf_view(&input));
		plan.options = cases[i].options;
		assert_ok(message_check(&plan, &content, &facts));
		plan.options.amhs_cic = plan.options.amhs_cic == CIC_JOINED ? CIC_SEQUENCE : CIC_JOINED;
		refused(&plan, LETTER, "the content is not the one that was signed");
	}
}

static void a_token_that_ends_early_is_refused(void **state)
{
	const struct says says = { .algorithm = BYTES(SHA1) };
	AUTO(buf_free) struct buf token = token_that(&says);

	(void)state;
	for (size_t len = 1; len < token.len; len++) {
		struct check_plan plan = bob_checks(bytes_of(token.data, len));

		refused(&plan, LETTER, "the token cannot be read");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_receiver_has_eleven_reasons_to_refuse),
		cmocka_unit_test(the_tenth_is_that_there_is_no_token),
		cmocka_unit_test(the_eleventh_is_a_repeat),
		cmocka_unit_test(both_hashes_are_made_and_neither_stands_for_the_other),
		cmocka_unit_test(each_recipient_gets_what_was_agreed_on),
		cmocka_unit_test(vectors_of_both_readings_are_understood),
		cmocka_unit_test(a_token_that_ends_early_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
