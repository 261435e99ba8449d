/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password of a user's simple credentials: where the settings give him one, he
 * may change it [X.413 8.6 change-credentials; X.411 8.4.1.2], and it then counts in
 * the place of theirs.
 */
#ifndef MS_PASSWORD_H
#define MS_PASSWORD_H

#include "ms/p7.h"

/* What an argument asks for. */
struct password_change {
	bool wanted;
	struct buf before, after;	/* wiped by the cleanup below */
};

/* From a ChangeCredentials in its explicit tag, where that is there.  Refused where the user has no
 * password, for strong credentials, which belong to the directory, and for a new password that is
 * too short, too long, or the old one. */
FALLIBLE password_change_read(const struct user *user, const struct ber_tlv *tagged,
			      struct password_change *out_change, struct refusal *out_refusal);
void password_change_cleanup(struct password_change *change);

/* In a writer's job: checks the old and stores the new; *out_wrong where the old one is wrong. */
FALLIBLE password_change_store(struct db *db, const struct user *user,
			       const struct password_change *change, bool *out_wrong);

/* Appends the stored password that a user changed to; nothing where he did not. */
FALLIBLE password_changed(struct db *db, const struct user *user, struct buf *out_stored);

#endif
