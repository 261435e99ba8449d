/* SPDX-License-Identifier: Apache-2.0 */
/* Inside RTSE: the machine's states and what its two halves (rtse_send.c, rtse_receive.c) share. */
#ifndef LIB_OSI_RTSE_MACHINE_H
#define LIB_OSI_RTSE_MACHINE_H

#include "lib/osi/rtse.h"
#include "lib/osi/rtse_recovery.h"

/* [X.228 Annex A], without the states before and after the association, which are ACSE's. */
#define RTSE_STATES(X)                                                      \
	X(IDLE_TURN,    "idle, with the turn")                              \
	X(IDLE,         "idle, without the turn")                           \
	X(SENDING,      "transferring")                                     \
	X(ENDING,       "awaiting P-ACTIVITY-END confirm")                  \
	X(INTERRUPTING, "awaiting P-ACTIVITY-INTERRUPT confirm")            \
	X(DISCARDING,   "awaiting P-ACTIVITY-DISCARD confirm")              \
	X(RECEIVING,    "receiving")                                        \
	X(DELIVERED,    "awaiting RT-TRANSFER response")                    \
	X(REPORTED,     "awaiting the end of an activity that was refused") \
	X(YIELDED,      "what ran goes on in a later association")

#define RTSE_EVENTS(X)                                          \
	X(TRANSFER_REQ,    "RT-TRANSFER request")               \
	X(TRANSFER_RSP,    "RT-TRANSFER response")              \
	X(TRANSFER_REFUSE, "RT-TRANSFER refusal")               \
	X(TRANSFER_STOP,   "expiry of the transfer time")       \
	X(PLEASE_REQ,      "RT-TURN-PLEASE request")            \
	X(GIVE_REQ,        "RT-TURN-GIVE request")              \
	X(START_IND,       "P-ACTIVITY-START indication")       \
	X(RESUME_IND,      "P-ACTIVITY-RESUME indication")      \
	X(DATA_IND,        "P-DATA indication (RTTR)")          \
	X(SYNC_IND,        "P-SYNC-MINOR indication")           \
	X(SYNC_CNF,        "P-SYNC-MINOR confirm")              \
	X(END_IND,         "P-ACTIVITY-END indication")         \
	X(END_CNF,         "P-ACTIVITY-END confirm")            \
	X(INTERRUPT_IND,   "P-ACTIVITY-INTERRUPT indication")   \
	X(INTERRUPT_CNF,   "P-ACTIVITY-INTERRUPT confirm")      \
	X(DISCARD_IND,     "P-ACTIVITY-DISCARD indication")     \
	X(DISCARD_CNF,     "P-ACTIVITY-DISCARD confirm")        \
	X(EXCEPTION_IND,   "exception report indication")       \
	X(PLEASE_IND,      "P-TOKEN-PLEASE indication (RTTP)")  \
	X(GIVE_IND,        "P-CONTROL-GIVE indication")

#define RTSE_ENUM_STATE(name, text) RTSE_##name,
#define RTSE_ENUM_EVENT(name, text) RTSE_EV_##name,
enum rtse_state { RTSE_STATES(RTSE_ENUM_STATE) RTSE_STATE_COUNT };
enum rtse_event { RTSE_EVENTS(RTSE_ENUM_EVENT) RTSE_EVENT_COUNT };

/* What comes with an event. */
struct rtse_input {
	const struct bytes *parts;	/* TRANSFER_REQ */
	size_t count;
	struct bytes activity;		/* START_IND, RESUME_IND */
	struct bytes old_activity, old_association;
	struct bytes data;		/* DATA_IND, PLEASE_IND */
	uint32_t serial;		/* RESUME_IND, SYNC_IND, SYNC_CNF */
	int reason;			/* EXCEPTION_IND; PLEASE_REQ: the priority */
	bool provider;
};

struct rtse {
	enum rtse_state state;
	struct rtse_terms terms;
	struct buf association;		/* what terms.association views */
	const struct rtse_service *service;
	void *below;
	const struct rtse_user *user;
	void *user_data;
	struct rtse_recovery *recovery;	/* the program's, or own */
	struct rtse_recovery *own;
	struct rtse *next_machine;	/* of those that use the recovery */

	/* sending */
	struct outgoing out;
	size_t sent;			/* octets of out.apdu given to P-DATA */
	uint32_t serial;		/* of the last checkpoint set */
	size_t marks[RTSE_MARKS];	/* octets covered by checkpoint s, at s % RTSE_MARKS */
	bool checkpoint_due;		/* one must be set before the next segment */
	bool resumed;			/* and not started in this association */
	uint32_t activities;		/* started or resumed by this side */

	/* receiving */
	struct incoming in;
	struct buf again;		/* its APDU, to be told again */
	struct activity_name abandoned;	/* interrupted while its user had the APDU */
	unsigned answers_owed;		/* responses to come for abandoned activities */
};

FALLIBLE rtse_send_start(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_confirmed(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_confirmed_late(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_done(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_stop(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_interrupted(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_exception(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_send_discarded(struct rtse *r, const struct rtse_input *in);

FALLIBLE rtse_receive_start(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_resume(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_data(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_sync(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_end(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_rsp(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_refuse(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_interrupt(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_receive_discard(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_abandon_interrupt(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_abandon_discard(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_late_rsp(struct rtse *r, const struct rtse_input *in);
FALLIBLE rtse_late_refuse(struct rtse *r, const struct rtse_input *in);

/*
 * The peer goes on in a later association, and this one is lost, though nothing has shown that
 * here yet: what runs in it is taken from the machine that receives an activity, or sends an APDU.
 * False where there is none.
 */
bool rtse_take_from_receiver(struct rtse *r, struct bytes association, struct bytes activity);
bool rtse_take_from_sender(struct rtse *r, const struct bytes *parts, size_t count);

/* Where interrupted activities go; made on demand where the program gave none. */
struct rtse_recovery *rtse_recovery_of(struct rtse *r);

#endif
