/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message sequence numbers [X.411 8.2.1.1.1.34] of one pair of originator and
 * recipient: pure logic.  The Recommendation leaves open how an originator
 * counts.  Ours makes a number of three parts, the most significant first:
 *
 *	when it was made, in seconds (32 bits), the device (5), a count (26)
 *
 * The count tells how many are missing.  The time keeps a number from ever
 * being used twice, also where the sender's store was restored from a backup
 * and counts again from where that was made; the device, where one user writes
 * from two.  An originator who just counts 1, 2, 3 is understood as well.
 */
#ifndef LIB_SEC_SEQUENCE_H
#define LIB_SEC_SEQUENCE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

enum {
	SEQUENCE_WINDOW = 64,
	SEQUENCE_DEVICE_MAX = 31,
	SEQUENCE_COUNT_MAX = (1 << 26) - 1,
};

/* What a number says. */
uint32_t sequence_count(uint64_t number);
unsigned sequence_device(uint64_t number);

/*
 * The number after the last one (0: there is none yet) that this device sent to a recipient;
 * always greater, also where the clock went back.  It has to be stored before it is used.
 * ST_NEVER where the count is used up; ST_USAGE for a device beyond SEQUENCE_DEVICE_MAX.
 */
FALLIBLE sequence_next(uint64_t last, unsigned device, time_t now, uint64_t *out_number);

/*
 * What the receiver knows of one sender's device: the latest numbers that he accepted.  It is
 * stored in the transaction that accepts the message.  All zero: nothing yet.
 */
struct sequence_state {
	uint64_t accepted[SEQUENCE_WINDOW];	/* ascending */
	unsigned count;		/* of them */
	time_t newest;		/* when the latest of them was signed */
	time_t since;		/* what was signed before this is of an earlier count */
};

enum sequence_verdict {
	SEQUENCE_FIRST,		/* the first message of this sender, count 1 */
	SEQUENCE_IN_ORDER,	/* the one that was due */
	SEQUENCE_GAP,		/* some between are missing, they may come yet */
	SEQUENCE_LATE,		/* one of those missing */
	SEQUENCE_REPLAY,	/* was accepted before: not to be accepted again */
	SEQUENCE_TOO_OLD,	/* behind the window: nobody can tell whether it is a replay */
	SEQUENCE_RESTART,	/* new, and yet the count is 1 again: the sender enrolled anew */
	SEQUENCE_RESTORED,	/* new, and yet the count went back: from a backup of the sender's */
};

struct sequence_fact {
	enum sequence_verdict verdict;
	uint64_t number;
	uint32_t count;
	unsigned device;	/* 0: the only one */
	uint32_t missing;	/* SEQUENCE_GAP: how many */
};

/* What a number means in this state, which is not changed; signed_at is the token's time. */
struct sequence_fact sequence_check(const struct sequence_state *state, uint64_t number,
				    time_t signed_at);

/* The state once the message was accepted.  A replay or one too old changes nothing. */
void sequence_accept(struct sequence_state *state, uint64_t number, time_t signed_at);

/* The state as octets for a store.  Appends. */
void sequence_encode(const struct sequence_state *state, struct buf *out);
/* No octets are the state that knows nothing.  ST_LATER where they are no state: the store is
 * broken, and nothing may be accepted. */
FALLIBLE sequence_decode(struct bytes octets, struct sequence_state *out_state);

/* Whether policy may accept the message at all. */
bool sequence_is_acceptable(enum sequence_verdict verdict);

/* For people: "message 7 from this sender, 2 before it missing so far".  Freed by the caller. */
char *sequence_text(const struct sequence_fact *fact);

#endif
