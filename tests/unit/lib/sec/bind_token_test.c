/* SPDX-License-Identifier: Apache-2.0 */
/* Bind tokens: both sides, and what recorded, stale and borrowed ones get. */
#include "lib/sec/bind_token.h"

#include "tests/support/check.h"
#include "tests/support/pki.h"

#define MS_NAME		"\x60\x09\x30\x07\x61\x05\x13\x03" "MSB"
#define UA_NAME		"\x60\x09\x30\x07\x61\x05\x13\x03" "UAB"
#define RANDOM		"12345678"

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

/* A record of one token, which is all that these tests need. */
struct one_seen {
	bool used;
	uint8_t random[BIND_RANDOM_OCTETS];
	time_t forget_after;
	bool broken;
};

static FALLIBLE record(void *data, struct bytes key_id, struct bytes random, time_t forget_after,
		       bool *out_new)
{
	struct one_seen *seen = data;

	assert_int_equal(key_id.len, HASH_OCTETS);
	if (seen->broken)
		return FAIL(ST_LATER, 0, "the disk is full");
	*out_new = !seen->used || memcmp(seen->random, random.data, random.len) != 0;
	seen->used = true;
	memcpy(seen->random, random.data, random.len);
	seen->forget_after = forget_after;
	return OK;
}

static struct buf make(const struct pki_party *by, struct bytes to, time_t when)
{
	struct buf token = { 0 };

	assert_ok(bind_token_make(by->key, to, when, BYTES(RANDOM), &token));
	return token;
}

static void both_sides_know_each_other(void **state)
{
	AUTO(buf_free) struct buf token = make(&pki.bob, BYTES(MS_NAME), PKI_NOW), answer = { 0 };
	struct one_seen seen = { 0 };
	const struct seen_before before = { &seen, record };
	struct bind_check at_ms = { .peer = pki.bob.cert, .own_name = BYTES(MS_NAME), .now = PKI_NOW + 5 };
	struct bind_check at_ua = { .peer = pki.bob_ms.cert, .own_name = BYTES(UA_NAME), .now = PKI_NOW };
	uint8_t random[BIND_RANDOM_OCTETS];

	(void)state;
	assert_ok(bind_token_check_initiator(&at_ms, buf_view(&token), &before, random));
	assert_bytes(bytes_of(random, sizeof(random)), BYTES(RANDOM));
	assert_true(seen.forget_after == PKI_NOW + BIND_WINDOW_SECONDS);
	assert_ok(bind_token_make(pki.bob_ms.key, BYTES(UA_NAME), PKI_NOW,
				  bytes_of(random, sizeof(random)), &answer));
	assert_ok(bind_token_check_responder(&at_ua, buf_view(&answer), BYTES(RANDOM)));
	assert_fails(bind_token_check_responder(&at_ua, buf_view(&answer), BYTES("87654321")),
		     "the answer of CN=Bob MS,O=South,C=IT is not to our bind");
	/* The responder may not send back what it got. */
	assert_fails(bind_token_check_responder(&at_ua, buf_view(&token), BYTES(RANDOM)),
		     "was not signed by CN=Bob MS,O=South,C=IT");
}

static void the_name_of_an_mta_is_one_too(void **state)
{
	AUTO(buf_free) struct buf name = { 0 }, want = hex("a307 1605 736f757468");
	struct one_seen seen = { 0 };
	const struct seen_before before = { &seen, record };
	uint8_t random[BIND_RANDOM_OCTETS];

	(void)state;
	token_name_mta(bytes_none(), "south", &name);
	assert_bytes(buf_view(&name), buf_view(&want));
	AUTO(buf_free) struct buf token = make(&pki.south_mta, buf_view(&name), PKI_NOW);
	const struct bind_check check = { .peer = pki.south_mta.cert, .own_name = buf_view(&name),
					  .now = PKI_NOW };
	assert_ok(bind_token_check_initiator(&check, buf_view(&token), &before, random));
}

static void what_is_wrong_is_said(void **state)
{
	static const struct {
		const char *name;
		int age;
		bool for_other, by_other, replay, broken;
		const char *fails;
	} cases[] = {
		{ "stale", .age = 301, .fails = "the bind token was made 301 seconds ago; at most 300" },
		{ "ahead", .age = -301, .fails = "the bind token is dated 301 seconds ahead" },
		{ "at the edge", .age = 300 },
		{ "used before", .replay = true, .fails = "the bind token of CN=Bob,O=South,C=IT, made on "
						     "2026-09-21 14:13:20 UTC, was used before" },
		{ "for someone else", .for_other = true, .fails = "is for someone else" },
		{ "by someone else", .by_other = true, .fails = "was not signed by CN=Bob,O=South,C=IT" },
		{ "no record", .broken = true, .fails = "cannot tell whether" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_free) struct buf token =
			make(cases[i].by_other ? &pki.mallory : &pki.bob,
			     cases[i].for_other ? BYTES(UA_NAME) : BYTES(MS_NAME), PKI_NOW);
		struct one_seen seen = { .broken = cases[i].broken };
		const struct seen_before before = { &seen, record };
		const struct bind_check check = { .peer = pki.bob.cert, .own_name = BYTES(MS_NAME),
						  .now = PKI_NOW + cases[i].age };
		uint8_t random[BIND_RANDOM_OCTETS];

		print_message("  %s\n", cases[i].name);
		if (cases[i].replay)
			assert_ok(bind_token_check_initiator(&check, buf_view(&token), &before, random));
		if (!cases[i].fails) {
			assert_ok(bind_token_check_initiator(&check, buf_view(&token), &before, random));
			continue;
		}
		assert_fails(bind_token_check_initiator(&check, buf_view(&token), &before, random),
			     cases[i].fails);
		assert_true(seen.used == cases[i].replay);	/* nobody fills the record with junk */
	}
}

static void a_random_of_another_size_is_refused(void **state)
{
	AUTO(buf_free) struct buf token = { 0 };
	struct one_seen seen = { 0 };
	const struct seen_before before = { &seen, record };
	const struct bind_check check = { .peer = pki.bob.cert, .own_name = BYTES(MS_NAME), .now = PKI_NOW };
	uint8_t random[BIND_RANDOM_OCTETS];

	(void)state;
	assert_ok(bind_token_make(pki.bob.key, BYTES(MS_NAME), PKI_NOW, BYTES("1234"), &token));
	assert_fails(bind_token_check_initiator(&check, buf_view(&token), &before, random),
		     "random has 4 octets, not 8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_know_each_other),
		cmocka_unit_test(the_name_of_an_mta_is_one_too),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(a_random_of_another_size_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
