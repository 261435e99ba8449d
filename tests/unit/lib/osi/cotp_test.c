/* SPDX-License-Identifier: Apache-2.0 */
/* COTP against a scripted peer: what it is told, and what it sends. */
#include "lib/osi/cotp.h"
#include "lib/osi/cotp_tpdu.h"
#include "tests/support/check.h"

#include <stdlib.h>

#define SIZE_ALL TPKT_TPDU_MAX

struct end {
	struct cotp *cotp;
	struct buf sent, told;
	bool closed;
};

static void net_write(void *net, const struct bytes *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_put(&((struct end *)net)->sent, parts[i]);
}

static void net_close(void *net)
{
	((struct end *)net)->closed = true;
}

static void on_connect(void *user, const struct transport_address *a)
{
	buf_printf(&((struct end *)user)->told, "connect %.*s to %.*s; ", (int)a->calling.len,
		   (const char *)a->calling.data, (int)a->called.len, (const char *)a->called.data);
}

static void on_confirm(void *user)
{
	buf_put_text(&((struct end *)user)->told, "confirm; ");
}

static void on_data(void *user, struct buf *tsdu)
{
	buf_printf(&((struct end *)user)->told, "data %zu; ", tsdu->len);
}

static void on_disconnect(void *user, const struct status *why)
{
	buf_printf(&((struct end *)user)->told, "disconnect: %s", why->words);
}

static const struct network network = { net_write, net_close };
static const struct transport_user user = { on_connect, on_confirm, on_data, on_disconnect };

static void end_open(struct end *end, size_t tpdu_size, size_t tsdu_max)
{
	struct cotp_limits limits = { tpdu_size, tsdu_max };

	*end = (struct end){ 0 };
	end->cotp = cotp_new(&limits, &network, end);
	cotp_transport.attach(end->cotp, &user, end);
}

static void end_shut(struct end *end)
{
	cotp_free(&end->cotp);
	buf_free(&end->sent);
	buf_free(&end->told);
}

/* Each piece of script is one TPDU, or octets of the network where it begins with '='. */
static void play(struct end *end, const char *script)
{
	bool raw = *script == '=';
	struct buf octets = hex(script + raw);
	uint8_t header[TPKT_HEADER];

	tpkt_header(header, octets.len);
	if (!raw)
		cotp_input(end->cotp, bytes_of(header, sizeof header));
	cotp_input(end->cotp, buf_view(&octets));
	buf_free(&octets);
}

