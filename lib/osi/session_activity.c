/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronization points and activities [X.225 7]. */
#include "lib/osi/session_impl.h"

/* [X.225 Annex A] The next point is sent by this side, or by the other. */
static FALLIBLE new_point(struct session *s, bool here, enum status_kind kind)
{
	if (s->vm > SERIAL_MAX)
		return FAIL(kind, 0, "synchronization points are used up");
	if (s->vsc != here)
		s->va = s->vm;
	s->vsc = here;
	s->vm++;
	return OK;
}

static FALLIBLE check_next_point(const struct session *s, const struct spdu *p)
{
	uint32_t serial = p->value[SP_SERIAL].number;

	if (serial != s->vm)
		return FAIL(ST_PEER, 0, "%s number %u where %u is next", spdu_name(p->kind), serial, s->vm);
	return OK;
}

FALLIBLE session_minor_sync_req(struct session *s, bool confirm, struct bytes user_data,
				uint32_t *out_serial)
{
	struct spdu mip = { .kind = SPDU_MIP };

	if (!confirm)
		spdu_set_number(&mip, SP_SYNC_TYPE, SYNC_NO_CONFIRM);
	spdu_set_number(&mip, SP_SERIAL, s->vm);
	spdu_set_some(&mip, SP_USER_DATA, user_data);
	TRY(session_step(s, EV_SSYNmreq, &mip));
	*out_serial = mip.value[SP_SERIAL].number;
	return OK;
}

FALLIBLE session_send_mip(struct session *s, struct spdu *mip)
{
	if (s->vm > SERIAL_MAX)
		return FAIL(ST_USAGE, 0, "synchronization points are used up");
	TRY(session_send(s, mip));
	return new_point(s, true, ST_USAGE);
}

FALLIBLE session_take_mip(struct session *s, struct spdu *mip)
{
	bool confirm = !(mip->value[SP_SYNC_TYPE].number & SYNC_NO_CONFIRM);

	TRY(check_next_point(s, mip));
	TRY(new_point(s, false, ST_PEER));
	s->user->minor_sync_ind(s->user_data, mip->value[SP_SERIAL].number, confirm,
				mip->value[SP_USER_DATA].octets);
	return OK;
}

/* After an exception a point is not told, but counted: both sides have to agree on the next one
 * where the activity goes on. */
FALLIBLE session_skip_point(struct session *s, struct spdu *p)
{
	TRY(check_next_point(s, p));
	return new_point(s, false, ST_PEER);
}

FALLIBLE session_minor_sync_rsp(struct session *s, uint32_t serial, struct bytes user_data)
{
	struct spdu mia = { .kind = SPDU_MIA };

	spdu_set_number(&mia, SP_SERIAL, serial);
	spdu_set_some(&mia, SP_MIA_DATA, user_data);
	return session_step(s, EV_SSYNmrsp, &mia);
}

static bool is_unconfirmed(const struct session *s, uint32_t serial, bool sent_here)
{
	return s->vsc == sent_here && serial >= s->va && serial < s->vm;
}

FALLIBLE session_send_mia(struct session *s, struct spdu *mia)
{
	uint32_t serial = mia->value[SP_SERIAL].number;

	if (!is_unconfirmed(s, serial, false))
		return FAIL(ST_USAGE, 0, "point %u does not await confirmation here", serial);
	TRY(session_send(s, mia));
	s->va = serial + 1;
	return OK;
}

FALLIBLE session_take_mia(struct session *s, struct spdu *mia)
{
	uint32_t serial = mia->value[SP_SERIAL].number;

	if (!is_unconfirmed(s, serial, true))
		return FAIL(ST_PEER, 0, "an MIA SPDU confirms point %u, which does not await it", serial);
	s->va = serial + 1;
	s->user->minor_sync_cnf(s->user_data, serial, mia->value[SP_MIA_DATA].octets);
	return OK;
}

