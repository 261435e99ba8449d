/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The border between presentation and session: which session function serves which
 * need, what session tells, and the services that are only passed on [X.226 6.7 to 6.9].
 */
#include "lib/osi/presentation_machine.h"

const struct pres_session_service pres_over_session = {
	.connect_req = session_connect_req,
	.connect_rsp = session_connect_rsp,
	.refuse_rsp = session_refuse_rsp,
	.data_req = session_data_req,
	.token_give_req = session_token_give_req,
	.token_please_req = session_token_please_req,
	.control_give_req = session_control_give_req,
	.minor_sync_req = session_minor_sync_req,
	.minor_sync_rsp = session_minor_sync_rsp,
	.activity_start_req = session_activity_start_req,
	.activity_resume_req = session_activity_resume_req,
	.activity_end_req = session_activity_end_req,
	.activity_end_rsp = session_activity_end_rsp,
	.activity_interrupt_req = session_activity_interrupt_req,
	.activity_interrupt_rsp = session_activity_interrupt_rsp,
	.activity_discard_req = session_activity_discard_req,
	.activity_discard_rsp = session_activity_discard_rsp,
	.u_exception_req = session_u_exception_req,
	.release_req = session_release_req,
	.release_rsp = session_release_rsp,
	.u_abort_req = session_u_abort_req,
};

static void connect_ind(void *user, const struct session_connect *connect)
{
	pres_indicate(user, EV_CP, PPM_CP,
		      &(struct pres_input){ .session = connect, .octets = connect->user_data });
}

static void connect_cnf(void *user, const struct session_connect *accept)
{
	pres_indicate(user, EV_CPA, PPM_CPA,
		      &(struct pres_input){ .session = accept, .octets = accept->user_data });
}

static void refuse_ind(void *user, int reason, struct bytes user_data, const struct status *why)
{
	pres_indicate(user, EV_CPR, PPM_CPR,
		      &(struct pres_input){ .reason = reason, .octets = user_data, .why = why });
}

static void data_ind(void *user, struct bytes data, struct buf *ssdu)
{
	pres_indicate(user, EV_TD, PPM_TD, &(struct pres_input){ .octets = data, .ssdu = ssdu });
}

static void release_ind(void *user, struct bytes user_data)
{
	pres_indicate(user, SRELind, PPM_RELEASE_IND, &(struct pres_input){ .octets = user_data });
}

static void release_cnf(void *user, struct bytes user_data)
{
	pres_indicate(user, SRELcnf, PPM_RELEASE_CNF, &(struct pres_input){ .octets = user_data });
}

static void tell_p_abort(struct presentation *p, struct status *why)
{
	p->user->p_abort_ind(p->user_data, why);
	status_free(&why);
}

/* An ARU or ARP PPDU; over session version 1 it may have been cut short, and is then nobody's word. */
static void u_abort_ind(void *user, struct bytes user_data)
{
	struct presentation *p = user;
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };
	struct ppdu_abort ppdu = { .by_provider = false };
	struct status *unreadable = user_data.len ? abort_decode(user_data, &ppdu) : OK;

	if (!unreadable && ppdu.by_provider) {
		p->state = STAI0;
		tell_p_abort(p, FAIL(ST_LATER, 0, "the peer's presentation aborted: %s, on our %s",
				     arp_reason_text(ppdu.reason), ppm_event_text(ppdu.event)));
		return;
	}
	if (!unreadable)
		unreadable = pres_read_values(p, ppdu.user_data, &values);
	p->state = STAI0;
	p->user->u_abort_ind(p->user_data, values.at, unreadable ? 0 : values.count);
	status_free(&unreadable);
}

static void p_abort_ind(void *user, int reason, const struct status *why)
{
	struct presentation *p = user;

	(void)reason;
	p->state = STAI0;
	tell_p_abort(p, status_copy(why));
}

