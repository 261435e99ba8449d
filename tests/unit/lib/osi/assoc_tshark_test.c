/* SPDX-License-Identifier: Apache-2.0 */
/* An independent decoder names every PDU of what two of our stacks say to one another. */
#include "lib/osi/assoc.h"

#include "asn1/ber.h"
#include "asn1/mhs_operations.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"
#include "tests/support/sides.h"
#include "tests/support/tshark.h"

/* A P1 message from /O=Ministry/ to /O=Bank/; its content, a P2 message of 1988, follows. */
static const char envelope[] =
	"31818a601c301a610413024652620813063430306e657483084d696e6973747279641863106104130246526208"
	"13063430306e6574160469642d31460116692830266310610413024652620813063430306e65743112800d3934"
	"313130323039303030305a820100a223312160183016610413024652620813063430306e6574830442616e6b80"
	"010181020090";

/* An IPM whose only body part is an IA5 text of len octets [X.420]. */
static struct buf message(size_t text_len)
{
	AUTO(buf_free) struct buf ipm = hex("310b6b091307313939342d3137");
	size_t body = ipm.len, text;
	struct buf all = hex(envelope);

	buf_put(&ipm, BYTES("\x31\x00"));
	text = ipm.len;
	for (size_t i = 0; i < text_len; i++)
		buf_put_u8(&ipm, "A line of text. "[i % 16]);
	ber_wrap(&ipm, text, BER_UNIVERSAL(22));
	ber_wrap(&ipm, body, BER_CONTEXT(0));
	ber_wrap(&ipm, body, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&ipm, 0, BER_CONTEXT(0));
	ber_put(&all, BER_UNIVERSAL(BER_OCTET_STRING), buf_view(&ipm));
	ber_wrap(&all, 0, BER_CONTEXT(0));
	return all;
}

/* How many frames a filter matches. */
static int frames(const char *capture, const char *filter)
{
	static const char *const fields[] = { "frame.number", NULL };
	AUTO(buf_free) struct buf lines = tshark_fields(capture, filter, fields);
	int count = 0;

	for (size_t i = 0; i < lines.len; i++)
		count += lines.data[i] == '\n';
	return count;
}

static bool skipped(void)
{
	if (tshark_is_here())
		return false;
	print_message("tshark is not here: skipped\n");
	return true;
}

static const char *start(struct sides *s, const struct assoc_limits *limits,
			 const struct app_context *context)
{
	const char *capture = scratch_path("capture.pcap");

	sides_open(s, limits);
	assert_true(wire_record(s->wire, capture));
	s->initiator.give_turn = s->responder.give_turn = true;
	sides_bind(s, context, "a1");
	return capture;
}

/* The capture is complete only when the network is gone. */
static void finish(struct sides *s)
{
	assert_ok(assoc_unbind_req(s->initiator.assoc));
	sides_run(s);
	assert_true(s->initiator.over && s->responder.over);
	sides_close(s);
}

static void transfer(struct side *from, size_t text_len)
{
	AUTO(buf_free) struct buf octets = message(text_len);
	struct bytes part = buf_view(&octets);

	assert_ok(assoc_transfer_req(from->assoc, &part, 1));
}

static void p1_is_named_down_to_the_content(void **state)
{
	static const uint32_t checkpoints[] = { 0, 1, 64 };

	(void)state;
	if (skipped())
		return;
	for (size_t i = 0; i < sizeof(checkpoints) / sizeof(checkpoints[0]); i++) {
		struct assoc_limits limits = assoc_limits_default;
		const char *capture;
		struct sides s;

		limits.checkpoint_size = checkpoints[i];
		capture = start(&s, &limits, &context_mts_transfer);
		transfer(&s.initiator, 20);
		sides_run(&s);
		assert_ok(assoc_turn_please(s.responder.assoc, 0));
		sides_run(&s);
		transfer(&s.responder, 5000);
		sides_run(&s);
		finish(&s);
		tshark_check(capture);
		assert_int_equal(frames(capture, "p1.MTABindArgument"), 1);
		assert_int_equal(frames(capture, "p1.MTABindResult"), 1);
		assert_int_equal(frames(capture, "p1.MTS_APDU"), 2);
		assert_int_equal(frames(capture, "p22"), 2);
		assert_int_equal(frames(capture, "acse.rlrq_element or acse.rlre_element"), 2);
	}
}

