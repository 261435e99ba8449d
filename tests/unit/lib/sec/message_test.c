/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that are signed and sealed, and what attacks on them get. */
#include "lib/sec/message.h"

#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message_data.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

/* ORNames: [APPLICATION 0] around an address with a country alone. */
#define TO_BOB		"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB"
#define TO_CAROL	"\x60\x09\x30\x07\x61\x05\x13\x03" "CAR"
#define LETTER		"Dear Bob, the patent is mine."

static struct pki pki;

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_cleanup(&pki);
	return 0;
}

/* A letter from alice to bob and carol on its way. */
struct letter {
	struct buf content;
	struct protected_message *message;
};

static void letter_free(struct letter *letter)
{
	buf_free(&letter->content);
	protected_message_free(&letter->message);
}

static struct letter send(bool seal, bool proof)
{
	struct letter letter = { .content = buf_copy(BYTES(LETTER)) };
	const struct protect_recipient to[] = {
		{ .name = BYTES(TO_BOB), .cert = pki.bob.cert, .sequence = 7, .proof = proof },
		{ .name = BYTES(TO_CAROL), .cert = pki.carol.cert },
	};
	const struct protect_plan plan = {
		.suite = &suite_modern, .signer = pki.alice.key, .now = PKI_NOW, .seal = seal,
		.recipients = to, .count = 2,
	};

	assert_ok(message_protect(&plan, &letter.content, &letter.message));
	return letter;
}

/* How bob looks at a letter that is said to be from alice. */
static struct check_plan bob_checks(const struct letter *letter)
{
	bool asks = false;

	assert_ok(message_asks_for_proof(buf_view(&letter->message->tokens[0]), &asks));
	return (struct check_plan){
		.accepted = suites_default,
		.originator = pki.alice.cert,
		.own_keys = &pki.bob.key,
		.own_key_count = 1,
		.own_name = BYTES(TO_BOB),
		.token = buf_view(&letter->message->tokens[0]),
		.seal_algorithm = buf_view(&letter->message->seal_algorithm),
		.asks_for_proof = asks,
	};
}

static void a_signed_letter_arrives(void **state)
{
	AUTO(letter_free) struct letter letter = send(false, true);
	struct check_plan plan = bob_checks(&letter);
	struct message_facts facts;
	bool asks = false;

	(void)state;
	assert_bytes(buf_view(&letter.content), BYTES(LETTER));
	assert_ok(message_check(&plan, &letter.content, &facts));
	assert_string_equal(facts.signer_text, "CN=Alice,O=North,C=FR");
	assert_true(facts.time == PKI_NOW && facts.has_sequence && facts.sequence == 7);
	assert_true(facts.proof_requested && !facts.sealed && !facts.label.len);
	assert_ok(message_asks_for_proof(plan.token, &asks));
	assert_true(asks);
}

static void a_sealed_letter_opens_for_each_recipient(void **state)
{
	AUTO(letter_free) struct letter letter = send(true, false);
	AUTO(buf_free) struct buf copy = buf_copy(buf_view(&letter.content));
	struct check_plan plan = bob_checks(&letter);
	struct message_facts facts;

	(void)state;
	assert_null(memmem(letter.content.data, letter.content.len, "patent", 6));
	assert_ok(message_check(&plan, &letter.content, &facts));
	assert_bytes(buf_view(&letter.content), BYTES(LETTER));
	assert_true(facts.sealed && facts.sequence == 7);
	plan.own_keys = &pki.carol.key;
	plan.own_name = BYTES(TO_CAROL);
	plan.token = buf_view(&letter.message->tokens[1]);
	assert_ok(message_check(&plan, &copy, &facts));
	assert_bytes(buf_view(&copy), BYTES(LETTER));
	assert_false(facts.has_sequence);
}

