/* SPDX-License-Identifier: Apache-2.0 */
/* RTSE's APDUs: what is written is read, and nothing that is cut off, or longer, is. */
#include "lib/osi/rtse_pdu.h"

#include "tests/support/check.h"

static struct rtse_open opening, recovery;

static int setup(void **state)
{
	(void)state;
	opening = (struct rtse_open){ .checkpoint_size = 4, .window_size = 3, .two_way = true,
				      .user_data = BYTES("\xb0\x02\x05\x00") };
	recovery = (struct rtse_open){ .checkpoint_size = 4, .window_size = 3, .recovers = true,
				       .association = BYTES("\x04\x01\x61\x17\x0d" "261122050000Z") };
	return 0;
}

/* Decoders as one kind of function; what they read is not looked at. */
static struct status *as_rtorq(struct bytes in)
{
	struct rtse_open open;

	return rtorq_decode(in, &open);
}

static struct status *as_rtoac(struct bytes in)
{
	struct rtse_open open;

	return rtoac_decode(in, &open);
}

static struct status *as_rtorj(struct bytes in)
{
	struct bytes user_data;

	return rtorj_decode(in, &user_data);
}

static struct status *as_rtab(struct bytes in)
{
	int reason;

	return rtab_decode(in, &reason);
}

static struct status *as_rttp(struct bytes in)
{
	int priority;

	return rttp_decode(in, &priority);
}

static void cut_everywhere(const char *name, struct status *(*decode)(struct bytes), struct buf *apdu)
{
	print_message("%s\n", name);
	assert_true(apdu->len > 0);
	assert_ok(decode(buf_view(apdu)));
	for (size_t len = 0; len < apdu->len; len++)
		assert_fails(decode(bytes_of(apdu->data, len)), "");
	buf_put_u8(apdu, 0);
	assert_fails(decode(buf_view(apdu)), "");
	buf_clear(apdu);
}

static void what_is_cut_off_is_refused(void **state)
{
	AUTO(buf_free) struct buf apdu = { 0 };

	(void)state;
	rtorq_encode(&opening, &apdu);
	cut_everywhere("RTORQ", as_rtorq, &apdu);
	rtorq_encode(&recovery, &apdu);
	cut_everywhere("RTORQ that recovers", as_rtorq, &apdu);
	rtoac_encode(&opening, &apdu);
	cut_everywhere("RTOAC", as_rtoac, &apdu);
	rtoac_encode(&recovery, &apdu);
	cut_everywhere("RTOAC that recovers", as_rtoac, &apdu);
	rtorj_encode(opening.user_data, &apdu);
	cut_everywhere("RTORJ", as_rtorj, &apdu);
	rtab_encode(RTAB_PROTOCOL_ERROR, &apdu);
	cut_everywhere("RTAB", as_rtab, &apdu);
	rttp_encode(300, &apdu);
	cut_everywhere("RTTP", as_rttp, &apdu);
}

static void what_was_written_is_read(void **state)
{
	AUTO(buf_free) struct buf apdu = { 0 };
	struct rtse_open open;
	int number;

	(void)state;
	rtorq_encode(&opening, &apdu);
	assert_ok(rtorq_decode(buf_view(&apdu), &open));
	assert_int_equal(open.checkpoint_size, 4);
	assert_int_equal(open.window_size, 3);
	assert_true(open.two_way);
	assert_false(open.recovers);
	assert_bytes(open.user_data, opening.user_data);
	buf_clear(&apdu);
	rtoac_encode(&recovery, &apdu);
	assert_ok(rtoac_decode(buf_view(&apdu), &open));
	assert_true(open.recovers);
	assert_bytes(open.association, recovery.association);
	buf_clear(&apdu);
	rtab_encode(RTAB_USER_ERROR, &apdu);
	assert_ok(rtab_decode(buf_view(&apdu), &number));
	assert_int_equal(number, RTAB_USER_ERROR);
	buf_clear(&apdu);
	rttp_encode(300, &apdu);
	assert_ok(rttp_decode(buf_view(&apdu), &number));
	assert_int_equal(number, 300);
}

/* The session reference that an activity is resumed under comes from the peer, too. */
static void an_association_name_is_two_values(void **state)
{
	const struct bytes name = recovery.association;
	struct bytes user, common, additional;

	(void)state;
	assert_ok(association_name_split(name, &user, &common, &additional));
	assert_bytes(user, bytes_slice(name, 0, 3));
	assert_bytes(common, bytes_slice(name, 3, SIZE_MAX));
	assert_int_equal(additional.len, 0);
	for (size_t len = 0; len < name.len; len++)
		assert_fails(association_name_split(bytes_slice(name, 0, len), &user, &common,
						    &additional), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cut_off_is_refused),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(an_association_name_is_two_values),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
