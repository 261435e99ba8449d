/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/asn.h"
#include "asn1/oid.h"
#include "tests/support/check.h"

#include <AARE-apdu.h>
#include <AARQ-apdu.h>
#include <ACSE-apdu.h>
#include <Abort-type.h>
#include <CP-type.h>
#include <Controls.h>
#include <ListArgument.h>
#include <ROSEapdus.h>
#include <RTSE-apdus.h>
#include <User-data.h>
#include <PrintableString.h>
#include <T61String.h>

/* The same value again as DER. */
static void recode(const asn_TYPE_descriptor_t *type, struct bytes in, struct buf *out)
{
	void *value;

	assert_ok(asn_decode(type, in, &value));
	assert_ok(asn_encode(type, value, out));
	asn_free(type, &value);
	assert_null(value);
}

static const struct { const char *name; asn_TYPE_descriptor_t *type; const char *der, *ber; } forms[] = {
	{ "application context under an indefinite explicit tag", &asn_DEF_AARQ_apdu,
	  "60 06 a1 04 06 02 5101",
	  "60 80 a1 80 06 02 5101 0000 0000" },
	{ "mixed chain of explicit tags", &asn_DEF_AARE_apdu,
	  "61 12 a1 04 06 02 5101 a2 03 02 01 00 a3 05 a1 03 02 01 00",
	  "61 80 a1 80 06 02 5101 0000 a2 80 02 01 00 0000 a3 05 a1 03 02 01 00 0000" },
	{ "user data, definite within indefinite", &asn_DEF_User_data,
	  "61 0b 30 09 02 01 03 a0 04 04 02 aabb",
	  "61 80 30 80 02 01 03 a0 80 04 02 aabb 0000 0000 0000" },
	{ "octet-aligned in segments", &asn_DEF_User_data,
	  "61 09 30 07 02 01 03 81 02 aabb",
	  "61 80 30 80 02 01 03 a1 80 04 01 aa 04 01 bb 0000 0000 0000" },
	{ "arbitrary in segments", &asn_DEF_User_data,
	  "61 0a 30 08 02 01 03 82 03 04 aab0",
	  "61 80 30 80 02 01 03 a2 80 03 02 00 aa 03 02 04 bf 0000 0000 0000" },
	{ "simply encoded in segments", &asn_DEF_User_data,
	  "40 02 aabb", "60 80 04 01 aa 04 01 bb 0000" },
	{ "a constructed T61String", &asn_DEF_T61String,
	  "14 02 4142", "34 80 04 01 41 14 01 42 0000" },
	{ "a constructed PrintableString of its own tag", &asn_DEF_PrintableString,
	  "13 02 4142", "33 80 13 01 41 13 01 42 0000" },
	{ "members of a SET in another order", &asn_DEF_RTSE_apdus,
	  "b0 0c 80 01 3f 81 01 05 a3 04 a0 02 05 00",
	  "b0 80 a3 80 a0 80 05 00 0000 0000 81 01 05 80 01 3f 0000" },
};

static void all_forms_of_a_value_are_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		AUTO(buf_free) struct buf der = hex(forms[i].der);
		AUTO(buf_free) struct buf ber = hex(forms[i].ber);
		AUTO(buf_free) struct buf from_der = { 0 };
		AUTO(buf_free) struct buf from_ber = { 0 };

		recode(forms[i].type, buf_view(&der), &from_der);
		assert_bytes(buf_view(&from_der), buf_view(&der));
		recode(forms[i].type, buf_view(&ber), &from_ber);
		assert_bytes(buf_view(&from_ber), buf_view(&der));
	}
}

static const struct { const char *name; asn_TYPE_descriptor_t *type; const char *wire, *fails; } bad[] = {
	{ "asn1c's endless loop", &asn_DEF_User_data, "61 80 13 02 4742 0001", "end-of-contents" },
	{ "the same in an explicit CHOICE", &asn_DEF_AARE_apdu,
	  "61 80 a1 04 06 02 5101 a2 03 02 01 00 a3 80 a1 03 02 01 00 0001", "end-of-contents" },
	{ "the same, hidden in a primitive explicit CHOICE", &asn_DEF_ListArgument,
	  "31 10 a1 0e 31 0c 82 0a a0 80 a4 04 06 02 2a03 0001", "no ListArgument" },
	{ "a primitive explicit CHOICE that hides nothing", &asn_DEF_ListArgument,
	  "31 0e a1 0c 31 0a 82 08 a0 06 a4 04 06 02 2a03", "no ListArgument" },
	{ "an implicit INTEGER without octets", &asn_DEF_RTSE_apdus,
	  "b0 0b 80 01 3f 81 00 a3 04 a0 02 05 00", "no RTSE-apdus" },
	{ "an implicit BOOLEAN without octets", &asn_DEF_Controls, "31 02 80 00", "no Controls" },
	{ "an implicit BOOLEAN of two", &asn_DEF_Controls,
	  "31 04 80 02 00 ff", "no Controls" },
	{ "primitive of indefinite length", &asn_DEF_T61String, "14 80 0000", "primitive value" },
	{ "primitive explicit ANY", &asn_DEF_AARQ_apdu,
	  "60 0a a1 04 06 02 5101 82 02 0500", "no AARQ-apdu" },
	{ "two values in an explicit ANY", &asn_DEF_AARQ_apdu,
	  "60 0c a1 04 06 02 5101 a2 04 0500 0500", "no AARQ-apdu" },
	{ "no value in an explicit ANY", &asn_DEF_AARQ_apdu,
	  "60 08 a1 04 06 02 5101 a2 00", "no AARQ-apdu" },
	{ "15 unused bits", &asn_DEF_User_data, "61 09 30 07 02 01 03 82 02 0faa", "no User-data" },
	{ "no count of unused bits", &asn_DEF_User_data, "61 07 30 05 02 01 03 82 00", "no User-data" },
	{ "unused bits of nothing", &asn_DEF_User_data, "61 08 30 06 02 01 03 82 01 04", "no User-data" },
	{ "a segment of another type", &asn_DEF_T61String, "34 03 02 01 05", "no T61String" },
	{ "an empty INTEGER", &asn_DEF_User_data, "61 08 30 06 02 00 81 02 aabb", "universal tag 2" },
	{ "octets behind the end", &asn_DEF_T61String, "14 01 41 00", "1 octets stand behind" },
	{ "a missing member", &asn_DEF_AARQ_apdu, "60 00", "no AARQ-apdu" },
	{ "a member twice", &asn_DEF_RTSE_apdus,
	  "b0 0c 80 01 3f 80 01 05 a3 04 a0 02 05 00", "no RTSE-apdus" },
	{ "another type", &asn_DEF_ROSEapdus, "61 00", "no ROSEapdus" },
};