#define CR "06 e0 0000 0009 00"
static const struct {
	const char *name;
	const char *script[4];
	const char *told, *sent;	/* sent: how it begins after the TPKT header */
} responders[] = {
	{ "smallest CR", { CR }, "connect  to ; ", "06 d0 0009 0001 00" },
	{ "T-selectors", { "10 e0 0000 0009 00 c1 03 616263 c2 03 646566" }, "connect abc to def; ", "06 d0 0009 0001 00" },
	{ "TPDU size of 1024", { "09 e0 0000 0009 00 c0 01 0a" }, "connect  to ; ", "09 d0 0009 0001 00 c0 01 0a" },
	{ "preferred TPDU size", { "0d e0 0000 0009 00 c0 01 0b f0 02 0100" }, "connect  to ; ", "0a d0 0009 0001 00 f0 02 0100" },
	{ "TPDU size of 64", { "09 e0 0000 0009 00 c0 01 06" }, "disconnect: the TPDU size parameter is not one of the sizes", "10 70 0000 03" },
	{ "class 4 alone", { "06 e0 0000 0009 40" }, "disconnect: the peer proposes class 4 and no class 0", "06 80 0009 0000 82" },
	{ "class 4 or 0", { "09 e0 0000 0009 40 c7 01 00" }, "connect  to ; ", "06 d0 0009 0001 00" },
	{ "unknown parameter", { "0a e0 0000 0009 00 99 02 0102" }, "connect  to ; ", "06 d0 0009 0001 00" },
	{ "destination reference", { "06 e0 0001 0009 00" }, "disconnect: the destination reference of a CR", "0d 70 0000 03" },
	{ "parameter overruns", { "08 e0 0000 0009 00 c1 04" }, "disconnect: a TPDU's parameter ends too early", "0f 70 0000 00" },
	{ "header overruns", { "09 e0 0000 0009 00" }, "disconnect: TPDU header ends too early", "" },
	{ "long selector", { "29 e0 0000 0009 00 c1 21 000000000000000000000000000000000000000000000000000000000000000000" },
	  "disconnect: the calling T-selector has 33 octets", "" },
	{ "no TPDU of class 0", { "05 10 0000 0009 00" }, "disconnect: TPDU code 10 is none of class 0", "" },
	{ "DT before CR", { "02 f0 80 41" }, "disconnect: DT TPDU is not allowed in state CLOSED", "0a 70 0000 02" },
	{ "two CRs", { CR, CR }, "connect  to ; disconnect: CR TPDU is not allowed in state WFTRESP", "" },
	{ "not a TPKT", { "=16 03 01 02" }, "disconnect: octet 22 where a TPKT of version 3 begins", "" },
	{ "TPKT too short", { "=0300 0006" }, "disconnect: a TPKT of 6 octets", "" },
	{ "DR", { CR, "06 80 0001 0009 80" }, "connect  to ; disconnect: the peer refused", "" },
	{ "ER is not answered with ER", { CR, "04 70 0001 01" }, "connect  to ; disconnect: the peer calls a TPDU of ours in error", "" },
};

static void answers_a_scripted_initiator(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof responders / sizeof *responders; i++) {
		struct end end;
		struct buf sent = hex(responders[i].sent);

		print_message("  %s\n", responders[i].name);
		end_open(&end, SIZE_ALL, 1000);
		for (size_t n = 0; n < 4 && responders[i].script[n]; n++)
			play(&end, responders[i].script[n]);
		char *told = bytes_to_text(buf_view(&end.told));
		assert_ptr_equal(strstr(told, responders[i].told), told);
		free(told);
		if (!end.closed)
			assert_ok(cotp_transport.connect_rsp(end.cotp));
		assert_bytes(bytes_slice(buf_view(&end.sent), TPKT_HEADER, sent.len), buf_view(&sent));
		buf_free(&sent);
		end_shut(&end);
	}
}

static const struct {
	const char *name;
	size_t ours;
	const char *answer;
	size_t size;		/* 0: fails */
	const char *told;
} initiators[] = {
	{ "no size proposed or answered", SIZE_ALL, "06 d0 0001 0007 00", 65531, "confirm; " },
	{ "smaller size answered", SIZE_ALL, "09 d0 0001 0007 00 c0 01 07", 128, "confirm; " },
	{ "our size stands", 500, "06 d0 0001 0007 00", 256, "confirm; " },
	{ "our preferred size", 500, "0a d0 0001 0007 00 f0 02 0003", 384, "confirm; " },
	{ "larger than proposed", 256, "09 d0 0001 0007 00 c0 01 0d", 256, "confirm; " },
	{ "another class", SIZE_ALL, "06 d0 0001 0007 20", 0, "disconnect: the CC TPDU selects class 2" },
	{ "another's reference", SIZE_ALL, "06 d0 0002 0007 00", 0, "disconnect: the CC TPDU answers another" },
	{ "refused", SIZE_ALL, "06 80 0001 0000 03", 0,
	  "disconnect: the peer refused the transport connection: T-selector unknown" },
};

static void connects_to_a_scripted_responder(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof initiators / sizeof *initiators; i++) {
		struct end end;

		print_message("  %s\n", initiators[i].name);
		end_open(&end, initiators[i].ours, 1000);
		assert_ok(cotp_transport.connect_req(end.cotp, &(struct transport_address){ 0 }));
		assert_fails(cotp_transport.data_req(end.cotp, NULL, 0), "not allowed in state WFCC");
		play(&end, initiators[i].answer);
		char *told = bytes_to_text(buf_view(&end.told));
		assert_ptr_equal(strstr(told, initiators[i].told), told);
		free(told);
		if (initiators[i].size)
			assert_int_equal(cotp_tpdu_size(end.cotp), initiators[i].size);
		assert_int_equal(end.closed, !initiators[i].size);
		end_shut(&end);
	}
}

