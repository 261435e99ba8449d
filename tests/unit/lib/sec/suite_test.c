/* SPDX-License-Identifier: Apache-2.0 */
/* What holds in every suite: services, what harms get, theft of authorship, downgrade. */
#include "lib/sec/suite.h"

#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message.h"
#include "lib/sec/message_data.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

/* ORNames: [APPLICATION 0] around an address with a country alone. */
#define TO_BOB		"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB"
#define TO_CAROL	"\x60\x09\x30\x07\x61\x05\x13\x03" "CAR"
#define LETTER		"Dear Bob, the patent is mine."

static struct pki pki;
static struct pki_party rsa_alice, rsa_mallory;

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	rsa_alice = pki_certify(&pki.north, "CN=Alice,O=North,C=FR", SCOPE_UA, KEY_RSA, bytes_none());
	rsa_mallory = pki_certify(&pki.north, "CN=Mallory,O=North,C=FR", SCOPE_UA, KEY_RSA, bytes_none());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_party_free(&rsa_alice);
	pki_party_free(&rsa_mallory);
	pki_cleanup(&pki);
	return 0;
}

/* A suite with people whose keys it can use. */
struct world {
	const char *name;
	const struct suite *suite;
	struct suite_options options;
	const struct pki_party *alice, *bob, *mallory;
	const char *stolen;	/* what a thief of the integrity check gets */
	const char *altered;
};

static const struct world worlds[] = {
	{ "modern", &suite_modern, { 0 }, &pki.alice, &pki.bob, &pki.mallory,
	  "made by someone else than the signer", "the content is not the one that was signed" },
	{ "modern with RSA", &suite_modern, { 0 }, &rsa_alice, &pki.carol, &rsa_mallory,
	  "made by someone else than the signer", "the content is not the one that was signed" },
	{ "amhs with SHA-1", &suite_amhs, { 0 }, &pki.alice, &pki.bob, &pki.mallory,
	  "the content is not the one that was signed", "the content is not the one that was signed" },
	{ "amhs with SHA-256, joined", &suite_amhs,
	  { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_JOINED }, &pki.alice, &pki.bob, &pki.mallory,
	  "the content is not the one that was signed", "the content is not the one that was signed" },
	{ "locator-1989", &suite_locator_1989, { .allow_broken_1989 = true },
	  &rsa_alice, &pki.carol, &rsa_mallory,
	  "its integrity check was made by someone else", "the content is not the one that was signed" },
	{ "locator-1989, bare", &suite_locator_1989,
	  { .allow_broken_1989 = true, .sqmodn = SQMODN_BARE }, &rsa_alice, &pki.carol, &rsa_mallory,
	  "its integrity check was made by someone else", "the content is not the one that was signed" },
};
enum { WORLD_COUNT = sizeof(worlds) / sizeof(worlds[0]) };

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

static FALLIBLE write_letter(const struct world *w, bool seal, struct letter *out_letter)
{
	const struct protect_recipient to[] = {
		{ .name = BYTES(TO_BOB), .cert = w->bob->cert, .sequence = 7, .proof = !seal },
		{ .name = BYTES(TO_CAROL), .cert = pki.carol.cert },
	};
	const struct protect_plan plan = {
		.suite = w->suite, .options = w->options, .signer = w->alice->key, .now = PKI_NOW,
		.seal = seal, .label = BYTES("\x31\x03\x02\x01\x05"), .recipients = to, .count = 2,
	};

	out_letter->content = buf_copy(BYTES(LETTER));
	return message_protect(&plan, &out_letter->content, &out_letter->message);
}

/* How bob looks at a letter that is said to be from alice. */
static struct check_plan bob_checks(const struct world *w, const struct letter *letter)
{
	bool asks = false;

	assert_ok(message_asks_for_proof(buf_view(&letter->message->tokens[0]), &asks));
	return (struct check_plan){
		.accepted = suites_all,
		.options = w->options,
		.originator = w->alice->cert,
		.own_keys = &w->bob->key,
		.own_key_count = 1,
		.own_name = BYTES(TO_BOB),
		.token = buf_view(&letter->message->tokens[0]),
		.seal_algorithm = buf_view(&letter->message->seal_algorithm),
		.asks_for_proof = asks,
	};
}