static void refuses_what_is_no_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(buf_free) struct buf wire = hex(bad[i].wire);
		void *value = &wire;

		assert_fails(asn_decode(bad[i].type, buf_view(&wire), &value), bad[i].fails);
		assert_null(value);
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		AUTO(buf_free) struct buf ber = hex(forms[i].ber);

		for (size_t len = 0; len < ber.len; len++) {
			AUTO(buf_free) struct buf part = buf_copy(bytes_of(ber.data, len));
			void *value;

			assert_fails(asn_decode(forms[i].type, buf_view(&part), &value), "");
		}
	}
}

/* [X.227 7.1] fields that a later text adds are passed over. */
static void passes_over_unknown_fields(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire =
		hex("60 0d a1 04 06 02 5101 be 00 bf33 02 0500");
	AARQ_apdu_t *aarq = NULL;

	assert_ok(asn_decode(&asn_DEF_AARQ_apdu, buf_view(&wire), (void **)&aarq));
	assert_true(oid_is(oid_bytes(&aarq->application_context_name), "2.1.1"));
	asn_free(&asn_DEF_AARQ_apdu, &aarq);
}

static void members_are_made_and_read(void **state)
{
	(void)state;
	static const struct { uint32_t bits; const char *octets; int unused; } cases[] = {
		{ 0, "", 0 }, { 1, "80", 7 }, { 0x249, "9240", 6 }, { 0x80, "01", 0 },
		{ UINT32_C(1) << 31, "00000001", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf want = hex(cases[i].octets);
		BIT_STRING_t *bits = asn_new_bits(cases[i].bits);

		assert_bytes(asn_bytes(bits), buf_view(&want));
		assert_int_equal(bits->bits_unused, cases[i].unused);
		assert_int_equal(asn_bits(bits), cases[i].bits);
		asn_free(&asn_DEF_BIT_STRING, &bits);
	}
	assert_null(asn_long_unless(3, 3));
	assert_int_equal(asn_long_or(NULL, 3), 3);
	assert_fails(asn_range(4, 0, 3, "the priority"), "the priority is 4, not 0 to 3");
	OCTET_STRING_t *none = NULL;
	OCTET_STRING_t *some = asn_string(OCTET_STRING_t, BYTES("ab"));

	assert_int_equal(asn_bytes(none).len, 0);
	assert_string_equal(asn_text(some), "ab");
	asn_set(some, BYTES("cde"));
	assert_bytes(asn_bytes(some), BYTES("cde"));
	asn_free(&asn_DEF_OCTET_STRING, &some);
}

static void an_incomplete_value_is_not_encoded(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf out = buf_copy(BYTES("before"));
	ACSE_apdu_t *nothing = asn_new(ACSE_apdu_t);

	assert_fails(asn_encode(&asn_DEF_ACSE_apdu, nothing, &out), "cannot encode ACSE-apdu");
	assert_bytes(buf_view(&out), BYTES("before"));
	asn_free(&asn_DEF_ACSE_apdu, &nothing);
}

static void a_large_content_is_carried(void **state)
{
	(void)state;
	const size_t size = 64 << 20;
	AUTO(buf_free) struct buf wire = { 0 };
	void *value;

	buf_put(&wire, BYTES("\x61\x80\x30\x80\x02\x01\x03"));
	ber_put_header(&wire, BER_CONTEXT(1), false, size);
	memset(buf_extend(&wire, size), 0x55, size);
	buf_put(&wire, BYTES("\0\0\0\0"));
	assert_ok(asn_decode(&asn_DEF_User_data, buf_view(&wire), &value));
	asn_free(&asn_DEF_User_data, &value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_forms_of_a_value_are_one),
		cmocka_unit_test(refuses_what_is_no_value),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(passes_over_unknown_fields),
		cmocka_unit_test(members_are_made_and_read),
		cmocka_unit_test(an_incomplete_value_is_not_encoded),
		cmocka_unit_test(a_large_content_is_carried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
