/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/sides.h"

#include "asn1/ber.h"
#include "asn1/x400_oids.h"
#include "tests/support/check.h"

#include <stdlib.h>

static int no_operation(int operation)
{
	(void)operation;
	return -1;
}

static const struct abstract_syntax syntaxes[] = { { "id-as-ms", ID_AS_MS }, { 0 } };

const struct app_context ac_unknown = {
	"nobody's", "2.6.0.1.99", false, true, syntaxes, 0, no_operation };

static const struct app_context *const served[] = {
	&context_mts_transfer, &context_mts_reliable_access, &context_ms_access,
	&context_ms_reliable_access, NULL };
static const struct app_context *const known[] = {
	&context_mts_transfer, &context_mts_reliable_access, &context_ms_access,
	&context_ms_reliable_access, &ac_unknown, NULL };

static void keep(struct side *s, struct bytes octets)
{
	buf_clear(&s->got);
	buf_put(&s->got, octets);
}

static void note_failed(struct side *s, const char *what, const struct status *why)
{
	char *text = status_text(why);

	buf_printf(&s->told, "%s: %s;", what, text);
	free(text);
}

static void on_bind(void *user, const struct assoc_bind *bind)
{
	struct side *s = user;

	keep(s, bind->argument);
	buf_printf(&s->told, "%s %s;", bind->recovers ? "recovery" : "bind", bind->context->name);
	if (s->recovery)
		assoc_use_recovery(s->assoc, s->recovery);
	if (s->refuse_bind)
		assert_ok(assoc_bind_refuse(s->assoc, BYTES("\x02\x01\x02")));
	else if (!s->hold_bind)
		assert_ok(assoc_bind_rsp(s->assoc, sides_bind_result(bind->context)));
}

static void on_bound(void *user, struct bytes result)
{
	struct side *s = user;

	keep(s, result);
	buf_put_text(&s->told, "bound;");
}

static void on_bind_refused(void *user, struct bytes error, const struct status *why)
{
	struct side *s = user;

	keep(s, error);
	s->over = true;
	note_failed(s, "refused", why);
}

static void on_invoke(void *user, int32_t invoke_id, int operation, struct bytes argument,
		      struct buf *apdu)
{
	struct side *s = user;

	(void)apdu;
	keep(s, argument);
	s->invoke_id = invoke_id;
	s->invokes++;
	buf_printf(&s->told, "invoke %d;", operation);
	if (s->echo)
		assert_ok(assoc_result_req(s->assoc, invoke_id, operation, &argument, 1));
}

static void on_result(void *user, int32_t invoke_id, struct bytes result, struct buf *apdu)
{
	struct side *s = user;

	(void)apdu;
	keep(s, result);
	s->results++;
	buf_printf(&s->told, "result %d;", invoke_id);
}

static void on_error(void *user, int32_t invoke_id, int error, struct bytes parameter,
		     struct buf *apdu)
{
	struct side *s = user;

	(void)apdu;
	keep(s, parameter);
	buf_printf(&s->told, "error %d of %d;", error, invoke_id);
}

static void on_reject(void *user, int32_t invoke_id, const struct status *why)
{
	(void)invoke_id;
	note_failed(user, "reject", why);
}

static void on_transfer(void *user, struct bytes message, struct buf *apdu)
{
	struct side *s = user;

	(void)apdu;
	keep(s, message);
	s->transfers++;
	buf_put_text(&s->told, "transfer;");
	if (!s->hold_transfer)
		assert_ok(assoc_transfer_rsp(s->assoc));
}

static void on_transferred(void *user, const struct status *failed)
{
	struct side *s = user;

	if (failed) {
		note_failed(s, "not transferred", failed);
		return;
	}
	s->confirmed++;
	buf_put_text(&s->told, "transferred;");
}

static void on_turn(void *user)
{
	struct side *s = user;

	buf_put_text(&s->told, "turn;");
}

static void on_turn_please(void *user)
{
	struct side *s = user;

	buf_put_text(&s->told, "turn please;");
	if (s->give_turn)
		assert_ok(assoc_turn_give(s->assoc));
}

static void on_unbind(void *user)
{
	struct side *s = user;

	buf_put_text(&s->told, "unbind;");
	if (s->hold_unbind)
		return;
	s->over = true;
	assert_ok(assoc_unbind_rsp(s->assoc));
}

static void on_unbound(void *user)
{
	struct side *s = user;

	s->over = true;
	buf_put_text(&s->told, "unbound;");
}