static void a_refused_p1_bind_is_named(void **state)
{
	const char *capture = scratch_path("refused.pcap");
	struct sides s;

	(void)state;
	if (skipped())
		return;
	sides_open(&s, NULL);
	assert_true(wire_record(s.wire, capture));
	s.responder.refuse_bind = true;
	assert_false(sides_bind(&s, &context_mts_transfer, "a1"));
	sides_close(&s);
	tshark_check(capture);
	assert_int_equal(frames(capture, "rtse.rtorj_apdu_element"), 1);
	assert_int_equal(frames(capture, "p1.MTABindError"), 1);
}

/* An operation that succeeds, and one that fails. */
struct exchange {
	const struct app_context *context;
	int operation, error;
	struct bytes argument, result, parameter;
	const char *bind, *argument_field, *result_field;
};

static void operations_are_named(const struct exchange *x)
{
	const char *capture;
	struct sides s;
	int32_t id;

	if (skipped())
		return;
	capture = start(&s, NULL, x->context);
	assert_ok(assoc_invoke_req(s.initiator.assoc, x->operation, &x->argument, 1, &id));
	sides_run(&s);
	assert_ok(assoc_result_req(s.responder.assoc, s.responder.invoke_id, x->operation,
				   &x->result, 1));
	assert_ok(assoc_invoke_req(s.initiator.assoc, x->operation, &x->argument, 1, &id));
	sides_run(&s);
	assert_ok(assoc_error_req(s.responder.assoc, s.responder.invoke_id, x->error,
				  x->parameter));
	sides_run(&s);
	assert_int_equal(s.initiator.results, 1);
	finish(&s);
	tshark_check(capture);
	assert_int_equal(frames(capture, x->bind), 1);
	assert_int_equal(frames(capture, x->argument_field), 2);
	assert_int_equal(frames(capture, x->result_field), 1);
	assert_int_equal(frames(capture, "ros.returnError_element"), 1);
}

/* One problem, with an attribute type [X.413]. */
#define ATTRIBUTE_ERROR \
	BYTES("\x31\x10\xa0\x0e\x31\x0c\x31\x0a\xa0\x03\x02\x01\x01\xa1\x03\x06\x01\x2a")

static void p7_is_named(void **state)
{
	struct exchange summarize = {
		&context_ms_access, OP_SUMMARIZE, ERR_ATTRIBUTE_ERROR,
		BYTES("\x31\x04\xa1\x02\x31\x00"), BYTES("\x31\x05\xa1\x03\x02\x01\x00"),
		ATTRIBUTE_ERROR, "p7.MSBindArgument_element", "p7.SummarizeArgument_element",
		"p7.SummarizeResult_element",
	};

	(void)state;
	operations_are_named(&summarize);
}

/* This decoder does not know the syntax of a P7 bind over RTSE; it knows that of P3. */
static void p3_over_rtse_is_named(void **state)
{
	struct exchange control = {
		&context_mts_reliable_access, OP_CONTROL, ERR_REMOTE_BIND_ERROR,
		BYTES("\x31\x00"), BYTES("\x31\x00"), BYTES("\x05\x00"),
		"p1.MTSBindArgument_element", "p1.SubmissionControlArgument_element",
		"p1.SubmissionControlResult_element",
	};

	(void)state;
	operations_are_named(&control);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p1_is_named_down_to_the_content),
		cmocka_unit_test(a_refused_p1_bind_is_named),
		cmocka_unit_test(p7_is_named),
		cmocka_unit_test(p3_over_rtse_is_named),
	};

	return cmocka_run_group_tests_name("assoc tshark", tests, scratch_setup, scratch_teardown);
}
