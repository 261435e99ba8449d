/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/osi/presentation.h"

#include "lib/osi/presentation_pdu.h"
#include "tests/support/check.h"
#include "tests/support/loop_session.h"
#include "tests/support/pcap.h"
#include "tests/support/session_pair.h"

#include <stdlib.h>

#define ACSE_OID BYTES("\x52\x01\x00\x01")
#define MTSE_OID BYTES("\x56\x00\x02\x07")

/* A user that writes down what it is told. */
struct side {
	struct loop_end end;
	struct presentation *pres;
	struct buf told;
	struct buf value;
	struct buf taken;
	bool takes;		/* keeps the buffer of data */
};

static void note(struct side *s, const char *words)
{
	if (s->told.len)
		s->told.data[s->told.len - 1] = ';';
	buf_put_text(&s->told, words);
	buf_put_u8(&s->told, 0);
}

static void keep(struct side *s, const struct pres_value *values, size_t count)
{
	buf_clear(&s->value);
	if (count)
		buf_put(&s->value, values[0].value);
}

static void on_connect(void *user, const struct pres_connect *c)
{
	note(user, "connect");
	keep(user, c->values, c->value_count);
}

static void on_accepted(void *user, const struct pres_connect *c)
{
	note(user, "accepted");
	keep(user, c->values, c->value_count);
}

static void on_refused(void *user, int reason, const struct pres_value *values, size_t count,
		       const struct status *why)
{
	(void)reason;
	note(user, why->words);
	keep(user, values, count);
}

static void on_data(void *user, const struct pres_value *value, struct buf *ssdu)
{
	struct side *s = user;

	note(s, "data");
	keep(s, value, 1);
	if (s->takes) {
		buf_free(&s->taken);
		s->taken = buf_take(ssdu);
	}
}

static void on_release(void *user, const struct pres_value *values, size_t count)
{
	note(user, "release");
	keep(user, values, count);
}

static void on_released(void *user, const struct pres_value *values, size_t count)
{
	note(user, "released");
	keep(user, values, count);
}

static void on_u_abort(void *user, const struct pres_value *values, size_t count)
{
	note(user, "aborted");
	keep(user, values, count);
}

static void on_p_abort(void *user, const struct status *why)
{
	char *text = status_text(why);

	note(user, text);
	free(text);
}

static void on_activity(void *user, struct bytes activity)
{
	(void)activity;
	note(user, "activity");
}

static void on_sync(void *user, uint32_t serial, bool confirm)
{
	(void)serial;
	(void)confirm;
	note(user, "sync");
}

static void on_please(void *user, uint8_t tokens, const struct pres_value *values, size_t count)
{
	(void)tokens;
	note(user, "please");
	keep(user, values, count);
}

static const struct pres_user recorder = {
	.connect_ind = on_connect, .connect_cnf = on_accepted, .refuse_ind = on_refused,
	.data_ind = on_data, .release_ind = on_release, .release_cnf = on_released,
	.u_abort_ind = on_u_abort, .p_abort_ind = on_p_abort,
	.activity_start_ind = on_activity, .sync_minor_ind = on_sync,
	.token_please_ind = on_please,
};

struct pair {
	struct side a, b;
};

static void side_init(struct side *s, struct side *peer)
{
	s->pres = pres_new(&loop_session, &recorder, s);
	s->end.pres = s->pres;
	s->end.peer = peer ? &peer->end : NULL;
	pres_attach(s->pres, loop_as_session(&s->end));
}

static void side_cleanup(struct side *s)
{
	pres_free(&s->pres);
	buf_free(&s->told);
	buf_free(&s->value);
	buf_free(&s->taken);
	buf_free(&s->end.sent);
}

static void pair_start(struct pair *p)
{
	*p = (struct pair){ 0 };
	side_init(&p->a, &p->b);
	side_init(&p->b, &p->a);
}

static void pair_stop(struct pair *p)
{
	side_cleanup(&p->a);
	side_cleanup(&p->b);
}

#define assert_side(side, words)                                             \
	do {                                                                 \
		assert_string_equal((side).told.len ? (char *)(side).told.data : "", words); \
		buf_clear(&(side).told);                                     \
	} while (0)

static struct pres_context contexts[] = {
	{ .id = 1 }, { .id = 3 },
};
static const struct pres_value hello = { 1, { (const uint8_t *)"\x04\x02hi", 4 } };

static struct pres_connect proposal(void)
{
	contexts[0].abstract_syntax = ACSE_OID;
	contexts[1].abstract_syntax = MTSE_OID;
	return (struct pres_connect){
		.calling_p = BYTES("a"), .called_p = BYTES("b"),
		.contexts = contexts, .context_count = 2, .values = &hello, .value_count = 1,
	};
}

