/* SPDX-License-Identifier: Apache-2.0 */
/* Two stacks of COTP and session that talk to each other in memory. */
#include "tests/support/session_pair.h"

#include "tests/support/check.h"

#include <stdlib.h>

__attribute__((format(printf, 2, 3)))
static void note(struct session_end *end, const char *format, ...)
{
	va_list args;
	char line[512];

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (end->told.len)
		buf_put_text(&end->told, "; ");
	buf_put_text(&end->told, line);
}

static void keep(struct session_end *end, struct bytes data)
{
	buf_clear(&end->data);
	buf_put(&end->data, data);
}

static void on_connect(void *user, const struct session_connect *c)
{
	struct session_end *end = user;

	keep(end, c->user_data);
	buf_clear(&end->calling_t);
	buf_put(&end->calling_t, c->calling_t);
	buf_clear(&end->called_s);
	buf_put(&end->called_s, c->called_s);
	note(end, "connect %04x tokens %02x data %zu", c->units, c->tokens, c->user_data.len);
}

static void on_accepted(void *user, const struct session_connect *c)
{
	keep(user, c->user_data);
	note(user, "accepted %04x data %zu", c->units, c->user_data.len);
}

static void on_refused(void *user, int reason, struct bytes data, const struct status *why)
{
	keep(user, data);
	note(user, "refused %d data %zu: %s", reason, data.len, why->words);
}

static void on_data(void *user, struct bytes data, struct buf *ssdu)
{
	(void)ssdu;
	keep(user, data);
	note(user, "data %zu", data.len);
}

static void on_typed_data(void *user, struct bytes data, struct buf *ssdu)
{
	(void)ssdu;
	keep(user, data);
	note(user, "typed data %zu", data.len);
}

static void on_token_give(void *user, uint8_t tokens)
{
	note(user, "tokens %02x", tokens);
}

static void on_token_please(void *user, uint8_t tokens, struct bytes data)
{
	keep(user, data);
	note(user, "please %02x", tokens);
}

static void on_control_give(void *user)
{
	note(user, "control");
}

static void on_minor_sync(void *user, uint32_t serial, bool confirm, struct bytes data)
{
	((struct session_end *)user)->serial = serial;
	keep(user, data);
	note(user, "point %u%s", serial, confirm ? " to confirm" : "");
}

static void on_minor_sync_cnf(void *user, uint32_t serial, struct bytes data)
{
	keep(user, data);
	note(user, "confirmed %u", serial);
}

static void on_start(void *user, struct bytes activity, struct bytes data)
{
	keep(user, data);
	note(user, "start %.*s", (int)activity.len, (const char *)activity.data);
}

static void on_resume(void *user, const struct session_resume *r)
{
	keep(user, r->user_data);
	note(user, "resume %.*s as %.*s from %u of %.*s", (int)r->old_activity.len,
	     (const char *)r->old_activity.data, (int)r->activity.len,
	     (const char *)r->activity.data, r->serial, (int)r->old_common.len,
	     (const char *)r->old_common.data);
}

static void on_activity_end(void *user, uint32_t serial, struct bytes data)
{
	keep(user, data);
	note(user, "end %u", serial);
}

static void on_ended(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "ended");
}

static void on_interrupt(void *user, int reason, struct bytes data)
{
	keep(user, data);
	note(user, "interrupt %d", reason);
}

static void on_interrupted(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "interrupted");
}

static void on_discard(void *user, int reason, struct bytes data)
{
	keep(user, data);
	note(user, "discard %d", reason);
}

static void on_discarded(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "discarded");
}

static void on_u_exception(void *user, int reason, struct bytes data)
{
	keep(user, data);
	note(user, "exception %d", reason);
}

static void on_p_exception(void *user)
{
	note(user, "provider exception");
}

static void on_release(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "release data %zu", data.len);
}

static void on_released(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "released data %zu", data.len);
}

static void on_u_abort(void *user, struct bytes data)
{
	keep(user, data);
	note(user, "abort data %zu", data.len);
}

static void on_p_abort(void *user, int reason, const struct status *why)
{
	char *words = status_text(why);

	note(user, "provider abort %d: %s", reason, words);
	free(words);
}

