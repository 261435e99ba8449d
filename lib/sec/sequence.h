/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message sequence numbers [X.411 8.2.1.1.1.34] of one pair of originator and
 * recipient: pure logic.  64 bits, never reused.  The sender stores next before
 * he sends; the receiver stores the state in the transaction that accepts the
 * message.  A window lets late messages in, each once.
 */
#ifndef LIB_SEC_SEQUENCE_H
#define LIB_SEC_SEQUENCE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

enum { SEQUENCE_WINDOW = 64 };

/* What the receiver knows of one sender.  All zero: nothing yet. */
struct sequence_state {
	uint64_t highest;	/* the highest number accepted; 0: none yet */
	uint64_t seen;		/* bit n: highest - n was accepted */
	time_t newest;		/* when the latest of them was signed */
	time_t since;		/* what was signed before this is of an earlier count */
};

enum sequence_verdict {
	SEQUENCE_FIRST,		/* the first message of this sender, number 1 */
	SEQUENCE_IN_ORDER,	/* the one that was due */
	SEQUENCE_GAP,		/* some between are missing, they may come yet */
	SEQUENCE_LATE,		/* one of those missing */
	SEQUENCE_REPLAY,	/* was accepted before: not to be accepted again */
	SEQUENCE_TOO_OLD,	/* behind the window: nobody can tell whether it is a replay */
	SEQUENCE_RESTART,	/* number 1 again, signed after all that came before: the sender lost
				 * his count.  What he signed earlier is then too old. */
};

struct sequence_fact {
	enum sequence_verdict verdict;
	uint64_t number;
	uint64_t missing;	/* SEQUENCE_GAP: how many */
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

/* For people: "number 7, 2 before it are missing".  Freed by the caller. */
char *sequence_text(const struct sequence_fact *fact);

#endif
