/* SPDX-License-Identifier: Apache-2.0 */
/* From a letter to a verdict: alice writes, her outbox makes it ready, bob checks it. */
#include "ua/letter.h"
#include "ua/outbox.h"
#include "ua/verify.h"

#include "lib/base/memory.h"
#include "lib/sec/message.h"
#include "lib/sec/sequence.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <sys/stat.h>

#define ALICE "/G=Alice/S=Martin/O=North/ADMD=400net/C=FR/"
#define BOB "/G=Bob/S=Berg/O=South/ADMD=400net/C=IT/"
#define CAROL "/G=Carol/S=Berg/O=South/ADMD=400net/C=IT/"

static struct pki pki;
static struct pki_party alice_party, bob_party;
static struct test_clock now;
static struct arena *arena;

/* A user with his folder. */
struct person {
	const char *folder;
	struct ua_settings settings;
	struct home *home;
	struct own_key own;		/* lent */
};
static struct person alice, bob;

/* --- the scene --- */

static struct pki_party certify(const struct pki_party *ca, const char *name, const char *address)
{
	AUTO(buf_free) struct buf der = { 0 };
	struct orname *orname = NULL;

	assert_ok(orname_from_text(arena, address, &orname));
	assert_ok(oraddress_encode(orname, &der));
	return pki_certify(ca, name, SCOPE_UA, KEY_P256, buf_view(&der));
}

static void set(struct person *person, const char *name, const char *value)
{
	assert_ok(settings_set(ua_settings_table, &person->settings,
			       arena_printf(arena, "%s=%s", name, value)));
}

static void move_in(struct person *person, const char *folder, const char *name,
		    const char *address, const struct pki_party *party)
{
	*person = (struct person){ .folder = arena_strdup(arena, scratch_path(folder)) };
	assert_int_equal(mkdir(person->folder, 0700), 0);
	settings_init(ua_settings_table, &person->settings);
	set(person, "name", name);
	set(person, "or-address", address);
	set(person, "directory", "ldap://127.0.0.1:1");
	assert_ok(home_open(person->folder, &person->settings, &now.clock, &person->home));
	person->home->site = mem_new(struct site);
	person->own = (struct own_key){ party->key, party->cert };
	person->home->site->keys = (struct own_keys){ &person->own, 1 };
	person->home->site->clock = &now.clock;
	person->home->openers = &person->own.key;
	person->home->opener_count = 1;
}

static void move_out(struct person *person)
{
	mem_free(&person->home->site);		/* its key and certificate are lent */
	home_free(&person->home);
	settings_cleanup(ua_settings_table, &person->settings);
}

static int setup(void **state)
{
	if (scratch_setup(state))
		return -1;
	arena = arena_new();
	test_clock_init(&now, PKI_NOW);
	alice_party = certify(&pki.north, "CN=Alice Martin,O=North,C=FR", ALICE);
	bob_party = certify(&pki.south, "CN=Bob Berg,O=South,C=IT", BOB);
	move_in(&alice, "alice", "CN=Alice Martin,O=North,C=FR", ALICE, &alice_party);
	move_in(&bob, "bob", "CN=Bob Berg,O=South,C=IT", BOB, &bob_party);
	return 0;
}

static int teardown(void **state)
{
	move_out(&alice);
	move_out(&bob);
	pki_party_free(&alice_party);
	pki_party_free(&bob_party);
	arena_free(&arena);
	return scratch_teardown(state);
}

/* --- writing --- */

static int64_t write_to(const char *to, struct wishes wishes)
{
	struct correspondent who;
	const struct letter letter = {
		.to = &who, .to_count = 1, .subject = "Bridge", .text = "It is closed.\n",
		.wishes = wishes,
	};
	int64_t id = 0;

	assert_ok(correspondent_find(alice.home, arena, to, &who));
	assert_ok(letter_post(alice.home, &letter, &id));
	return id;
}

/* What was made ready, as it would be submitted; views lie in *argument. */
static struct envelope *ready(int64_t id, struct buf *argument)
{
	AUTO(buf_free) struct buf content = { 0 };
	struct envelope *env = NULL;

	assert_ok(outbox_prepare(alice.home, id));
	buf_clear(argument);
	assert_ok(uastore_read(alice.home->db, id, argument, &content));
	buf_put(argument, buf_view(&content));
	assert_ok(submission_decode(arena, buf_view(argument), &env));
	return env;
}

/* What the first recipient gets of it. */
static struct delivery delivered(const struct envelope *env)
{
	struct delivery d = { .arena = arena, .originator = env->originator,
			      .this_recipient = env->recipients[0].name };