static void refused(const struct check_plan *plan, struct buf *content, const char *words)
{
	struct message_facts facts;
	struct status *st = message_check(plan, content, &facts);

	if (st)
		assert_int_equal(st->diag, MESSAGE_DIAGNOSTIC);
	assert_fails(st, words);
}

static void every_service_arrives(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * WORLD_COUNT; i++) {
		const struct world *w = &worlds[i / 2];
		bool seal = i % 2;
		AUTO(letter_free) struct letter letter = { 0 };
		struct message_facts facts;

		if (seal && !w->suite->seal)
			continue;
		print_message("  %s%s\n", w->name, seal ? ", sealed" : "");
		assert_ok(write_letter(w, seal, &letter));
		assert_true(seal == !memmem(letter.content.data, letter.content.len, "patent", 6));
		struct check_plan plan = bob_checks(w, &letter);
		assert_ok(message_check(&plan, &letter.content, &facts));
		assert_bytes(buf_view(&letter.content), BYTES(LETTER));
		assert_ptr_equal(facts.suite, w->suite);
		assert_true(!facts.suite->broken == (w->suite != &suite_locator_1989));
		assert_true(facts.time == PKI_NOW && facts.sealed == seal);
		assert_true(facts.has_sequence && facts.sequence == 7);
		assert_true(facts.proof_requested == !seal);
		assert_true(der_same_contents(facts.label, BYTES("\x31\x03\x02\x01\x05")));
	}
}

static void harm_is_found_in_every_suite(void **state)
{
	enum harm { CONTENT, TOKEN, SIGNATURE, ENVELOPE_SEALED, ENVELOPE_PLAIN, OTHER_NAME, OTHER_SENDER,
		    NO_TOKEN, OTHER_KEY };
	static const struct { const char *name; int sealed; enum harm harm; const char *fails; } cases[] = {
		{ "an octet of the content", 0, CONTENT, NULL },
		{ "an octet of the sealed content", 1, CONTENT, "" },
		{ "an octet of what is signed", 0, TOKEN, "was not signed by" },
		{ "an octet of the signature", 0, SIGNATURE, "was not signed by" },
		{ "a seal claimed", 0, ENVELOPE_SEALED, "says that the content is sealed" },
		{ "the seal dropped", 1, ENVELOPE_PLAIN, "says that the content is not sealed" },
		{ "another's token", 0, OTHER_NAME, "is for another recipient" },
		{ "another sender", 0, OTHER_SENDER, "was not signed by CN=Mallory" },
		{ "no token", 0, NO_TOKEN, "there is no message token" },
		{ "another's key", 1, OTHER_KEY, "what was sealed is not for this key" },
	};

	(void)state;
	for (size_t i = 0; i < WORLD_COUNT * sizeof(cases) / sizeof(cases[0]); i++) {
		const struct world *w = &worlds[i % WORLD_COUNT];
		size_t n = i / WORLD_COUNT;
		AUTO(letter_free) struct letter letter = { 0 };

		if (cases[n].sealed && !w->suite->seal)
			continue;
		assert_ok(write_letter(w, cases[n].sealed, &letter));
		struct check_plan plan = bob_checks(w, &letter);
		struct buf *token = &letter.message->tokens[0];

		switch (cases[n].harm) {
		case CONTENT:
			letter.content.data[letter.content.len / 2] ^= 1;
			break;
		case TOKEN: {	/* the label */
			uint8_t *label = memmem(token->data, token->len, "\xa2\x03\x02\x01\x05", 5);

			assert_non_null(label);
			label[4] = 6;
			break;
		}
		case SIGNATURE:
			token->data[token->len - 1] ^= 1;
			break;
		case ENVELOPE_SEALED:
			plan.seal_algorithm = BYTES("\x30\x03\x06\x01\x2a");
			break;
		case ENVELOPE_PLAIN:
			plan.seal_algorithm = bytes_none();
			break;
		case OTHER_NAME:
			plan.token = buf_view(&letter.message->tokens[1]);
			break;
		case OTHER_SENDER:
			plan.originator = w->mallory->cert;
			break;
		case NO_TOKEN:
			plan.token = bytes_none();
			break;
		case OTHER_KEY:
			plan.own_keys = &w->mallory->key;
			break;
		}
		print_message("  %s: %s\n", w->name, cases[n].name);
		refused(&plan, &letter.content, cases[n].fails ? cases[n].fails : w->altered);
	}
}

