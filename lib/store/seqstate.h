/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence numbers between pairs [X.411 8.2.1.1.1.34]: what was sent is stored
 * before it is used, what was received is stored with the message it came in.
 * What they mean belongs to lib/sec/sequence.h.
 */
#ifndef LIB_STORE_SEQSTATE_H
#define LIB_STORE_SEQSTATE_H

#include "lib/store/db.h"

/* The last number from own to peer, 0 where there is none; and the one that is used next. */
FALLIBLE seqstate_last(struct db *db, const char *own, const char *peer, uint64_t *out_number);
FALLIBLE seqstate_set_last(struct db *db, const char *own, const char *peer, uint64_t number);

/* The record of what own has received from a device of peer; appended to out, nothing where there
 * is none yet. */
FALLIBLE seqstate_window(struct db *db, const char *own, const char *peer, unsigned device,
			 struct buf *out);
FALLIBLE seqstate_set_window(struct db *db, const char *own, const char *peer, unsigned device,
			     struct bytes window);

#endif
