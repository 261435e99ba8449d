/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One association with the user's message store (P7), or with his MTA (P3).  The program waits in
 * session_* for what it needs: a command does one thing after the other, with several operations
 * outstanding where that saves a slow link's time.  What an MTA delivers meanwhile is taken.
 */
#ifndef UA_SESSION_H
#define UA_SESSION_H

#include "ua/arrival.h"

struct session;

/* The result of an operation, which lies in *apdu and may be taken with it; or why there is none
 * (borrowed). */
typedef void session_answer(void *arg, struct bytes result, struct buf *apdu,
			    const struct status *failed);

/* Connects and binds, with strong credentials both ways, or passwords where the home has one.  The
 * home is unlocked. */
FALLIBLE session_open(struct home *home, struct session **out_session);
/* Releases in order where it is open still, and frees it. */
void session_close(struct session **session);

/* The link has ended, and can be had again: over RTSE, what was cut off then goes on. */
bool session_can_reopen(const struct session *session);
/* Waits a while, longer each time, and binds again, several times where that fails or brings
 * nothing.  lost says why it is needed (borrowed), and is the failure where it is given up. */
FALLIBLE session_reopen(struct session *session, const struct invocation *invocation,
			const struct status *lost);

/* Asks; answer is told once, from within a function that waits.  Waits for room while as many are
 * outstanding as the settings allow. */
FALLIBLE session_invoke(struct session *session, int operation, const struct bytes *parts,
			size_t count, session_answer *answer, void *arg);
/* Until every answer was told.  A failure says that the link ended first. */
FALLIBLE session_finish(struct session *session);
/* One operation whose result says nothing but that it was done. */
FALLIBLE session_ask(struct session *session, int operation, struct bytes argument);

/* With an MTA: until all was delivered that waited when we bound; where it does not say how much that
 * is, until nothing comes.  A failure says that the link ended first, or that nothing can be stored. */
FALLIBLE session_collect(struct session *session);
/* What was delivered since the last time. */
struct arrival_counts session_arrivals(struct session *session);

/* Until the store alerts or the MTA delivers, a signal asks to stop, or the time is over; an MTA,
 * which cannot be asked whether it is there, is then bound to anew.  A failure says that the link
 * ended. */
FALLIBLE session_watch(struct session *session, int64_t timeout_ms, bool *out_stop);

/* Waits for something else for so long.  A failure says that the link ended, or that a signal asks to
 * stop. */
FALLIBLE session_pause(struct session *session, int64_t time_ms);

/* Whom the store, or the MTA, proved to be. */
const char *session_peer(const struct session *session);

#endif
