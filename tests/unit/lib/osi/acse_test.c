/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/osi/acse.h"

#include "lib/osi/acse_pdu.h"
#include "lib/osi/presentation_pdu.h"
#include "tests/support/check.h"
#include "tests/support/loop_session.h"
#include "tests/support/pcap.h"
#include "tests/support/session_pair.h"

#define ACSE_OID BYTES("\x52\x01\x00\x01")
#define RTSE_OID BYTES("\x56\x00\x02\x0c")
#define MTS_TRANSFER BYTES("\x56\x00\x01\x06")
#define NAME BYTES("\x30\x02\x31\x00")

/* ACSE on presentation, telling what happens. */
struct side {
	struct loop_end end;
	struct presentation *pres;
	struct acse *acse;
	struct buf told;
	struct buf information, title;
};

static void note(struct side *s, const char *words, const struct pres_value *information)
{
	if (s->told.len)
		s->told.data[s->told.len - 1] = ';';
	buf_put_text(&s->told, words);
	buf_put_u8(&s->told, 0);
	buf_clear(&s->information);
	buf_put(&s->information, information->value);
}

static void on_associate(void *user, const struct acse_associate *a)
{
	struct side *s = user;

	note(s, "associate", &a->information);
	buf_clear(&s->title);
	buf_put(&s->title, a->calling_ap_title);
	assert_bytes(a->context_name, MTS_TRANSFER);
}

static void on_accepted(void *user, const struct acse_associate *a)
{
	note(user, "accepted", &a->information);
	assert_bytes(a->context_name, MTS_TRANSFER);
}

static void on_refused(void *user, const struct pres_value *information, const struct status *why)
{
	note(user, why->words, information);
}

static void on_release(void *user, const struct pres_value *information)
{
	note(user, "release", information);
}

static void on_released(void *user, const struct pres_value *information)
{
	note(user, "released", information);
}

static void on_abort(void *user, const struct pres_value *information, const struct status *why)
{
	note(user, why->words, information);
}

static const struct acse_user recorder = {
	.associate_ind = on_associate, .associate_cnf = on_accepted,
	.associate_refused = on_refused, .release_ind = on_release,
	.release_cnf = on_released, .abort_ind = on_abort,
};

/* A failure has aborted the association: the user of the whole would be told why. */
static void tell(struct side *s, struct status *failed)
{
	static const struct pres_value none = { 0 };

	if (failed)
		note(s, failed->cause->words, &none);
	status_free(&failed);
}

static void p_connect(void *user, const struct pres_connect *c)
{
	struct side *s = user;

	tell(s, acse_p_connect_ind(s->acse, c));
}

static void p_accepted(void *user, const struct pres_connect *c)
{
	struct side *s = user;

	tell(s, acse_p_connect_cnf(s->acse, c));
}

static void p_refused(void *user, int reason, const struct pres_value *values, size_t count,
		      const struct status *why)
{
	struct side *s = user;

	acse_p_refuse_ind(s->acse, reason, values, count, why);
}

static void p_release(void *user, const struct pres_value *values, size_t count)
{
	struct side *s = user;

	tell(s, acse_p_release_ind(s->acse, values, count));
}

static void p_released(void *user, const struct pres_value *values, size_t count)
{
	struct side *s = user;

	tell(s, acse_p_release_cnf(s->acse, values, count));
}

static void p_u_abort(void *user, const struct pres_value *values, size_t count)
{
	struct side *s = user;

	acse_p_u_abort_ind(s->acse, values, count);
}

static void p_p_abort(void *user, const struct status *why)
{
	struct side *s = user;

	acse_p_p_abort_ind(s->acse, why);
}

static const struct pres_user glue = {
	.connect_ind = p_connect, .connect_cnf = p_accepted, .refuse_ind = p_refused,
	.release_ind = p_release, .release_cnf = p_released,
	.u_abort_ind = p_u_abort, .p_abort_ind = p_p_abort,
};

struct pair {
	struct side a, b;
};