static const struct session_user pair_user = {
	.connect_ind = on_connect,
	.connect_cnf = on_accepted,
	.refuse_ind = on_refused,
	.data_ind = on_data,
	.typed_data_ind = on_typed_data,
	.token_give_ind = on_token_give,
	.token_please_ind = on_token_please,
	.control_give_ind = on_control_give,
	.minor_sync_ind = on_minor_sync,
	.minor_sync_cnf = on_minor_sync_cnf,
	.activity_start_ind = on_start,
	.activity_resume_ind = on_resume,
	.activity_end_ind = on_activity_end,
	.activity_end_cnf = on_ended,
	.activity_interrupt_ind = on_interrupt,
	.activity_interrupt_cnf = on_interrupted,
	.activity_discard_ind = on_discard,
	.activity_discard_cnf = on_discarded,
	.u_exception_ind = on_u_exception,
	.p_exception_ind = on_p_exception,
	.release_ind = on_release,
	.release_cnf = on_released,
	.u_abort_ind = on_u_abort,
	.p_abort_ind = on_p_abort,
};

static void net_write(void *net, const struct bytes *parts, size_t count)
{
	struct session_end *end = net;

	assert_false(end->closed);
	for (size_t i = 0; i < count; i++)
		buf_put(&end->to_peer, parts[i]);
}

static void net_close(void *net)
{
	((struct session_end *)net)->closed = true;
}

static const struct network pair_network = { net_write, net_close };

void end_init(struct session_end *end, size_t tpdu_size, const struct session_limits *limits)
{
	struct cotp_limits cotp_limits = cotp_limits_default;

	*end = (struct session_end){ 0 };
	cotp_limits.tpdu_size = tpdu_size;
	end->cotp = cotp_new(&cotp_limits, &pair_network, end);
	end->session = session_new(limits, &cotp_transport, end->cotp, &pair_user, end);
}

void end_cleanup(struct session_end *end)
{
	session_free(&end->session);
	cotp_free(&end->cotp);
	buf_free(&end->to_peer);
	buf_free(&end->told);
	buf_free(&end->data);
	buf_free(&end->calling_t);
	buf_free(&end->called_s);
}

void pair_init(struct session_pair *pair, size_t tpdu_size, const struct session_limits *limits)
{
	end_init(&pair->a, tpdu_size, limits);
	end_init(&pair->b, tpdu_size, limits);
	pair->at_once = 0;
}

void pair_cleanup(struct session_pair *pair)
{
	end_cleanup(&pair->a);
	end_cleanup(&pair->b);
}

/* True where something was delivered. */
static bool deliver(struct session_pair *pair, struct session_end *from, struct session_end *to)
{
	struct buf octets = buf_take(&from->to_peer);
	struct bytes left = buf_view(&octets);
	bool something = left.len;

	while (left.len) {
		struct bytes piece = bytes_slice(left, 0, pair->at_once ? pair->at_once : left.len);

		cotp_input(to->cotp, piece);
		left = bytes_slice(left, piece.len, left.len);
	}
	buf_free(&octets);
	if (from->closed && !to->gone) {
		to->gone = something = true;
		cotp_network_lost(to->cotp, NULL);
	}
	return something;
}

void pair_run(struct session_pair *pair)
{
	bool moved;

	do {
		moved = deliver(pair, &pair->a, &pair->b);
		moved |= deliver(pair, &pair->b, &pair->a);
	} while (moved);
}

const char *told(struct session_end *end)
{
	static char *last;

	free(last);
	last = bytes_to_text(buf_view(&end->told));
	buf_clear(&end->told);
	return last;
}

void pair_connect(struct session_pair *pair, uint16_t units)
{
	struct session_connect c = { .units = units };

	assert_ok(session_connect_req(pair->a.session, &c));
	pair_run(pair);
	assert_ok(session_connect_rsp(pair->b.session, &c));
	pair_run(pair);
	assert_int_equal(session_units(pair->a.session), units);
	assert_int_equal(session_units(pair->b.session), units);
	buf_clear(&pair->a.told);
	buf_clear(&pair->b.told);
}

struct buf session_pattern(size_t len)
{
	struct buf b = { 0 };
	uint8_t *room = buf_extend(&b, len ? len : 1);

	for (size_t i = 0; i < len; i++)
		room[i] = (uint8_t)(i * 7 + i / 251);
	b.len = len;
	return b;
}
