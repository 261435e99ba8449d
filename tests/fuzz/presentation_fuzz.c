/* SPDX-License-Identifier: Apache-2.0 */
/* Each PPDU decoder over the same octets, and the machine with them as connection and as data. */
#include "lib/osi/presentation.h"

#include "lib/osi/presentation_pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FALLIBLE refuse_rsp(struct session *s, int reason, struct bytes user_data)
{
	(void)s;
	(void)reason;
	(void)user_data;
	return OK;
}

static FALLIBLE connect_rsp(struct session *s, const struct session_connect *accept)
{
	(void)s;
	(void)accept;
	return OK;
}

static void u_abort_req(struct session *s, struct bytes user_data)
{
	(void)s;
	(void)user_data;
}

static const struct pres_session_service service = {
	.refuse_rsp = refuse_rsp, .connect_rsp = connect_rsp, .u_abort_req = u_abort_req,
};

static void on_connect(void *user, const struct pres_connect *connect)
{
	status_drop(pres_connect_rsp(*(struct presentation **)user, connect));
}

static void on_data(void *user, const struct pres_value *value, struct buf *ssdu)
{
	(void)user;
	(void)value;
	buf_free(ssdu);
}

static void on_abort(void *user, const struct status *why)
{
	(void)user;
	(void)why;
}

static void on_values(void *user, const struct pres_value *values, size_t count)
{
	(void)user;
	(void)values;
	(void)count;
}

static const struct pres_user user_of = {
	.connect_ind = on_connect, .data_ind = on_data, .p_abort_ind = on_abort,
	.u_abort_ind = on_values, .release_ind = on_values,
};

static void decode_all(struct bytes in)
{
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cpa = { 0 };
	AUTO(ppdu_connect_cleanup) struct ppdu_connect cpr = { 0 };
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	status_drop(cpa_decode(in, &cpa));
	status_drop(cpr_decode(in, &cpr));
	status_drop(user_data_decode(in, 1, &values));
}

/* The octets are a CP PPDU, and what stands behind it comes as data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = bytes_of(data, size);
	struct presentation *p = NULL;
	AUTO(buf_free) struct buf ssdu = buf_copy(in);

	p = pres_new(&service, &user_of, &p);
	decode_all(in);
	pres_session_user.connect_ind(p, &(struct session_connect){ .user_data = in });
	for (size_t cut = 0; cut < size && cut < 64; cut++)
		pres_session_user.release_ind(p, bytes_slice(in, cut, size));
	pres_session_user.data_ind(p, buf_view(&ssdu), &ssdu);
	pres_session_user.u_abort_ind(p, in);
	pres_free(&p);
	return 0;
}