/* Somebody on the way changes the copy of the request that the message store goes by. */
static void a_request_for_proof_is_neither_added_nor_taken_out(void **state)
{
	(void)state;
	for (int proof = 0; proof < 2; proof++) {
		AUTO(letter_free) struct letter letter = send(false, proof);
		struct check_plan plan = bob_checks(&letter);
		struct message_facts facts;

		plan.asks_for_proof = !proof;
		assert_fails(message_check(&plan, &letter.content, &facts),
			     proof ? "took the request out" : "put the request in");
		plan.asks_for_proof = proof;
		assert_ok(message_check(&plan, &letter.content, &facts));
	}
}

/* --- check and number for the recipient's eyes alone --- */

static struct letter send_secret(bool seal, const struct cert *bob)
{
	struct letter letter = { .content = buf_copy(BYTES(LETTER)) };
	const struct protect_recipient to = { .name = BYTES(TO_BOB), .cert = bob, .sequence = 7 };
	const struct protect_plan plan = {
		.suite = &suite_modern, .signer = pki.alice.key, .now = PKI_NOW, .seal = seal,
		.confidential_check = true, .recipients = &to, .count = 1,
	};

	assert_ok(message_protect(&plan, &letter.content, &letter.message));
	return letter;
}

static void check_and_number_can_be_secret(void **state)
{
	(void)state;
	for (int seal = 0; seal < 2; seal++) {
		AUTO(letter_free) struct letter letter = send_secret(seal, pki.bob.cert);
		struct check_plan plan = bob_checks(&letter);
		struct message_facts facts;
		struct message_signed data;
		struct token token;

		assert_ok(token_decode(plan.token, &token));
		assert_ok(message_signed_decode(token.signed_data.value, &data));
		assert_false(data.cic.len || data.has_sequence);
		assert_ok(message_check(&plan, &letter.content, &facts));
		assert_bytes(buf_view(&letter.content), BYTES(LETTER));
		assert_true(facts.confidential_check && facts.sequence == 7 && facts.sealed == seal);
		plan.own_keys = &pki.carol.key;
		assert_fails(message_check(&plan, &letter.content, &facts), "is not for this key");
		plan.own_keys = (struct private_key *[]){ pki.carol.key, pki.mallory.key };
		plan.own_key_count = 2;
		assert_fails(message_check(&plan, &letter.content, &facts), "is not for this key");
		plan.own_key_count = 0;
		assert_fails(message_check(&plan, &letter.content, &facts), "is not at hand");
	}
}

/* --- whatever the keys are --- */

/* What somebody signs with, and what is sealed for him with: the same where one key does both. */
struct person {
	const char *name;
	struct pki_party signing, agreeing;
};

static struct person person(const char *name, enum key_type type)
{
	struct person p = { .name = key_type_name(type) };

	p.signing = pki_certify(&pki.north, name, SCOPE_UA, type, bytes_none());
	if (type == KEY_ED25519)
		p.agreeing = pki_certify(&pki.north, name, SCOPE_UA, KEY_X25519, bytes_none());
	return p;
}

static void person_free(struct person *p)
{
	pki_party_free(&p->signing);
	if (p->agreeing.key)
		pki_party_free(&p->agreeing);
}

static void write_to(const struct person *from, const struct person *to)
{
	const struct pki_party *sealed_for = to->agreeing.key ? &to->agreeing : &to->signing;
	AUTO(letter_free) struct letter letter = { .content = buf_copy(BYTES(LETTER)) };
	struct private_key *const keys[] = { pki.mallory.key, to->signing.key, sealed_for->key };
	const struct protect_recipient recipient = { .name = BYTES(TO_BOB), .cert = sealed_for->cert,
						     .sequence = 1 };
	const struct protect_plan making = {
		.suite = &suite_modern, .signer = from->signing.key, .now = PKI_NOW, .seal = true,
		.recipients = &recipient, .count = 1,
	};
	struct message_facts facts;

	print_message("  %s to %s\n", from->name, to->name);
	assert_ok(message_protect(&making, &letter.content, &letter.message));
	struct check_plan checking = bob_checks(&letter);
	checking.originator = from->signing.cert;
	checking.own_keys = keys;	/* the one that opens it is not the first */
	checking.own_key_count = sizeof(keys) / sizeof(keys[0]);
	assert_ok(message_check(&checking, &letter.content, &facts));
	assert_bytes(buf_view(&letter.content), BYTES(LETTER));
	assert_true(facts.sealed);
}