static void on_abort(void *user, const struct status *why)
{
	struct side *s = user;

	s->over = true;
	note_failed(s, "abort", why);
}

static const struct assoc_user user = {
	.bind_ind = on_bind, .bind_cnf = on_bound, .bind_refused = on_bind_refused,
	.invoke_ind = on_invoke, .result_ind = on_result, .error_ind = on_error,
	.reject_ind = on_reject, .transfer_ind = on_transfer, .transfer_cnf = on_transferred,
	.turn_ind = on_turn, .turn_please_ind = on_turn_please, .unbind_ind = on_unbind,
	.unbind_cnf = on_unbound, .abort_ind = on_abort,
};

static void input(void *side, struct bytes octets)
{
	assoc_input(((struct side *)side)->assoc, octets);
}

static void lost(void *side)
{
	assoc_network_lost(((struct side *)side)->assoc, NULL);
}

static const struct wire_user wire_user = { input, lost };

void sides_open(struct sides *s, const struct assoc_limits *limits)
{
	if (!limits)
		limits = &assoc_limits_default;
	sides_open_apart(s, limits, limits);
}

void sides_open_apart(struct sides *s, const struct assoc_limits *asking,
		      const struct assoc_limits *answering)
{
	*s = (struct sides){ 0 };
	s->wire = wire_new();
	s->initiator.assoc = assoc_new(known, asking, &wire_network, wire_end(s->wire, 0), &user,
				       &s->initiator);
	s->responder.assoc = assoc_new(served, answering, &wire_network, wire_end(s->wire, 1), &user,
				       &s->responder);
	wire_attach(s->wire, 0, &wire_user, &s->initiator);
	wire_attach(s->wire, 1, &wire_user, &s->responder);
}

static void side_close(struct side *s)
{
	assoc_free(&s->assoc);
	buf_free(&s->told);
	buf_free(&s->got);
}

void sides_close(struct sides *s)
{
	side_close(&s->initiator);
	side_close(&s->responder);
	wire_free(&s->wire);
}

/* An authenticated MTA with a simple credential [X.411]. */
#define MTA_BIND "\xa1\x0f\x80\x05north\xa1\x06\x16\x04test"
/* A simple credential as a member of MSBind or MTSBind, and an originator before it. */
#define MS_CREDENTIAL "\xa2\x06\x16\x04test"
#define MS_ORIGINATOR "\x60\x16\x30\x14\x61\x04\x13\x02" "FR" "\x62\x08\x13\x06" "400net" "\x83\x02" "Bk"

struct bytes sides_bind_argument(const struct app_context *context)
{
	return context == &context_mts_transfer ? BYTES(MTA_BIND)
						: BYTES("\x31\x20" MS_ORIGINATOR MS_CREDENTIAL);
}

struct bytes sides_bind_result(const struct app_context *context)
{
	if (context == &context_mts_transfer)
		return BYTES(MTA_BIND);
	if (context == &context_mts_reliable_access)	/* with the MTA's name before it */
		return BYTES("\x31\x0f\x80\x05south" MS_CREDENTIAL);
	return BYTES("\x31\x08" MS_CREDENTIAL);
}

bool sides_bind(struct sides *s, const struct app_context *context, const char *reference)
{
	struct assoc_address calling = { .t_selector = BYTES("here"), .reference = bytes_text(reference),
					 .opened = BYTES("941102090000Z") };
	struct assoc_address called = { .t_selector = BYTES("X400-88"), .s_selector = BYTES("S"),
					.p_selector = BYTES("P") };

	if (s->initiator.recovery)
		assoc_use_recovery(s->initiator.assoc, s->initiator.recovery);
	assert_ok(assoc_bind_req(s->initiator.assoc, context, &calling, &called, true, true,
				 sides_bind_argument(context)));
	wire_run(s->wire);
	return strstr(side_told(&s->initiator), "bound;") != NULL;
}

void sides_run(struct sides *s)
{
	wire_run(s->wire);
}

const char *side_told(struct side *s)
{
	static char text[4096];

	snprintf(text, sizeof(text), "%.*s", (int)s->told.len, (const char *)s->told.data);
	buf_clear(&s->told);
	return text;
}

struct buf sides_value(size_t len)
{
	struct buf value = { 0 };
	uint8_t *at;

	ber_put_header(&value, BER_UNIVERSAL(BER_OCTET_STRING), false, len);
	at = buf_extend(&value, len);
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(i * 31 + i / 509);
	return value;
}
