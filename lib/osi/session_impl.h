/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the session layer share; nobody else includes it. */
#ifndef LIB_OSI_SESSION_IMPL_H
#define LIB_OSI_SESSION_IMPL_H

#include "lib/osi/session.h"
#include "lib/osi/session_spdu.h"

/*
 * States [X.225 Annex A].  The transport connection is never kept for another
 * session, and the timer that waits for the peer's T-DISCONNECT is zero: STA01A
 * and STA16 are passed through at once.
 */
#define SESSION_STATES(X)						\
	X(STA01,  "STA01 idle, no transport connection")		\
	X(STA01B, "STA01B wait for T-CONNECT confirm")			\
	X(STA01C, "STA01C idle, transport connected")			\
	X(STA01D, "STA01D wait for the CONNECT DATA OVERFLOW SPDU")	\
	X(STA02A, "STA02A wait for the ACCEPT SPDU")			\
	X(STA02B, "STA02B wait for the OVERFLOW ACCEPT SPDU")		\
	X(STA03,  "STA03 wait for the DISCONNECT SPDU")			\
	X(STA04B, "STA04B wait for the ACTIVITY END ACK SPDU")		\
	X(STA05B, "STA05B wait for the ACTIVITY INTERRUPT ACK SPDU")	\
	X(STA05C, "STA05C wait for the ACTIVITY DISCARD ACK SPDU")	\
	X(STA08,  "STA08 wait for S-CONNECT response")			\
	X(STA09,  "STA09 wait for S-RELEASE response")			\
	X(STA10B, "STA10B wait for S-ACTIVITY-END response")		\
	X(STA11B, "STA11B wait for S-ACTIVITY-INTERRUPT response")	\
	X(STA11C, "STA11C wait for S-ACTIVITY-DISCARD response")	\
	X(STA18,  "STA18 wait for the GIVE TOKENS ACK SPDU")		\
	X(STA19,  "STA19 wait for a recovery request or SPDU")		\
	X(STA20,  "STA20 wait for a recovery SPDU or request")		\
	X(STA713, "STA713 data transfer")

/* Events from above and below; those that SPDUs are follow behind them. */
#define SESSION_EVENTS(X)				\
	X(SCONreq, "S-CONNECT request")			\
	X(SCONrsp, "S-CONNECT (accept) response")	\
	X(SCONrsp_reject, "S-CONNECT (reject) response")	\
	X(SDTreq,  "S-DATA request")			\
	X(STDreq,  "S-TYPED-DATA request")		\
	X(SGTreq,  "S-TOKEN-GIVE request")		\
	X(SPTreq,  "S-TOKEN-PLEASE request")		\
	X(SCGreq,  "S-CONTROL-GIVE request")		\
	X(SSYNmreq, "S-SYNC-MINOR request")		\
	X(SSYNmrsp, "S-SYNC-MINOR response")		\
	X(SACTSreq, "S-ACTIVITY-START request")		\
	X(SACTRreq, "S-ACTIVITY-RESUME request")	\
	X(SACTEreq, "S-ACTIVITY-END request")		\
	X(SACTErsp, "S-ACTIVITY-END response")		\
	X(SACTIreq, "S-ACTIVITY-INTERRUPT request")	\
	X(SACTIrsp, "S-ACTIVITY-INTERRUPT response")	\
	X(SACTDreq, "S-ACTIVITY-DISCARD request")	\
	X(SACTDrsp, "S-ACTIVITY-DISCARD response")	\
	X(SUERreq, "S-U-EXCEPTION-REPORT request")	\
	X(SRELreq, "S-RELEASE request")			\
	X(SRELrsp, "S-RELEASE response")		\
	X(TCONind, "T-CONNECT indication")		\
	X(TCONcnf, "T-CONNECT confirm")

