/* SPDX-License-Identifier: Apache-2.0 */
/* Whole stacks back to back: every kind of application context, and what can go wrong. */
#include "lib/osi/assoc.h"

#include "tests/support/check.h"
#include "tests/support/sides.h"

static const struct app_context *const every[] = { &context_mts_transfer, &context_ms_access, &context_ms_reliable_access };

static void told(struct side *s, const char *what)
{
	assert_string_equal(side_told(s), what);
}

/* --- binding and unbinding --- */

static void every_context_binds_and_unbinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		struct sides s;

		sides_open(&s, NULL);
		assert_true(sides_bind(&s, every[i], "a1"));
		assert_bytes(buf_view(&s.responder.got), sides_bind_argument(every[i]));
		assert_bytes(buf_view(&s.initiator.got), sides_bind_result(every[i]));
		assert_string_equal(strchr(side_told(&s.responder), ' ') + 1,
				    i == 0 ? "mts-transfer;" : i == 1 ? "ms-access;"
								      : "ms-reliable-access;");
		assert_fails(assoc_unbind_req(s.responder.assoc), "only the side that bound");
		assert_ok(assoc_unbind_req(s.initiator.assoc));
		sides_run(&s);
		told(&s.responder, "unbind;");
		told(&s.initiator, "unbound;");
		assert_true(wire_is_closed(s.wire));
		sides_close(&s);
	}
}

static void a_bind_error_reaches_the_initiator(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		struct sides s;

		sides_open(&s, NULL);
		s.responder.refuse_bind = true;
		assert_false(sides_bind(&s, every[i], "a1"));
		assert_true(s.initiator.over);
		assert_bytes(buf_view(&s.initiator.got), BYTES("\x02\x01\x02"));
		sides_close(&s);
	}
}

static void refused(const struct app_context *context, const struct assoc_address *own,
		    const char *initiator_told, const char *responder_told)
{
	struct assoc_address called = { .t_selector = BYTES("X400-88"), .s_selector = BYTES("S"),
					.p_selector = BYTES("P") };
	struct assoc_address calling = { 0 };
	struct sides s;

	sides_open(&s, NULL);
	if (own)
		assoc_serve_address(s.responder.assoc, own);
	assert_ok(assoc_bind_req(s.initiator.assoc, context, &calling, &called, false, true,
				 sides_bind_argument(context)));
	sides_run(&s);
	assert_non_null(strstr(side_told(&s.initiator), initiator_told));
	assert_non_null(strstr(side_told(&s.responder), responder_told));
	assert_true(s.initiator.over);
	assert_true(s.responder.over);
	sides_close(&s);
}

static void what_is_not_served_is_refused_by_name(void **state)
{
	struct assoc_address t = { .t_selector = BYTES("other") };
	struct assoc_address sel = { .s_selector = BYTES("other") };
	struct assoc_address p = { .p_selector = BYTES("other") };

	(void)state;
	refused(&ac_unknown, NULL, "application context name not supported",
		"application context 2.6.0.1.99 is not served here");
	refused(&context_mts_transfer, &t, "address unknown", "calls a selector that is not served");
	refused(&context_mts_transfer, &sel, "address unknown", "calls a selector that is not served");
	refused(&context_ms_access, &p, "address unknown", "calls a selector that is not served");
}

static void the_right_selectors_are_served(void **state)
{
	struct assoc_address own = { .t_selector = BYTES("X400-88"), .s_selector = BYTES("S") };
	struct sides s;

	(void)state;
	sides_open(&s, NULL);
	assoc_serve_address(s.responder.assoc, &own);
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	sides_close(&s);
}

static void a_request_out_of_place_is_the_users_mistake(void **state)
{
	struct bytes value = BYTES("\x05\x00");
	struct sides s;
	int32_t id;

	(void)state;
	sides_open(&s, NULL);
	assert_fails(assoc_transfer_req(s.initiator.assoc, &value, 1), "before the bind");
	assert_fails(assoc_unbind_req(s.initiator.assoc), "before the bind");
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	assert_fails(assoc_invoke_req(s.initiator.assoc, 20, &value, 1, &id),
		     "is not a request of mts-transfer");
	assert_fails(assoc_transfer_req(s.responder.assoc, &value, 1), "without the turn");
	assert_fails(assoc_bind_rsp(s.responder.assoc, value), "while the association is open");
	sides_close(&s);
}

/* --- transfers --- */

static void transfer(struct side *s, struct buf *value)
{
	struct bytes parts[2] = { bytes_slice(buf_view(value), 0, 2),
				  bytes_slice(buf_view(value), 2, SIZE_MAX) };

	assert_ok(assoc_transfer_req(s->assoc, parts, 2));
}

