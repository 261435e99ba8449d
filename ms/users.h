/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the store serves and who delivers to it: the settings mailbox and mta, read once. */
#ifndef MS_USERS_H
#define MS_USERS_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/store/db.h"
#include "ms/settings.h"

struct p7;

struct user {
	const char *text;		/* his O/R address, for people */
	const char *key;		/* equal for equal addresses */
	struct bytes or_address;	/* DER ORAddress: what his certificate has to hold */
	struct bytes directory_name;	/* DER Name of his certificate; empty: any */
	const char *password;		/* simple credentials are enough; null: strong ones */
	int64_t mailbox;		/* in the store */
	struct p7 *sessions;	/* those bound now */
};

struct mta {
	const char *name, *address;
	struct bytes domain;		/* DER GlobalDomainIdentifier */
	struct bytes directory_name;	/* DER Name of its certificate; empty: any */
	const char *password;		/* simple credentials it may give; null: strong ones */
	const char *own_password;	/* simple credentials we give; null: strong ones */
};

struct users;

/* Makes the mailboxes of new users.  ST_USAGE names the line that makes no sense. */
FALLIBLE users_open(const struct ms_settings *settings, struct db *db, struct users **out_users);
void users_free(struct users **users);

/* Null where nobody has the O/R name (one ORName TLV) here, or the octets are none. */
struct user *users_find(const struct users *users, struct bytes or_name);
struct user *users_find_mailbox(const struct users *users, int64_t mailbox);
/* Null where there is none of that name. */
const struct mta *users_find_mta(const struct users *users, const char *name);
/* Who takes what is submitted; null where there is none. */
const struct mta *users_submission_mta(const struct users *users);

#endif
