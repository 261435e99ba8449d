/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/ber.h"
#include "tests/support/check.h"

static void reads_frames_in_place(void **state)
{
	(void)state;
	static const struct {
		const char *wire;
		uint32_t tag;
		bool constructed, indefinite;
		size_t whole, contents;
	} cases[] = {
		{ "02 01 05",			BER_INTEGER, false, false, 3, 1 },
		{ "30 00",			BER_SEQUENCE, true, false, 2, 0 },
		{ "a3 81 02 0500",		BER_CONTEXT(3), true, false, 5, 2 },
		{ "5f 8f 7f 01 aa",		BER_APPLICATION(2047), false, false, 5, 1 },
		{ "df 1f 00",			BER_PRIVATE(31), false, false, 3, 0 },
		{ "30 80 02 01 05 0000 ffff",	BER_SEQUENCE, true, true, 7, 3 },
		{ "30 80 30 80 0000 24 80 0000 0000", BER_SEQUENCE, true, true, 12, 8 },
		{ "04 84 00000001 aa 99",	BER_OCTET_STRING, false, false, 7, 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		struct bytes left = buf_view(&wire);
		struct ber_tlv tlv;

		assert_ok(ber_next(&left, &tlv));
		assert_int_equal(tlv.tag, cases[i].tag);
		assert_int_equal(tlv.constructed, cases[i].constructed);
		assert_int_equal(tlv.indefinite, cases[i].indefinite);
		assert_int_equal(tlv.whole.len, cases[i].whole);
		assert_int_equal(tlv.contents.len, cases[i].contents);
		assert_int_equal(left.len, wire.len - cases[i].whole);
	}
}

static const struct {
	const char *wire, *fails;
} malformed[] = {
	{ "",				"header ends too early" },
	{ "02",				"header ends too early" },
	{ "1f 81",			"header ends too early" },
	{ "02 02 05",			"a value of 2 octets ends after 1" },
	{ "30 82 01",			"header ends too early" },
	{ "30 89 010000000000000000",	"a length is too large" },
	{ "30 88 ffffffffffffffff",	"ends after 0" },
	{ "30 ff 00",			"reserved octet" },
	{ "04 80 0000",			"primitive value has an indefinite length" },
	{ "0000",			"end-of-contents octets stand" },
	{ "30 02 0000",			"end-of-contents octets stand" },
	{ "30 80 02 01 05",		"header ends too early" },
	{ "30 80 02 01 05 00",		"header ends too early" },
	{ "30 80 0001 0000",		"end-of-contents octets stand" },
	{ "61 80 13 02 4742 0001",	"end-of-contents octets stand" },
	{ "30 03 02 02 05",		"a value of 2 octets ends after 1" },
	{ "30 06 30 80 0000 0000",	"end-of-contents octets stand" },
	{ "1f 80 01 00",		"leading zeros" },
	{ "1f 05 00",			"long form" },
	{ "1f ffffffff7f 00",		"tag number is too large" },
	{ "02 00",			"universal tag 2" },
	{ "01 02 0101",			"universal tag 1" },
	{ "05 01 00",			"universal tag 5" },
	{ "06 00",			"universal tag 6" },
	{ "10 00",			"universal tag 16" },
	{ "02 01 05 00",		"1 octets stand behind" },
};

static void refuses_what_is_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(malformed) / sizeof(*malformed); i++) {
		AUTO(buf_free) struct buf wire = hex(malformed[i].wire);
		AUTO(buf_free) struct buf out = { 0 };

		assert_fails(ber_check(buf_view(&wire), &ber_limits_default, NULL),
			     malformed[i].fails);
		assert_fails(ber_to_definite(buf_view(&wire), &ber_limits_default, &out),
			     malformed[i].fails);
		assert_int_equal(out.len, 0);
	}
}

