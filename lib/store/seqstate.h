/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers between pairs [X.411 8.2.1.1.1, message-sequence-number]:
 * what was sent is stored before it is used, what was received is stored with
 * the message it came in.
 */
#ifndef LIB_STORE_SEQSTATE_H
#define LIB_STORE_SEQSTATE_H

#include "lib/store/db.h"

/* The next number from own to peer: 1 first, never the same again once committed.
 * ST_NEVER where all are used up. */
FALLIBLE seqstate_next(struct db *db, const char *own, const char *peer, uint64_t *out_number);

/* The record of what own has received from peer (its form belongs to lib/sec/sequence.h);
 * appended to out, nothing where there is none yet. */
FALLIBLE seqstate_window(struct db *db, const char *own, const char *peer, struct buf *out);
FALLIBLE seqstate_set_window(struct db *db, const char *own, const char *peer,
			     struct bytes window);

#endif
