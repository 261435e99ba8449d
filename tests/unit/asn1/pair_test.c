/* SPDX-License-Identifier: Apache-2.0 */
#include "asn1/pair.h"

#include "tests/support/check.h"

static const struct { const char *name, *value, *forward, *reverse, *fails; } cases[] = {
	{ "both halves", "300c a004 3002 0500 a104 3002 0101", .forward = "3002 0500", .reverse = "3002 0101" },
	{ "forward alone", "3006 a004 3002 0500", .forward = "3002 0500", .reverse = "" },
	{ "reverse alone", "3006 a104 3002 0500", .forward = "", .reverse = "3002 0500" },
	{ "indefinite frame", "3080 a004 3002 0500 0000", .forward = "3002 0500", .reverse = "" },
	{ "nothing", "", .fails = "not a certificate pair" },
	{ "no half", "3000", .fails = "not a certificate pair" },
	{ "junk", "6a756e6b", .fails = "not a certificate pair" },
	{ "text of a server that checks nothing", "7b206a756e6b207d", .fails = "not a certificate pair" },
	{ "wrong order", "300c a104 3002 0500 a004 3002 0101", .fails = "two halves, in order" },
	{ "one half twice", "300c a004 3002 0500 a004 3002 0101", .fails = "two halves, in order" },
	{ "another half", "3006 a204 3002 0500", .fails = "two halves, in order" },
	{ "implicit half", "3004 8002 0500", .fails = "holds no certificate" },
	{ "half with two values", "3008 a006 3002 0500 0500", .fails = "half of a certificate pair" },
	{ "half that is an INTEGER", "3005 a003 0201 05", .fails = "holds no certificate" },
	{ "octets behind", "3006 a004 3002 0500 00", .fails = "not a certificate pair" },
};

static void decoding(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(buf_free) struct buf value = hex(cases[i].value);
		struct cert_pair pair;

		print_message("%s\n", cases[i].name);
		if (cases[i].fails) {
			assert_fails(pair_decode(buf_view(&value), &pair), cases[i].fails);
			continue;
		}
		AUTO(buf_free) struct buf forward = hex(cases[i].forward);
		AUTO(buf_free) struct buf reverse = hex(cases[i].reverse);

		assert_ok(pair_decode(buf_view(&value), &pair));
		assert_bytes(pair.forward, buf_view(&forward));
		assert_bytes(pair.reverse, buf_view(&reverse));
		for (size_t len = 0; len < value.len; len++) {
			struct cert_pair part;

			assert_fails(pair_decode(bytes_of(value.data, len), &part), "");
		}
	}
}

static void encoding(void **state)
{
	AUTO(buf_free) struct buf cert = hex("3002 0500");
	AUTO(buf_free) struct buf want = hex("300c a004 3002 0500 a104 3002 0500");
	AUTO(buf_free) struct buf got = { 0 };
	struct cert_pair pair = { buf_view(&cert), buf_view(&cert) };

	(void)state;
	assert_ok(pair_encode(&pair, &got));
	assert_bytes(buf_view(&got), buf_view(&want));
	assert_fails(pair_encode(&(struct cert_pair){ 0 }, &got), "at least one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),
		cmocka_unit_test(encoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