/* Whether session may tell this now; where not, all is aborted. */
static bool may(struct presentation *p, enum ppm_event ppm)
{
	return pres_indicate(p, PASSind, ppm, &(struct pres_input){ 0 });
}

/* Passes an indication on; user data that come with it are not used by anyone above. */
#define PASS_IND(name, told, ppm, parameters, ...)                       \
	static void name parameters                                      \
	{                                                                \
		struct presentation *p = user;                           \
									 \
		if (may(p, ppm))                                         \
			p->user->told(p->user_data, ##__VA_ARGS__);      \
	}

PASS_IND(token_give_ind, token_give_ind, PPM_TOKEN_GIVE_IND,
	 (void *user, uint8_t tokens), tokens)
PASS_IND(control_give_ind, control_give_ind, PPM_CONTROL_GIVE_IND,
	 (void *user))
PASS_IND(minor_sync_ind, sync_minor_ind, PPM_SYNC_MINOR_IND,
	 (void *user, uint32_t serial, bool confirm, struct bytes user_data __attribute__((unused))), serial, confirm)
PASS_IND(minor_sync_cnf, sync_minor_cnf, PPM_SYNC_MINOR_CNF,
	 (void *user, uint32_t serial, struct bytes user_data __attribute__((unused))), serial)
PASS_IND(activity_start_ind, activity_start_ind, PPM_ACTIVITY_START_IND,
	 (void *user, struct bytes activity, struct bytes user_data __attribute__((unused))), activity)
PASS_IND(activity_resume_ind, activity_resume_ind, PPM_ACTIVITY_RESUME_IND,
	 (void *user, const struct session_resume *resume), resume)
PASS_IND(activity_end_ind, activity_end_ind, PPM_ACTIVITY_END_IND,
	 (void *user, uint32_t serial, struct bytes user_data __attribute__((unused))), serial)
PASS_IND(activity_end_cnf, activity_end_cnf, PPM_ACTIVITY_END_CNF,
	 (void *user, struct bytes user_data __attribute__((unused))))
PASS_IND(activity_interrupt_ind, activity_interrupt_ind, PPM_ACTIVITY_INTERRUPT_IND,
	 (void *user, int reason, struct bytes user_data __attribute__((unused))), reason)
PASS_IND(activity_interrupt_cnf, activity_interrupt_cnf, PPM_ACTIVITY_INTERRUPT_CNF,
	 (void *user, struct bytes user_data __attribute__((unused))))
PASS_IND(activity_discard_ind, activity_discard_ind, PPM_ACTIVITY_DISCARD_IND,
	 (void *user, int reason, struct bytes user_data __attribute__((unused))), reason)
PASS_IND(activity_discard_cnf, activity_discard_cnf, PPM_ACTIVITY_DISCARD_CNF,
	 (void *user, struct bytes user_data __attribute__((unused))))
PASS_IND(u_exception_ind, u_exception_ind, PPM_U_EXCEPTION_IND,
	 (void *user, int reason, struct bytes user_data __attribute__((unused))), reason)
PASS_IND(p_exception_ind, p_exception_ind, PPM_P_EXCEPTION_IND,
	 (void *user))

static void token_please_ind(void *user, uint8_t tokens, struct bytes user_data)
{
	struct presentation *p = user;
	AUTO(ppdu_values_cleanup) struct ppdu_values values = { .count = 0 };

	if (!may(p, PPM_TOKEN_PLEASE_IND))
		return;
	struct status *st = pres_read_values(p, user_data, &values);

	if (st)
		pres_provider_abort(p, PPM_TOKEN_PLEASE_IND, st);
	else
		p->user->token_please_ind(p->user_data, tokens, values.at, values.count);
}

const struct session_user pres_session_user = {
	.connect_ind = connect_ind,
	.connect_cnf = connect_cnf,
	.refuse_ind = refuse_ind,
	.data_ind = data_ind,
	.token_give_ind = token_give_ind,
	.token_please_ind = token_please_ind,
	.control_give_ind = control_give_ind,
	.minor_sync_ind = minor_sync_ind,
	.minor_sync_cnf = minor_sync_cnf,
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
	.release_ind = release_ind,
	.release_cnf = release_cnf,
	.u_abort_ind = u_abort_ind,
	.p_abort_ind = p_abort_ind,
};

static FALLIBLE allowed(struct presentation *p, const char *primitive)
{
	return pres_request(p, PASSreq, &(struct pres_input){ .primitive = primitive });
}

FALLIBLE pres_token_give_req(struct presentation *p, uint8_t tokens)
{
	TRY(allowed(p, "P-TOKEN-GIVE request"));
	return p->service->token_give_req(p->session, tokens);
}

FALLIBLE pres_control_give_req(struct presentation *p)
{
	TRY(allowed(p, "P-CONTROL-GIVE request"));
	return p->service->control_give_req(p->session);
}

FALLIBLE pres_sync_minor_req(struct presentation *p, bool confirm, uint32_t *out_serial)
{
	TRY(allowed(p, "P-SYNC-MINOR request"));
	return p->service->minor_sync_req(p->session, confirm, bytes_none(), out_serial);
}

FALLIBLE pres_sync_minor_rsp(struct presentation *p, uint32_t serial)
{
	TRY(allowed(p, "P-SYNC-MINOR response"));
	return p->service->minor_sync_rsp(p->session, serial, bytes_none());
}

FALLIBLE pres_activity_start_req(struct presentation *p, struct bytes activity)
{
	TRY(allowed(p, "P-ACTIVITY-START request"));
	return p->service->activity_start_req(p->session, activity, bytes_none());
}

FALLIBLE pres_activity_resume_req(struct presentation *p, const struct session_resume *resume)
{
	TRY(allowed(p, "P-ACTIVITY-RESUME request"));
	return p->service->activity_resume_req(p->session, resume);
}

FALLIBLE pres_activity_end_req(struct presentation *p, uint32_t *out_serial)
{
	TRY(allowed(p, "P-ACTIVITY-END request"));
	return p->service->activity_end_req(p->session, bytes_none(), out_serial);
}

FALLIBLE pres_activity_end_rsp(struct presentation *p)
{
	TRY(allowed(p, "P-ACTIVITY-END response"));
	return p->service->activity_end_rsp(p->session, bytes_none());
}

FALLIBLE pres_activity_interrupt_req(struct presentation *p, int reason)
{
	TRY(allowed(p, "P-ACTIVITY-INTERRUPT request"));
	return p->service->activity_interrupt_req(p->session, reason);
}

FALLIBLE pres_activity_interrupt_rsp(struct presentation *p)
{
	TRY(allowed(p, "P-ACTIVITY-INTERRUPT response"));
	return p->service->activity_interrupt_rsp(p->session);
}

FALLIBLE pres_activity_discard_req(struct presentation *p, int reason)
{
	TRY(allowed(p, "P-ACTIVITY-DISCARD request"));
	return p->service->activity_discard_req(p->session, reason);
}

FALLIBLE pres_activity_discard_rsp(struct presentation *p)
{
	TRY(allowed(p, "P-ACTIVITY-DISCARD response"));
	return p->service->activity_discard_rsp(p->session);
}

FALLIBLE pres_u_exception_req(struct presentation *p, int reason)
{
	TRY(allowed(p, "P-U-EXCEPTION-REPORT request"));
	return p->service->u_exception_req(p->session, reason, bytes_none());
}

FALLIBLE pres_token_please_req(struct presentation *p, uint8_t tokens,
			       const struct pres_value *values, size_t count)
{
	AUTO(buf_free) struct buf data = { 0 };

	TRY(allowed(p, "P-TOKEN-PLEASE request"));
	user_data_encode(values, count, &data);
	return p->service->token_please_req(p->session, tokens, buf_view(&data));
}