/* [X.225 Annex A] Points are numbered from 1 in an activity, or go on behind one. */
static void begin_activity(struct session *s, uint32_t next)
{
	s->vact = true;
	s->va = s->vm = next;
}

FALLIBLE session_activity_start_req(struct session *s, struct bytes activity, struct bytes user_data)
{
	struct spdu as = { .kind = SPDU_AS };

	spdu_set_octets(&as, SP_ACTIVITY, activity);
	spdu_set_some(&as, SP_USER_DATA, user_data);
	return session_step(s, EV_SACTSreq, &as);
}

FALLIBLE session_send_as(struct session *s, struct spdu *as)
{
	TRY(session_send(s, as));
	begin_activity(s, 1);
	return OK;
}

FALLIBLE session_take_as(struct session *s, struct spdu *as)
{
	begin_activity(s, 1);
	s->user->activity_start_ind(s->user_data, as->value[SP_ACTIVITY].octets,
				    as->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_activity_resume_req(struct session *s, const struct session_resume *r)
{
	struct spdu ar = { .kind = SPDU_AR };

	if (r->serial >= SERIAL_MAX)
		return FAIL(ST_USAGE, 0, "no point can follow number %u", r->serial);
	if (r->has_old_reference) {
		spdu_set_some(&ar, SP_LINK_CALLED, r->old_called);
		spdu_set_some(&ar, SP_LINK_CALLING, r->old_calling);
		spdu_set_some(&ar, SP_LINK_COMMON, r->old_common);
		spdu_set_some(&ar, SP_LINK_ADDITIONAL, r->old_additional);
	}
	spdu_set_octets(&ar, SP_OLD_ACTIVITY, r->old_activity);
	spdu_set_number(&ar, SP_LINK_SERIAL, r->serial);
	spdu_set_octets(&ar, SP_ACTIVITY, r->activity);
	spdu_set_some(&ar, SP_USER_DATA, r->user_data);
	return session_step(s, EV_SACTRreq, &ar);
}

FALLIBLE session_send_ar(struct session *s, struct spdu *ar)
{
	TRY(session_send(s, ar));
	begin_activity(s, ar->value[SP_LINK_SERIAL].number + 1);
	return OK;
}

FALLIBLE session_take_ar(struct session *s, struct spdu *ar)
{
	struct session_resume r = {
		.activity = ar->value[SP_ACTIVITY].octets,
		.old_activity = ar->value[SP_OLD_ACTIVITY].octets,
		.serial = ar->value[SP_LINK_SERIAL].number,
		.has_old_reference = spdu_has(ar, SP_LINK_CALLED) || spdu_has(ar, SP_LINK_CALLING) ||
				     spdu_has(ar, SP_LINK_COMMON),
		.old_calling = ar->value[SP_LINK_CALLING].octets,
		.old_called = ar->value[SP_LINK_CALLED].octets,
		.old_common = ar->value[SP_LINK_COMMON].octets,
		.old_additional = ar->value[SP_LINK_ADDITIONAL].octets,
		.user_data = ar->value[SP_USER_DATA].octets,
	};

	begin_activity(s, r.serial + 1);
	s->user->activity_resume_ind(s->user_data, &r);
	return OK;
}

FALLIBLE session_activity_end_req(struct session *s, struct bytes user_data, uint32_t *out_serial)
{
	struct spdu ae = { .kind = SPDU_AE };

	spdu_set_number(&ae, SP_SERIAL, s->vm);
	spdu_set_some(&ae, SP_USER_DATA, user_data);
	TRY(session_step(s, EV_SACTEreq, &ae));
	*out_serial = ae.value[SP_SERIAL].number;
	return OK;
}

FALLIBLE session_send_ae(struct session *s, struct spdu *ae)
{
	return session_send_mip(s, ae);	/* the end of an activity is a point as well */
}

FALLIBLE session_take_ae(struct session *s, struct spdu *ae)
{
	TRY(check_next_point(s, ae));
	TRY(new_point(s, false, ST_PEER));
	s->user->activity_end_ind(s->user_data, ae->value[SP_SERIAL].number,
				  ae->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_activity_end_rsp(struct session *s, struct bytes user_data)
{
	struct spdu aea = { .kind = SPDU_AEA };

	spdu_set_number(&aea, SP_SERIAL, s->vm - 1);
	spdu_set_some(&aea, SP_USER_DATA, user_data);
	return session_step(s, EV_SACTErsp, &aea);
}

FALLIBLE session_send_aea(struct session *s, struct spdu *aea)
{
	TRY(session_send(s, aea));
	s->va = s->vm;
	s->vact = false;
	return OK;
}

FALLIBLE session_take_aea(struct session *s, struct spdu *aea)
{
	if (aea->value[SP_SERIAL].number != s->vm - 1)
		return FAIL(ST_PEER, 0, "an AEA SPDU for point %u, not %u",
			    aea->value[SP_SERIAL].number, s->vm - 1);
	s->va = s->vm;
	s->vact = false;
	s->user->activity_end_cnf(s->user_data, aea->value[SP_USER_DATA].octets);
	return OK;
}

/* Interrupt and discard differ only in what they mean for the activity. */
static FALLIBLE stop_activity(struct session *s, int event, enum spdu_kind kind, int reason)
{
	struct spdu p = { .kind = kind };
	uint8_t code = (uint8_t)reason;

	spdu_set_octets(&p, SP_REASON, bytes_of(&code, 1));
	return session_step(s, event, &p);
}

FALLIBLE session_activity_interrupt_req(struct session *s, int reason)
{
	return stop_activity(s, EV_SACTIreq, SPDU_AI, reason);
}

FALLIBLE session_activity_discard_req(struct session *s, int reason)
{
	return stop_activity(s, EV_SACTDreq, SPDU_AD, reason);
}

FALLIBLE session_activity_interrupt_rsp(struct session *s)
{
	return session_step(s, EV_SACTIrsp, &(struct spdu){ .kind = SPDU_AIA });
}

FALLIBLE session_activity_discard_rsp(struct session *s)
{
	return session_step(s, EV_SACTDrsp, &(struct spdu){ .kind = SPDU_ADA });
}

/* Segments of an SSDU that will not be completed are forgotten. */
static int stopped(struct session *s, const struct spdu *p)
{
	struct bytes reason = p->value[SP_REASON].octets;

	buf_clear(&s->ssdu);
	s->ssdu_open = false;
	return reason.len ? reason.data[0] : REASON_NONE;
}

FALLIBLE session_take_ai(struct session *s, struct spdu *ai)
{
	s->user->activity_interrupt_ind(s->user_data, stopped(s, ai), ai->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_take_ad(struct session *s, struct spdu *ad)
{
	s->user->activity_discard_ind(s->user_data, stopped(s, ad), ad->value[SP_USER_DATA].octets);
	return OK;
}

/* [X.215] Then all tokens are with the side that stopped the activity. */
static FALLIBLE acknowledge_stop(struct session *s, const struct spdu *p)
{
	TRY(session_send(s, p));
	s->vact = false;
	s->owned = 0;
	return OK;
}

FALLIBLE session_send_aia(struct session *s, struct spdu *aia)
{
	return acknowledge_stop(s, aia);
}

FALLIBLE session_send_ada(struct session *s, struct spdu *ada)
{
	return acknowledge_stop(s, ada);
}

static void stop_acknowledged(struct session *s)
{
	buf_clear(&s->ssdu);
	s->ssdu_open = false;
	s->vact = false;
	s->owned = s->available;
}

FALLIBLE session_take_aia(struct session *s, struct spdu *aia)
{
	stop_acknowledged(s);
	s->user->activity_interrupt_cnf(s->user_data, aia->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_take_ada(struct session *s, struct spdu *ada)
{
	stop_acknowledged(s);
	s->user->activity_discard_cnf(s->user_data, ada->value[SP_USER_DATA].octets);
	return OK;
}