	ext_copy(arena, &d.extensions, &env->extensions, EXT_IN_DELIVERY);
	ext_copy(arena, &d.extensions, &env->recipients[0].extensions, EXT_IN_DELIVERY);
	return d;
}

static void the_envelope_says_what_was_asked(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf argument = { 0 };
	const struct envelope *env = ready(write_to(BOB, (struct wishes){ .sign = true,
								       .proof = true }), &argument);
	const struct recipient *to = &env->recipients[0];

	assert_int_equal(env->recipient_count, 1);
	assert_string_equal(orname_tlv_text(arena, to->name), BOB);
	assert_true(orname_tlv_equal(env->originator, alice.home->own_name));
	assert_int_equal(content_type_number(env->content_type), CONTENT_TYPE_P22);
	assert_int_equal(to->flags, RCPT_ORIGINATOR_REPORT | RCPT_ORIGINATOR_NON_DELIVERY_REPORT);
	assert_int_equal(ext_long(&to->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0), 1);
	assert_true(env->indicators & IND_IMPLICIT_CONVERSION_PROHIBITED);
}

static void an_unsigned_letter_has_no_token(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf argument = { 0 };
	const struct envelope *env = ready(write_to(BOB, (struct wishes){ 0 }), &argument);

	assert_null(ext_find(&env->recipients[0].extensions, EXT_MESSAGE_TOKEN));
	assert_int_equal(env->recipients[0].flags, RCPT_ORIGINATOR_NON_DELIVERY_REPORT);
}

/* A submission that was cut off is made again with the same octets. */
static void what_is_ready_stays_as_it_is(void **state)
{
	(void)state;
	int64_t id = write_to(BOB, (struct wishes){ .sign = true });
	AUTO(buf_free) struct buf first = { 0 }, again = { 0 };

	ready(id, &first);
	test_clock_advance(&now, 60);
	ready(id, &again);
	assert_bytes(buf_view(&again), buf_view(&first));
}

static void a_directory_name_waits_for_the_directory(void **state)
{
	(void)state;
	int64_t id = write_to("CN=Bob Berg,O=South,C=IT", (struct wishes){ 0 });
	AUTO(status_free) struct status *failed = outbox_prepare(alice.home, id);

	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_LATER);
	assert_non_null(strstr(failed->words, "cannot find the O/R address of CN=Bob Berg"));
}

static void what_makes_no_sense_is_not_posted(void **state)
{
	(void)state;
	struct correspondent many[RECIPIENTS_MAX + 1];
	int64_t id;
	struct letter letter = { .to = many, .to_count = 1, .text = "\xff" };

	for (size_t i = 0; i < RECIPIENTS_MAX + 1; i++)
		assert_ok(correspondent_find(alice.home, arena, BOB, &many[i]));
	assert_fails(letter_post(alice.home, &letter, &id), "the text is not UTF-8");
	letter.text = "";
	letter.wishes = (struct wishes){ .sign = true, .seal = true, .proof = true };
	assert_fails(letter_post(alice.home, &letter, &id), "leave out one of the two");
	letter.wishes = (struct wishes){ 0 };
	letter.to_count = 0;
	assert_fails(letter_post(alice.home, &letter, &id), "to whom");
	letter.to_count = RECIPIENTS_MAX + 1;
	assert_fails(letter_post(alice.home, &letter, &id), "a message may have 512 at most");
	letter.to_count = RECIPIENTS_MAX;
	assert_ok(letter_post(alice.home, &letter, &id));
}

/* --- checking --- */

