/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTSE, the receiving side of an activity [X.228 7].  A checkpoint
 * is confirmed at once: what it covers is kept until the activity ends or is
 * resumed.  The end is confirmed when the user has made the APDU durable.
 */
#include "lib/osi/rtse_machine.h"

#include "lib/osi/rtse_pdu.h"

/* [X.228 7] says that the activity cannot go on, and waits for the sender to end it. */
static FALLIBLE report(struct rtse *r, enum session_reason reason)
{
	r->state = RTSE_REPORTED;
	incoming_free(&r->in);
	return r->service->p_u_exception_report_req(r->below, reason);
}

FALLIBLE rtse_receive_start(struct rtse *r, const struct rtse_input *in)
{
	incoming_free(&r->in);
	activity_name_set(&r->in.name, r->terms.association, in->activity);
	return OK;
}

/* Goes back to a checkpoint; false where that one is unknown. */
static bool go_back(struct incoming *i, uint32_t serial)
{
	if (!i->complete) {
		if (serial == 0 || serial > i->serial || i->serial - serial >= RTSE_MARKS)
			return false;
		i->apdu.len = i->marks[serial % RTSE_MARKS];
	}
	i->serial = serial;
	return true;
}

static bool take_incoming(struct rtse *r, struct bytes association, struct bytes activity)
{
	struct rtse_recovery *recovery = rtse_recovery_of(r);

	return rtse_recovery_take_incoming(recovery, association, activity, &r->in) ||
	       (rtse_take_from_receiver(r, association, activity) &&
		rtse_recovery_take_incoming(recovery, association, activity, &r->in));
}

FALLIBLE rtse_receive_resume(struct rtse *r, const struct rtse_input *in)
{
	struct bytes association = in->old_association.len ? in->old_association
							   : r->terms.association;

	incoming_free(&r->in);
	if (!take_incoming(r, association, in->old_activity) || !go_back(&r->in, in->serial))
		return report(r, REASON_UNRECOVERABLE);
	activity_name_set(&r->in.name, r->terms.association, in->activity);
	return OK;
}

FALLIBLE rtse_receive_data(struct rtse *r, const struct rtse_input *in)
{
	bool fits;

	if (r->in.complete)
		return OK;
	TRY(rttr_append(in->data, r->terms.apdu_max, &r->in.apdu, &fits));
	return fits ? OK : report(r, REASON_ABILITY_JEOPARDIZED);
}

FALLIBLE rtse_receive_sync(struct rtse *r, const struct rtse_input *in)
{
	if (in->serial != r->in.serial + 1)
		return FAIL(ST_PEER, 0, "RTSE: checkpoint %u follows %u", in->serial, r->in.serial);
	r->in.serial = in->serial;
	r->in.marks[in->serial % RTSE_MARKS] = r->in.apdu.len;
	return r->service->p_sync_minor_rsp(r->below, in->serial);
}

FALLIBLE rtse_receive_end(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->in.complete && r->in.apdu.len == 0) {
		r->state = RTSE_IDLE;
		incoming_free(&r->in);
		return r->service->p_activity_end_rsp(r->below);
	}
	buf_free(&r->again);
	if (r->terms.answered && r->in.serial > 0)
		r->again = buf_copy(buf_view(&r->in.apdu));
	r->user->transfer_ind(r->user_data, &r->in.apdu);
	return OK;
}

/* Remembers that the user has it, in case the confirmation is lost on its way. */
static void remember_complete(struct rtse *r, struct activity_name *name)
{
	struct incoming done = { .name = *name, .apdu = buf_take(&r->again), .complete = true };

	*name = (struct activity_name){ 0 };
	rtse_recovery_put_incoming(rtse_recovery_of(r), &done);
}

FALLIBLE rtse_receive_rsp(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->in.serial > 0)
		remember_complete(r, &r->in.name);
	incoming_free(&r->in);
	return r->service->p_activity_end_rsp(r->below);
}

FALLIBLE rtse_receive_refuse(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	return report(r, REASON_LOCAL_USER_ERROR);
}

FALLIBLE rtse_receive_interrupt(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->in.serial > 0)
		rtse_recovery_put_incoming(rtse_recovery_of(r), &r->in);
	incoming_free(&r->in);
	return r->service->p_activity_interrupt_rsp(r->below);
}

FALLIBLE rtse_receive_discard(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	incoming_free(&r->in);
	return r->service->p_activity_discard_rsp(r->below);
}

/* The user has the APDU, and will answer too late. */
static void abandon(struct rtse *r)
{
	activity_name_free(&r->abandoned);
	r->abandoned = r->in.name;
	r->in.name = (struct activity_name){ 0 };
	incoming_free(&r->in);
	r->answers_owed++;
}

FALLIBLE rtse_abandon_interrupt(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	abandon(r);
	return r->service->p_activity_interrupt_rsp(r->below);
}

FALLIBLE rtse_abandon_discard(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	abandon(r);
	activity_name_free(&r->abandoned);
	return r->service->p_activity_discard_rsp(r->below);
}

FALLIBLE rtse_late_rsp(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->answers_owed == 0)
		return FAIL(ST_USAGE, 0, "no transfer awaits a response");
	if (--r->answers_owed == 0 && r->abandoned.activity.len)
		remember_complete(r, &r->abandoned);
	return OK;
}

FALLIBLE rtse_late_refuse(struct rtse *r, const struct rtse_input *in)
{
	(void)in;
	if (r->answers_owed == 0)
		return FAIL(ST_USAGE, 0, "no transfer awaits a response");
	r->answers_owed--;
	activity_name_free(&r->abandoned);
	return OK;
}
