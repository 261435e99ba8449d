/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between presentation on one side, ACSE and RTSE on the other: ACSE has
 * connecting, releasing and aborting, RTSE (or ROSE) the rest [X.228 8].
 */
#include "lib/osi/assoc_internal.h"

/* --- presentation to ACSE --- */

/* ACSE has aborted the peer already; the user hears of it here. */
static void ended_by_acse(struct assoc *a, struct status *wrong)
{
	if (!wrong)
		return;
	assoc_lost(a, wrong);
	status_free(&wrong);
}

/* A selector of ours that is set must be the one called. */
static bool is_called(struct bytes own, struct bytes called)
{
	return !own.data || bytes_equal(own, called);
}

/* [X.226] The presentation address is that of all layers together. */
static bool refuse_address(struct assoc *a, const struct pres_connect *connect)
{
	struct status *why;

	if (!a->serves_address ||
	    (is_called(a->own.t_selector, connect->session.called_t) &&
	     is_called(a->own.s_selector, connect->session.called_s) &&
	     is_called(a->own.p_selector, connect->called_p)))
		return false;
	status_drop(pres_refuse_rsp(a->presentation, PRES_REFUSED_ADDRESS_UNKNOWN, connect));
	why = FAIL(ST_PEER, 0, "the peer calls a selector that is not served here");
	assoc_lost(a, why);
	status_free(&why);
	return true;
}

static void connect_ind(void *user, const struct pres_connect *connect)
{
	struct assoc *a = user;

	if (!refuse_address(a, connect))
		ended_by_acse(a, acse_p_connect_ind(a->acse, connect));
}

static void connect_cnf(void *user, const struct pres_connect *accept)
{
	struct assoc *a = user;

	ended_by_acse(a, acse_p_connect_cnf(a->acse, accept));
}

static void refuse_ind(void *user, int reason, const struct pres_value *values, size_t count,
		       const struct status *why)
{
	struct assoc *a = user;

	acse_p_refuse_ind(a->acse, reason, values, count, why);
}

static void release_ind(void *user, const struct pres_value *values, size_t count)
{
	struct assoc *a = user;

	ended_by_acse(a, acse_p_release_ind(a->acse, values, count));
}

static void release_cnf(void *user, const struct pres_value *values, size_t count)
{
	struct assoc *a = user;

	ended_by_acse(a, acse_p_release_cnf(a->acse, values, count));
}

static void u_abort_ind(void *user, const struct pres_value *values, size_t count)
{
	struct assoc *a = user;

	acse_p_u_abort_ind(a->acse, values, count);
}

static void p_abort_ind(void *user, const struct status *why)
{
	struct assoc *a = user;

	acse_p_p_abort_ind(a->acse, why);
}

/* --- presentation to RTSE --- */

static bool is_open(const struct assoc *a)
{
	return a->state == ASSOC_OPEN || a->state == ASSOC_UNBINDING;
}

static void done(struct assoc *a, struct status *wrong)
{
	if (wrong)
		assoc_break(a, wrong);
}

static void data_ind(void *user, const struct pres_value *value, struct buf *ssdu)
{
	struct assoc *a = user;

	if (is_open(a))
		done(a, assoc_data_ind(a, value->context, value->value, ssdu));
}

/* RTSE is there wherever its functional units were agreed on. */
#define TO_RTSE(call)                          \
	do {                                   \
		struct assoc *a = user;        \
		if (is_open(a) && a->rtse)     \
			done(a, (call));       \
	} while (0)

static void token_please_ind(void *user, uint8_t tokens, const struct pres_value *values,
			     size_t count)
{
	(void)tokens;
	TO_RTSE(count == 1 ? rtse_p_token_please_ind(a->rtse, values[0].value)
			   : FAIL(ST_PEER, 0, "RT-TURN-PLEASE without its RTTP"));
}

static void token_give_ind(void *user, uint8_t tokens)
{
	(void)tokens;
	TO_RTSE(FAIL(ST_PEER, 0, "P-TOKEN-GIVE, but RTSE passes all tokens at once"));
}

static void control_give_ind(void *user)
{
	TO_RTSE(rtse_p_control_give_ind(a->rtse));
}

static void sync_minor_ind(void *user, uint32_t serial, bool confirm)
{
	(void)confirm;
	TO_RTSE(rtse_p_sync_minor_ind(a->rtse, serial));
}

static void sync_minor_cnf(void *user, uint32_t serial)
{
	TO_RTSE(rtse_p_sync_minor_cnf(a->rtse, serial));
}

static void activity_start_ind(void *user, struct bytes activity)
{
	TO_RTSE(rtse_p_activity_start_ind(a->rtse, activity));
}

static void activity_resume_ind(void *user, const struct session_resume *resume)
{
	AUTO(buf_free) struct buf old = { 0 };

	if (resume->has_old_reference) {
		buf_put(&old, resume->old_calling);
		buf_put(&old, resume->old_common);
		buf_put(&old, resume->old_additional);
	}
	TO_RTSE(rtse_p_activity_resume_ind(a->rtse, resume->activity, resume->old_activity,
					   resume->serial, buf_view(&old)));
}

static void activity_end_ind(void *user, uint32_t serial)
{
	(void)serial;
	TO_RTSE(rtse_p_activity_end_ind(a->rtse));
}

static void activity_end_cnf(void *user)
{
	TO_RTSE(rtse_p_activity_end_cnf(a->rtse));
}

static void activity_interrupt_ind(void *user, int reason)
{
	(void)reason;
	TO_RTSE(rtse_p_activity_interrupt_ind(a->rtse));
}