static void a_signed_letter_is_checked(void **state)
{
	static const struct { const char *name, *to; bool mallory, change; const char *fails; } cases[] = {
		{ "as it was written",	BOB,   .fails = NULL },
		{ "an octet changed",	BOB,   .change = true, .fails = "content" },
		{ "for somebody else",	CAROL, .fails = "is for another recipient" },
		{ "by somebody else",	BOB,   .mallory = true, .fails = "was not signed by CN=Mallory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf argument = { 0 };
		const struct envelope *env = ready(write_to(cases[i].to,
						   (struct wishes){ .sign = true }), &argument);
		const struct delivery d = delivered(env);
		AUTO(buf_free) struct buf content = buf_copy(env->content);
		const struct cert *signer = cases[i].mallory ? pki.mallory.cert : alice_party.cert;
		struct finding finding = { 0 };

		print_message("%s\n", cases[i].name);
		if (cases[i].change)
			content.data[content.len - 1] ^= 1;
		struct status *st = verify_with(bob.home, &d, signer, &content, &finding);
		if (cases[i].fails) {
			assert_fails(st, cases[i].fails);
			assert_int_not_equal(finding.verdict, VERDICT_GOOD);
			continue;
		}
		assert_ok(st);
		assert_int_equal(finding.verdict, VERDICT_GOOD);
		assert_string_equal(finding.signer, "CN=Alice Martin,O=North,C=FR");
		assert_int_equal(sequence_count(finding.sequence), 1);
		assert_int_equal(sequence_device(finding.sequence), 1);
		assert_false(finding.sealed);
	}
}

static struct bytes label(struct person *person, const char *text)
{
	struct bytes tlv;

	assert_ok(label_from_text(person->home->labels.policies, arena, text, &tlv));
	return tlv;
}

static void set_label(struct delivery *d, struct bytes tlv)
{
	if (tlv.len)
		ext_put(arena, &d->extensions, EXT_MESSAGE_SECURITY_LABEL, tlv);
	else
		ext_remove(&d->extensions, EXT_MESSAGE_SECURITY_LABEL);
}

/* The attacks: taken off, lowered, raised, and put on where there was none. */
static void the_label_is_that_which_was_signed(void **state)
{
	static const struct { const char *name, *written, *arrives, *fails; } cases[] = {
		{ "as it was written", "secret", "secret" },
		{ "without a label", NULL, NULL },
		{ "taken off", "secret", NULL, "was taken off the message on its way" },
		{ "lowered", "secret", "restricted", "it was changed on its way" },
		{ "raised", "secret", "top-secret", "it was changed on its way" },
		{ "marked otherwise", "secret", "secret/RELEASED", "it was changed on its way" },
		{ "put on", NULL, "restricted", "that its originator did not sign" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wishes wishes = { .sign = true };
		AUTO(buf_free) struct buf argument = { 0 };
		struct finding finding = { 0 };

		print_message("%s\n", cases[i].name);
		if (cases[i].written)
			wishes.label = label(&alice, cases[i].written);
		const struct envelope *env = ready(write_to(BOB, wishes), &argument);
		struct delivery d = delivered(env);
		AUTO(buf_free) struct buf content = buf_copy(env->content);

		assert_int_equal(!!ext_find(&d.extensions, EXT_MESSAGE_SECURITY_LABEL),
				 !!cases[i].written);
		set_label(&d, cases[i].arrives ? label(&bob, cases[i].arrives) : bytes_none());
		struct status *st = verify_with(bob.home, &d, alice_party.cert, &content, &finding);
		if (cases[i].fails)
			assert_fails(st, cases[i].fails);
		else
			assert_ok(st);
		assert_int_equal(finding.verdict == VERDICT_GOOD, !cases[i].fails);
	}
}

static void who_may_write_up_to_a_label_writes_no_higher(void **state)
{
	struct bytes context;
	struct correspondent who;
	struct letter letter = { .to = &who, .to_count = 1, .text = "Up.\n" };
	int64_t id;

	(void)state;
	assert_ok(correspondent_find(alice.home, arena, BOB, &who));
	assert_ok(labels_context(&alice.home->labels, arena, "secret", &context));
	alice.home->labels.context = context;
	letter.wishes.label = label(&alice, "top-secret");
	assert_fails(letter_post(alice.home, &letter, &id), "the message is labelled top-secret, and "
		     "the link is for messages within secret");
	letter.wishes.label = label(&alice, "secret");
	assert_ok(letter_post(alice.home, &letter, &id));
	letter.wishes.label = bytes_none();
	assert_ok(letter_post(alice.home, &letter, &id));
	alice.home->labels.unlabelled = false;
	assert_fails(letter_post(alice.home, &letter, &id), "the message has no security label");
}

/* Sealing needs the recipient's certificate, which the directory would give. */
static struct delivery sealed_for_bob(struct buf *content)
{
	AUTO(protected_message_free) struct protected_message *made = NULL;
	const struct protect_recipient to = { .name = bob.home->own_name, .cert = bob_party.cert,
					      .sequence = 1 };
	const struct protect_plan plan = {
		.suite = suites_default[0], .signer = alice_party.key, .now = PKI_NOW, .seal = true,
		.recipients = &to, .count = 1,
	};
	struct delivery d = { .arena = arena, .originator = alice.home->own_name };

	assert_ok(message_protect(&plan, content, &made));
	ext_put(arena, &d.extensions, EXT_MESSAGE_TOKEN, buf_view(&made->tokens[0]));
	ext_put(arena, &d.extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM,
		buf_view(&made->seal_algorithm));
	return d;
}

static void a_sealed_one_is_opened_or_stays_sealed(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf content = buf_copy(BYTES("It is closed."));
	const struct delivery d = sealed_for_bob(&content);
	AUTO(buf_free) struct buf changed = buf_copy(buf_view(&content));
	AUTO(buf_free) struct buf kept = { 0 };
	struct finding finding = { 0 };

	changed.data[0] ^= 1;
	buf_put(&kept, buf_view(&changed));
	assert_fails(verify_with(bob.home, &d, alice_party.cert, &changed, &finding), "changed");
	assert_bytes(buf_view(&changed), buf_view(&kept));
	assert_ok(verify_with(bob.home, &d, alice_party.cert, &content, &finding));
	assert_bytes(buf_view(&content), BYTES("It is closed."));
	assert_true(finding.sealed);
}

static void numbers_are_counted(void **state)
{
	static const struct { uint64_t number; enum verdict verdict; const char *words; } steps[] = {
		{ 1, VERDICT_GOOD,    "message 1 from this sender, the first" },
		{ 1, VERDICT_REFUSED, "message 1 from this sender was accepted before" },
		{ 2, VERDICT_GOOD,    "message 2 from this sender, none missing" },
		{ 5, VERDICT_GOOD,    "message 5 from this sender, 2 before it missing so far" },
		{ 4, VERDICT_GOOD,    "message 4 from this sender, late but new" },
		{ 4, VERDICT_REFUSED, "message 4 from this sender was accepted before" },
	};
	const struct delivery d = { .arena = arena, .originator = alice.home->own_name };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct finding finding = { .verdict = VERDICT_GOOD, .sequence = steps[i].number,
					   .signed_at = PKI_NOW };

		assert_ok(verify_new(bob.home, &d, alice_party.cert, &finding));
		assert_int_equal(finding.verdict, steps[i].verdict);
		assert_non_null(strstr(finding.sequence_words, steps[i].words));
	}
}

/* Of the suite amhs; what is repeated is known by what was signed, not by the signature. */
static void without_numbers_repeats_are_known(void **state)
{
	static const struct { const char *part; time_t ago; enum verdict verdict; const char *why; } steps[] = {
		{ "one", 0, VERDICT_GOOD, NULL },
		{ "one", 0, VERDICT_REFUSED, "is repeated" },
		{ "two", 0, VERDICT_GOOD, NULL },
		{ "three", MESSAGE_SEEN_SECONDS + 1, VERDICT_REFUSED, "is not remembered that long" },
	};
	const struct delivery d = { .arena = arena, .originator = alice.home->own_name };

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct finding finding = {
			.verdict = VERDICT_GOOD, .signer = "CN=Alice",
			.signed_at = clock_now(bob.home->clock) - steps[i].ago,
			.signed_part = bytes_text(steps[i].part),
		};

		assert_ok(verify_new(bob.home, &d, alice_party.cert, &finding));
		assert_int_equal(finding.verdict, steps[i].verdict);
		if (steps[i].why)
			assert_non_null(strstr(finding.why, steps[i].why));
	}
}

