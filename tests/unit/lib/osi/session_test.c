/* SPDX-License-Identifier: Apache-2.0 */
/* The session services, between two stacks. */
#include "lib/osi/session.h"
#include "lib/osi/cotp.h"
#include "tests/support/check.h"
#include "tests/support/session_pair.h"

#include <stdlib.h>

/* Every amount of connect and accept user data, with every size of TPDU. */
static const struct { const char *name; size_t tpdu, at_once, request, response; } connects[] = {
	{ "none",                   SIZE_ALL, 0, 0, 0 },
	{ "a selector's worth",     SIZE_ALL, 1, 20, 20 },
	{ "long length indicators", SIZE_ALL, 0, 300, 300 },
	{ "as much as version 1",   128, 0, 512, 512 },
	{ "extended",               128, 1, 513, 513 },
	{ "all that is extended",   2048, 0, 10240, 10240 },
	{ "overflow",               2048, 0, 10241, 10241 },
	{ "two certificates",       128, 1, 12000, 12000 },
	{ "several CDO SPDUs",      8192, 0, 200000, 200000 },
};

static void connects_with_user_data(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof connects / sizeof *connects; i++) {
		struct session_pair pair;
		struct buf request = session_pattern(connects[i].request);
		struct buf response = session_pattern(connects[i].response);
		struct session_connect c = {
			.calling_t = BYTES("X400-88"), .called_t = BYTES("X400-88"),
			.called_s = BYTES("S7"), .units = SU_RTSE, .user_data = buf_view(&request),
		};

		print_message("  %s\n", connects[i].name);
		pair_init(&pair, connects[i].tpdu, &session_limits_default);
		pair.at_once = connects[i].at_once;
		assert_ok(session_connect_req(pair.a.session, &c));
		pair_run(&pair);
		assert_bytes(buf_view(&pair.b.data), buf_view(&request));
		assert_bytes(buf_view(&pair.b.calling_t), BYTES("X400-88"));
		assert_bytes(buf_view(&pair.b.called_s), BYTES("S7"));
		c.user_data = buf_view(&response);
		if (connects[i].request > 512 || connects[i].response <= 512) {
			assert_ok(session_connect_rsp(pair.b.session, &c));
			pair_run(&pair);
			assert_bytes(buf_view(&pair.a.data), buf_view(&response));
		}
		pair_cleanup(&pair);
		buf_free(&request);
		buf_free(&response);
	}
}

