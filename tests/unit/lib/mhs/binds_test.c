/* SPDX-License-Identifier: Apache-2.0 */
/* Binds of all three kinds: there and back, what others sent, what is cut off, and refusals in words. */
#include "lib/mhs/binds.h"

#include "lib/mhs/orname.h"
#include "lib/sec/bind_token.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

#include <string.h>

static struct arena *arena;
static struct bytes alice, token;

static int setup(void **state)
{
	struct private_key *key = NULL;
	struct orname *name = NULL;
	AUTO(buf_free) struct buf der = { 0 };
	AUTO(buf_free) struct buf made = { 0 };

	(void)state;
	arena = arena_new();
	assert_ok(orname_from_text(arena, "/S=Martin/ADMD=Net/C=FR/", &name));
	assert_ok(orname_encode(name, &der));
	alice = arena_dup(arena, buf_view(&der));
	assert_ok(private_key_generate(KEY_P256, &key));
	assert_ok(bind_token_make(key, alice, PKI_NOW, BYTES("12345678"), &made));
	token = arena_dup(arena, buf_view(&made));
	private_key_free(&key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

enum form { ARGUMENT, RESULT };

static FALLIBLE encode(enum bind_kind kind, enum form form, const struct bind *bind,
		       struct buf *out)
{
	return form == ARGUMENT ? bind_argument_encode(kind, bind, out)
				: bind_result_encode(kind, bind, out);
}

static FALLIBLE decode(enum bind_kind kind, enum form form, struct bytes octets, struct bind *out)
{
	return form == ARGUMENT ? bind_argument_decode(kind, octets, arena, out)
				: bind_result_decode(kind, octets, arena, out);
}

static const struct {
	const char *name;
	enum bind_kind kind;
	enum bind_name_kind who;
} forms[] = {
	{ "an MTA to an MTA", BIND_MTA, BIND_NAME_MTA },
	{ "an MTA to an MTS user", BIND_MTS, BIND_NAME_MTA },
	{ "a user to an MTA", BIND_MTS, BIND_NAME_USER },
	{ "a store to an MTA", BIND_MTS, BIND_NAME_MS },
	{ "a user to a store", BIND_MS, BIND_NAME_USER },
};

enum { FORM_COUNT = sizeof(forms) / sizeof(forms[0]) };

/* Nothing shorter is accepted, and nothing longer. */
static void check_every_cut(enum bind_kind kind, enum form form, struct bytes octets)
{
	struct bind bind;

	for (size_t len = 0; len < octets.len; len++)
		assert_fails(decode(kind, form, bytes_slice(octets, 0, len), &bind),
			     "cannot be read");
	struct buf more = buf_copy(octets);
	buf_put_u8(&more, 0);
	assert_fails(decode(kind, form, buf_view(&more), &bind), "cannot be read");
	buf_free(&more);
}

static void there_and_back(size_t i, enum form form, const struct bind *credentials)
{
	AUTO(buf_free) struct buf first = { 0 };
	AUTO(buf_free) struct buf second = { 0 };
	struct bind in = *credentials, out;
	bool named = form == ARGUMENT || forms[i].kind != BIND_MS;
	bool restricts = form == ARGUMENT && forms[i].kind == BIND_MS;

	in.name_kind = forms[i].who;
	if (forms[i].who == BIND_NAME_MTA)
		in.mta_name = "mta-a";
	else
		in.or_name = alice;
	if (form == ARGUMENT)
		in.security_context = BYTES("\x31\x05\x31\x03\x02\x01\x03");
	if (restricts)
		in.fetch_restrictions = BYTES("\x31\x05\xa2\x03\x02\x01\x07");
	if (form == RESULT && forms[i].kind == BIND_MTS)
		in.waiting = (struct messages_waiting){ true, { { 1, 70 }, { 2, 9000 }, { 0, 0 } } };
	print_message("%s, %s\n", forms[i].name, form == ARGUMENT ? "argument" : "result");
	assert_ok(encode(forms[i].kind, form, &in, &first));
	assert_ok(decode(forms[i].kind, form, buf_view(&first), &out));
	assert_int_equal(out.name_kind, named ? forms[i].who : BIND_NAME_NONE);
	if (named && in.mta_name)
		assert_string_equal(out.mta_name, in.mta_name);
	if (named && !in.mta_name)
		assert_bytes(out.or_name, alice);
	assert_int_equal(out.credentials, in.credentials);
	assert_bytes(out.password, in.password);
	assert_bytes(out.token, in.token);
	assert_bytes(out.certificate, in.certificate);
	assert_bytes(out.security_context, in.security_context);
	assert_bytes(out.fetch_restrictions, in.fetch_restrictions);
	assert_int_equal(out.waiting.told, in.waiting.told);
	assert_memory_equal(out.waiting.queues, in.waiting.queues, sizeof(in.waiting.queues));
	if (named) {
		assert_ok(encode(forms[i].kind, form, &out, &second));
		assert_bytes(buf_view(&second), buf_view(&first));
	}
	check_every_cut(forms[i].kind, form, buf_view(&first));
}

static void every_kind_is_read_as_it_was_written(void **state)
{
	const struct bind simple = { .credentials = BIND_SIMPLE, .password = BYTES("secret") };
	const struct bind octets = { .credentials = BIND_SIMPLE, .password = BYTES("\x80\xff") };
	const struct bind strong = { .credentials = BIND_STRONG, .token = token };

	(void)state;
	for (size_t i = 0; i < FORM_COUNT; i++) {
		there_and_back(i, ARGUMENT, &simple);
		there_and_back(i, RESULT, &simple);
		there_and_back(i, ARGUMENT, &octets);
		there_and_back(i, ARGUMENT, &strong);
		there_and_back(i, RESULT, &strong);
	}
}

static void an_mta_may_stay_unnamed(void **state)
{
	AUTO(buf_free) struct buf out = { 0 };
	struct bind bind = { .mta_name = "left from before" };

	(void)state;
	assert_ok(bind_argument_decode(BIND_MTA, BYTES("\x05\x00"), arena, &bind));
	assert_int_equal(bind.name_kind, BIND_NAME_NONE);
	assert_int_equal(bind.credentials, BIND_NO_CREDENTIALS);
	assert_null(bind.mta_name);
	assert_ok(bind_argument_encode(BIND_MTA, &bind, &out));
	assert_bytes(buf_view(&out), BYTES("\x05\x00"));
}

/* One maker sends a password as an IA5String, another as an OCTET STRING. */
static void passwords_come_as_characters_and_as_octets(void **state)
{
	AUTO(buf_free) struct buf wire = { 0 };
	const struct bind bind = { .name_kind = BIND_NAME_MTA, .mta_name = "a",
				   .credentials = BIND_SIMPLE, .password = BYTES("password") };
	struct bind out;

	(void)state;
	assert_ok(bind_argument_encode(BIND_MTA, &bind, &wire));
	uint8_t *tag = wire.data + wire.len - strlen("password") - 2;
	assert_int_equal(*tag, 0x16);
	*tag = 0x04;
	assert_ok(bind_argument_decode(BIND_MTA, buf_view(&wire), arena, &out));
	assert_bytes(out.password, BYTES("password"));
}

static void names_that_a_kind_does_not_have_are_refused(void **state)
{
	AUTO(buf_free) struct buf out = { 0 };
	const struct bind nobody = { .credentials = BIND_SIMPLE };
	const struct bind mta = { .name_kind = BIND_NAME_MTA, .mta_name = "a",
				  .credentials = BIND_SIMPLE };

	(void)state;
	assert_fails(bind_argument_encode(BIND_MTS, &nobody, &out), "needs a name");
	assert_fails(bind_argument_encode(BIND_MS, &mta, &out), "only a user binds");
}

static void a_password_has_a_limit(void **state)
{
	AUTO(buf_free) struct buf out = { 0 };
	char password[BIND_PASSWORD_MAX + 2];
	struct bind bind = { .name_kind = BIND_NAME_MTA, .mta_name = "a",
			     .credentials = BIND_SIMPLE };

	(void)state;
	memset(password, 'x', sizeof(password));
	bind.password = bytes_of(password, BIND_PASSWORD_MAX);
	assert_ok(bind_argument_encode(BIND_MTA, &bind, &out));
	assert_ok(bind_argument_decode(BIND_MTA, buf_view(&out), arena, &bind));
	buf_clear(&out);
	bind.password = bytes_of(password, BIND_PASSWORD_MAX + 1);
	struct status *st = bind_argument_encode(BIND_MTA, &bind, &out);
	if (!st)
		st = bind_argument_decode(BIND_MTA, buf_view(&out), arena, &bind);
	assert_fails(st, "");
}

static const struct {
	enum bind_kind kind;
	enum bind_problem problem;
	enum status_kind is;
	const char *words;
} refusals[] = {
	{ BIND_MTA, BIND_BUSY, ST_LATER, "the peer is busy" },
	{ BIND_MTA, BIND_AUTHENTICATION_ERROR, ST_REFUSED, "does not accept our credentials" },
	{ BIND_MTA, BIND_UNACCEPTABLE_DIALOGUE_MODE, ST_REFUSED, "the dialogue mode" },
	{ BIND_MTA, BIND_UNACCEPTABLE_SECURITY_CONTEXT, ST_REFUSED, "the security context" },
	{ BIND_MTS, BIND_BUSY, ST_LATER, "the peer is busy" },
	{ BIND_MTS, BIND_AUTHENTICATION_ERROR, ST_REFUSED, "does not accept our credentials" },
	{ BIND_MTS, BIND_UNACCEPTABLE_SECURITY_CONTEXT, ST_REFUSED, "the security context" },
	{ BIND_MS, BIND_BUSY, ST_LATER, "the peer is busy" },
	{ BIND_MS, BIND_AUTHENTICATION_ERROR, ST_REFUSED, "does not accept our credentials" },
	{ BIND_MS, BIND_UNACCEPTABLE_SECURITY_CONTEXT, ST_REFUSED, "the security context" },
};

static void every_refusal_has_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		AUTO(buf_free) struct buf error = { 0 };

		assert_ok(bind_error_encode(refusals[i].kind, refusals[i].problem, &error));
		struct status *st = bind_error_status(refusals[i].kind, buf_view(&error));
		assert_int_equal(st->kind, refusals[i].is);
		assert_fails(st, refusals[i].words);
	}
	assert_fails(bind_error_status(BIND_MTA, BYTES("\x02\x01\x63")), "with problem 99");
	assert_fails(bind_error_status(BIND_MTA, BYTES("\x05")), "did not say why");
	assert_fails(bind_error_status(BIND_MS, bytes_none()), "did not say why");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_read_as_it_was_written),
		cmocka_unit_test(an_mta_may_stay_unnamed),
		cmocka_unit_test(passwords_come_as_characters_and_as_octets),
		cmocka_unit_test(names_that_a_kind_does_not_have_are_refused),
		cmocka_unit_test(a_password_has_a_limit),
		cmocka_unit_test(every_refusal_has_words),
	};

	return cmocka_run_group_tests_name("binds", tests, setup, teardown);
}
