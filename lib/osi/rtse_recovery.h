/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What RTSE keeps of activities that were cut off, so that they go on where
 * they stopped, in the same association or in a later one [X.228 7].
 *
 * A program owns one struct rtse_recovery for each peer and lends it to one
 * association after another (to several at once, where they run together).
 * It lives in memory: after a restart of the program a transfer begins anew.
 */
#ifndef LIB_OSI_RTSE_RECOVERY_H
#define LIB_OSI_RTSE_RECOVERY_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct rtse_recovery;

/* octets_max bounds what is kept in each direction; the oldest goes when it is reached. */
struct rtse_recovery *rtse_recovery_new(size_t octets_max);
void rtse_recovery_free(struct rtse_recovery **recovery);

/* Where the invoke identifiers begin: at random where several programs may act for one user, so
 * that none takes an answer to another for its own. */
void rtse_recovery_first_id(struct rtse_recovery *recovery, int32_t id);

/* How many octets of partly received APDUs it holds, and of those that wait to be sent again. */
size_t rtse_recovery_held(const struct rtse_recovery *recovery);
size_t rtse_recovery_held_outgoing(const struct rtse_recovery *recovery);
/* How many octets, of those received and those to be sent, need not be sent again. */
size_t rtse_recovery_passed(const struct rtse_recovery *recovery);
/* Whether a transfer waits to be resumed. */
bool rtse_recovery_has_outgoing(const struct rtse_recovery *recovery);
/* Nothing is left that could be resumed, in either direction. */
bool rtse_recovery_is_empty(const struct rtse_recovery *recovery);

/* --- for lib/osi/rtse.c --- */

struct rtse;
/* The machines that use it, the last to come first. */
struct rtse **rtse_recovery_machines(struct rtse_recovery *recovery);

/* The name of an activity: of its association, and its own in there [X.215]. */
struct activity_name {
	struct buf association;		/* contents octets of SessionConnectionIdentifier */
	struct buf activity;		/* activity identifier */
};

void activity_name_set(struct activity_name *n, struct bytes association, struct bytes activity);
void activity_name_free(struct activity_name *n);

/* Confirmed checkpoints that can be returned to; a window never holds more. */
#define RTSE_MARKS 64

/* An activity on its sending side. */
struct outgoing {
	struct activity_name name;
	struct buf apdu;		/* what RTTR APDUs carry, joined */
	uint32_t confirmed;		/* last checkpoint the peer confirmed, 0 for none */
	size_t confirmed_at;		/* and how many octets it covers */
	int32_t awaits;			/* it carries this invocation; 0: none */
};

/* An activity on its receiving side. */
struct incoming {
	struct activity_name name;
	struct buf apdu;
	uint32_t serial;		/* last checkpoint confirmed to the peer, 0 for none */
	size_t marks[RTSE_MARKS];	/* octets covered by checkpoint s, at s % RTSE_MARKS */
	bool complete;			/* the user has it all: what is resumed is only swallowed, */
					/* and the APDU, where it was kept, told once more */
};

void outgoing_free(struct outgoing *o);
void incoming_free(struct incoming *i);

/* Moves an activity in. */
void rtse_recovery_put_outgoing(struct rtse_recovery *recovery, struct outgoing *o);
void rtse_recovery_put_incoming(struct rtse_recovery *recovery, struct incoming *i);

/* Whether the whole is these parts, one behind the other. */
bool bytes_are_joined(struct bytes whole, const struct bytes *parts, size_t count);

/* Moves the outgoing activity out whose APDU is the joined parts; false where none is. */
bool rtse_recovery_take_outgoing(struct rtse_recovery *recovery, const struct bytes *parts,
				 size_t count, struct outgoing *out_o);
/* The APDU of the outgoing activity at a place, the oldest at 0; none behind the last. */
struct bytes rtse_recovery_outgoing(const struct rtse_recovery *recovery, size_t at);
/* What users have all of need not be told again: their answers have arrived. */
void rtse_recovery_forget_complete(struct rtse_recovery *recovery);
/* Moves the incoming activity of that name out; false where there is none. */
bool rtse_recovery_take_incoming(struct rtse_recovery *recovery, struct bytes association,
				 struct bytes activity, struct incoming *out_i);

/* --- for lib/osi/assoc_transfer.c: operations over RTSE, until their answers have come --- */

/* An invoke identifier that was used in none of the associations. */
int32_t rtse_recovery_next_id(struct rtse_recovery *recovery);
/* Remembers an invocation, so that it can be repeated octet by octet. */
void rtse_recovery_invoked(struct rtse_recovery *recovery, int32_t invoke_id, int operation,
			   const struct bytes *parts, size_t count);
/* The identifier of the at-th invocation of this that was not answered; 0 where there are no more. */
int32_t rtse_recovery_unanswered(const struct rtse_recovery *recovery, int operation,
				 const struct bytes *parts, size_t count, size_t at);
/* Its answer has come: nothing of it is kept any more. */
void rtse_recovery_answered(struct rtse_recovery *recovery, int32_t invoke_id);

#endif
