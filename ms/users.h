/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the store serves and who delivers to it: the settings mailbox and mta, read once. */
#ifndef MS_USERS_H
#define MS_USERS_H

#include "lib/mhs/peer.h"
#include "lib/store/db.h"
#include "ms/policy.h"
#include "ms/settings.h"

struct p7;

struct user {
	struct peer peer;
	const char *key;		/* equal for equal addresses */
	int64_t mailbox;		/* in the store */
	const struct policy *policy;	/* null: whatever is delivered is taken */
	struct buf labels;		/* that he registered: a SecurityContext; empty: none */
	struct p7 *sessions;		/* those bound now */
};

struct users;

/* Makes the mailboxes of new users.  ST_USAGE names the line that makes no sense. */
FALLIBLE users_open(const struct ms_settings *settings, const struct labels *labels,
		    struct db *db, struct users **out_users);
void users_free(struct users **users);

/* What he is cleared for: the labels that he registered or, where he did not, what the settings say.
 * Empty: everything. */
struct bytes user_clearance(const struct user *user, const struct labels *labels);
/* That labels which he registers are no more than the settings allow him. */
bool user_may_register(const struct user *user, const struct labels *labels,
		       struct bytes registered);

/* Null where nobody has the O/R name (one ORName TLV) here, or the octets are none. */
struct user *users_find(const struct users *users, struct bytes or_name);
struct user *users_find_mailbox(const struct users *users, int64_t mailbox);
/* Null where there is none of that name. */
const struct peer *users_find_mta(const struct users *users, const char *name);
/* Who takes what is submitted; null where there is none. */
const struct peer *users_submission_mta(const struct users *users);

#endif