static void connect_pair(struct pair *p)
{
	struct pres_connect c = proposal();

	pair_start(p);
	assert_ok(pres_connect_req(p->a.pres, &c));
	assert_side(p->b, "connect");
	assert_bytes(buf_view(&p->b.value), hello.value);
	assert_ok(pres_connect_rsp(p->b.pres, &c));
	assert_side(p->a, "accepted");
}

static void connects_transfers_and_releases(void **state)
{
	(void)state;
	struct pair p;
	uint32_t serial;
	const struct bytes parts[] = { BYTES("\x04\x04"), BYTES("ab"), BYTES("cd") };
	const struct pres_value please = { 3, BYTES("\x02\x01\x05") };

	connect_pair(&p);
	assert_int_equal(pres_context_of(p.a.pres, MTSE_OID), 3);
	assert_bytes(pres_syntax_of(p.b.pres, 1), ACSE_OID);
	p.b.takes = true;
	assert_ok(pres_data_req(p.a.pres, 3, parts, 3));
	assert_side(p.b, "data");
	assert_bytes(buf_view(&p.b.value), BYTES("\x04\x04" "abcd"));
	/* The buffer that was taken is the SSDU itself. */
	assert_bytes(buf_view(&p.b.taken), buf_view(&p.a.end.sent));
	assert_ok(pres_activity_start_req(p.a.pres, BYTES("\x02\x01\x01")));
	assert_ok(pres_sync_minor_req(p.a.pres, true, &serial));
	assert_ok(pres_token_please_req(p.b.pres, TOKEN_DATA, &please, 1));
	assert_side(p.b, "activity;sync");
	assert_side(p.a, "please");
	assert_bytes(buf_view(&p.a.value), please.value);
	assert_ok(pres_release_req(p.a.pres, &hello, 1));
	assert_side(p.b, "release");
	assert_ok(pres_release_rsp(p.b.pres, &hello, 1));
	assert_side(p.a, "released");
	assert_fails(pres_data_req(p.a.pres, 3, parts, 3),
		     "P-DATA request is not allowed in state STAI0");
	assert_fails(pres_activity_start_req(p.a.pres, bytes_none()),
		     "P-ACTIVITY-START request is not allowed in state STAI0");
	pair_stop(&p);
}

static void refuses_in_words(void **state)
{
	(void)state;
	static const struct { int reason; const char *words; } cases[] = {
		{ PRES_REFUSED_BY_USER, "the peer's presentation user refused the connection" },
		{ PRES_REFUSED_ADDRESS_UNKNOWN, "the peer's presentation refused the connection: "
						"called presentation address unknown" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pres_connect c = proposal();
		struct pair p;

		pair_start(&p);
		assert_ok(pres_connect_req(p.a.pres, &c));
		assert_ok(pres_refuse_rsp(p.b.pres, cases[i].reason,
					  &(struct pres_connect){ .values = &hello, .value_count = 1 }));
		assert_side(p.a, cases[i].words);
		assert_bytes(buf_view(&p.a.value), hello.value);
		pair_stop(&p);
	}
}

static void aborts_tell_the_peer(void **state)
{
	(void)state;
	struct pair p;

	connect_pair(&p);
	pres_u_abort_req(p.a.pres, &hello, 1);
	assert_side(p.b, "aborted");
	assert_bytes(buf_view(&p.b.value), hello.value);
	pair_stop(&p);
}

/* What a peer sends in the data phase, and what is said of it. */
static const struct { const char *wire, *told, *value; } data_cases[] = {
	{ "61 09 30 07 02 01 03 a0 02 0500",		"data", "0500" },
	{ "61 80 30 80 02 01 03 a0 80 0500 0000 0000 0000", "data", "0500" },
	{ "61 09 30 07 02 01 03 81 02 aabb",		"data", "aabb" },
	{ "61 0d 30 0b 02 01 03 a1 06 04 01 aa 04 01 bb", "data", "aabb" },
	{ "61 0d 30 0b 06 02 5101 02 01 03 a0 02 0500",	"data", "0500" },
	{ "61 12 30 07 02 01 03 a0 02 0500 30 07 02 01 01 a0 02 3000", "data;data", "3000" },
	{ "61 09 30 07 02 01 05 a0 02 0500", "presentation aborted: the peer's TD PPDU was wrong; "
	  "because: user data are in presentation context 5, which is not agreed", NULL },
	{ "61 0b 30 09 02 01 03 a0 04 0500 0500", "presentation aborted: the peer's TD PPDU was wrong; "
	  "because: 2 octets stand behind the value", NULL },
	{ "40 02 0500", "presentation aborted: the peer's TD PPDU was wrong; "
	  "because: simply encoded user data, but not one context", NULL },
	{ "30 00", "presentation aborted: the peer's TD PPDU was wrong; "
	  "because: neither simply nor fully encoded user data", NULL },
};

static void reads_user_data_in_all_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(data_cases) / sizeof(*data_cases); i++) {
		AUTO(buf_free) struct buf wire = hex(data_cases[i].wire);
		struct pair p;

		connect_pair(&p);
		pres_session_user.data_ind(p.b.pres, buf_view(&wire), &wire);
		assert_side(p.b, data_cases[i].told);
		if (data_cases[i].value) {
			AUTO(buf_free) struct buf want = hex(data_cases[i].value);

			assert_bytes(buf_view(&p.b.value), buf_view(&want));
		} else {
			assert_string_equal(p.b.end.asked, "abort");
			assert_true(strstr((char *)p.a.told.data, "the peer's presentation aborted: "));
		}
		pair_stop(&p);
	}
}