static void messages_go_both_ways_as_the_turn_passes(void **state)
{
	static const size_t lengths[] = { 0, 1, 2000, 65536, 300000 };
	struct sides s;

	(void)state;
	sides_open(&s, NULL);
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	told(&s.responder, "bind mts-transfer;");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		AUTO(buf_free) struct buf value = sides_value(lengths[i]);

		transfer(&s.initiator, &value);
		sides_run(&s);
		told(&s.responder, "transfer;");
		told(&s.initiator, "transferred;");
		assert_bytes(buf_view(&s.responder.got), buf_view(&value));

		s.initiator.give_turn = true;
		assert_ok(assoc_turn_please(s.responder.assoc, 1));
		sides_run(&s);
		told(&s.initiator, "turn please;");
		told(&s.responder, "turn;");
		assert_true(assoc_has_turn(s.responder.assoc));
		transfer(&s.responder, &value);
		sides_run(&s);
		told(&s.initiator, "transfer;");
		told(&s.responder, "transferred;");
		assert_bytes(buf_view(&s.initiator.got), buf_view(&value));
		assert_ok(assoc_turn_give(s.responder.assoc));
		sides_run(&s);
		told(&s.initiator, "turn;");
	}
	/* The initiator unbinds without the turn: it asks for it first. */
	assert_ok(assoc_turn_give(s.initiator.assoc));
	s.responder.give_turn = true;
	assert_ok(assoc_unbind_req(s.initiator.assoc));
	sides_run(&s);
	assert_true(s.initiator.over && s.responder.over);
	sides_close(&s);
}

static void the_smallest_pieces_are_enough(void **state)
{
	struct assoc_limits limits = assoc_limits_default;

	(void)state;
	limits.tpdu_size = 128;
	limits.checkpoint_size = 1;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		AUTO(buf_free) struct buf value = sides_value(5000);
		struct bytes part = buf_view(&value);
		struct sides s;
		int32_t id;

		sides_open(&s, &limits);
		wire_set_chunk(s.wire, 1);
		assert_true(sides_bind(&s, every[i], "a1"));
		if (i == 0) {
			transfer(&s.initiator, &value);
		} else {
			s.responder.echo = true;
			assert_ok(assoc_invoke_req(s.initiator.assoc, 22, &part, 1, &id));
		}
		sides_run(&s);
		assert_int_equal(i == 0 ? s.initiator.confirmed : s.initiator.results, 1);
		assert_bytes(buf_view(&s.responder.got), part);
		assert_ok(assoc_unbind_req(s.initiator.assoc));
		sides_run(&s);
		assert_true(s.initiator.over && s.responder.over);
		sides_close(&s);
	}
}

static void a_message_of_64_mib_arrives(void **state)
{
	AUTO(buf_free) struct buf value = sides_value(64 << 20);
	struct sides s;

	(void)state;
	sides_open(&s, NULL);
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	transfer(&s.initiator, &value);
	sides_run(&s);
	assert_int_equal(s.initiator.confirmed, 1);
	assert_true(bytes_equal(buf_view(&s.responder.got), buf_view(&value)));
	sides_close(&s);
}

static void what_is_over_the_limit_is_refused_and_the_association_lives(void **state)
{
	AUTO(buf_free) struct buf value = sides_value(20000);
	AUTO(buf_free) struct buf little = sides_value(10);
	struct assoc_limits limits = assoc_limits_default;
	struct sides s;

	(void)state;
	limits.apdu_max = 10000;
	limits.checkpoint_size = 1;
	sides_open(&s, &limits);
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	transfer(&s.initiator, &value);
	sides_run(&s);
	told(&s.initiator, "not transferred: the peer could not take the transfer to its end;");
	transfer(&s.initiator, &little);
	sides_run(&s);
	told(&s.initiator, "transferred;");
	sides_close(&s);
}

/* Who has not proved anything yet is given no room for more than a proof needs. */
static void a_bind_of_any_size_is_not_taken(void **state)
{
	static const struct app_context *const contexts[] = { &context_mts_transfer, &context_ms_access };
	const struct assoc_address nowhere = { 0 };
	AUTO(buf_free) struct buf argument = sides_value(assoc_limits_default.bind_max + 1);
	struct assoc_limits generous = assoc_limits_default;

	(void)state;
	generous.bind_max *= 2;
	for (size_t i = 0; i < 2; i++) {
		struct sides s;

		sides_open_apart(&s, &generous, &assoc_limits_default);
		assert_ok(assoc_bind_req(s.initiator.assoc, contexts[i], &nowhere, &nowhere, false, true,
					 buf_view(&argument)));
		sides_run(&s);
		assert_null(strstr(side_told(&s.initiator), "bound;"));
		told(&s.responder, "abort: connect user data of more than 262144 octets;");
		sides_close(&s);
	}
}

