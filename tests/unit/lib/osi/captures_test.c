/* SPDX-License-Identifier: Apache-2.0 */
/* Octets that others sent: a captured initiator against our responder, as far as session goes. */
#include "tests/support/check.h"
#include "tests/support/pcap.h"
#include "tests/support/session_pair.h"

#include <stdlib.h>

static const struct {
	const char *capture, *connect;
	uint16_t units;
	const char *t_selector;
	bool releases;
} captures[] = {
	{ "x400-ping-success.pcap", "connect 0249 tokens 00 data 148", SU_RTSE, "X400-88", true },
	{ "x400-ping-refuse.pcap", "connect 0249 tokens 00 data 138", SU_RTSE, "X400-88", false },
	{ "mms.pcap.gz", "connect 0002 tokens 00 data 166", SU_DUPLEX, "\x00\x01", false },
};

/* One packet of the captured initiator at a time; the answers are ours. */
static void replay(const struct pcap *capture, size_t i)
{
	struct session_end end;
	struct session_connect accept = { .units = captures[i].units };
	bool connected = false;

	end_init(&end, TPKT_TPDU_MAX, &session_limits_default);
	for (size_t n = 0; n < capture->count && !end.closed; n++) {
		if (!capture->segments[n].from_initiator)
			continue;
		cotp_input(end.cotp, capture->segments[n].payload);
		if (!end.told.len || connected)
			continue;
		assert_string_equal(told(&end), captures[i].connect);
		assert_memory_equal(end.calling_t.data, captures[i].t_selector, end.calling_t.len);
		assert_ok(session_connect_rsp(end.session, &accept));
		connected = true;
	}
	assert_true(connected);
	if (captures[i].releases)
		assert_string_equal(told(&end), "release data 14");
	end_cleanup(&end);
}

static void takes_captured_initiators(void **state)
{
	unsigned replayed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
		struct pcap capture;

		if (!pcap_open(captures[i].capture, &capture))
			continue;
		print_message("  %s\n", captures[i].capture);
		replay(&capture, i);
		pcap_close(&capture);
		replayed++;
	}
	if (!replayed)
		skip();
}

/* The captured responders' answers, to our initiator. */
static void takes_captured_responders(void **state)
{
	static const struct { const char *capture, *told; } cases[] = {
		{ "x400-ping-success.pcap", "accepted 0249 data 127" },
		{ "x400-ping-refuse.pcap", "refused 2 data 84: the peer refused the session: "
					   "by its user, which says why" },
	};
	unsigned replayed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct session_end end;
		struct pcap capture;
		struct session_connect c = { .units = SU_RTSE };

		if (!pcap_open(cases[i].capture, &capture))
			continue;
		struct buf stream = pcap_stream(&capture, false);
		struct buf ours = buf_copy(bytes_slice(buf_view(&stream), 0, 11));
		ours.data[6] = 0;	/* the CC answers our reference, which is 1 */
		ours.data[7] = 1;
		end_init(&end, TPKT_TPDU_MAX, &session_limits_default);
		assert_ok(session_connect_req(end.session, &c));
		cotp_input(end.cotp, buf_view(&ours));
		size_t len = (size_t)(stream.data[13] << 8 | stream.data[14]);
		cotp_input(end.cotp, bytes_slice(buf_view(&stream), 11, len));
		assert_string_equal(told(&end), cases[i].told);
		end_cleanup(&end);
		buf_free(&ours);
		buf_free(&stream);
		pcap_close(&capture);
		replayed++;
	}
	if (!replayed)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_captured_initiators),
		cmocka_unit_test(takes_captured_responders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
