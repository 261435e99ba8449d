/* SPDX-License-Identifier: Apache-2.0 */
/* What a message token carries: there and back, and cut off at each octet. */
#include "lib/sec/message_data.h"

#include "tests/support/check.h"

static void signed_data_come_back(void **state)
{
	AUTO(buf_free) struct buf algorithm = hex("30 03 06 01 2a");
	AUTO(buf_free) struct buf cic = hex("30 08 30 03 06 01 2a 03 01 00");
	const struct message_signed data = {
		.seal_algorithm = buf_view(&algorithm), .cic = buf_view(&cic),
		.proof_requested = true, .has_sequence = true, .sequence = 300,
	};
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(buf_free) struct buf again = { 0 };
	struct message_signed back;

	(void)state;
	message_signed_encode(&data, &octets);
	assert_ok(message_signed_decode(buf_view(&octets), &back));
	assert_true(back.proof_requested);
	assert_true(back.has_sequence);
	assert_int_equal(back.sequence, 300);
	message_signed_encode(&back, &again);
	assert_bytes(buf_view(&again), buf_view(&octets));
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(message_signed_decode(bytes_of(octets.data, len), &back), "");
	buf_put_u8(&octets, 0);
	assert_fails(message_signed_decode(buf_view(&octets), &back), "");
}

static void encrypted_data_come_back(void **state)
{
	AUTO(buf_free) struct buf cic = hex("30 08 30 03 06 01 2a 03 01 00");
	const struct message_encrypted data = {
		.content_key = BYTES("sixteen octets!!"), .integrity_key = BYTES("another"),
		.cic = buf_view(&cic), .has_sequence = true, .sequence = 300,
	};
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(buf_free) struct buf again = { 0 };
	struct message_encrypted back;

	(void)state;
	message_encrypted_encode(&data, &octets);
	assert_ok(message_encrypted_decode(buf_view(&octets), &back));
	assert_bytes(back.content_key, data.content_key);
	assert_bytes(back.integrity_key, data.integrity_key);
	assert_true(back.has_sequence);
	assert_int_equal(back.sequence, 300);
	message_encrypted_encode(&back, &again);
	assert_bytes(buf_view(&again), buf_view(&octets));
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(message_encrypted_decode(bytes_of(octets.data, len), &back), "");
	buf_put_u8(&octets, 0);
	assert_fails(message_encrypted_decode(buf_view(&octets), &back), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_data_come_back),
		cmocka_unit_test(encrypted_data_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
