/* SPDX-License-Identifier: Apache-2.0 */
/* Two whole stacks whose network breaks: what goes on in their next association. */
#include "tests/support/check.h"
#include "tests/support/sides.h"

/* Cuts the first association after so many octets; the next one takes what the first did not.
 * True if less was sent the second time. */
static bool cut_and_go_on(const struct app_context *context, size_t cut, bool recover)
{
	AUTO(rtse_recovery_free) struct rtse_recovery *from = rtse_recovery_new(1 << 20);
	AUTO(rtse_recovery_free) struct rtse_recovery *to = rtse_recovery_new(1 << 20);
	AUTO(buf_free) struct buf value = sides_value(200000);
	struct bytes part = buf_view(&value);
	struct assoc_limits limits = assoc_limits_default;
	struct assoc_address calling = { .reference = BYTES("a2"), .opened = BYTES("941102090001Z") };
	struct sides s;
	int delivered;
	bool less;
	int32_t id;

	limits.checkpoint_size = 4;
	sides_open(&s, &limits);
	s.initiator.recovery = from;
	s.responder.recovery = to;
	assert_true(sides_bind(&s, context, "a1"));
	wire_cut_after(s.wire, cut);
	if (context->rose)
		assert_ok(assoc_invoke_req(s.initiator.assoc, 3, &part, 1, &id));
	else
		assert_ok(assoc_transfer_req(s.initiator.assoc, &part, 1));
	sides_run(&s);
	assert_true(s.initiator.over);
	assert_true(s.responder.over);
	delivered = s.responder.transfers + s.responder.invokes;
	assert_int_equal(s.initiator.confirmed, 0);
	sides_close(&s);

	sides_open(&s, &limits);
	s.initiator.recovery = from;
	s.responder.recovery = to;
	if (recover) {
		assoc_use_recovery(s.initiator.assoc, from);
		assert_ok(assoc_recover_req(s.initiator.assoc, context, &calling, &calling, true, true,
					    BYTES("a1"), BYTES("941102090000Z")));
		sides_run(&s);
		assert_string_equal(side_told(&s.initiator), "bound;");
		assert_string_equal(side_told(&s.responder), context == &context_mts_transfer
				    ? "recovery mts-transfer;" : "recovery ms-reliable-access;");
	} else {
		assert_true(sides_bind(&s, context, "a2"));
	}
	if (context->rose)
		assert_ok(assoc_invoke_req(s.initiator.assoc, 3, &part, 1, &id));
	else
		assert_ok(assoc_transfer_req(s.initiator.assoc, &part, 1));
	less = wire_octets(s.wire, 1) < 1000;
	sides_run(&s);
	less = less && wire_octets(s.wire, 1) < value.len;
	assert_int_equal(s.responder.transfers + s.responder.invokes + delivered, 1);
	if (delivered == 0)
		assert_bytes(buf_view(&s.responder.got), part);
	if (!context->rose)
		assert_int_equal(s.initiator.confirmed, 1);
	sides_close(&s);
	return less;
}

static void a_transfer_goes_on_in_the_next_association(void **state)
{
	static const size_t cuts[] = { 1, 500, 10000, 50000, 100000, 150000, 199000 };
	int resumed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		resumed += cut_and_go_on(&context_mts_transfer, cuts[i], false);
		resumed += cut_and_go_on(&context_ms_reliable_access, cuts[i], false);
		resumed += cut_and_go_on(&context_mts_transfer, cuts[i], true);
	}
	assert_true(resumed >= 12);
}

/* An operation with a large argument, which is its result as well. */
static void invoke_over(struct sides *s, struct rtse_recovery *from, struct rtse_recovery *to,
			const char *reference, struct bytes value, size_t cut)
{
	struct assoc_limits limits = assoc_limits_default;
	int32_t id;

	limits.checkpoint_size = 4;
	sides_open(s, &limits);
	s->initiator.recovery = from;
	s->responder.recovery = to;
	s->responder.echo = true;
	assert_true(sides_bind(s, &context_ms_reliable_access, reference));
	wire_cut_after(s->wire, cut);
	assert_ok(assoc_invoke_req(s->initiator.assoc, 3, &value, 1, &id));
	sides_run(s);
}

/* Wherever it broke: the operation is repeated under its number, the argument and the result go
 * on at their checkpoints, and the result arrives. */
static void an_operation_goes_on_until_its_answer_has_come(void **state)
{
	AUTO(buf_free) struct buf value = sides_value(100000);
	bool answered = false;

	(void)state;
	for (size_t cut = 500; !answered; cut += 1777) {
		AUTO(rtse_recovery_free) struct rtse_recovery *from = rtse_recovery_new(1 << 20);
		AUTO(rtse_recovery_free) struct rtse_recovery *to = rtse_recovery_new(1 << 20);
		struct sides s;
		size_t octets;

		invoke_over(&s, from, to, "a1", buf_view(&value), cut);
		answered = s.initiator.results;
		octets = wire_octets(s.wire, 0) + wire_octets(s.wire, 1);
		sides_close(&s);
		if (answered)
			break;
		invoke_over(&s, from, to, "a2", buf_view(&value), SIZE_MAX);
		assert_int_equal(s.initiator.results, 1);
		assert_bytes(buf_view(&s.initiator.got), buf_view(&value));
		octets += wire_octets(s.wire, 0) + wire_octets(s.wire, 1);
		/* Two windows, the binds, and the headers. */
		assert_in_range(octets, 2 * value.len, 2 * value.len + 45000);
		sides_close(&s);
		assert_true(rtse_recovery_held_outgoing(from) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transfer_goes_on_in_the_next_association),
		cmocka_unit_test(an_operation_goes_on_until_its_answer_has_come),
	};

	return cmocka_run_group_tests_name("assoc_resume", tests, NULL, NULL);
}