static void keeps_within_limits(void **state)
{
	(void)state;
	static const struct ber_limits limits = { .depth = 3, .count = 6 };
	static const struct { const char *wire, *fails; } cases[] = {
		{ "30 04 30 02 30 00", NULL },
		{ "30 06 30 04 30 02 30 00", "more than 3 deep" },
		{ "30 0a 0500 0500 0500 0500 0500", NULL },
		{ "30 0c 0500 0500 0500 0500 0500 0500", "more than 6 values" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);

		if (cases[i].fails)
			assert_fails(ber_check(buf_view(&wire), &limits, NULL), cases[i].fails);
		else
			assert_ok(ber_check(buf_view(&wire), &limits, NULL));
	}
}

static void makes_lengths_definite(void **state)
{
	(void)state;
	static const struct { const char *name, *wire, *definite; } cases[] = {
		{ "definite",		"30 81 03 02 01 05",		 "30 81 03 02 01 05" },
		{ "indefinite",		"30 80 02 01 05 0000",		 "30 03 02 01 05" },
		{ "empty",		"a0 80 0000",			 "a0 00" },
		{ "nested",		"30 80 a1 80 0500 0000 0000",	 "30 04 a1 02 0500" },
		{ "in a definite one",	"30 06 a1 80 0500 0000",	 "30 04 a1 02 0500" },
		{ "keeps a long form",	"30 80 30 81 02 0500 0000",	 "30 05 30 81 02 0500" },
		{ "siblings",		"30 0a 30 80 0000 0500 30 80 0000", "30 06 3000 0500 3000" },
		{ "string segments",	"24 80 04 01 aa 04 01 bb 0000",	 "24 06 04 01 aa 04 01 bb" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		AUTO(buf_free) struct buf want = hex(cases[i].definite);
		AUTO(buf_free) struct buf out = { 0 };

		assert_ok(ber_to_definite(buf_view(&wire), &ber_limits_default, &out));
		assert_bytes(buf_view(&out), buf_view(&want));
	}
}

/* The new length takes more octets than the old 80, at each size around the borders. */
static void makes_long_lengths_definite(void **state)
{
	(void)state;
	static const size_t sizes[] = { 0, 126, 127, 128, 255, 256, 65535, 65536, 1 << 24 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		AUTO(buf_free) struct buf wire = { 0 };
		AUTO(buf_free) struct buf want = { 0 };
		AUTO(buf_free) struct buf out = { 0 };

		ber_put_header(&want, BER_OCTET_STRING, false, sizes[i]);
		memset(buf_extend(&want, sizes[i]), 0x55, sizes[i]);
		buf_put(&wire, BYTES("\x30\x80"));
		buf_put(&wire, buf_view(&want));
		buf_put(&wire, BYTES("\0\0"));
		ber_wrap(&want, 0, BER_SEQUENCE);
		assert_ok(ber_to_definite(buf_view(&wire), &ber_limits_default, &out));
		assert_bytes(buf_view(&out), buf_view(&want));
	}
}

/* A path of nested values as long as the limit stays cheap, either way. */
static void rewrites_deep_values(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = { 0 };
	AUTO(buf_free) struct buf out = { 0 };
	struct ber_shape shape;

	for (unsigned i = 0; i < ber_limits_default.depth; i++)
		buf_put(&wire, BYTES("\x30\x80"));
	for (unsigned i = 0; i < ber_limits_default.depth; i++)
		buf_put(&wire, BYTES("\0\0"));
	assert_ok(ber_to_definite(buf_view(&wire), &ber_limits_default, &out));
	assert_ok(ber_check(buf_view(&out), &ber_limits_default, &shape));
	assert_false(shape.indefinite);
	assert_int_equal(shape.constructed, ber_limits_default.depth);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire =
		hex("30 80 a1 80 06 02 5101 0000 24 80 04 01 aa 24 03 04 01 bb 0000 bf 8148 03 02 01 05 0000");

	assert_ok(ber_check(buf_view(&wire), &ber_limits_default, NULL));
	for (size_t len = 0; len < wire.len; len++) {
		AUTO(buf_free) struct buf part = buf_copy(bytes_of(wire.data, len));
		AUTO(buf_free) struct buf out = { 0 };
		struct bytes left = buf_view(&part);
		struct ber_tlv tlv;

		assert_fails(ber_check(buf_view(&part), &ber_limits_default, NULL), "");
		assert_fails(ber_to_definite(buf_view(&part), &ber_limits_default, &out), "");
		assert_fails(ber_next(&left, &tlv), "");
	}
}

static void finds_members(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf wire = hex("30 80 02 01 05 a1 80 04 01 aa 0000 a2 00 0000");
	AUTO(buf_free) struct buf member = hex("a1 80 04 01 aa 0000");
	struct ber_tlv outer, inner;

	assert_ok(ber_only(buf_view(&wire), &outer));
	assert_true(ber_find(outer.contents, BER_CONTEXT(1), &inner));
	assert_bytes(inner.whole, buf_view(&member));
	assert_true(ber_nth(outer.contents, 2, &inner));
	assert_int_equal(inner.tag, BER_CONTEXT(2));
	assert_false(ber_nth(outer.contents, 3, &inner));
	assert_false(ber_find(outer.contents, BER_CONTEXT(7), &inner));
	assert_fails(ber_get(outer.contents, BER_CONTEXT(7), "the token", &inner),
		     "the token is missing");
}

static void joins_segments(void **state)
{
	(void)state;
	static const struct { const char *wire, *joined, *fails; } cases[] = {
		{ "04 02 aabb",				"aabb", NULL },
		{ "24 06 04 01 aa 04 01 bb",		"aabb", NULL },
		{ "24 80 24 80 04 01 aa 0000 0000",	"aa", NULL },
		{ "33 04 04 02 4142",			"4142", NULL },
		{ "33 04 13 02 4142",			"4142", NULL },
		{ "a3 04 04 02 4142",			"4142", NULL },
		{ "24 00",				"", NULL },
		{ "24 03 02 01 05",			NULL, "segment of another type" },
		{ "24 03 04 02 aa",			NULL, "ends after 1" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		AUTO(buf_free) struct buf out = { 0 };
		struct ber_tlv tlv;

		assert_ok(ber_only(buf_view(&wire), &tlv));
		if (cases[i].fails) {
			assert_fails(ber_join(&tlv, &out), cases[i].fails);
		} else {
			AUTO(buf_free) struct buf want = hex(cases[i].joined);

			assert_ok(ber_join(&tlv, &out));
			assert_bytes(buf_view(&out), buf_view(&want));
		}
	}
}

static void integers_round_trip(void **state)
{
	(void)state;
	static const struct { int64_t value; const char *wire; } cases[] = {
		{ 0, "0201 00" },	   { 127, "0201 7f" },	  { 128, "0202 0080" },
		{ -1, "0201 ff" },	   { -128, "0201 80" },	  { -129, "0202 ff7f" },
		{ INT64_MAX, "0208 7fffffffffffffff" }, { INT64_MIN, "0208 8000000000000000" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf want = hex(cases[i].wire);
		AUTO(buf_free) struct buf out = { 0 };
		struct ber_tlv tlv;
		int64_t value;

		ber_put_integer(&out, BER_INTEGER, cases[i].value);
		assert_bytes(buf_view(&out), buf_view(&want));
		assert_ok(ber_only(buf_view(&out), &tlv));
		assert_ok(ber_integer(&tlv, &value));
		assert_true(value == cases[i].value);
	}
}

static void counts_within_a_bound(void **state)
{
	AUTO(buf_free) struct buf three = hex("0201 01 0101 ff 0500");
	size_t count;

	(void)state;
	assert_ok(ber_count(bytes_none(), 3, "values", &count));
	assert_int_equal(count, 0);
	assert_ok(ber_count(buf_view(&three), 3, "values", &count));
	assert_int_equal(count, 3);
	assert_fails(ber_count(buf_view(&three), 2, "values", &count), "more than 2 values");
	three.len--;
	assert_fails(ber_count(buf_view(&three), 3, "values", &count), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_frames_in_place),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(keeps_within_limits),
		cmocka_unit_test(makes_lengths_definite),
		cmocka_unit_test(makes_long_lengths_definite),
		cmocka_unit_test(rewrites_deep_values),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(finds_members),
		cmocka_unit_test(counts_within_a_bound),
		cmocka_unit_test(joins_segments),
		cmocka_unit_test(integers_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
