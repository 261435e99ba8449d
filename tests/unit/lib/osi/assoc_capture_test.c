/* SPDX-License-Identifier: Apache-2.0 */
/* What a commercial MTA of 2005 sent, to our responder and to our initiator. */
#include "lib/osi/assoc.h"

#include "tests/support/check.h"
#include "tests/support/pcap.h"
#include "tests/support/sides.h"

/* The other end of the wire: it only collects. */
static void collect(void *user, struct bytes octets)
{
	buf_put(user, octets);
}

static void nothing(void *user)
{
	(void)user;
}

static const struct wire_user collector = { collect, nothing };

static bool contains(const struct buf *all, struct bytes part)
{
	for (size_t i = 0; i + part.len <= all->len; i++)
		if (bytes_equal(bytes_slice(buf_view(all), i, part.len), part))
			return true;
	return false;
}

/* Feeds what one side sent, in its order, as if the other side had answered it each time. */
static void feed(struct sides *s, struct side *to, const struct pcap *capture, bool from_initiator)
{
	for (size_t i = 0; i < capture->count; i++) {
		if (capture->segments[i].from_initiator != from_initiator)
			continue;
		assoc_input(to->assoc, capture->segments[i].payload);
		sides_run(s);
	}
}

/* Its MTABind: an authenticated initiator, "percival.smhs.co.uk", with a simple credential. */
static void check_bind_argument(struct side *responder)
{
	assert_true(contains(&responder->got, BYTES("percival.smhs.co.uk")));
	assert_true(contains(&responder->got, BYTES("excalibur")));
	assert_int_equal(responder->got.data[0], 0xa1);
}

static void its_initiator_is_served_to_the_orderly_release(void **state)
{
	AUTO(buf_free) struct buf sent = { 0 };
	struct pcap capture;
	struct sides s;

	(void)state;
	if (!pcap_open("x400-ping-success.pcap", &capture))
		return;
	sides_open(&s, NULL);
	wire_attach(s.wire, 0, &collector, &sent);
	s.responder.hold_unbind = true;
	feed(&s, &s.responder, &capture, true);
	assert_string_equal(side_told(&s.responder), "bind mts-transfer;unbind;");
	check_bind_argument(&s.responder);
	/* CC, then ACCEPT with its reference, CPA, AARE and RTOAC. */
	assert_true(contains(&sent, BYTES("\x04\x08Percival")));
	assert_ok(assoc_unbind_rsp(s.responder.assoc));
	sides_run(&s);
	/* DISCONNECT with RLRE normal. */
	assert_true(contains(&sent, BYTES("\x63\x03\x80\x01\x00")));
	sides_close(&s);
	pcap_close(&capture);
}

static void its_initiator_is_refused_when_it_is_not_allowed(void **state)
{
	AUTO(buf_free) struct buf sent = { 0 };
	struct pcap capture;
	struct sides s;

	(void)state;
	if (!pcap_open("x400-ping-refuse.pcap", &capture))
		return;
	sides_open(&s, NULL);
	wire_attach(s.wire, 0, &collector, &sent);
	s.responder.refuse_bind = true;
	feed(&s, &s.responder, &capture, true);
	assert_string_equal(side_told(&s.responder), "bind mts-transfer;");
	/* As that one was refused: RTORJ with the bind error. */
	assert_true(contains(&sent, BYTES("\xb2\x07\xa1\x05\xb2\x03\x02\x01\x02")));
	sides_close(&s);
	pcap_close(&capture);
}

/* The CC answers the reference that was in its own initiator's CR: it gets ours. */
static void readdress(struct buf *cc, const struct buf *cr)
{
	assert_int_equal(cc->data[5], 0xd0);
	memcpy(cc->data + 6, cr->data + 8, 2);
}

static void answer_as_it_did(struct sides *s, const struct pcap *capture, const struct buf *sent,
			     size_t which)
{
	AUTO(buf_free) struct buf octets = buf_copy(capture->segments[which].payload);

	if (octets.data[5] == 0xd0)
		readdress(&octets, sent);
	assoc_input(s->initiator.assoc, buf_view(&octets));
	sides_run(s);
}

static void start_initiator(struct sides *s, struct buf *sent)
{
	struct assoc_address address = { .t_selector = BYTES("X400-88"), .reference = BYTES("Percival"),
					 .opened = BYTES("050101144852Z") };

	sides_open(s, NULL);
	wire_attach(s->wire, 1, &collector, sent);
	assert_ok(assoc_bind_req(s->initiator.assoc, &context_mts_transfer, &address, &address, false, true,
				 BYTES("\x05\x00")));
	sides_run(s);
}

static void its_responder_is_understood_to_the_orderly_release(void **state)
{
	AUTO(buf_free) struct buf sent = { 0 };
	struct pcap capture;
	struct sides s;

	(void)state;
	if (!pcap_open("x400-ping-success.pcap", &capture))
		return;
	start_initiator(&s, &sent);
	answer_as_it_did(&s, &capture, &sent, 1);
	answer_as_it_did(&s, &capture, &sent, 3);
	assert_string_equal(side_told(&s.initiator), "bound;");
	assert_true(contains(&s.initiator.got, BYTES("guinevere.smhs.co.uk")));
	assert_ok(assoc_unbind_req(s.initiator.assoc));
	sides_run(&s);
	answer_as_it_did(&s, &capture, &sent, 5);
	assert_string_equal(side_told(&s.initiator), "unbound;");
	sides_close(&s);
	pcap_close(&capture);
}

static void its_responders_refusal_is_understood(void **state)
{
	AUTO(buf_free) struct buf sent = { 0 };
	struct pcap capture;
	struct sides s;

	(void)state;
	if (!pcap_open("x400-ping-refuse.pcap", &capture))
		return;
	start_initiator(&s, &sent);
	answer_as_it_did(&s, &capture, &sent, 1);
	answer_as_it_did(&s, &capture, &sent, 3);
	assert_non_null(strstr(side_told(&s.initiator), "refused: "));
	assert_bytes(buf_view(&s.initiator.got), BYTES("\x02\x01\x02"));
	sides_close(&s);
	pcap_close(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_initiator_is_served_to_the_orderly_release),
		cmocka_unit_test(its_initiator_is_refused_when_it_is_not_allowed),
		cmocka_unit_test(its_responder_is_understood_to_the_orderly_release),
		cmocka_unit_test(its_responders_refusal_is_understood),
	};

	return cmocka_run_group_tests_name("assoc captures", tests, NULL, NULL);
}
