/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password of a user's simple credentials: where the settings give him one, he
 * may change it [X.413 8.6 change-credentials; X.411 8.4.1.2], and it then counts in
 * the place of theirs.
 */
#ifndef MS_PASSWORD_H
#define MS_PASSWORD_H

#include "lib/mhs/password_change.h"
#include "ms/p7.h"

/* In a writer's job: checks the old and stores the new; *out_wrong where the old one is wrong. */
FALLIBLE password_change_store(struct db *db, const struct user *user,
			       const struct password_change *change, bool *out_wrong);

/* Appends the stored password that a user changed to; nothing where he did not. */
FALLIBLE password_changed(struct db *db, const struct user *user, struct buf *out_stored);

#endif
