/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reliable transfer, normal mode [X.218, X.228]: APDUs of any length are sent
 * as activities, in segments with checkpoints between them, and an activity
 * that was cut off goes on behind its last confirmed checkpoint.
 *
 * This is the machine for an association that is open; lib/osi/rtse_pdu.h
 * has the APDUs that open, refuse and abort one.  It asks what it needs of the
 * layer below through struct rtse_service, is told what happens there through
 * the rtse_p_* functions, and tells its user through struct rtse_user.
 *
 * A failure of an rtse_p_* function is the peer's (ST_PEER), and the
 * association has to be aborted.  A failure of a request is the user's
 * (ST_USAGE), and nothing has happened.
 */
#ifndef LIB_OSI_RTSE_H
#define LIB_OSI_RTSE_H

#include "lib/osi/session.h"

struct rtse;
struct rtse_recovery;

/* What RTSE asks of presentation [X.228 8].  All views are borrowed. */
struct rtse_service {
	FALLIBLE (*p_activity_start_req)(void *below, struct bytes activity);
	/* old_association is empty where the activity was started in this association. */
	FALLIBLE (*p_activity_resume_req)(void *below, struct bytes activity,
					  struct bytes old_activity, uint32_t serial,
					  struct bytes old_association);
	/* An RTTR APDU, whole. */
	FALLIBLE (*p_data_req)(void *below, const struct bytes *parts, size_t count);
	FALLIBLE (*p_sync_minor_req)(void *below, uint32_t *out_serial);
	FALLIBLE (*p_sync_minor_rsp)(void *below, uint32_t serial);
	FALLIBLE (*p_activity_end_req)(void *below);
	FALLIBLE (*p_activity_end_rsp)(void *below);
	FALLIBLE (*p_activity_interrupt_req)(void *below, enum session_reason reason);
	FALLIBLE (*p_activity_interrupt_rsp)(void *below);
	FALLIBLE (*p_activity_discard_req)(void *below, enum session_reason reason);
	FALLIBLE (*p_activity_discard_rsp)(void *below);
	FALLIBLE (*p_u_exception_report_req)(void *below, enum session_reason reason);
	FALLIBLE (*p_token_please_req)(void *below, struct bytes rttp);
	FALLIBLE (*p_control_give_req)(void *below);
};

/* What RTSE tells its user [X.218]. */
struct rtse_user {
	/* An APDU is there; buf_take keeps it.  Answer with rtse_transfer_rsp or _refuse. */
	void (*transfer_ind)(void *user, struct buf *apdu);
	/* OK: the peer has it.  ST_LATER: it has not.  Borrowed. */
	void (*transfer_cnf)(void *user, const struct status *failed);
	void (*turn_please_ind)(void *user, int priority);
	void (*turn_give_ind)(void *user);
};

/* What was agreed when the association was opened. */
struct rtse_terms {
	uint32_t checkpoint_size;	/* in units of 1024 octets; 0: no checkpoints */
	uint32_t window_size;		/* checkpoints unconfirmed at a time, at least 1 */
	bool two_way;			/* the turn can pass */
	bool has_turn;			/* this side has it first */
	size_t apdu_max;		/* octets of an APDU accepted from the peer */
	/* APDUs are answered by others: what was taken is told again where it is resumed, because
	 * the answer was lost with the association. */
	bool answered;
	struct bytes association;	/* contents of SessionConnectionIdentifier, or empty: copied */
};

struct rtse *rtse_new(const struct rtse_terms *terms,
		      const struct rtse_service *service, void *below,
		      const struct rtse_user *user, void *user_data);
/* Ends it.  A transfer that runs goes to the recovery, if there is one. */
void rtse_free(struct rtse **rtse);

/* Borrowed; outlives the machine.  Before the first transfer. */
void rtse_use_recovery(struct rtse *r, struct rtse_recovery *recovery);

bool rtse_has_turn(const struct rtse *r);
/* Neither side transfers: the turn may be given, the association closed. */
bool rtse_is_idle(const struct rtse *r);
const char *rtse_state_name(const struct rtse *r);

FALLIBLE rtse_transfer_req(struct rtse *r, const struct bytes *parts, size_t count);
/* What was requested last carries an invocation: it is kept, also after its end, until
 * rtse_recovery_answered. */
void rtse_await_answer(struct rtse *r, int32_t invoke_id);
FALLIBLE rtse_transfer_rsp(struct rtse *r);
/* The user cannot keep the APDU: the peer gives up, and may try again. */
FALLIBLE rtse_transfer_refuse(struct rtse *r);
/* Stops the transfer that runs [X.228 7].  transfer_cnf tells the end. */
FALLIBLE rtse_transfer_stop(struct rtse *r);
FALLIBLE rtse_turn_please_req(struct rtse *r, int priority);
FALLIBLE rtse_turn_give_req(struct rtse *r);

FALLIBLE rtse_p_activity_start_ind(struct rtse *r, struct bytes activity);
FALLIBLE rtse_p_activity_resume_ind(struct rtse *r, struct bytes activity,
				    struct bytes old_activity, uint32_t serial,
				    struct bytes old_association);
/* data is the RTTR APDU. */
FALLIBLE rtse_p_data_ind(struct rtse *r, struct bytes data);
FALLIBLE rtse_p_sync_minor_ind(struct rtse *r, uint32_t serial);
FALLIBLE rtse_p_sync_minor_cnf(struct rtse *r, uint32_t serial);
FALLIBLE rtse_p_activity_end_ind(struct rtse *r);
FALLIBLE rtse_p_activity_end_cnf(struct rtse *r);
FALLIBLE rtse_p_activity_interrupt_ind(struct rtse *r);
FALLIBLE rtse_p_activity_interrupt_cnf(struct rtse *r);
FALLIBLE rtse_p_activity_discard_ind(struct rtse *r);
FALLIBLE rtse_p_activity_discard_cnf(struct rtse *r);
/* provider: it was P-P-EXCEPTION-REPORT. */
FALLIBLE rtse_p_exception_report_ind(struct rtse *r, int reason, bool provider);
FALLIBLE rtse_p_token_please_ind(struct rtse *r, struct bytes rttp);
FALLIBLE rtse_p_control_give_ind(struct rtse *r);

#endif