static void everybody_writes_to_everybody(void **state)
{
	struct person people[] = {
		person("CN=P,C=FR", KEY_P256), person("CN=R,C=FR", KEY_RSA), person("CN=E,C=FR", KEY_ED25519),
	};
	enum { PEOPLE = sizeof(people) / sizeof(people[0]) };

	(void)state;
	for (size_t i = 0; i < PEOPLE * PEOPLE; i++)
		write_to(&people[i / PEOPLE], &people[i % PEOPLE]);
	for (size_t i = 0; i < PEOPLE; i++)
		person_free(&people[i]);
}

static void a_secret_check_finds_a_change(void **state)
{
	AUTO(letter_free) struct letter letter = send_secret(false, pki.bob.cert);
	struct check_plan plan = bob_checks(&letter);
	struct message_facts facts;

	(void)state;
	letter.content.data[3] ^= 1;
	assert_fails(message_check(&plan, &letter.content, &facts),
		     "the content is not the one that was signed");
}

/* Mallory signs a token around the encrypted data that alice made for bob. */
static void a_thief_cannot_adopt_a_secret_check(void **state)
{
	AUTO(letter_free) struct letter letter = send_secret(false, pki.bob.cert);
	AUTO(buf_free) struct buf stolen = { 0 };
	struct check_plan plan = bob_checks(&letter);
	struct message_facts facts;
	struct token token;

	(void)state;
	assert_ok(token_decode(plan.token, &token));
	AUTO(buf_free) struct buf signature = { 0 };
	assert_ok(crypto_sign(pki.mallory.key, &token.tbs, 1, &signature));
	buf_put(&stolen, token.tbs);
	buf_put(&stolen, token.algorithm);
	der_put_bits(&stolen, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(&stolen, 0, BER_SEQUENCE);
	ber_wrap(&stolen, 0, BER_CONTEXT(1));
	buf_insert(&stolen, 0, BYTES("\x80\x04\x56\x03\x06\x00"));
	ber_wrap(&stolen, 0, BER_SEQUENCE);
	plan.token = buf_view(&stolen);
	plan.originator = pki.mallory.cert;
	assert_fails(message_check(&plan, &letter.content, &facts),
		     "made by someone else than the signer of the token");
}

static void a_secret_check_needs_certificate_and_suite(void **state)
{
	AUTO(buf_free) struct buf content = buf_copy(BYTES(LETTER));
	struct protected_message *message = NULL;
	struct protect_recipient to = { .name = BYTES(TO_BOB) };
	struct protect_plan plan = {
		.suite = &suite_modern, .signer = pki.alice.key, .now = PKI_NOW,
		.confidential_check = true, .recipients = &to, .count = 1,
	};

	(void)state;
	assert_fails(message_protect(&plan, &content, &message), "whose certificate is known");
	to.cert = pki.bob.cert;
	plan.suite = &suite_amhs;
	assert_fails(message_protect(&plan, &content, &message),
		     "the suite amhs has no content integrity check for the recipients' eyes");
}

static void sealed_and_proved_is_refused(void **state)
{
	AUTO(buf_free) struct buf content = buf_copy(BYTES(LETTER));
	struct protected_message *message = NULL;
	struct protect_recipient to = { .name = BYTES(TO_BOB), .cert = pki.bob.cert, .proof = true };
	const struct protect_plan plan = {
		.suite = &suite_modern, .signer = pki.alice.key, .now = PKI_NOW, .seal = true,
		.recipients = &to, .count = 1,
	};

	(void)state;
	assert_fails(message_protect(&plan, &content, &message),
		     "a sealed message cannot ask for proof of delivery");
	to.proof = false;
	to.cert = NULL;
	assert_fails(message_protect(&plan, &content, &message), "whose certificate is known");
	to.cert = pki.bob_ms.cert;
	assert_fails(message_protect(&plan, &content, &message), "is for MS, not for UA");
	assert_bytes(buf_view(&content), BYTES(LETTER));
}

/* What arrives is harmed in one way; each gets its words, and nothing readable is left. */
static void harm_is_found(void **state)
{
	static const struct {
		const char *name;
		bool seal;
		enum { CONTENT, TOKEN, SWAPPED, ENVELOPE, OTHER_NAME, OTHER_KEY, NO_KEY, SIGNED_BY_MS,
		       OTHER_SENDER } harm;
		const char *fails;
	} cases[] = {
		{ "an octet of the content", false, CONTENT, "the content is not the one that was signed" },
		{ "an octet of the sealed content", true, CONTENT, "the sealed content was changed" },
		{ "an octet of the token", false, TOKEN, "" },
		{ "another content", false, SWAPPED, "the content is not the one that was signed" },
		{ "another sealed content", true, SWAPPED, "the sealed content was changed" },
		{ "the seal dropped", true, ENVELOPE, "the envelope says that the content is not sealed" },
		{ "a token for carol", true, OTHER_NAME, "is for another recipient" },
		{ "a key of someone else", true, OTHER_KEY, "what was sealed is not for this key" },
		{ "no key at hand", true, NO_KEY, "our key is not at hand" },
		{ "a message store's key", false, SIGNED_BY_MS, "is for MS, not for UA" },
		{ "said to be from mallory", false, OTHER_SENDER,
		  "the token was not signed by CN=Mallory,O=North,C=FR" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(letter_free) struct letter letter = send(cases[i].seal, false);
		struct check_plan plan = bob_checks(&letter);
		struct buf *token = &letter.message->tokens[0];
		struct message_facts facts;

		switch (cases[i].harm) {
		case CONTENT:
			letter.content.data[3] ^= 1;
			break;
		case TOKEN:
			token->data[token->len / 2] ^= 1;
			break;
		case SWAPPED:
			buf_clear(&letter.content);
			buf_put_text(&letter.content, "Dear Bob, the patent is Mallory's.");
			break;
		case ENVELOPE:
			plan.seal_algorithm = bytes_none();
			break;
		case OTHER_NAME:
			plan.token = buf_view(&letter.message->tokens[1]);
			break;
		case OTHER_KEY:
			plan.own_keys = &pki.mallory.key;
			break;
		case NO_KEY:
			plan.own_key_count = 0;
			break;
		case SIGNED_BY_MS:
			plan.originator = pki.bob_ms.cert;
			break;
		case OTHER_SENDER:
			plan.originator = pki.mallory.cert;
			break;
		}
		print_message("  %s\n", cases[i].name);
		assert_fails(message_check(&plan, &letter.content, &facts), cases[i].fails);
	}
}

/*
 * The thief of 5.1 of the paper: he cannot read alice's sealed letter, but signs a token of
 * his own with her encrypted data and her content integrity check.
 */
static struct buf steal(const struct letter *letter, bool own_check)
{
	struct token alices;
	struct message_signed data;
	AUTO(buf_free) struct buf tbs = { 0 }, signature = { 0 };
	struct buf stolen = { 0 };
	struct bytes octets = buf_view(&letter->message->tokens[0]);
	AUTO(buf_free) struct buf mine = { 0 };
	struct cic hers, his;

	assert_ok(token_decode(octets, &alices));
	assert_ok(message_signed_decode(alices.signed_data.value, &data));
	/* Her token as it is, or with his check, of what he has of the content, in place of hers ... */
	assert_ok(cic_decode(data.cic, &hers));
	assert_ok(cic_make(&suite_modern, &(struct suite_options){ 0 }, pki.mallory.key,
			   buf_view(&letter->content), &mine));
	assert_ok(cic_decode(buf_view(&mine), &his));
	assert_int_equal(his.value.len, hers.value.len);
	buf_put(&tbs, alices.tbs);
	if (own_check)
		memcpy(tbs.data + (hers.value.data - alices.tbs.data), his.value.data, his.value.len);
	/* ... under his signature, of the length of hers. */
	const struct bytes part = buf_view(&tbs);
	do {
		buf_clear(&signature);
		assert_ok(crypto_sign(pki.mallory.key, &part, 1, &signature));
	} while (signature.len != alices.signature.len);
	buf_put(&stolen, octets);
	memcpy(stolen.data + (alices.tbs.data - octets.data), tbs.data, tbs.len);
	memcpy(stolen.data + (alices.signature.data - octets.data), signature.data, signature.len);
	return stolen;
}

static void authorship_cannot_be_stolen(void **state)
{
	static const struct { bool own_check; const char *fails; } cases[] = {
		{ false, "the content integrity check was made by someone else than the signer" },
		{ true, "the content is not the one that was signed" },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(letter_free) struct letter letter = send(true, false);
		AUTO(buf_free) struct buf stolen = steal(&letter, cases[i].own_check);
		struct check_plan plan = bob_checks(&letter);
		struct message_facts facts;

		plan.originator = pki.mallory.cert;
		plan.token = buf_view(&stolen);
		assert_fails(message_check(&plan, &letter.content, &facts), cases[i].fails);
		assert_int_equal(letter.content.len, 0);	/* and nothing of it can be read */
	}
}

static void a_token_of_another_kind_is_no_message_token(void **state)
{
	AUTO(letter_free) struct letter letter = send(false, false);
	AUTO(buf_free) struct buf token = { 0 };
	struct check_plan plan = bob_checks(&letter);
	struct message_facts facts;
	const struct token_plan other = {
		.name = BYTES(TO_BOB), .time = PKI_NOW,
		.signed_data = { TOKEN_DATA_BIND_SIGNED, BYTES("\x03\x02\x00\x01") },
	};
	const struct token_plan bare = {
		.name = BYTES(TO_BOB), .time = PKI_NOW,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, BYTES("\x30\x00") },
	};

	(void)state;
	assert_ok(token_make(&other, pki.alice.key, &token));
	plan.token = buf_view(&token);
	assert_fails(message_check(&plan, &letter.content, &facts), "not one for messages");
	buf_clear(&token);
	assert_ok(token_make(&bare, pki.alice.key, &token));
	plan.token = buf_view(&token);
	assert_fails(message_check(&plan, &letter.content, &facts), "no content integrity check");
}

static void a_token_that_ends_early_is_refused(void **state)
{
	AUTO(letter_free) struct letter letter = send(true, false);
	const struct buf *token = &letter.message->tokens[0];
	struct token read;

	(void)state;
	for (size_t len = 0; len < token->len; len++)
		assert_fails(token_decode(bytes_of(token->data, len), &read), "the token cannot be read");
	buf_put_u8(&letter.message->tokens[0], 0);
	assert_fails(token_decode(buf_view(token), &read), "the token cannot be read");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signed_letter_arrives),
		cmocka_unit_test(a_sealed_letter_opens_for_each_recipient),
		cmocka_unit_test(a_request_for_proof_is_neither_added_nor_taken_out),
		cmocka_unit_test(check_and_number_can_be_secret),
		cmocka_unit_test(everybody_writes_to_everybody),
		cmocka_unit_test(a_secret_check_finds_a_change),
		cmocka_unit_test(a_thief_cannot_adopt_a_secret_check),
		cmocka_unit_test(a_secret_check_needs_certificate_and_suite),
		cmocka_unit_test(sealed_and_proved_is_refused),
		cmocka_unit_test(harm_is_found),
		cmocka_unit_test(authorship_cannot_be_stolen),
		cmocka_unit_test(a_token_of_another_kind_is_no_message_token),
		cmocka_unit_test(a_token_that_ends_early_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