static void bounds_what_it_puts_together(void **state)
{
	(void)state;
	struct end end;

	end_open(&end, SIZE_ALL, 5);
	play(&end, CR);
	assert_ok(cotp_transport.connect_rsp(end.cotp));
	play(&end, "02 f0 00 010203");
	play(&end, "02 f0 80 0405");
	play(&end, "02 f0 00 010203");
	assert_false(end.closed);
	play(&end, "02 f0 00 040506");
	char *told = bytes_to_text(buf_view(&end.told));
	assert_string_equal(told, "connect  to ; data 5; disconnect: a TSDU of more than 5 octets");
	free(told);
	assert_true(end.closed);
	end_shut(&end);
}

static void refuses_a_connection(void **state)
{
	(void)state;
	struct end end;
	struct buf dr = hex("0300 000b 06 80 0009 0000 80");

	end_open(&end, SIZE_ALL, 1000);
	play(&end, CR);
	cotp_transport.disconnect_req(end.cotp);
	assert_bytes(buf_view(&end.sent), buf_view(&dr));
	assert_true(end.closed);
	buf_free(&dr);
	end_shut(&end);
}

/* Whole, in pieces of one octet, and cut anywhere: the same TPDUs, or none yet. */
static void reads_packets_in_any_pieces(void **state)
{
	(void)state;
	struct buf stream = hex("0300 0008 02 f0 80 41" "0300 0007 02 f0 80" "0300 0009 02 f0 80 4243");

	for (size_t piece = 1; piece <= stream.len; piece++) {
		struct tpkt_reader reader = { 0 };
		struct bytes left = buf_view(&stream);
		size_t packets = 0, octets = 0;

		while (left.len) {
			struct bytes now = bytes_slice(left, 0, piece), tpdu;

			left = bytes_slice(left, now.len, left.len);
			do {
				assert_ok(tpkt_next(&reader, &now, &tpdu));
				packets += tpdu.data != NULL;
				octets += tpdu.len;
			} while (tpdu.data);
			assert_int_equal(now.len, 0);
		}
		assert_int_equal(packets, 3);
		assert_int_equal(octets, stream.len - 3 * TPKT_HEADER);
		tpkt_reader_cleanup(&reader);
	}
	buf_free(&stream);
}

static void encodes_what_it_decodes(void **state)
{
	(void)state;
	static const char *const tpdus[] = {
		"13 e0 0000 0009 00 c0 01 0b c1 03 616263 c2 03 646566",
		"0d d0 0009 0001 00 c0 01 0b f0 02 0010", "06 80 0009 0001 82",
		"0a 70 0009 02 c1 04 02f08041", "02 f0 80",
	};

	for (size_t i = 0; i < sizeof tpdus / sizeof *tpdus; i++) {
		struct buf in = hex(tpdus[i]), out = { 0 };
		struct tpdu tpdu;

		assert_ok(tpdu_decode(buf_view(&in), &tpdu));
		tpdu_encode(&tpdu, &out);
		assert_bytes(buf_view(&out), buf_view(&in));
		for (size_t cut = 0; cut < in.len; cut++)
			assert_fails(tpdu_decode(bytes_slice(buf_view(&in), 0, cut), &tpdu), "ends too early");
		buf_free(&out);
		buf_free(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_a_scripted_initiator),
		cmocka_unit_test(connects_to_a_scripted_responder),
		cmocka_unit_test(bounds_what_it_puts_together),
		cmocka_unit_test(refuses_a_connection),
		cmocka_unit_test(reads_packets_in_any_pieces),
		cmocka_unit_test(encodes_what_it_decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
