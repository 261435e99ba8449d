/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Change-credentials of a password: the operation of P3 [X.411 8.4.1.2], and the element of
 * register-MS [X.413 8.6], which have the same components.
 */
#ifndef LIB_MHS_PASSWORD_CHANGE_H
#define LIB_MHS_PASSWORD_CHANGE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct password_change {
	struct buf before, after;	/* wiped by the cleanup below */
};

/*
 * Reads the components.  *out_unacceptable says why the new credentials are none that anybody may
 * change to: strong ones, which belong to the directory, or a password that is too short, too long, or
 * the old one; OK where he may.  ST_PEER where they are malformed.
 */
FALLIBLE password_change_read(struct bytes components, struct password_change *out_change,
			      struct status **out_unacceptable);
void password_change_cleanup(struct password_change *change);

/* Appends the components, which have at most so many octets with a header in front. */
enum { PASSWORD_CHANGE_MAX = 160 };
void password_change_encode(struct bytes before, struct bytes after, struct buf *out);

/* Appends the argument of P3's operation, in a buffer that is not moved. */
void password_change_argument(struct bytes before, struct bytes after, struct buf *out);

/* That a password is one to change to; ST_USAGE says what is wrong with it. */
FALLIBLE password_check_new(struct bytes before, struct bytes after);

/*
 * Whether who asks knows the old one: as it was stored, or the text that the settings have (null: he
 * has none).  If so, what is to be stored of the new one is appended.  Takes tens of milliseconds:
 * not for the loop.
 */
bool password_change_is_proved(const struct password_change *change, struct bytes stored,
			       const char *text, struct buf *out_stored);

struct db;

/* The same in a writer's job, for whom the table of lib/store/registered.h knows by a name: the new
 * one is stored; *out_wrong where the old one is wrong. */
FALLIBLE password_change_registered(struct db *db, const char *name,
				    const struct password_change *change, const char *text,
				    bool *out_wrong);

#endif