static void hands_over_ssdus_of_any_size(void **state)
{
	(void)state;
	static const struct { size_t tpdu, at_once, len; } cases[] = {
		{ 128, 1, 0 }, { 128, 1, 1 }, { 128, 0, 121 }, { 128, 0, 122 }, { 128, 7, 5000 },
		{ SIZE_ALL, 0, 65531 }, { SIZE_ALL, 1000, 200000 }, { SIZE_ALL, 65536, 16 << 20 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct session_pair pair;
		struct buf data = session_pattern(cases[i].len);
		struct bytes view = buf_view(&data);
		struct bytes parts[] = { bytes_slice(view, 0, 3), bytes_none(),
					 bytes_slice(view, 3, view.len) };

		pair_init(&pair, cases[i].tpdu, &session_limits_default);
		pair_connect(&pair, SU_DUPLEX);
		pair.at_once = cases[i].at_once;
		assert_ok(session_data_req(pair.a.session, parts, 3));
		assert_ok(session_data_req(pair.b.session, parts, 3));
		pair_run(&pair);
		assert_bytes(buf_view(&pair.a.data), view);
		assert_bytes(buf_view(&pair.b.data), view);
		pair_cleanup(&pair);
		buf_free(&data);
	}
}

static void say(struct session_end *end, const char *text)
{
	struct bytes part = bytes_text(text);

	assert_ok(session_data_req(end->session, &part, 1));
}

static void transfers_within_an_activity(void **state)
{
	(void)state;
	struct session_pair pair;
	uint32_t serial;
	struct bytes part = BYTES("x");

	pair_init(&pair, 128, &session_limits_default);
	pair_connect(&pair, SU_RTSE);
	assert_int_equal(session_tokens(pair.a.session), 0x15);
	assert_int_equal(session_tokens(pair.b.session), 0);
	assert_fails(session_data_req(pair.a.session, &part, 1), "S-DATA request outside an activity");
	assert_fails(session_data_req(pair.b.session, &part, 1), "S-DATA request without its token");

	assert_ok(session_activity_start_req(pair.a.session, BYTES("1"), bytes_none()));
	say(&pair.a, "one");
	assert_ok(session_minor_sync_req(pair.a.session, true, bytes_none(), &serial));
	assert_int_equal(serial, 1);
	say(&pair.a, "two");
	assert_ok(session_minor_sync_req(pair.a.session, false, BYTES("why"), &serial));
	say(&pair.a, "three");
	pair_run(&pair);
	assert_told(&pair.b, "start 1; data 3; point 1 to confirm; data 3; point 2; data 5");
	assert_fails(session_minor_sync_rsp(pair.b.session, 3, bytes_none()), "point 3 does not await");
	assert_ok(session_minor_sync_rsp(pair.b.session, 2, BYTES("ok")));
	pair_run(&pair);
	assert_told(&pair.a, "confirmed 2");
	assert_fails(session_release_req(pair.a.session, bytes_none()), "within an activity");
	assert_ok(session_activity_end_req(pair.a.session, bytes_none(), &serial));
	assert_int_equal(serial, 3);
	pair_run(&pair);
	assert_told(&pair.b, "end 3");
	assert_ok(session_activity_end_rsp(pair.b.session, bytes_none()));
	pair_run(&pair);
	assert_told(&pair.a, "ended");
	pair_cleanup(&pair);
}

static void passes_the_turn(void **state)
{
	(void)state;
	struct session_pair pair;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_RTSE);
	assert_fails(session_control_give_req(pair.b.session), "without its token");
	assert_ok(session_token_please_req(pair.b.session, TOKEN_DATA, BYTES("\x02\x01\x05")));
	pair_run(&pair);
	assert_told(&pair.a, "please 01");
	assert_bytes(buf_view(&pair.a.data), BYTES("\x02\x01\x05"));
	assert_ok(session_control_give_req(pair.a.session));
	pair_run(&pair);
	assert_told(&pair.b, "control");
	assert_int_equal(session_tokens(pair.a.session), 0);
	assert_int_equal(session_tokens(pair.b.session), 0x15);
	assert_fails(session_release_req(pair.a.session, bytes_none()), "without its token");
	assert_fails(session_token_give_req(pair.a.session, TOKEN_DATA), "not all owned here");
	assert_ok(session_token_give_req(pair.b.session, TOKEN_DATA));
	pair_run(&pair);
	assert_told(&pair.a, "tokens 01");
	assert_int_equal(session_tokens(pair.a.session), 0x01);
	pair_cleanup(&pair);
}

static void resumes_interrupts_and_discards(void **state)
{
	(void)state;
	struct session_pair pair;
	struct session_resume r = { .activity = BYTES("2"), .old_activity = BYTES("1"), .serial = 7,
				    .has_old_reference = true, .old_common = BYTES("then") };
	uint32_t serial;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_RTSE);
	assert_ok(session_activity_resume_req(pair.a.session, &r));
	assert_ok(session_minor_sync_req(pair.a.session, true, bytes_none(), &serial));
	assert_int_equal(serial, 8);
	assert_ok(session_activity_interrupt_req(pair.a.session, REASON_LOCAL_USER_ERROR));
	pair_run(&pair);
	assert_told(&pair.b, "resume 1 as 2 from 7 of then; point 8 to confirm; interrupt 5");
	assert_ok(session_activity_interrupt_rsp(pair.b.session));
	pair_run(&pair);
	assert_told(&pair.a, "interrupted");

	assert_ok(session_activity_start_req(pair.a.session, BYTES("3"), bytes_none()));
	assert_ok(session_activity_discard_req(pair.a.session, REASON_UNRECOVERABLE));
	pair_run(&pair);
	assert_told(&pair.b, "start 3; discard 6");
	assert_ok(session_activity_discard_rsp(pair.b.session));
	pair_run(&pair);
	assert_told(&pair.a, "discarded");
	assert_int_equal(session_tokens(pair.a.session), 0x15);
	pair_cleanup(&pair);
}

