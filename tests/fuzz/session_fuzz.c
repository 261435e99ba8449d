/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session: the first octet chooses a side and units, then come TSDUs of the
 * peer, each behind two octets of length.  The user answers what can be answered.
 */
#include "lib/base/cursor.h"
#include "lib/osi/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each part is looked at, so that the sanitizer sees whether it may be. */
static volatile uint8_t last_sent;

struct end {
	struct session *session;
	const struct transport_user *user;
	void *user_data;
	uint16_t units;
	bool over;
};

static struct end *the_end(void *user)
{
	struct end *end = user;

	if (end->over)
		__builtin_trap();	/* nothing is told after the end */
	return end;
}

static void over(void *user)
{
	the_end(user)->over = true;
}

static void t_attach(void *transport, const struct transport_user *user, void *user_data)
{
	((struct end *)transport)->user = user;
	((struct end *)transport)->user_data = user_data;
}

static struct status *t_connect_req(void *transport, const struct transport_address *address)
{
	(void)transport;
	(void)address;
	return OK;
}

static struct status *t_connect_rsp(void *transport)
{
	(void)transport;
	return OK;
}

static struct status *t_data_req(void *transport, const struct bytes *parts, size_t count)
{
	(void)transport;
	for (size_t i = 0; i < count; i++)
		if (parts[i].len)
			last_sent = parts[i].data[parts[i].len - 1];
	return OK;
}

static void t_disconnect_req(void *transport)
{
	(void)transport;
}

static const struct transport_service transport = {
	t_attach, t_connect_req, t_connect_rsp, t_data_req, t_disconnect_req,
};

static void on_connect(void *user, const struct session_connect *connect)
{
	struct session_connect accept = { .units = ((struct end *)user)->units,
					  .user_data = connect->user_data };

	status_drop(session_connect_rsp(the_end(user)->session, &accept));
}

static void on_accepted(void *user, const struct session_connect *accept)
{
	(void)accept;
	status_drop(session_activity_start_req(the_end(user)->session, BYTES("1"), bytes_none()));
}

static void on_refused(void *user, int reason, struct bytes data, const struct status *why)
{
	(void)reason;
	(void)data;
	(void)why;
	over(user);
}

/* Takes the SSDU away: nothing may be read from it afterwards. */
static void on_data(void *user, struct bytes data, struct buf *ssdu)
{
	struct buf taken = buf_take(ssdu);

	status_drop(session_data_req(the_end(user)->session, &data, 1));
	buf_free(&taken);
}

static void on_tokens(void *user, uint8_t tokens)
{
	status_drop(session_token_please_req(the_end(user)->session, tokens, bytes_none()));
}

static void on_please(void *user, uint8_t tokens, struct bytes data)
{
	(void)data;
	status_drop(session_token_give_req(the_end(user)->session, tokens));
}

static void on_control(void *user)
{
	status_drop(session_control_give_req(the_end(user)->session));
}

static void on_point(void *user, uint32_t serial, bool confirm, struct bytes data)
{
	if (confirm)
		status_drop(session_minor_sync_rsp(the_end(user)->session, serial, data));
	else
		status_drop(session_u_exception_req(the_end(user)->session, REASON_NONE, data));
}

static void on_confirmed(void *user, uint32_t serial, struct bytes data)
{
	status_drop(session_activity_end_req(the_end(user)->session, data, &serial));
}

static void on_start(void *user, struct bytes activity, struct bytes data)
{
	(void)activity;
	(void)data;
	the_end(user);
}

static void on_resume(void *user, const struct session_resume *resume)
{
	(void)resume;
	the_end(user);
}

static void on_activity_end(void *user, uint32_t serial, struct bytes data)
{
	(void)serial;
	status_drop(session_activity_end_rsp(the_end(user)->session, data));
}

static void on_ended(void *user, struct bytes data)
{
	status_drop(session_release_req(the_end(user)->session, data));
}

static void on_interrupt(void *user, int reason, struct bytes data)
{
	(void)reason;
	(void)data;
	status_drop(session_activity_interrupt_rsp(the_end(user)->session));
}

static void on_discard(void *user, int reason, struct bytes data)
{
	(void)reason;
	(void)data;
	status_drop(session_activity_discard_rsp(the_end(user)->session));
}

static void on_exception(void *user, int reason, struct bytes data)
{
	(void)data;
	status_drop(session_activity_discard_req(the_end(user)->session, reason));
}

static void on_p_exception(void *user)
{
	status_drop(session_activity_interrupt_req(the_end(user)->session, REASON_NONE));
}

static void on_release(void *user, struct bytes data)
{
	struct end *end = the_end(user);

	status_drop(session_release_rsp(end->session, data));
}

static void on_gone(void *user, struct bytes data)
{
	(void)data;
	the_end(user);
}

static void on_p_abort(void *user, int reason, const struct status *why)
{
	(void)reason;
	if (!why)
		__builtin_trap();
	over(user);
}

static const struct session_user user = {
	.connect_ind = on_connect,
	.connect_cnf = on_accepted,
	.refuse_ind = on_refused,
	.data_ind = on_data,
	.typed_data_ind = on_data,
	.token_give_ind = on_tokens,
	.token_please_ind = on_please,
	.control_give_ind = on_control,
	.minor_sync_ind = on_point,
	.minor_sync_cnf = on_confirmed,
	.activity_start_ind = on_start,
	.activity_resume_ind = on_resume,
	.activity_end_ind = on_activity_end,
	.activity_end_cnf = on_ended,
	.activity_interrupt_ind = on_interrupt,
	.activity_interrupt_cnf = on_gone,
	.activity_discard_ind = on_discard,
	.activity_discard_cnf = on_gone,
	.u_exception_ind = on_exception,
	.p_exception_ind = on_p_exception,
	.release_ind = on_release,
	.release_cnf = on_gone,
	.u_abort_ind = on_gone,
	.p_abort_ind = on_p_abort,
};

static void open_session(struct end *end, bool initiator)
{
	struct session_connect connect = { .units = end->units };

	if (!initiator) {
		end->user->connect_ind(end->user_data, &(struct transport_address){ 0 });
		return;
	}
	status_drop(session_connect_req(end->session, &connect));
	end->user->connect_cnf(end->user_data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct session_limits limits = { .ssdu_max = 4096, .connect_max = 4096, .versions = 3 };
	struct cursor in = cursor_over(bytes_of(data, size));
	struct end end = { 0 };
	uint8_t choice = cur_u8(&in);

	end.units = choice & 2 ? SU_DUPLEX | SU_TYPED_DATA | SU_MINOR_SYNC : SU_RTSE | SU_TYPED_DATA;
	end.session = session_new(&limits, &transport, &end, &user, &end);
	open_session(&end, choice & 1);
	while (cur_left(&in)) {
		size_t len = cur_u16(&in);
		struct buf tsdu = buf_copy(cur_take(&in, len < cur_left(&in) ? len : cur_left(&in)));

		end.user->data_ind(end.user_data, &tsdu);
		buf_free(&tsdu);
	}
	if (!end.over)
		session_u_abort_req(end.session, BYTES("123456789a"));
	session_free(&end.session);
	return 0;
}
