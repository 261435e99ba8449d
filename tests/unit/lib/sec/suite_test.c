/* SPDX-License-Identifier: Apache-2.0 */
/* What holds in every suite: services, what harms get, theft of authorship, downgrade. */
#include "lib/sec/suite.h"

#include "asn1/oid.h"
#include "lib/sec/cic.h"
#include "lib/sec/der.h"
#include "lib/sec/message.h"
#include "lib/sec/message_data.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/worlds.h"

/* ORNames: [APPLICATION 0] around an address with a country alone. */
#define TO_BOB		"\x60\x09\x30\x07\x61\x05\x13\x03" "BOB"
#define TO_CAROL	"\x60\x09\x30\x07\x61\x05\x13\x03" "CAR"
#define LETTER		"Dear Bob, the patent is mine."

static struct pki pki;

/* The people of a world, each with a key that its suite can use. */
enum role { ALICE, MALLORY, BOB, ROLE_COUNT };
static struct pki_party people[ROLE_COUNT][KEY_X25519 + 1];

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (int role = 0; role < ROLE_COUNT; role++)
		for (int type = 0; type <= KEY_X25519; type++)
			pki_party_free(&people[role][type]);
	pki_cleanup(&pki);
	return 0;
}

/* Keys are dear: certified when first asked for. */
static const struct pki_party *person(enum role role, enum key_type type)
{
	static const char *const names[] = { "CN=Alice,O=North,C=FR", "CN=Mallory,O=North,C=FR",
					     "CN=Bob,O=North,C=FR" };
	struct pki_party *party = &people[role][type];

	if (role == BOB && type == KEY_RSA)
		return &pki.carol;
	if (!party->key)
		*party = pki_certify(&pki.north, names[role], SCOPE_UA, type, bytes_none());
	return party;
}

static const struct pki_party *alice_of(const struct world *w)
{
	return person(ALICE, w->signs);
}

static const struct pki_party *mallory_of(const struct world *w)
{
	return person(MALLORY, w->signs);
}

static const struct pki_party *bob_of(const struct world *w)
{
	return person(BOB, w->opens);
}