/* What the sender has under way when the receiver reports an exception is thrown away. */
static void reports_an_exception(void **state)
{
	(void)state;
	struct session_pair pair;
	uint32_t serial;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_RTSE);
	assert_fails(session_u_exception_req(pair.b.session, REASON_NONE, bytes_none()), "outside");
	assert_ok(session_activity_start_req(pair.a.session, BYTES("1"), bytes_none()));
	pair_run(&pair);
	assert_ok(session_u_exception_req(pair.b.session, REASON_ABILITY_JEOPARDIZED, bytes_none()));
	say(&pair.a, "too late");
	assert_ok(session_minor_sync_req(pair.a.session, true, bytes_none(), &serial));
	assert_ok(session_activity_end_req(pair.a.session, bytes_none(), &serial));
	pair_run(&pair);
	assert_told(&pair.a, "exception 1");
	assert_told(&pair.b, "start 1");
	assert_ok(session_activity_interrupt_req(pair.a.session, REASON_ABILITY_JEOPARDIZED));
	pair_run(&pair);
	assert_told(&pair.b, "interrupt 1");
	assert_ok(session_activity_interrupt_rsp(pair.b.session));
	pair_run(&pair);
	assert_told(&pair.a, "interrupted");

	assert_ok(session_activity_start_req(pair.a.session, BYTES("2"), bytes_none()));
	pair_run(&pair);
	assert_ok(session_u_exception_req(pair.b.session, REASON_DEMAND_DATA_TOKEN, bytes_none()));
	assert_ok(session_minor_sync_req(pair.a.session, true, bytes_none(), &serial));
	pair_run(&pair);
	assert_ok(session_token_give_req(pair.a.session, TOKEN_DATA | TOKEN_SYNC_MINOR));
	pair_run(&pair);
	assert_told(&pair.b, "start 2; tokens 05");
	say(&pair.b, "mine now");
	assert_ok(session_minor_sync_req(pair.b.session, true, bytes_none(), &serial));
	assert_int_equal(serial, 2);
	pair_run(&pair);
	assert_told(&pair.a, "exception 128; data 8; point 2 to confirm");
	pair_cleanup(&pair);
}

static void releases(void **state)
{
	(void)state;
	struct session_pair pair;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_RTSE);
	assert_ok(session_release_req(pair.a.session, BYTES("bye")));
	pair_run(&pair);
	assert_told(&pair.b, "release data 3");
	assert_ok(session_release_rsp(pair.b.session, BYTES("adieu")));
	pair_run(&pair);
	assert_told(&pair.a, "released data 5");
	assert_true(pair.a.closed && pair.b.closed);
	assert_told(&pair.b, "");
	pair_cleanup(&pair);
}

static void releases_when_both_ask(void **state)
{
	(void)state;
	struct session_pair pair;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_DUPLEX);
	assert_ok(session_release_req(pair.a.session, bytes_none()));
	assert_ok(session_release_req(pair.b.session, bytes_none()));
	pair_run(&pair);
	assert_told(&pair.a, "release data 0");
	assert_told(&pair.b, "release data 0");
	assert_ok(session_release_rsp(pair.a.session, bytes_none()));
	pair_run(&pair);
	assert_told(&pair.b, "released data 0");
	assert_ok(session_release_rsp(pair.b.session, bytes_none()));
	pair_run(&pair);
	assert_told(&pair.a, "released data 0");
	assert_true(pair.a.closed && pair.b.closed);
	pair_cleanup(&pair);
}

static void refuses_with_a_reason(void **state)
{
	(void)state;
	struct session_pair pair;
	struct session_connect c = { .units = SU_RTSE };

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	assert_ok(session_connect_req(pair.a.session, &c));
	pair_run(&pair);
	assert_fails(session_refuse_rsp(pair.b.session, REFUSED_VERSION, bytes_none()), "not a user's");
	assert_ok(session_refuse_rsp(pair.b.session, REFUSED_BY_USER_DATA, BYTES("no")));
	pair_run(&pair);
	assert_told(&pair.a, "refused 2 data 2: the peer refused the session: "
			     "by its user, which says why");
	assert_true(pair.a.closed && pair.b.closed);
	pair_cleanup(&pair);
}