/*
 * The thief of 5.1 of the paper: he cannot read alice's letter, but signs what she signed, with
 * her encrypted data and her content integrity check, as his own.
 */
static struct buf steal(const struct world *w, struct bytes octets)
{
	AUTO(buf_free) struct buf signature = { 0 };
	struct buf stolen = { 0 };
	struct token hers;

	assert_ok(token_decode(octets, &hers));
	assert_ok(w->suite->signature->sign(w->mallory->key, &w->options, &hers.tbs, 1, &signature));
	buf_put(&stolen, hers.tbs);
	buf_put(&stolen, hers.algorithm);
	der_put_bits(&stolen, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(&stolen, 0, BER_SEQUENCE);
	ber_wrap(&stolen, 0, BER_CONTEXT(1));
	buf_insert(&stolen, 0, BYTES("\x80\x04\x56\x03\x06\x00"));
	ber_wrap(&stolen, 0, BER_SEQUENCE);
	return stolen;
}

static void authorship_cannot_be_stolen(void **state)
{
	(void)state;
	for (size_t i = 0; i < WORLD_COUNT; i++) {
		const struct world *w = &worlds[i];
		bool seal = w->suite->seal;
		AUTO(letter_free) struct letter letter = { 0 };

		print_message("  %s\n", w->name);
		assert_ok(write_letter(w, seal, &letter));
		AUTO(buf_free) struct buf stolen = steal(w, buf_view(&letter.message->tokens[0]));
		struct check_plan plan = bob_checks(w, &letter);

		plan.originator = w->mallory->cert;
		plan.token = buf_view(&stolen);
		refused(&plan, &letter.content, w->stolen);
		assert_true(!seal || letter.content.len == 0);	/* and nothing of it can be read */
	}
}

static void a_suite_that_is_not_accepted_is_refused_by_name(void **state)
{
	static const struct suite *const only_amhs[] = { &suite_amhs, NULL };

	(void)state;
	for (size_t i = 0; i < WORLD_COUNT; i++) {
		const struct world *w = &worlds[i];
		AUTO(letter_free) struct letter letter = { 0 };

		assert_ok(write_letter(w, false, &letter));
		struct check_plan plan = bob_checks(w, &letter);
		plan.accepted = w->suite == &suite_modern ? only_amhs : suites_default;
		refused(&plan, &letter.content, w->suite == &suite_modern ? "with the suite modern, which is not" :
			w->suite == &suite_amhs ? "with the suite amhs, which is not accepted here" :
			"with the suite locator-1989, which is not accepted here");
	}
}

static void what_is_broken_is_used_only_where_it_is_allowed_by_name(void **state)
{
	struct world w = worlds[4];
	AUTO(letter_free) struct letter letter = { 0 }, unwritten = { 0 };

	(void)state;
	assert_ok(write_letter(&w, true, &letter));
	struct check_plan plan = bob_checks(&w, &letter);
	plan.options.allow_broken_1989 = false;
	refused(&plan, &letter.content, "only the setting allow-broken-1989 = yes would allow it");
	w.options.allow_broken_1989 = false;
	assert_fails(write_letter(&w, true, &unwritten), "its hash and its cipher are broken");
	assert_bytes(buf_view(&unwritten.content), BYTES(LETTER));
}

/* A token whose parts name different suites: data under one suite, signed in another. */
static struct buf mixed(const struct suite *signing, const struct suite *checking,
			struct bytes seal_algorithm, const struct pki_party *by)
{
	const struct suite_options options = { .allow_broken_1989 = true };
	AUTO(buf_free) struct buf cic = { 0 }, in_signed = { 0 };
	struct buf token = { 0 };

	assert_ok(cic_make(checking, &options, by->key, BYTES(LETTER), &cic));
	const struct message_signed data = { .cic = buf_view(&cic), .seal_algorithm = seal_algorithm };
	message_signed_encode(&data, &in_signed);
	const struct token_plan plan = {
		.suite = signing, .options = options, .name = BYTES(TO_BOB), .time = PKI_NOW,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, buf_view(&in_signed) },
		.encrypted_data = { TOKEN_DATA_MESSAGE_ENCRYPTED, BYTES("\x30\x0b\x80\x09\x00" "8octets!") },
		.encrypt_to = signing->transport ? pki.carol.cert->key : NULL,
	};
	struct token_plan bare = plan;
	if (!signing->transport)
		bare.encrypted_data = (struct token_data){ 0 };
	assert_ok(token_make(&bare, by->key, &token));
	return token;
}

