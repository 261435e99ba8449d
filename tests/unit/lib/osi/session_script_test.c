/* SPDX-License-Identifier: Apache-2.0 */
/* The session machine against a scripted peer, octet by octet. */
#include "lib/osi/session.h"
#include "lib/osi/cotp.h"
#include "tests/support/check.h"
#include "tests/support/session_pair.h"

/* TPKT, CR, then SPDUs in hexadecimal, one a TSDU; what the responder is told. */
#define CN_RTSE "0d 10 05 06 130100 160102 14 02 0249 c1 02 4142"
static const struct { const char *name, *spdus[4], *told; } scripts[] = {
	{ "CN of the smallest", { "0d 00" }, "connect 0349 tokens 00 data 0" },
	{ "CN of version 2", { CN_RTSE }, "connect 0249 tokens 00 data 2" },
	{ "CN with long length indicators", { "0dff0009 05ff0003 160102 c100" },
	  "connect 0349 tokens 00 data 0" },
	{ "unknown parameters are passed over", { "0d 04 e0 02 1234" }, "connect 0349 tokens 00 data 0" },
	{ "parameter overruns", { "0d 04 c1 03 4142" }, "provider abort 4: "
	  "cannot read a CN SPDU; because: a parameter ends too early" },
	{ "parameter twice", { "0d 08 14 02 0249 14 02 0249" }, "provider abort 4: "
	  "cannot read a CN SPDU; because: Session User Requirements twice" },
	{ "parameter too short", { "0d 03 14 01 02" }, "provider abort 4: "
	  "cannot read a CN SPDU; because: Session User Requirements of 1 octets, not 2 to 2" },
	{ "serial number is none", { "0d 05 05 03 17 01 41" }, "provider abort 4: "
	  "cannot read a CN SPDU; because: octet 41 in a Initial Serial Number is no digit" },
	{ "SPDU overruns", { "0d 04 c1" }, "provider abort 4: an SPDU ends too early" },
	{ "octets behind the CN", { "0d 00 00" }, "provider abort 4: CN SPDU has octets behind its end" },
	{ "no such SPDU", { "4d 00" }, "provider abort 4: "
	  "SPDU identifier 77 is not one that may stand first in a TSDU" },
	{ "AC instead of CN", { "0e 00" }, "provider abort 4: "
	  "AC SPDU is not allowed in state STA01C idle, transport connected" },
	{ "overflow, then something else", { "0d 08 05 03 160102 3c 01 01", "0e 00" }, "provider abort 4: "
	  "AC SPDU is not allowed in state STA01D wait for the CONNECT DATA OVERFLOW SPDU" },
	{ "overflow without end", { "0d 08 05 03 160102 3c 01 01", "0f 00", "0f 03 19 01 02" },
	  "connect 0349 tokens 00 data 0" },
	{ "overflow in version 1", { "0d 03 3c 01 01" }, "provider abort 4: "
	  "a CN SPDU with more user data than version 1 carries" },
	{ "overflow in CDO SPDUs", { "0d 0b 05 03 160102 3c 01 01 c2 01 41",
	  "0f 06 19 01 00 c1 01 42", "0f 06 19 01 02 c1 01 43" }, "connect 0349 tokens 00 data 3" },
	{ "second CN", { CN_RTSE, "0d 00" }, "connect 0249 tokens 00 data 2; provider abort 4: "
	  "CN SPDU is not allowed in state STA08 wait for S-CONNECT response" },
	{ "user abort", { CN_RTSE, "19 05 11 01 03 c1 00" }, "connect 0249 tokens 00 data 2; abort data 0" },
	{ "provider abort", { CN_RTSE, "19 03 11 01 05" }, "connect 0249 tokens 00 data 2; provider abort 4: "
	  "the peer's session layer aborted: it saw a protocol error" },
	{ "maximum TSDU size of 1", { "0d 08 05 06 15 04 00010001" }, "provider abort 4: "
	  "a maximum TSDU size of 1 octets" },
};

static void send_script(struct session_end *end, const char *spdu)
{
	struct buf octets = hex(spdu);
	struct buf packet = { 0 };

	buf_put_u16(&packet, 0x0300);
	buf_put_u16(&packet, (uint16_t)(octets.len + 7));
	buf_put(&packet, BYTES("\x02\xf0\x80"));
	buf_put(&packet, buf_view(&octets));
	cotp_input(end->cotp, buf_view(&packet));
	buf_free(&packet);
	buf_free(&octets);
}

static void open_transport(struct session_end *end)
{
	struct buf cr = hex("0300 000b 06 e0 0000 0009 00");

	end_init(end, SIZE_ALL, &session_limits_default);
	cotp_input(end->cotp, buf_view(&cr));
	buf_free(&cr);
}