static void refuses_an_unknown_version(void **state)
{
	(void)state;
	struct session_pair pair;
	struct session_connect c = { .units = SU_DUPLEX };
	struct session_limits only_1 = session_limits_default;
	struct buf long_data = session_pattern(600);

	only_1.versions = 1;
	pair_init(&pair, SIZE_ALL, &session_limits_default);
	end_cleanup(&pair.b);
	end_init(&pair.b, SIZE_ALL, &only_1);
	c.user_data = buf_view(&long_data);
	assert_ok(session_connect_req(pair.a.session, &c));
	assert_fails(session_connect_req(pair.b.session, &c), "need version 2");
	pair_run(&pair);
	assert_told(&pair.a, "refused 132 data 0: the peer refused the session: "
			     "no common version of the session protocol");
	assert_told(&pair.b, "provider abort 16: the peer proposes session versions 02 only");
	buf_free(&long_data);
	pair_cleanup(&pair);
}

static void aborts(void **state)
{
	(void)state;
	struct session_pair pair;
	struct buf data = session_pattern(70000);

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_DUPLEX);
	session_u_abort_req(pair.a.session, buf_view(&data));
	pair_run(&pair);
	assert_told(&pair.b, "abort data 70000");
	assert_bytes(buf_view(&pair.b.data), buf_view(&data));
	assert_fails(session_release_req(pair.a.session, bytes_none()), "not allowed in state STA01");
	assert_told(&pair.a, "");
	buf_free(&data);
	pair_cleanup(&pair);
}

static void negotiates_units_and_tokens(void **state)
{
	(void)state;
	struct session_pair pair;
	struct session_connect c = { .units = SU_RTSE | SU_DUPLEX | SU_TYPED_DATA,
				     .tokens = TOKENS_ALL(TOKEN_ACCEPTOR_CHOICE) };

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	assert_ok(session_connect_req(pair.a.session, &c));
	pair_run(&pair);
	assert_told(&pair.b, "connect 064b tokens aa data 0");
	assert_fails(session_connect_rsp(pair.b.session, &c), "one of half-duplex and duplex");
	c.units = SU_RTSE;
	c.tokens = TOKENS_ALL(TOKEN_RESPONDER);
	assert_ok(session_connect_rsp(pair.b.session, &c));
	pair_run(&pair);
	assert_told(&pair.a, "accepted 0249 data 0");
	assert_int_equal(session_tokens(pair.a.session), 0);
	assert_int_equal(session_tokens(pair.b.session), 0x15);
	pair_cleanup(&pair);
}

static void says_where_the_network_was_lost(void **state)
{
	(void)state;
	struct session_pair pair;

	pair_init(&pair, SIZE_ALL, &session_limits_default);
	pair_connect(&pair, SU_DUPLEX);
	cotp_network_lost(pair.a.cotp, NULL);
	assert_told(&pair.a, "provider abort 0: the transport connection ended in state STA713 data "
			     "transfer; because: the network connection ended in state OPEN");
	pair_cleanup(&pair);
}

static void survives_truncation_at_each_octet(void **state)
{
	(void)state;
	struct session_pair pair;
	struct buf data = session_pattern(10500);
	struct session_connect c = { .units = SU_RTSE, .called_s = BYTES("s"), .called_t = BYTES("t"),
				     .user_data = bytes_slice(buf_view(&data), 0, 600) };
	struct buf sent;

	pair_init(&pair, 128, &session_limits_default);
	assert_ok(session_connect_req(pair.a.session, &c));
	sent = buf_copy(buf_view(&pair.a.to_peer));
	pair_run(&pair);
	for (size_t cut = 0; cut <= sent.len; cut++) {
		struct session_end end;

		end_init(&end, 128, &session_limits_default);
		cotp_input(end.cotp, bytes_slice(buf_view(&sent), 0, cut));
		cotp_network_lost(end.cotp, NULL);
		end_cleanup(&end);
	}
	buf_free(&sent);
	buf_free(&data);
	pair_cleanup(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_with_user_data),
		cmocka_unit_test(hands_over_ssdus_of_any_size),
		cmocka_unit_test(transfers_within_an_activity),
		cmocka_unit_test(passes_the_turn),
		cmocka_unit_test(resumes_interrupts_and_discards),
		cmocka_unit_test(reports_an_exception),
		cmocka_unit_test(releases),
		cmocka_unit_test(releases_when_both_ask),
		cmocka_unit_test(refuses_with_a_reason),
		cmocka_unit_test(refuses_an_unknown_version),
		cmocka_unit_test(aborts),
		cmocka_unit_test(negotiates_units_and_tokens),
		cmocka_unit_test(says_where_the_network_was_lost),
		cmocka_unit_test(survives_truncation_at_each_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
