/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTSE, the sending side of an activity [X.228 7].  The APDU is copied
 * once, into out.apdu; segments of it are views.
 */
#include "lib/osi/rtse_machine.h"

#include "lib/osi/rtse_pdu.h"

/* Sends what the window allows, and ends the activity behind the last segment. */
static FALLIBLE send_segments(struct rtse *r)
{
	struct bytes apdu = buf_view(&r->out.apdu);
	size_t most = r->terms.checkpoint_size ? (size_t)r->terms.checkpoint_size * 1024 : apdu.len;

	while (r->sent < apdu.len) {
		struct bytes segment = bytes_slice(apdu, r->sent, most);
		uint8_t header[RTTR_HEADER_MAX];
		struct bytes rttr[2];

		if (r->checkpoint_due) {
			if (r->serial - r->out.confirmed >= r->terms.window_size)
				return OK;
			TRY(r->service->p_sync_minor_req(r->below, &r->serial));
			r->marks[r->serial % RTSE_MARKS] = r->sent;
			r->checkpoint_due = false;
		}
		rttr[0] = rttr_header(segment.len, header);
		rttr[1] = segment;
		TRY(r->service->p_data_req(r->below, rttr, 2));
		r->sent += segment.len;
		r->checkpoint_due = r->terms.checkpoint_size > 0;
	}
	r->state = RTSE_ENDING;
	return r->service->p_activity_end_req(r->below);
}

static FALLIBLE start(struct rtse *r)
{
	AUTO(buf_free) struct buf activity = { 0 };

	activity_encode(++r->activities, &activity);
	activity_name_set(&r->out.name, r->terms.association, buf_view(&activity));
	r->out.confirmed = 0;
	r->out.confirmed_at = 0;
	r->sent = 0;
	r->serial = 0;
	r->checkpoint_due = false;
	r->resumed = false;
	TRY(r->service->p_activity_start_req(r->below, buf_view(&activity)));
	return send_segments(r);
}

/* [X.228 7] behind the last checkpoint that was confirmed. */
static FALLIBLE resume(struct rtse *r)
{
	AUTO(activity_name_free) struct activity_name old = r->out.name;
	AUTO(buf_free) struct buf activity = { 0 };
	bool same = bytes_equal(buf_view(&old.association), r->terms.association);

	r->out.name = (struct activity_name){ 0 };
	activity_encode(++r->activities, &activity);
	activity_name_set(&r->out.name, r->terms.association, buf_view(&activity));
	r->sent = r->out.confirmed_at;
	r->serial = r->out.confirmed;
	r->checkpoint_due = false;
	r->resumed = true;
	TRY(r->service->p_activity_resume_req(r->below, buf_view(&activity),
					      buf_view(&old.activity), r->serial,
					      same ? bytes_none() : buf_view(&old.association)));
	return send_segments(r);
}

static bool take_outgoing(struct rtse *r, const struct rtse_input *in)
{
	if (!r->recovery)
		return false;
	return rtse_recovery_take_outgoing(r->recovery, in->parts, in->count, &r->out) ||
	       (rtse_take_from_sender(r, in->parts, in->count) &&
		rtse_recovery_take_outgoing(r->recovery, in->parts, in->count, &r->out));
}

FALLIBLE rtse_send_start(struct rtse *r, const struct rtse_input *in)
{
	size_t total = 0;

	if (take_outgoing(r, in))
		return resume(r);

	for (size_t i = 0; i < in->count; i++)
		total += in->parts[i].len;
	if (total == 0)
		return FAIL(ST_USAGE, 0, "there is nothing to transfer");
	buf_reserve(&r->out.apdu, total);
	for (size_t i = 0; i < in->count; i++)
		buf_put(&r->out.apdu, in->parts[i]);
	return start(r);
}

FALLIBLE rtse_send_confirmed_late(struct rtse *r, const struct rtse_input *in)
{
	if (in->serial <= r->out.confirmed || in->serial > r->serial)
		return FAIL(ST_PEER, 0, "RTSE: checkpoint %u confirmed, but %u to %u are open",
			    in->serial, r->out.confirmed + 1, r->serial);
	r->out.confirmed = in->serial;
	r->out.confirmed_at = r->marks[in->serial % RTSE_MARKS];
	return OK;
}

FALLIBLE rtse_send_confirmed(struct rtse *r, const struct rtse_input *in)
{
	TRY(rtse_send_confirmed_late(r, in));
	return send_segments(r);
}

FALLIBLE rtse_send_done(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->out.awaits && r->out.confirmed > 0 && r->recovery && r->association.len)
		rtse_recovery_put_outgoing(r->recovery, &r->out);
	outgoing_free(&r->out);
	r->user->transfer_cnf(r->user_data, OK);
	return OK;
}

static void tell_failed(struct rtse *r, struct status *why)
{
	r->user->transfer_cnf(r->user_data, why);
	status_drop(why);
}

/* Only what has a confirmed checkpoint is worth interrupting: otherwise it begins anew. */
FALLIBLE rtse_send_stop(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->out.confirmed > 0)
		return r->service->p_activity_interrupt_req(r->below, REASON_NONE);
	r->state = RTSE_DISCARDING;
	r->resumed = false;
	return r->service->p_activity_discard_req(r->below, REASON_NONE);
}

FALLIBLE rtse_send_interrupted(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	rtse_recovery_put_outgoing(rtse_recovery_of(r), &r->out);
	tell_failed(r, FAIL(ST_LATER, 0, "the transfer was stopped before its end"));
	return OK;
}

FALLIBLE rtse_send_exception(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	return r->service->p_activity_discard_req(r->below, REASON_NONE);
}

/* A peer that could not resume gets it from the beginning; any other has refused it for now. */
FALLIBLE rtse_send_discarded(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->resumed) {
		r->state = RTSE_SENDING;
		return start(r);
	}
	outgoing_free(&r->out);
	tell_failed(r, FAIL(ST_LATER, 0, "the peer could not take the transfer to its end"));
	return OK;
}