static void answers_a_scripted_initiator(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		struct session_end end;

		print_message("  %s\n", scripts[i].name);
		open_transport(&end);
		for (size_t n = 0; n < 4 && scripts[i].spdus[n]; n++)
			send_script(&end, scripts[i].spdus[n]);
		assert_non_null(strstr(told(&end), scripts[i].told));
		end_cleanup(&end);
	}
}

/* The same once connected with half-duplex, activities and so on, all tokens at the peer. */
static const struct { const char *name, *spdus[5], *told; } connected[] = {
	{ "tokens behind the data", { "0100 2d 03 29 01 31", "01 03 10 01 15 01 00 4142" },
	  "start 1; data 2; tokens 15" },
	{ "please before data", { "0100 2d 03 29 01 31", "0200 0100 41" }, "start 1; data 1" },
	{ "segments", { "0100 2d 03 29 01 31", "0100 01 03 19 01 01 4142", "0100 01 03 19 01 00 43",
			"0100 01 03 19 01 02 44" }, "start 1; data 4" },
	{ "a segmented AS", { "0100 2d 09 19 01 01 29 01 31 c1 01 41", "0100 2d 06 19 01 02 c1 01 42" },
	  "start 1" },
	{ "a segment that did not begin", { "0100 2d 06 19 01 02 29 01 31" }, "a segment of a AS SPDU that did not begin" },
	{ "data segment out of order", { "0100 2d 03 29 01 31", "0100 01 03 19 01 02 44" }, "out of order" },
	{ "data outside an activity", { "0100 0100 41" }, "DT SPDU outside an activity" },
	{ "DT not behind GT", { "31 03 2a 01 31" }, "SPDU identifier 49 is not one that may stand first" },
	{ "three SPDUs", { "0100 2d 03 29 01 31 2d 03 29 01 31" }, "AS SPDU has octets behind its end" },
	{ "AS without identifier", { "0100 2d 00" }, "a AS SPDU without its Activity Identifier" },
	{ "point out of order", { "0100 2d 03 29 01 31", "0100 31 03 2a 01 32" }, "MIP SPDU number 2 where 1 is next" },
	{ "confirms what was not sent", { "0100 2d 03 29 01 31", "0100 32 03 2a 01 31" }, "MIA SPDU confirms point 1" },
	{ "major synchronise", { "0100 2d 03 29 01 31", "0100 29 06 0f 01 01 2a 01 31" }, "MAP SPDU without the major" },
	{ "typed data not negotiated", { "21 00 41" }, "TD SPDU without its functional unit" },
	{ "gives a token twice", { "01 03 10 01 01", "01 03 10 01 01" }, "gives tokens 01 that the sender does not own" },
	{ "data without the token", { "0100 2d 03 29 01 31", "01 03 10 01 01", "0100 0100 41" },
	  "DT SPDU without its token" },
	{ "AI tells itself from AB", { "0100 2d 03 29 01 31", "0100 19 03 32 01 05" }, "start 1; interrupt 5" },
	{ "empty GT alone", { "0100" }, "" },
};

static void keeps_the_rules_once_connected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof connected / sizeof *connected; i++) {
		struct session_end end;
		struct session_connect accept = { .units = SU_RTSE };

		print_message("  %s\n", connected[i].name);
		open_transport(&end);
		send_script(&end, CN_RTSE);
		assert_ok(session_connect_rsp(end.session, &accept));
		buf_clear(&end.told);
		for (size_t n = 0; n < 5 && connected[i].spdus[n]; n++)
			send_script(&end, connected[i].spdus[n]);
		assert_non_null(strstr(told(&end), connected[i].told));
		end_cleanup(&end);
	}
}

/* Segments as a small maximum TSDU size of the peer wants them. */
static void keeps_to_the_maximum_tsdu_size(void **state)
{
	(void)state;
	struct session_end end;
	struct session_connect accept = { .units = SU_DUPLEX };
	struct buf data = session_pattern(150);
	struct bytes part = buf_view(&data);

	open_transport(&end);
	send_script(&end, "0d 0f 05 09 15 04 00000040 16 01 02 14 02 0002");
	buf_clear(&end.to_peer);
	assert_ok(session_connect_rsp(end.session, &accept));
	assert_ok(session_data_req(end.session, &part, 1));
	session_u_abort_req(end.session, part);
	struct bytes sent = buf_view(&end.to_peer);
	unsigned tsdus = 0;
	for (; sent.len; tsdus++) {
		size_t len = (size_t)(sent.data[2] << 8 | sent.data[3]);

		assert_true(len - 7 <= 64);
		sent = bytes_slice(sent, len, sent.len);
	}
	assert_true(tsdus > 6);
	buf_free(&data);
	end_cleanup(&end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_a_scripted_initiator),
		cmocka_unit_test(keeps_the_rules_once_connected),
		cmocka_unit_test(keeps_to_the_maximum_tsdu_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
