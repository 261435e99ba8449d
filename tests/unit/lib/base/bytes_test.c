/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/bytes.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

static void views_compare_by_octets(void **state)
{
	(void)state;
	assert_true(bytes_equal(BYTES("ab"), bytes_text("ab")));
	assert_true(bytes_equal(bytes_none(), BYTES("")));
	assert_false(bytes_equal(BYTES("ab"), BYTES("abc")));
	assert_true(bytes_compare(BYTES("ab"), BYTES("abc")) < 0);
	assert_true(bytes_compare(BYTES("\xff"), BYTES("a")) > 0);
	assert_int_equal(bytes_compare(bytes_none(), bytes_none()), 0);
}

static void a_slice_is_clipped(void **state)
{
	(void)state;
	struct bytes b = BYTES("abcdef");

	assert_bytes(bytes_slice(b, 2, 2), BYTES("cd"));
	assert_bytes(bytes_slice(b, 4, 100), BYTES("ef"));
	assert_bytes(bytes_slice(b, 4, SIZE_MAX), BYTES("ef"));
	assert_int_equal(bytes_slice(b, 6, 1).len, 0);
	assert_int_equal(bytes_slice(bytes_none(), 0, 1).len, 0);
}

static void a_buffer_grows_with_what_is_put(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf b = { 0 };

	buf_put_u8(&b, 1);
	buf_put_u16(&b, 0x0203);
	buf_put_u32(&b, 0x04050607);
	buf_put_u64(&b, UINT64_C(0x08090a0b0c0d0e0f));
	buf_put_text(&b, "x");
	buf_printf(&b, "%d", 42);
	buf_put(&b, bytes_none());
	AUTO(buf_free) struct buf want = hex("01 0203 04050607 08090a0b0c0d0e0f 783432");
	assert_bytes(buf_view(&b), buf_view(&want));
	for (int i = 0; i < 10000; i++)
		buf_put_u8(&b, (uint8_t)i);
	assert_int_equal(b.len, 10018);
	assert_int_equal(b.data[10017], 9999 & 255);
}

static void a_gap_is_opened_and_the_front_dropped(void **state)
{
	(void)state;
	AUTO(buf_free) struct buf b = buf_copy(BYTES("ad"));

	buf_insert(&b, 1, BYTES("bc"));
	assert_bytes(buf_view(&b), BYTES("abcd"));
	buf_insert(&b, 4, BYTES("e"));
	buf_insert(&b, 0, bytes_none());
	assert_bytes(buf_view(&b), BYTES("abcde"));
	buf_consume(&b, 3);
	assert_bytes(buf_view(&b), BYTES("de"));
	buf_consume(&b, 2);
	assert_int_equal(b.len, 0);
}

static void octets_are_moved_out(void **state)
{
	(void)state;
	struct buf b = buf_copy(BYTES("abc"));
	AUTO(buf_free) struct buf taken = buf_take(&b);

	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_bytes(buf_view(&taken), BYTES("abc"));
	buf_clear(&taken);
	assert_int_equal(taken.len, 0);
}

static void hexadecimal_there_and_back(void **state)
{
	(void)state;
	static const char *const wrong[] = { "0", "0g", "00 1", "0 0", "zz" };
	AUTO(buf_free) struct buf b = hex(" 00 fF\n10 ");
	AUTO(mem_free) char *text = bytes_hex(buf_view(&b));

	assert_string_equal(text, "00ff10");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct buf none;

		assert_false(buf_from_hex(wrong[i], &none));
		assert_null(none.data);
	}
}

static void a_text_ends_with_zero(void **state)
{
	(void)state;
	AUTO(mem_free) char *text = bytes_to_text(bytes_of("abcd", 2));
	AUTO(mem_free) char *empty = bytes_to_text(bytes_none());

	assert_string_equal(text, "ab");
	assert_string_equal(empty, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(views_compare_by_octets),
		cmocka_unit_test(a_slice_is_clipped),
		cmocka_unit_test(a_buffer_grows_with_what_is_put),
		cmocka_unit_test(a_gap_is_opened_and_the_front_dropped),
		cmocka_unit_test(octets_are_moved_out),
		cmocka_unit_test(hexadecimal_there_and_back),
		cmocka_unit_test(a_text_ends_with_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