static void activity_interrupt_cnf(void *user)
{
	TO_RTSE(rtse_p_activity_interrupt_cnf(a->rtse));
}

static void activity_discard_ind(void *user, int reason)
{
	(void)reason;
	TO_RTSE(rtse_p_activity_discard_ind(a->rtse));
}

static void activity_discard_cnf(void *user)
{
	TO_RTSE(rtse_p_activity_discard_cnf(a->rtse));
}

static void u_exception_ind(void *user, int reason)
{
	TO_RTSE(rtse_p_exception_report_ind(a->rtse, reason, false));
}

static void p_exception_ind(void *user)
{
	TO_RTSE(rtse_p_exception_report_ind(a->rtse, REASON_NONE, true));
}

const struct pres_user assoc_pres_user = {
	.connect_ind = connect_ind,
	.connect_cnf = connect_cnf,
	.refuse_ind = refuse_ind,
	.data_ind = data_ind,
	.release_ind = release_ind,
	.release_cnf = release_cnf,
	.u_abort_ind = u_abort_ind,
	.p_abort_ind = p_abort_ind,
	.token_give_ind = token_give_ind,
	.token_please_ind = token_please_ind,
	.control_give_ind = control_give_ind,
	.sync_minor_ind = sync_minor_ind,
	.sync_minor_cnf = sync_minor_cnf,
	.activity_start_ind = activity_start_ind,
	.activity_resume_ind = activity_resume_ind,
	.activity_end_ind = activity_end_ind,
	.activity_end_cnf = activity_end_cnf,
	.activity_interrupt_ind = activity_interrupt_ind,
	.activity_interrupt_cnf = activity_interrupt_cnf,
	.activity_discard_ind = activity_discard_ind,
	.activity_discard_cnf = activity_discard_cnf,
	.u_exception_ind = u_exception_ind,
	.p_exception_ind = p_exception_ind,
};

/* --- RTSE to presentation --- */

static int rtse_context(const struct assoc *a)
{
	return a->ids[a->context->bind_syntax];
}

static FALLIBLE start_req(void *below, struct bytes activity)
{
	struct assoc *a = below;

	return pres_activity_start_req(a->presentation, activity);
}

static FALLIBLE resume_req(void *below, struct bytes activity, struct bytes old_activity,
			   uint32_t serial, struct bytes old_association)
{
	struct assoc *a = below;
	struct session_resume resume = { .activity = activity, .old_activity = old_activity,
					 .serial = serial };

	if (old_association.len) {
		resume.has_old_reference = true;
		TRY(association_name_split(old_association, &resume.old_calling,
					   &resume.old_common, &resume.old_additional));
	}
	return pres_activity_resume_req(a->presentation, &resume);
}

static FALLIBLE data_req(void *below, const struct bytes *parts, size_t count)
{
	struct assoc *a = below;

	return pres_data_req(a->presentation, rtse_context(a), parts, count);
}

static FALLIBLE sync_minor_req(void *below, uint32_t *out_serial)
{
	struct assoc *a = below;

	return pres_sync_minor_req(a->presentation, true, out_serial);
}

static FALLIBLE sync_minor_rsp(void *below, uint32_t serial)
{
	struct assoc *a = below;

	return pres_sync_minor_rsp(a->presentation, serial);
}

static FALLIBLE end_req(void *below)
{
	struct assoc *a = below;
	uint32_t serial;

	return pres_activity_end_req(a->presentation, &serial);
}

static FALLIBLE end_rsp(void *below)
{
	return pres_activity_end_rsp(((struct assoc *)below)->presentation);
}

static FALLIBLE interrupt_req(void *below, enum session_reason reason)
{
	return pres_activity_interrupt_req(((struct assoc *)below)->presentation, (int)reason);
}

static FALLIBLE interrupt_rsp(void *below)
{
	return pres_activity_interrupt_rsp(((struct assoc *)below)->presentation);
}

static FALLIBLE discard_req(void *below, enum session_reason reason)
{
	return pres_activity_discard_req(((struct assoc *)below)->presentation, (int)reason);
}

static FALLIBLE discard_rsp(void *below)
{
	return pres_activity_discard_rsp(((struct assoc *)below)->presentation);
}

static FALLIBLE exception_req(void *below, enum session_reason reason)
{
	return pres_u_exception_req(((struct assoc *)below)->presentation, (int)reason);
}

static FALLIBLE token_please_req(void *below, struct bytes rttp)
{
	struct assoc *a = below;
	struct pres_value value = { rtse_context(a), rttp };

	return pres_token_please_req(a->presentation, TOKEN_DATA, &value, 1);
}

static FALLIBLE control_give_req(void *below)
{
	return pres_control_give_req(((struct assoc *)below)->presentation);
}

const struct rtse_service assoc_rtse_service = {
	.p_activity_start_req = start_req,
	.p_activity_resume_req = resume_req,
	.p_data_req = data_req,
	.p_sync_minor_req = sync_minor_req,
	.p_sync_minor_rsp = sync_minor_rsp,
	.p_activity_end_req = end_req,
	.p_activity_end_rsp = end_rsp,
	.p_activity_interrupt_req = interrupt_req,
	.p_activity_interrupt_rsp = interrupt_rsp,
	.p_activity_discard_req = discard_req,
	.p_activity_discard_rsp = discard_rsp,
	.p_u_exception_report_req = exception_req,
	.p_token_please_req = token_please_req,
	.p_control_give_req = control_give_req,
};
