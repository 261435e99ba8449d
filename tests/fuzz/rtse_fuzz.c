/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything of RTSE that a peer reaches.  The first octet chooses: one of the
 * APDU decoders over the rest, or an RTSE machine that takes the rest as events
 * (what happens, how many octets come with it, these octets).
 */
#include "lib/osi/rtse.h"

#include "lib/osi/rtse_pdu.h"
#include "lib/osi/rtse_recovery.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(uint8_t which, struct bytes in)
{
	struct rtse_open open;
	struct bytes user_data, common, additional;
	int number;

	switch (which) {
	case 0:
		status_drop(rtorq_decode(in, &open));
		break;
	case 1:
		status_drop(rtoac_decode(in, &open));
		break;
	case 2:
		status_drop(rtorj_decode(in, &user_data));
		break;
	case 3:
		status_drop(rtab_decode(in, &number));
		break;
	case 4:
		status_drop(rttp_decode(in, &number));
		break;
	default:
		status_drop(association_name_split(in, &user_data, &common, &additional));
		break;
	}
}

/* --- a presentation layer without an other side --- */

static FALLIBLE start_req(void *below, struct bytes activity)
{
	*(uint32_t *)below = 1;
	(void)activity;
	return OK;
}

static FALLIBLE resume_req(void *below, struct bytes activity, struct bytes old_activity,
			   uint32_t serial, struct bytes old_association)
{
	*(uint32_t *)below = serial + 1;
	(void)activity;
	(void)old_activity;
	(void)old_association;
	return OK;
}

static FALLIBLE data_req(void *below, const struct bytes *parts, size_t count)
{
	(void)below;
	(void)parts;
	(void)count;
	return OK;
}

static FALLIBLE sync_req(void *below, uint32_t *out_serial)
{
	*out_serial = (*(uint32_t *)below)++;
	return OK;
}

static FALLIBLE sync_rsp(void *below, uint32_t serial)
{
	(void)below;
	(void)serial;
	return OK;
}

static FALLIBLE with_reason(void *below, enum session_reason reason)
{
	(void)below;
	(void)reason;
	return OK;
}

static FALLIBLE please_req(void *below, struct bytes rttp)
{
	(void)below;
	(void)rttp;
	return OK;
}

static FALLIBLE bare(void *below)
{
	(void)below;
	return OK;
}

static const struct rtse_service service = {
	start_req, resume_req, data_req, sync_req, sync_rsp, bare, bare, with_reason,
	bare, with_reason, bare, with_reason, please_req, bare,
};

struct peer {
	struct rtse *rtse;
	struct buf apdu;
};

static void on_transfer(void *user, struct buf *apdu)
{
	struct peer *p = user;

	if (apdu->len % 3 == 0)
		status_drop(rtse_transfer_rsp(p->rtse));
	else if (apdu->len % 3 == 1)
		status_drop(rtse_transfer_refuse(p->rtse));
}

static void on_confirm(void *user, const struct status *failed)
{
	(void)user;
	(void)failed;
}

static void on_please(void *user, int priority)
{
	struct peer *p = user;

	(void)priority;
	status_drop(rtse_turn_give_req(p->rtse));
}

static void on_turn(void *user)
{
	struct peer *p = user;
	struct bytes part = buf_view(&p->apdu);

	status_drop(rtse_transfer_req(p->rtse, &part, 1));
}

static const struct rtse_user user = { on_transfer, on_confirm, on_please, on_turn };

static struct status *event(struct peer *p, uint8_t what, struct bytes octets)
{
	struct bytes first = bytes_slice(octets, 0, octets.len / 2);
	struct bytes second = bytes_slice(octets, octets.len / 2, SIZE_MAX);
	uint32_t number = octets.len ? octets.data[0] : 0;

	switch (what % 18) {
	case 0:
		return rtse_p_activity_start_ind(p->rtse, octets);
	case 1:
		return rtse_p_activity_resume_ind(p->rtse, first, second, number, bytes_none());
	case 2:
		return rtse_p_data_ind(p->rtse, octets);
	case 3:
		return rtse_p_sync_minor_ind(p->rtse, number);
	case 4:
		return rtse_p_sync_minor_cnf(p->rtse, number);
	case 5:
		return rtse_p_activity_end_ind(p->rtse);
	case 6:
		return rtse_p_activity_end_cnf(p->rtse);
	case 7:
		return rtse_p_activity_interrupt_ind(p->rtse);
	case 8:
		return rtse_p_activity_interrupt_cnf(p->rtse);
	case 9:
		return rtse_p_activity_discard_ind(p->rtse);
	case 10:
		return rtse_p_activity_discard_cnf(p->rtse);
	case 11:
		return rtse_p_exception_report_ind(p->rtse, (int)number, false);
	case 12:
		return rtse_p_token_please_ind(p->rtse, octets);
	case 13:
		return rtse_p_control_give_ind(p->rtse);
	case 14:
		return rtse_transfer_rsp(p->rtse);
	case 15:
		return rtse_transfer_stop(p->rtse);
	case 16:
		return rtse_turn_please_req(p->rtse, 0);
	default:
		on_turn(p);
		return OK;
	}
}

static void run(struct bytes left)
{
	uint32_t serial = 1;
	struct rtse_recovery *recovery = rtse_recovery_new(4096);
	struct rtse_terms terms = { .checkpoint_size = 1, .window_size = 3, .two_way = true,
				    .apdu_max = 8192, .association = BYTES("name") };
	struct peer p = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_put_u64(&p.apdu, (uint64_t)i);
	p.rtse = rtse_new(&terms, &service, &serial, &user, &p);
	rtse_use_recovery(p.rtse, recovery);
	while (left.len >= 2) {
		uint8_t what = left.data[0];
		size_t len = left.data[1];

		status_drop(event(&p, what, bytes_slice(left, 2, len)));
		left = bytes_slice(left, 2 + len, SIZE_MAX);
	}
	rtse_free(&p.rtse);
	rtse_recovery_free(&recovery);
	buf_free(&p.apdu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] < 6)
		decode(data[0], bytes_of(data + 1, size - 1));
	else
		run(bytes_of(data + 1, size - 1));
	return 0;
}
