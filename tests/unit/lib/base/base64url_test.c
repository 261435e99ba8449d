/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/base64url.h"

#include "tests/support/check.h"

/* [RFC 4648 10] without padding, and the two characters of its own. */
static const struct { const char *octets, *text; } pairs[] = {
	{ "", "" }, { "66", "Zg" }, { "666f", "Zm8" }, { "666f6f", "Zm9v" },
	{ "666f6f62", "Zm9vYg" }, { "666f6f6261", "Zm9vYmE" }, { "666f6f626172", "Zm9vYmFy" },
	{ "fbff", "-_8" },
};

static void test_there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct buf octets = hex(pairs[i].octets), text = { 0 }, back = { 0 };

		base64url_put(&text, buf_view(&octets));
		assert_bytes(buf_view(&text), bytes_text(pairs[i].text));
		assert_true(base64url_get(buf_view(&text), &back));
		assert_bytes(buf_view(&back), buf_view(&octets));
		buf_free(&octets);
		buf_free(&text);
		buf_free(&back);
	}
}

static void test_nothing_else_is_read(void **state)
{
	static const char *const wrong[] = {
		"Z", "Zm9vY", "Zg==", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n",
		"Zh",		/* bits behind the last octet */
		"Zm9",		/* the same, two */
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf out = buf_copy(BYTES("before"));

		assert_false(base64url_get(bytes_text(wrong[i]), &out));
		assert_bytes(buf_view(&out), BYTES("before"));
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_nothing_else_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