static void every_truncation_of_user_data_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(data_cases) / sizeof(*data_cases); i++) {
		AUTO(buf_free) struct buf wire = hex(data_cases[i].wire);

		for (size_t len = 1; len < wire.len; len++) {
			AUTO(buf_free) struct buf part = buf_copy(bytes_of(wire.data, len));
			AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

			assert_fails(user_data_decode(buf_view(&part), 1, &values), "");
		}
	}
}

/* A CP PPDU that cannot be accepted gets a CPR PPDU with the reason. */
static void refuses_what_is_no_connection(void **state)
{
	(void)state;
	static const struct { const char *wire, *cpr; } cases[] = {
		{ "30 00",					"30 03 8a 01 00" },
		{ "31 05 a0 03 80 01 00",			"30 03 8a 01 00" },
		{ "31 0b a0 03 80 01 01 a2 04 80 02 06 40",	"30 03 8a 01 04" },
		{ "31 0f a0 03 80 01 01 a2 08 a6 06 80 01 51 81 01 51", "30 03 8a 01 05" },
		{ "31 16 a0 03 80 01 01 a2 0f 61 0d 30 0b 06 02 5102 02 01 03 a0 02 0500",
		  "30 03 8a 01 06" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(buf_free) struct buf wire = hex(cases[i].wire);
		AUTO(buf_free) struct buf cpr = hex(cases[i].cpr);
		struct side s = { .takes = false };

		side_init(&s, NULL);
		pres_session_user.connect_ind(s.pres, &(struct session_connect){
			.user_data = buf_view(&wire) });
		assert_string_equal(s.end.asked, "refuse");
		assert_bytes(buf_view(&s.end.sent), buf_view(&cpr));
		assert_true(strstr((char *)s.told.data, "presentation refused the peer's connection"));
		side_cleanup(&s);
	}
}

static void events_in_the_wrong_state_abort(void **state)
{
	(void)state;
	struct pres_connect c = proposal();
	struct side s = { .takes = false };

	side_init(&s, NULL);
	assert_ok(pres_connect_req(s.pres, &c));
	pres_session_user.activity_start_ind(s.pres, bytes_none(), bytes_none());
	assert_side(s, "presentation aborted: the peer's S-ACTIVITY-START indication was wrong; because: "
		       "S-ACTIVITY-START indication is not allowed in state STAI1 await CPA PPDU");
	assert_bytes(buf_view(&s.end.sent), BYTES("\x30\x06\x80\x01\x02\x81\x01\x19"));
	side_cleanup(&s);
}

/* Three contexts and an AARQ, as a commercial MTA sends them. */
static void reads_a_captured_connection(void **state)
{
	(void)state;
	struct session_end end;
	struct pcap capture;

	if (!pcap_open("x400-ping-success.pcap", &capture))
		skip();
	end_init(&end, TPKT_TPDU_MAX, &session_limits_default);
	for (size_t n = 0; n < capture.count && !end.data.len; n++)
		if (capture.segments[n].from_initiator)
			cotp_input(end.cotp, capture.segments[n].payload);
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cp = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	assert_ok(cp_decode(buf_view(&end.data), &cp));
	assert_int_equal(cp.context_count, 3);
	assert_int_equal(cp.contexts[2].id, 5);
	assert_bytes(cp.contexts[0].abstract_syntax, ACSE_OID);
	assert_bytes(cp.contexts[2].abstract_syntax, MTSE_OID);
	assert_ok(user_data_decode(cp.user_data, 0, &values));
	assert_int_equal(values.count, 1);
	assert_int_equal(values.at[0].context, 1);
	for (size_t len = 0; len < end.data.len; len++) {
		AUTO(buf_free) struct buf part = buf_copy(bytes_of(end.data.data, len));
		AUTO(ppdu_connect_cleanup) struct ppdu_connect cut = { 0 };

		assert_fails(cp_decode(buf_view(&part), &cut), "");
	}
	end_cleanup(&end);
	pcap_close(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_transfers_and_releases),
		cmocka_unit_test(refuses_in_words),
		cmocka_unit_test(aborts_tell_the_peer),
		cmocka_unit_test(reads_user_data_in_all_forms),
		cmocka_unit_test(every_truncation_of_user_data_is_refused),
		cmocka_unit_test(refuses_what_is_no_connection),
		cmocka_unit_test(events_in_the_wrong_state_abort),
		cmocka_unit_test(reads_a_captured_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