/* The suite of a letter is settled when it is written; what is broken has to be allowed. */
static void the_suite_is_chosen(void **state)
{
	const struct wishes wishes = { .sign = true, .suite = &suite_locator_1989 };
	AUTO(mem_free) char *text = wishes_to_text(&wishes);
	const struct wishes back = wishes_from_text(arena, text);
	const struct suite_options none = { 0 }, insists = { .allow_broken_1989 = true };

	(void)state;
	assert_ptr_equal(back.suite, &suite_locator_1989);
	assert_non_null(strstr(wishes_warning(arena, &back), "WARNING: the suite locator-1989 proves nothing"));
	assert_null(wishes_warning(arena, &(struct wishes){ .sign = true, .suite = &suite_modern }));
	assert_null(wishes_warning(arena, &(struct wishes){ .suite = &suite_locator_1989 }));
	assert_fails(suite_check_making(&suite_locator_1989, &none, true), "only the setting allow-broken-1989");
	assert_ok(suite_check_making(&suite_locator_1989, &insists, true));
	assert_fails(suite_check_making(&suite_amhs, &none, true), "the suite amhs does not seal content");
	assert_ok(suite_check_making(&suite_amhs, &none, false));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_envelope_says_what_was_asked),
		TEST(an_unsigned_letter_has_no_token),
		TEST(what_is_ready_stays_as_it_is),
		TEST(a_directory_name_waits_for_the_directory),
		TEST(what_makes_no_sense_is_not_posted),
		TEST(a_signed_letter_is_checked),
		TEST(the_label_is_that_which_was_signed),
		TEST(who_may_write_up_to_a_label_writes_no_higher),
		TEST(a_sealed_one_is_opened_or_stays_sealed),
		TEST(numbers_are_counted),
		TEST(without_numbers_repeats_are_known),
		TEST(the_suite_is_chosen),
	};

	pki_make(&pki);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	pki_cleanup(&pki);
	return failed;
}