static void side_init(struct side *s, struct side *peer)
{
	s->pres = pres_new(&loop_session, &glue, s);
	s->acse = acse_new(&acse_over_presentation, s->pres, &recorder, s);
	s->end.pres = s->pres;
	s->end.peer = &peer->end;
	pres_attach(s->pres, loop_as_session(&s->end));
}

static void side_cleanup(struct side *s)
{
	acse_free(&s->acse);
	pres_free(&s->pres);
	buf_free(&s->told);
	buf_free(&s->information);
	buf_free(&s->title);
	buf_free(&s->end.sent);
}

#define assert_side(side, words)                                             \
	do {                                                                 \
		assert_string_equal((side).told.len ? (char *)(side).told.data : "", words); \
		buf_clear(&(side).told);                                     \
	} while (0)

static struct pres_context contexts[] = { { .id = 1 }, { .id = 3 } };
static const struct pres_value bind = { 3, { (const uint8_t *)"\x02\x01\x05", 3 } };

static struct acse_associate proposal(void)
{
	contexts[0].abstract_syntax = ACSE_OID;
	contexts[1].abstract_syntax = RTSE_OID;
	return (struct acse_associate){
		.context_name = MTS_TRANSFER,
		.calling_ap_title = NAME,
		.information = bind,
		.presentation = { .contexts = contexts, .context_count = 2 },
	};
}

static void pair_start(struct pair *p)
{
	struct acse_associate a = proposal();

	*p = (struct pair){ 0 };
	side_init(&p->a, &p->b);
	side_init(&p->b, &p->a);
	assert_ok(acse_associate_req(p->a.acse, &a));
	assert_side(p->b, "associate");
	assert_bytes(buf_view(&p->b.information), bind.value);
	assert_bytes(buf_view(&p->b.title), NAME);
}

static void pair_stop(struct pair *p)
{
	side_cleanup(&p->a);
	side_cleanup(&p->b);
}

static void associates_and_releases(void **state)
{
	(void)state;
	struct acse_associate a = proposal();
	struct pair p;

	pair_start(&p);
	a.context_name = bytes_none();
	assert_ok(acse_associate_rsp(p.b.acse, &a));
	assert_side(p.a, "accepted");
	assert_bytes(buf_view(&p.a.information), bind.value);
	assert_fails(acse_associate_req(p.a.acse, &a),
		     "A-ASSOCIATE request is not allowed in state STA5 associated");
	assert_ok(acse_release_req(p.a.acse, NULL));
	assert_side(p.b, "release");
	assert_ok(acse_release_rsp(p.b.acse, NULL));
	assert_side(p.a, "released");
	assert_string_equal(acse_state_name(p.a.acse), "STA0 idle");
	assert_string_equal(acse_state_name(p.b.acse), "STA0 idle");
	pair_stop(&p);
}