static void suites_cannot_be_mixed(void **state)
{
	static const char des[] = "\x30\x11\x06\x05\x2b\x0e\x03\x02\x07\x04\x08" "8octets!";
	static const struct {
		const char *name;
		const struct suite *signing, *checking;
		bool des;
		const struct pki_party *by;
		const char *fails;
	} cases[] = {
		{ "modern's signature, amhs's check", &suite_modern, &suite_amhs, false, &pki.alice,
		  "encrypted data in the token" },
		{ "amhs's signature, modern's check", &suite_amhs, &suite_modern, false, &pki.alice,
		  "the signature algorithm ecdsa-with-SHA1 does not go with a P-256 key" },
		{ "modern's signature, locator's check", &suite_modern, &suite_locator_1989, false,
		  &rsa_alice, "the signature algorithm 1.2.840.113549.1.1.10 is not that of the suite" },
		{ "locator's signature, modern's check", &suite_locator_1989, &suite_modern, false,
		  &rsa_alice, "the signature algorithm 2.5.8.3.1 does not go" },
		{ "modern with DES", &suite_modern, &suite_modern, true, &rsa_alice,
		  "the content confidentiality algorithm 1.3.14.3.2.7 is not that of the suite modern" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes seal = cases[i].des ? BYTES(des) : bytes_none();
		AUTO(buf_free) struct buf content = buf_copy(BYTES(LETTER));
		AUTO(buf_free) struct buf token = mixed(cases[i].signing, cases[i].checking, seal, cases[i].by);
		const struct check_plan plan = {
			.accepted = suites_all,
			.options = { .allow_broken_1989 = true },
			.originator = cases[i].by->cert,
			.own_keys = &pki.carol.key,
			.own_key_count = 1,
			.own_name = BYTES(TO_BOB),
			.token = buf_view(&token),
			.seal_algorithm = seal,
		};

		print_message("  %s\n", cases[i].name);
		refused(&plan, &content, cases[i].fails);
	}
}

static void keys_that_a_suite_cannot_use_are_named(void **state)
{
	struct world amhs = worlds[2], locator = worlds[4];
	AUTO(letter_free) struct letter a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

	(void)state;
	amhs.alice = &rsa_alice;
	assert_fails(write_letter(&amhs, false, &a), "ECDSA does not go with a key of type RSA");
	amhs.alice = &pki.alice;
	assert_fails(write_letter(&amhs, true, &b), "the suite amhs does not seal content");
	locator.alice = &pki.alice;
	assert_fails(write_letter(&locator, false, &c), "needs an RSA key, not one of type P-256");
	locator.alice = &rsa_alice;
	locator.bob = &pki.bob;
	assert_fails(write_letter(&locator, true, &d), "for a key of type P-256");
}

static void suites_are_known_by_name(void **state)
{
	const struct suite *suite = NULL;

	(void)state;
	for (size_t i = 0; suites_all[i]; i++) {
		assert_ok(suite_from_text(suites_all[i]->name, &suite));
		assert_ptr_equal(suite, suites_all[i]);
	}
	assert_ok(suite_from_text("AMHS", &suite));
	assert_fails(suite_from_text("rot13", &suite), "there are modern, amhs, locator-1989");
	assert_ptr_equal(suites_default[0], &suite_modern);
	assert_null(suites_default[1]);
	assert_fails(suite_find(suites_all, &worlds[0].options, BYTES("\x30\x03\x06\x01\x2a"), &suite),
		     "the content integrity algorithm 1.2 is not accepted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_service_arrives),
		cmocka_unit_test(harm_is_found_in_every_suite),
		cmocka_unit_test(authorship_cannot_be_stolen),
		cmocka_unit_test(a_suite_that_is_not_accepted_is_refused_by_name),
		cmocka_unit_test(what_is_broken_is_used_only_where_it_is_allowed_by_name),
		cmocka_unit_test(suites_cannot_be_mixed),
		cmocka_unit_test(keys_that_a_suite_cannot_use_are_named),
		cmocka_unit_test(suites_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