/* A letter from alice to bob and carol, who has the same key, on its way. */
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
		{ .name = BYTES(TO_BOB), .cert = bob_of(w)->cert, .sequence = 7, .proof = !seal },
		{ .name = BYTES(TO_CAROL), .cert = bob_of(w)->cert },
	};
	const struct protect_plan plan = {
		.suite = w->suite, .options = w->options, .signer = alice_of(w)->key, .now = PKI_NOW,
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
		.originator = alice_of(w)->cert,
		.own_keys = &bob_of(w)->key,
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
	for (size_t i = 0; worlds[i / 2].name; i++) {
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
		{ "an octet of the content", 0, CONTENT, "the content is not the one that was signed" },
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
	enum { CASE_COUNT = sizeof(cases) / sizeof(cases[0]) };

	(void)state;
	for (size_t i = 0; worlds[i / CASE_COUNT].name; i++) {
		const struct world *w = &worlds[i / CASE_COUNT];
		size_t n = i % CASE_COUNT;
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
			plan.originator = mallory_of(w)->cert;
			break;
		case NO_TOKEN:
			plan.token = bytes_none();
			break;
		case OTHER_KEY:
			plan.own_keys = &person(MALLORY, w->opens)->key;
			break;
		}
		print_message("  %s: %s\n", w->name, cases[n].name);
		refused(&plan, &letter.content, cases[n].fails);
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
	assert_ok(w->suite->signature->sign(mallory_of(w)->key, &w->options, &hers.tbs, 1, &signature));
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
	for (const struct world *w = worlds; w->name; w++) {
		bool seal = w->suite->seal;
		AUTO(letter_free) struct letter letter = { 0 };

		print_message("  %s\n", w->name);
		assert_ok(write_letter(w, seal, &letter));
		AUTO(buf_free) struct buf stolen = steal(w, buf_view(&letter.message->tokens[0]));
		struct check_plan plan = bob_checks(w, &letter);

		plan.originator = mallory_of(w)->cert;
		plan.token = buf_view(&stolen);
		refused(&plan, &letter.content, w->suite == &suite_locator_1989 ?
			"its integrity check was made by someone else" :
			"the content is not the one that was signed");
		assert_true(!seal || letter.content.len == 0);	/* and nothing of it can be read */
	}
}

static void a_suite_that_is_not_accepted_is_refused_by_name(void **state)
{
	(void)state;
	for (const struct world *w = worlds; w->name; w++) {
		const struct suite *const others[] = {
			w->suite == &suite_modern ? &suite_amhs : &suite_modern, NULL
		};
		AUTO(letter_free) struct letter letter = { 0 };
		char words[100];

		assert_ok(write_letter(w, false, &letter));
		struct check_plan plan = bob_checks(w, &letter);
		plan.accepted = others;
		snprintf(words, sizeof(words), "with the suite %s, which is not accepted here", w->suite->name);
		refused(&plan, &letter.content, words);
	}
}

static void what_is_broken_is_used_only_where_it_is_allowed_by_name(void **state)
{
	struct world w = *world_of(&suite_locator_1989, KEY_RSA);
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
static struct buf mixed(const struct world *signing, const struct world *checking,
			struct bytes seal_algorithm)
{
	const struct private_key *key = person(ALICE, signing->signs)->key;
	AUTO(buf_free) struct buf cic = { 0 }, in_signed = { 0 };
	struct buf token = { 0 };

	assert_ok(cic_make(checking->suite, &checking->options, key, BYTES(LETTER), &cic));
	const struct message_signed data = { .cic = buf_view(&cic), .seal_algorithm = seal_algorithm };
	message_signed_encode(&data, &in_signed);
	struct token_plan plan = {
		.suite = signing->suite, .options = signing->options, .name = BYTES(TO_BOB), .time = PKI_NOW,
		.signed_data = { TOKEN_DATA_MESSAGE_SIGNED, buf_view(&in_signed) },
	};
	if (signing->suite->transport) {
		plan.encrypted_data = (struct token_data){ TOKEN_DATA_MESSAGE_ENCRYPTED,
							   BYTES("\x30\x0b\x80\x09\x00" "8octets!") };
		plan.encrypt_to = bob_of(signing)->cert->key;
	}
	assert_ok(token_make(&plan, key, &token));
	return token;
}

static void mixed_is_refused(const struct world *signing, const struct world *checking,
			     struct bytes seal, const char *words)
{
	AUTO(buf_free) struct buf content = buf_copy(BYTES(LETTER));
	AUTO(buf_free) struct buf token = mixed(signing, checking, seal);
	const struct check_plan plan = {
		.accepted = suites_all,
		.options = checking->options,
		.originator = person(ALICE, signing->signs)->cert,
		.own_keys = &bob_of(signing)->key,
		.own_key_count = 1,
		.own_name = BYTES(TO_BOB),
		.token = buf_view(&token),
		.seal_algorithm = seal,
	};

	print_message("  %s's signature, %s's check\n", signing->name, checking->name);
	refused(&plan, &content, words);
}

/* Where two suites sign the same way with a key, there is nothing to be mixed. */
static bool sign_alike(const struct world *a, const struct world *b)
{
	const struct public_key *key = private_key_public(person(ALICE, a->signs)->key);
	AUTO(buf_free) struct buf one = { 0 };
	AUTO(buf_free) struct buf other = { 0 };

	assert_ok(a->suite->signature->algorithm(key, &a->options, &one));
	assert_ok(b->suite->signature->algorithm(key, &b->options, &other));
	return bytes_equal(buf_view(&one), buf_view(&other));
}

static void suites_cannot_be_mixed(void **state)
{
	(void)state;
	for (const struct world *a = worlds; a->name; a++)
		for (const struct world *b = worlds; b->name; b++)
			if (a->suite != b->suite && a->signs == b->signs && !sign_alike(a, b))
				mixed_is_refused(a, b, bytes_none(), "");
}

static void what_is_mixed_is_named(void **state)
{
	static const char des[] = "\x30\x11\x06\x05\x2b\x0e\x03\x02\x07\x04\x08" "8octets!";
	static const struct {
		const struct suite *signing, *checking;
		enum key_type key;
		bool des;
		const char *fails;
	} cases[] = {
		{ &suite_modern, &suite_amhs, KEY_P256, false, "encrypted data in the token" },
		{ &suite_amhs, &suite_modern, KEY_P256, false,
		  "the signature algorithm ecdsa-with-SHA1 does not go with a P-256 key" },
		{ &suite_modern, &suite_locator_1989, KEY_RSA, false,
		  "the signature algorithm 1.2.840.113549.1.1.10 is not that of the suite" },
		{ &suite_locator_1989, &suite_modern, KEY_RSA, false,
		  "the signature algorithm 2.5.8.3.1 does not go" },
		{ &suite_modern, &suite_modern, KEY_RSA, true,
		  "the content confidentiality algorithm 1.3.14.3.2.7 is not that of the suite modern" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		mixed_is_refused(world_of(cases[i].signing, cases[i].key),
				 world_of(cases[i].checking, cases[i].key),
				 cases[i].des ? BYTES(des) : bytes_none(), cases[i].fails);
}

static void keys_that_a_suite_cannot_use_are_named(void **state)
{
	static const struct {
		const struct suite *suite;
		enum key_type own, signs, opens;
		bool seal;
		const char *fails;
	} cases[] = {
		{ &suite_amhs, KEY_P256, KEY_RSA, KEY_P256, false, "ECDSA does not go with a key of type RSA" },
		{ &suite_amhs, KEY_P256, KEY_P256, KEY_P256, true, "the suite amhs does not seal content" },
		{ &suite_locator_1989, KEY_RSA, KEY_P256, KEY_RSA, false,
		  "needs an RSA key, not one of type P-256" },
		{ &suite_locator_1989, KEY_RSA, KEY_RSA, KEY_P256, true, "for a key of type P-256" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w = *world_of(cases[i].suite, cases[i].own);
		AUTO(letter_free) struct letter letter = { 0 };

		w.signs = cases[i].signs;
		w.opens = cases[i].opens;
		assert_fails(write_letter(&w, cases[i].seal, &letter), cases[i].fails);
	}
}

static void suites_are_known_by_name(void **state)
{
	const struct suite *suite = NULL;

	(void)state;
	for (size_t i = 0; suites_all[i]; i++) {
		assert_ok(suite_from_text(suites_all[i]->name, &suite));
		assert_ptr_equal(suite, suites_all[i]);
		const struct world *w = worlds;
		while (w->name && w->suite != suite)
			w++;
		assert_non_null(w->name);	/* and all that is tested here is tested with it */
	}
	assert_ok(suite_from_text("AMHS", &suite));
	assert_fails(suite_from_text("rot13", &suite), "there are modern, amhs, locator-1989");
	assert_ptr_equal(suites_default[0], &suite_modern);
	for (size_t i = 0; suites_default[i]; i++)
		assert_null(suites_default[i]->broken);
	assert_fails(suite_find(suites_all, &worlds[0].options, BYTES("\x30\x03\x06\x01\x2a"), &suite),
		     "the content integrity algorithm 1.2 is not accepted");
}

/* One that two suites have would be found as the first one's. */
static void the_check_names_its_suite(void **state)
{
	(void)state;
	for (size_t i = 0; suites_all[i]; i++)
		for (const char *const *oid = suites_all[i]->cic->oids; *oid; oid++) {
			const struct suite_options allowed = { .allow_broken_1989 = true };
			AUTO(buf_free) struct buf algorithm = { 0 };
			const struct suite *suite = NULL;

			assert_ok(oid_from_text(*oid, &algorithm));
			ber_wrap(&algorithm, 0, BER_OID);
			ber_wrap(&algorithm, 0, BER_SEQUENCE);
			assert_ok(suite_find(suites_all, &allowed, buf_view(&algorithm), &suite));
			assert_ptr_equal(suite, suites_all[i]);
		}
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
		cmocka_unit_test(what_is_mixed_is_named),
		cmocka_unit_test(keys_that_a_suite_cannot_use_are_named),
		cmocka_unit_test(suites_are_known_by_name),
		cmocka_unit_test(the_check_names_its_suite),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
