/* SPDX-License-Identifier: Apache-2.0 */
/* The password of a user's simple credentials. */
#include "ms/password.h"

#include "lib/store/mailbox.h"

static const char registered[] = "password";

FALLIBLE password_changed(struct db *db, const struct user *user, struct buf *out)
{
	return mailbox_registered(db, user->mailbox, registered, out);
}

FALLIBLE password_change_store(struct db *db, const struct user *user,
			       const struct password_change *change, bool *out_wrong)
{
	AUTO(buf_free) struct buf stored = { 0 };
	AUTO(buf_free) struct buf next = { 0 };

	TRY(password_changed(db, user, &stored));
	*out_wrong = !password_change_is_proved(change, buf_view(&stored),
						user->peer.expected.password, &next);
	if (*out_wrong)
		return OK;
	return mailbox_register(db, user->mailbox, registered, buf_view(&next));
}
