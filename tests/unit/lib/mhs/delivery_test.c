/* SPDX-License-Identifier: Apache-2.0 */
/* What answers a submission and a delivery, and the envelope that a store keeps: there and back,
 * and cut off at each octet. */
#include "lib/mhs/delivery.h"

#include "lib/mhs/orname.h"
#include "lib/mhs/mts_id.h"
#include "tests/support/check.h"

static struct arena *arena;
static struct bytes identifier, alice;

static int setup(void **state)
{
	const struct mta_identity self = { "FR", "400net", "Gov", "north" };
	AUTO(buf_free) struct buf id = { 0 };

	(void)state;
	arena = arena_new();
	assert_ok(mts_id_encode(&self, "north.1", &id));
	identifier = arena_dup(arena, buf_view(&id));
	assert_ok(orname_tlv_from_text(arena, "/S=Martin/ADMD=Net/C=FR/", &alice));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct delivery delivery_of(void)
{
	return (struct delivery){
		.arena = arena, .id = identifier, .time = 1790000000, .submission_time = 1790000000,
		.content_type = content_type_tlv(arena, CONTENT_TYPE_P22),
		.originator = alice, .this_recipient = alice, .priority = PRIORITY_URGENT,
		.eits = BYTES("\x65\x04\x80\x02\x05\x20"), .content_identifier = BYTES("letter 1"),
		.content = BYTES("a content"),
	};
}

static void a_stored_envelope_comes_back(void **state)
{
	struct delivery delivery = delivery_of(), *back;
	AUTO(buf_free) struct buf first = { 0 };
	AUTO(buf_free) struct buf second = { 0 };

	(void)state;
	ext_put_enumerated(arena, &delivery.extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 1);
	assert_ok(delivery_envelope_encode(&delivery, &first));
	assert_ok(delivery_envelope_decode(arena, buf_view(&first), &back));
	assert_bytes(back->id, delivery.id);
	assert_bytes(back->eits, delivery.eits);
	assert_bytes(back->content_identifier, delivery.content_identifier);
	assert_int_equal(back->content.len, 0);
	assert_ok(delivery_envelope_encode(back, &second));
	assert_bytes(buf_view(&second), buf_view(&first));
	for (size_t len = 0; len < first.len; len++)
		assert_fails(delivery_envelope_decode(arena, bytes_of(first.data, len), &back), "");
}

static void the_answer_to_a_delivery_comes_back(void **state)
{
	AUTO(buf_free) struct buf proof = hex("30 0a 30 03 06 01 2a 03 03 00 01 02");
	const struct delivery_result result = { .proof = buf_view(&proof) };
	AUTO(buf_free) struct buf octets = { 0 };
	struct delivery_result back;

	(void)state;
	delivery_result_encode(&result, &octets);
	assert_ok(delivery_result_decode(arena, buf_view(&octets), &back));
	assert_bytes(back.proof, result.proof);
	assert_int_equal(back.certificates.len, 0);
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(delivery_result_decode(arena, bytes_of(octets.data, len), &back), "");
}

static void the_answer_to_a_submission_comes_back(void **state)
{
	const struct submission_result result = { .id = identifier, .time = 1790000000,
						  .content_identifier = BYTES("letter 1") };
	AUTO(buf_free) struct buf octets = { 0 };
	struct submission_result back;

	(void)state;
	assert_ok(submission_result_encode(&result, &octets));
	assert_ok(submission_result_decode(arena, buf_view(&octets), &back));
	assert_bytes(back.id, result.id);
	assert_int_equal(back.time, result.time);
	assert_bytes(back.content_identifier, result.content_identifier);
	for (size_t len = 0; len < octets.len; len++)
		assert_fails(submission_result_decode(arena, bytes_of(octets.data, len), &back), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stored_envelope_comes_back),
		cmocka_unit_test(the_answer_to_a_delivery_comes_back),
		cmocka_unit_test(the_answer_to_a_submission_comes_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