#define SESSION_AS_STATE(id, text) id,
#define SESSION_AS_EVENT(id, text) EV_##id,
enum session_state { SESSION_STATES(SESSION_AS_STATE) STATE_COUNT };
enum session_event { SESSION_EVENTS(SESSION_AS_EVENT) EV_SPDU };
#define EV_OF(kind) (EV_SPDU + (kind))
#define EV_COUNT (EV_SPDU + SPDU_COUNT)

#define TOKENS_EVERY (TOKEN_DATA | TOKEN_SYNC_MINOR | TOKEN_MAJOR_ACTIVITY | TOKEN_RELEASE)
#define SERIAL_MAX 999999
#define DATA_MAX_VERSION_1 512

struct session {
	struct session_limits limits;
	const struct transport_service *transport;
	void *transport_data;
	const struct session_user *user;
	void *user_data;

	enum session_state state;
	bool initiator;
	uint8_t version;		/* 1 or 2 */
	uint16_t proposed;		/* functional units of the CN SPDU */
	uint16_t units;			/* those in use */
	uint8_t token_setting;		/* of the CN SPDU */
	uint8_t available, owned;	/* sets of enum session_token */
	uint32_t tsdu_maxima;		/* as the parameter has them: of initiator and responder */
	size_t tsdu_max;		/* of those sent here; 0 is without limit */

	bool vact;			/* an activity is in progress */
	bool vsc;			/* this side sent the points that await confirmation */
	uint32_t va;			/* V(A): the lowest point not yet confirmed */
	uint32_t vm;			/* V(M): the next point */
	bool released;			/* an FN SPDU was sent */
	bool vcoll;			/* both asked for release */
	bool vdnr;			/* and the peer's DN SPDU has come */

	struct buf calling_t, called_t;
	struct buf connect;		/* the CN SPDU: to be sent, or its overflow awaited */
	struct buf overflow;		/* user data that go beyond it */
	struct buf *tsdu;		/* what is being taken apart */
	struct buf ssdu;		/* put together from DT or TD SPDUs */
	bool ssdu_open;
	enum spdu_kind ssdu_kind;
	struct buf segmented;		/* TSDU of the first segment of another SPDU */
	enum spdu_kind segmented_kind;
	struct buf segments;		/* its user data so far */
};

/* An action of the state table; the state is already the next one. */
typedef struct status *session_act(struct session *s, struct spdu *p);

/* session.c: one event; requests fail without effect. */
FALLIBLE session_step(struct session *s, int event, struct spdu *p);
/* Over: the transport goes, and no event is allowed any more. */
void session_end(struct session *s);

/* session_send.c */
FALLIBLE session_send(struct session *s, const struct spdu *p);
/* Whole SPDUs from segments: *out_whole says whether p is (now) one. */
FALLIBLE session_join(struct session *s, struct spdu *p, bool *out_whole);
FALLIBLE session_append(struct buf *to, struct bytes octets, size_t max, const char *what);

/* session_connect.c: connection and release. */
session_act session_open_transport, session_answer_transport, session_send_cn, session_take_cn,
	session_take_oa, session_take_cdo, session_send_ac, session_take_ac, session_send_rf,
	session_take_rf, session_send_fn, session_take_fn, session_send_dn, session_take_dn,
	session_take_ab;

/* session_transfer.c: data, tokens, exceptions. */
session_act session_send_plain, session_take_dt, session_take_td, session_give, session_taken,
	session_please, session_pleased, session_give_control, session_take_control,
	session_control_given, session_send_ed, session_take_ed, session_take_er, session_ignore;

/* session_activity.c: synchronization points and activities. */
session_act session_send_mip, session_take_mip, session_skip_point, session_send_mia, session_take_mia,
	session_send_as, session_take_as, session_send_ar, session_take_ar,
	session_take_ae, session_send_aea, session_take_aea,
	session_take_ai, session_send_aia, session_take_aia,
	session_take_ad, session_send_ada, session_take_ada, session_send_ae;

#endif