static void rejections_come_in_words(void **state)
{
	(void)state;
	static const struct { enum acse_result result; int diagnostic; const char *words; } cases[] = {
		{ ACSE_REJECTED_PERMANENT, ACSE_CONTEXT_NAME_NOT_SUPPORTED,
		  "the association was rejected for good: application context name not supported "
		  "(says the peer's application)" },
		{ ACSE_REJECTED_TRANSIENT, ACSE_PROVIDER_NO_REASON_GIVEN,
		  "the association was rejected for now: no reason given "
		  "(says the peer's association control)" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair p;

		pair_start(&p);
		assert_ok(acse_associate_rsp(p.b.acse, &(struct acse_associate){
			.result = cases[i].result, .diagnostic = cases[i].diagnostic,
			.information = bind }));
		assert_side(p.a, cases[i].words);
		assert_bytes(buf_view(&p.a.information), bind.value);
		pair_stop(&p);
	}
}

static void aborts_tell_the_peer(void **state)
{
	(void)state;
	struct pair p;

	pair_start(&p);
	acse_abort_req(p.b.acse, &bind);
	assert_side(p.a, "the peer aborted the association");
	assert_bytes(buf_view(&p.a.information), bind.value);
	pair_stop(&p);
}

/* Both ask for the release at once [X.227 7.2.3.6]. */
static void releases_may_collide(void **state)
{
	(void)state;
	struct acse_associate a = proposal();
	struct pair p;

	pair_start(&p);
	assert_ok(acse_associate_rsp(p.b.acse, &a));
	p.a.end.peer = p.b.end.peer = NULL;
	assert_ok(acse_release_req(p.a.acse, NULL));
	assert_ok(acse_release_req(p.b.acse, NULL));
	p.a.end.peer = &p.b.end;
	p.b.end.peer = &p.a.end;
	AUTO(buf_free) struct buf from_a = buf_copy(buf_view(&p.a.end.sent));
	AUTO(buf_free) struct buf from_b = buf_copy(buf_view(&p.b.end.sent));

	pres_session_user.release_ind(p.b.pres, buf_view(&from_a));
	pres_session_user.release_ind(p.a.pres, buf_view(&from_b));
	assert_side(p.a, "accepted;release");
	assert_side(p.b, "release");
	assert_string_equal(acse_state_name(p.a.acse), "STA6 release collision, as initiator");
	assert_string_equal(acse_state_name(p.b.acse), "STA7 release collision, as responder");
	assert_fails(acse_release_rsp(p.b.acse, NULL), "not allowed in state STA7");
	pair_stop(&p);
}

static void a_wrong_apdu_aborts(void **state)
{
	(void)state;
	struct acse_associate a = proposal();
	struct pair p;
	const struct pres_value rlre = { 1, BYTES("\x63\x03\x80\x01\x00") };

	pair_start(&p);
	assert_ok(acse_associate_rsp(p.b.acse, &a));
	assert_side(p.a, "accepted");
	assert_ok(pres_release_req(p.a.pres, &rlre, 1));
	assert_side(p.b, "there is no RLRQ APDU");
	assert_side(p.a, "the peer's association control aborted the association");
	pair_stop(&p);
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	struct acse_associate a = proposal();
	AUTO(buf_free) struct buf wire = { 0 };

	aarq_encode(&a, &wire);
	for (size_t len = 0; len < wire.len; len++) {
		AUTO(buf_free) struct buf part = buf_copy(bytes_of(wire.data, len));
		AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };

		assert_fails(acse_apdu_decode(buf_view(&part), &apdu), "");
	}
}

/* The AARQ in a captured connection. */
static void read_captured(const char *name, struct acse_apdu *apdu)
{
	struct session_end end;
	struct pcap capture;

	if (!pcap_open(name, &capture))
		skip();
	end_init(&end, TPKT_TPDU_MAX, &session_limits_default);
	for (size_t n = 0; n < capture.count && !end.data.len; n++)
		if (capture.segments[n].from_initiator)
			cotp_input(end.cotp, capture.segments[n].payload);
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cp = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	assert_ok(cp_decode(buf_view(&end.data), &cp));
	assert_ok(user_data_decode(cp.user_data, 0, &values));
	assert_ok(acse_apdu_decode(values.at[0].value, apdu));
	assert_int_equal(apdu->kind, APDU_AARQ);
	assert_bytes(apdu->associate.context_name, MTS_TRANSFER);
	assert_int_equal(apdu->information.context, 3);
	/* RTORQ, as it arrived. */
	assert_int_equal(apdu->information.value.data[0], 0xb0);
	end_cleanup(&end);
	pcap_close(&capture);
}

static void reads_captured_associations(void **state)
{
	(void)state;
	static const char *const names[] = { "x400-ping-success.pcap", "x400-ping-refuse.pcap" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		AUTO(acse_apdu_cleanup) struct acse_apdu apdu = { 0 };

		read_captured(names[i], &apdu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(associates_and_releases),
		cmocka_unit_test(rejections_come_in_words),
		cmocka_unit_test(aborts_tell_the_peer),
		cmocka_unit_test(releases_may_collide),
		cmocka_unit_test(a_wrong_apdu_aborts),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(reads_captured_associations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
