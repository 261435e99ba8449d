/* SPDX-License-Identifier: Apache-2.0 */
/* The argument of register: what is read, what is not served here, and what is none. */
#include "lib/mhs/registration.h"

#include "asn1/asn.h"
#include "lib/sec/label.h"
#include "tests/support/check.h"

#include <RegisterArgument.h>

/* secret, of no policy */
#define LABEL "020104"
#define SECRET "31 03 " LABEL

static const struct {
	const char *name, *octets;
	struct registered has;
	const char *labels, *types;
	const char *unserved, *fails;
} cases[] = {
	{ "nothing", "3100", { 0 } },
	{ "all that is served",
	  "31 1e  a1 03 020109  a3 09 460116 0604 2a030405  a4 0c 31 0a a0 08 0603 2a0304 " LABEL,
	  .has = { .has_labels = true, .has_content_types = true, .has_content_max = true,
		   .content_max = 9 },
	  .labels = "31 0a 31 08 0603 2a0304 " LABEL, .types = "460116 0604 2a030405" },
	{ "two labels", "31 10 a4 0e 31 05 a0 03 " LABEL " 31 05 a0 03 020101",
	  .has = { .has_labels = true }, .labels = "31 0a " SECRET " 31 03 020101" },
	{ "none any more", "31 04 a3 00 a4 00",
	  .has = { .has_labels = true, .has_content_types = true } },
	{ "a name", "31 04 60 02 30 00", { 0 } },
	{ "an address", "31 04 a0 02 a0 00", .unserved = "user-address" },
	{ "types of information", "31 06 65 04 80 02 0520",
	  .unserved = "deliverable-encoded-information-types" },
	{ "controls", "31 04 a2 02 31 00", .unserved = "default-delivery-controls" },
	{ "a redirection", "31 06 a4 04 31 02 a1 00", .has = { .has_labels = true },
	  .unserved = "recipient-assigned-alternate-recipient" },
	{ "of no label", "31 04 a4 02 31 00", .has = { .has_labels = true },
	  .unserved = "recipient-assigned-alternate-recipient" },
	{ "no set", "3000", .fails = "no set" },
	{ "an unknown element", "31 02 a8 00", .fails = "unknown tag" },
	{ "an element twice", "31 0a a1 03 020109 a1 03 020109", .fails = "twice" },
	{ "a negative length", "31 05 a1 03 0201ff", .fails = "deliverable-maximum-content-length" },
	{ "a length beyond all bounds", "31 09 a1 07 02 05 0080000000",
	  .fails = "deliverable-maximum-content-length" },
	{ "a length that is a text", "31 05 a1 03 160139",
	  .fails = "deliverable-maximum-content-length" },
	{ "a type that is none", "31 05 a3 03 020116", .fails = "deliverable-content-types" },
	{ "a label that is none", "31 09 a4 07 31 05 a0 03 160139", .fails = "" },
	{ "a pair that is none", "31 04 a4 02 30 00", .fails = "labels-and-redirections" },
};

static void assert_hex(struct bytes got, const char *text)
{
	AUTO(buf_free) struct buf want = hex(text ? text : "");

	assert_bytes(got, buf_view(&want));
}

static void assert_read(const struct registration *got, size_t i)
{
	const struct registered *r = &got->registered, *want = &cases[i].has;

	assert_int_equal(r->has_labels, want->has_labels);
	assert_int_equal(r->has_content_types, want->has_content_types);
	assert_int_equal(r->has_content_max, want->has_content_max);
	assert_int_equal(r->content_max, want->content_max);
	assert_hex(r->labels, cases[i].labels);
	assert_hex(r->content_types, cases[i].types);
}

static void arguments_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(buf_free) struct buf octets = hex(cases[i].octets), again = { 0 };
		struct registration got;
		struct status *st = registration_decode(arena, buf_view(&octets), &got);

		print_message("%s\n", cases[i].name);
		if (cases[i].fails) {
			assert_fails(st, cases[i].fails);
			continue;
		}
		assert_ok(st);
		assert_read(&got, i);
		if (cases[i].unserved) {
			assert_string_equal(got.unserved, cases[i].unserved);
			continue;
		}
		assert_null(got.unserved);
		assert_ok(registration_encode(&got, &again));
		assert_bytes(buf_view(&again), buf_view(&octets));
	}
}

static void a_truncated_one_is_none(void **state)
{
	AUTO(buf_free) struct buf octets = hex(cases[1].octets);

	(void)state;
	for (size_t len = 0; len < octets.len; len++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct registration got;

		assert_fails(registration_decode(arena, bytes_of(octets.data, len), &got), "");
	}
}

/* Our own decoder of the whole type, made from the module, reads it too. */
static void it_is_what_the_module_says(void **state)
{
	AUTO(buf_free) struct buf octets = hex(cases[1].octets);
	RegisterArgument_t *argument = NULL;

	(void)state;
	assert_ok(asn_decode(&asn_DEF_RegisterArgument, buf_view(&octets), (void **)&argument));
	assert_int_equal(argument->labels_and_redirections->list.count, 1);
	assert_int_equal(argument->deliverable_content_types->list.count, 2);
	ASN_STRUCT_FREE(asn_DEF_RegisterArgument, argument);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_are_read),
		cmocka_unit_test(a_truncated_one_is_none),
		cmocka_unit_test(it_is_what_the_module_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
