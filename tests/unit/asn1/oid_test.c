/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/oid.h"
#include "tests/support/check.h"

#include <asn_application.h>

static const struct { const char *dotted, *contents; } good[] = {
	{ "2.1.1",	"51 01" },
	{ "2.2.1.0.1",	"52 01 00 01" },
	{ "0.0",	"00" },
	{ "1.39",	"4f" },
	{ "2.999.3",	"8837 03" },
	{ "2.16.840.1.101.3.4.2.1", "60 8648 01 65 03 04 02 01" },
	{ "2.25.340282366920938463463374607431768211455",
	  "69 83ffffffffffffffffffffffffffffffffff7f" },
};

static void text_and_octets_agree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		AUTO(buf_free) struct buf want = hex(good[i].contents);
		AUTO(buf_free) struct buf got = { 0 };

		if (i + 1 == sizeof(good) / sizeof(*good)) {
			/* One arc of 128 bits is the most that text can say. */
			assert_string_equal(oid_text(buf_view(&want)).s, good[i].dotted);
			continue;
		}
		assert_ok(oid_from_text(good[i].dotted, &got));
		assert_bytes(buf_view(&got), buf_view(&want));
		assert_ok(oid_check(buf_view(&got)));
		assert_string_equal(oid_text(buf_view(&got)).s, good[i].dotted);
		assert_true(oid_is(buf_view(&got), good[i].dotted));
		assert_false(oid_is(buf_view(&got), "2.5.4.3"));
	}
}

static void a_uuid_fits_in_one_arc(void **state)
{
	(void)state;
	const char *uuid = "2.25.329800735698586629295641978511506172918";
	AUTO(buf_free) struct buf got = { 0 };

	assert_ok(oid_from_text(uuid, &got));
	assert_int_equal(got.len, 20);
	assert_string_equal(oid_text(buf_view(&got)).s, uuid);
}

static void refuses_other_text(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"", "2", "2.", ".2", "3.1", "1.40", "2.5.", "2.5..4", "2.5.04", "2.5.x", "2.5 .4",
		"-1.2", "2.25.3402823669209384634633746074317682114560",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(buf_free) struct buf got = { 0 };

		assert_fails(oid_from_text(bad[i], &got), "object identifier");
		assert_int_equal(got.len, 0);
	}
}

static void refuses_other_octets(void **state)
{
	(void)state;
	static const struct { const char *wire, *text; } bad[] = {
		{ "", "?" }, { "81", "81?" }, { "2a 80 01", "2a8001?" }, { "2a 8f", "2a8f?" },
		{ "69 ffffffffffffffffffffffffffffffffffffff7f",
		  "69ffffffffffffffffffffffffffffffffffffff7f?" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(buf_free) struct buf wire = hex(bad[i].wire);

		assert_fails(oid_check(buf_view(&wire)), "object identifier");
		assert_string_equal(oid_text(buf_view(&wire)).s, bad[i].text);
	}
}

static void members_hold_contents(void **state)
{
	(void)state;
	OBJECT_IDENTIFIER_t *oid = oid_new("2.1.1");

	assert_bytes(oid_bytes(oid), BYTES("\x51\x01"));
	assert_ok(oid_set(oid, "2.5.4.3"));
	assert_bytes(oid_bytes(oid), BYTES("\x55\x04\x03"));
	assert_fails(oid_set(oid, "nothing"), "does not begin");
	ASN_STRUCT_FREE(asn_DEF_OBJECT_IDENTIFIER, oid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_and_octets_agree),
		cmocka_unit_test(a_uuid_fits_in_one_arc),
		cmocka_unit_test(refuses_other_text),
		cmocka_unit_test(refuses_other_octets),
		cmocka_unit_test(members_hold_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
