/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was seen before, for as long as it matters: the random numbers of bind
 * tokens, so that a recorded bind is refused, across restarts too
 * [X.411 8.2.1.1.1, bind-token].
 */
#ifndef LIB_STORE_NONCE_H
#define LIB_STORE_NONCE_H

#include "lib/store/db.h"

#include <time.h>

/* Remembers the value for a scope ("p7 from /CN=Alice/...") until a time.  Runs in the writer.
 * ST_REFUSED where it is remembered already. */
FALLIBLE nonce_remember(struct db *db, const char *scope, struct bytes value, time_t until);

/* Forgets at most max of those whose time is over; *out_forgotten may be null. */
FALLIBLE nonce_forget(struct db *db, time_t now, int max, int *out_forgotten);

#endif