static void a_receiver_may_refuse_and_a_sender_stop(void **state)
{
	AUTO(buf_free) struct buf value = sides_value(1000);
	struct sides s;

	(void)state;
	sides_open(&s, NULL);
	assert_true(sides_bind(&s, &context_mts_transfer, "a1"));
	s.responder.hold_transfer = true;
	transfer(&s.initiator, &value);
	sides_run(&s);
	assert_ok(assoc_transfer_refuse(s.responder.assoc));
	sides_run(&s);
	told(&s.initiator, "not transferred: the peer could not take the transfer to its end;");
	transfer(&s.initiator, &value);
	sides_run(&s);
	assert_ok(assoc_transfer_stop(s.initiator.assoc));
	sides_run(&s);
	assert_ok(assoc_transfer_rsp(s.responder.assoc));
	assert_int_equal(s.initiator.confirmed, 0);
	s.responder.hold_transfer = false;
	transfer(&s.initiator, &value);
	sides_run(&s);
	assert_int_equal(s.initiator.confirmed, 1);
	sides_close(&s);
}

/* --- operations --- */

static void operations_run_side_by_side_both_ways(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof(every) / sizeof(every[0]); i++) {
		AUTO(buf_free) struct buf value = sides_value(3000);
		struct bytes part = buf_view(&value);
		struct sides s;
		int32_t id;

		sides_open(&s, NULL);
		assert_true(sides_bind(&s, every[i], "a1"));
		s.responder.echo = s.initiator.echo = true;
		for (int n = 0; n < 20; n++) {
			assert_ok(assoc_invoke_req(s.initiator.assoc, n % 2 ? 3 : 22, &part, 1, &id));
			assert_ok(assoc_invoke_req(s.responder.assoc, 25, &part, 1, &id));
		}
		sides_run(&s);
		assert_int_equal(s.initiator.results, 20);
		assert_int_equal(s.responder.results, 20);
		assert_bytes(buf_view(&s.initiator.got), part);
		assert_ok(assoc_unbind_req(s.initiator.assoc));
		sides_run(&s);
		assert_true(s.initiator.over && s.responder.over);
		sides_close(&s);
	}
}

static void errors_and_rejects_come_back(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof(every) / sizeof(every[0]); i++) {
		struct bytes value = BYTES("\x05\x00");
		struct sides s;
		int32_t first, second;

		sides_open(&s, NULL);
		assert_true(sides_bind(&s, every[i], "a1"));
		assert_ok(assoc_invoke_req(s.initiator.assoc, 22, &value, 1, &first));
		assert_ok(assoc_invoke_req(s.initiator.assoc, 23, &value, 1, &second));
		assert_fails(assoc_invoke_req(s.initiator.assoc, 99, &value, 1, &second),
			     "99 is no operation");
		sides_run(&s);
		assert_ok(assoc_error_req(s.responder.assoc, first, 21, value));
		assert_ok(assoc_reject_req(s.responder.assoc, second, 0x102));
		sides_run(&s);
		told(&s.initiator, "error 21 of 1;"
				   "reject: the peer rejected it: the argument is not as its type says;");
		sides_close(&s);
	}
}

/* --- ends --- */

static void an_abort_is_told_with_its_layer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		struct sides s;

		sides_open(&s, NULL);
		assert_true(sides_bind(&s, every[i], "a1"));
		side_told(&s.responder);
		assoc_abort_req(s.initiator.assoc);
		sides_run(&s);
		assert_non_null(strstr(side_told(&s.responder), "abort: "));
		assert_true(s.responder.over);
		assert_true(wire_is_closed(s.wire));
		sides_close(&s);
	}
}

static void a_lost_network_is_told_to_both(void **state)
{
	struct sides s;

	(void)state;
	sides_open(&s, NULL);
	assert_true(sides_bind(&s, &context_ms_access, "a1"));
	assoc_network_lost(s.initiator.assoc, NULL);
	assoc_network_lost(s.responder.assoc, NULL);
	assert_true(s.initiator.over);
	assert_true(s.responder.over);
	sides_close(&s);

	sides_open(&s, NULL);
	wire_cut_after(s.wire, 40);
	assert_false(sides_bind(&s, &context_ms_access, "a1"));
	assert_true(s.initiator.over);
	assert_true(s.responder.over);
	sides_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_context_binds_and_unbinds),
		cmocka_unit_test(a_bind_error_reaches_the_initiator),
		cmocka_unit_test(what_is_not_served_is_refused_by_name),
		cmocka_unit_test(the_right_selectors_are_served),
		cmocka_unit_test(a_request_out_of_place_is_the_users_mistake),
		cmocka_unit_test(messages_go_both_ways_as_the_turn_passes),
		cmocka_unit_test(the_smallest_pieces_are_enough),
		cmocka_unit_test(a_message_of_64_mib_arrives),
		cmocka_unit_test(what_is_over_the_limit_is_refused_and_the_association_lives),
		cmocka_unit_test(a_bind_of_any_size_is_not_taken),
		cmocka_unit_test(a_receiver_may_refuse_and_a_sender_stop),
		cmocka_unit_test(operations_run_side_by_side_both_ways),
		cmocka_unit_test(errors_and_rejects_come_back),
		cmocka_unit_test(an_abort_is_told_with_its_layer),
		cmocka_unit_test(a_lost_network_is_told_to_both),
	};

	return cmocka_run_group_tests_name("assoc", tests, NULL, NULL);
}
