/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords of simple credentials [X.411 8.5.8] that are stored: never as they are,
 * but as the cost, a salt, and scrypt of both, which takes whoever steals them
 * long to search.
 */
#ifndef LIB_SEC_PASSWORD_H
#define LIB_SEC_PASSWORD_H

#include "lib/base/bytes.h"

/* Appends what is stored of a password, different each time. */
void password_store(struct bytes password, struct buf *out_stored);

/* Whether it is the one that was stored; false, too, where that is damaged.  Takes tens of
 * milliseconds. */
bool password_is(struct bytes stored, struct bytes password);

/* Whether it is the one that is expected: as it was stored, where something was, or else as a text.
 * Null: none is expected, and none matches.  It takes as long in each case, so that nobody learns
 * from the time what is expected, or whether anything is. */
bool password_matches(struct bytes stored, const char *text, struct bytes password);

#endif
