/* SPDX-License-Identifier: Apache-2.0 */
/* Two ends of a session that hand everything to each other at once. */
#include "tests/support/loop_session.h"

static struct loop_end *keep(struct session *s, const char *asked, struct bytes data)
{
	struct loop_end *end = (struct loop_end *)s;
	struct buf sent = buf_copy(data);

	buf_free(&end->sent);
	end->sent = sent;
	end->asked = asked;
	return end;
}

/* The same octets to the peer, in a buffer of its own. */
#define TELL(end, what, ...)                                                       \
	do {                                                                       \
		if ((end)->peer)                                                   \
			pres_session_user.what((end)->peer->pres, ##__VA_ARGS__);  \
	} while (0)

static FALLIBLE connect_req(struct session *s, const struct session_connect *connect)
{
	TELL(keep(s, "connect", connect->user_data), connect_ind, connect);
	return OK;
}

static FALLIBLE connect_rsp(struct session *s, const struct session_connect *accept)
{
	TELL(keep(s, "accept", accept->user_data), connect_cnf, accept);
	return OK;
}

static FALLIBLE refuse_rsp(struct session *s, int reason, struct bytes user_data)
{
	struct status *why = FAIL(ST_LATER, reason, "session was refused");

	TELL(keep(s, "refuse", user_data), refuse_ind, reason, user_data, why);
	status_free(&why);
	return OK;
}

static FALLIBLE data_req(struct session *s, const struct bytes *parts, size_t count)
{
	AUTO(buf_free) struct buf ssdu = { 0 };

	for (size_t i = 0; i < count; i++)
		buf_put(&ssdu, parts[i]);
	TELL(keep(s, "data", buf_view(&ssdu)), data_ind, buf_view(&ssdu), &ssdu);
	return OK;
}

static FALLIBLE token_please_req(struct session *s, uint8_t tokens, struct bytes user_data)
{
	TELL(keep(s, "token please", user_data), token_please_ind, tokens, user_data);
	return OK;
}

static FALLIBLE activity_start_req(struct session *s, struct bytes activity,
				   struct bytes user_data)
{
	TELL(keep(s, "activity start", user_data), activity_start_ind, activity, user_data);
	return OK;
}

static FALLIBLE minor_sync_req(struct session *s, bool confirm, struct bytes user_data,
			       uint32_t *out_serial)
{
	*out_serial = 1;
	TELL(keep(s, "minor sync", user_data), minor_sync_ind, 1, confirm, user_data);
	return OK;
}

static FALLIBLE release_req(struct session *s, struct bytes user_data)
{
	TELL(keep(s, "release", user_data), release_ind, user_data);
	return OK;
}

static FALLIBLE release_rsp(struct session *s, struct bytes user_data)
{
	TELL(keep(s, "released", user_data), release_cnf, user_data);
	return OK;
}

static void u_abort_req(struct session *s, struct bytes user_data)
{
	TELL(keep(s, "abort", user_data), u_abort_ind, user_data);
}

const struct pres_session_service loop_session = {
	.connect_req = connect_req,
	.connect_rsp = connect_rsp,
	.refuse_rsp = refuse_rsp,
	.data_req = data_req,
	.token_please_req = token_please_req,
	.activity_start_req = activity_start_req,
	.minor_sync_req = minor_sync_req,
	.release_req = release_req,
	.release_rsp = release_rsp,
	.u_abort_req = u_abort_req,
};
