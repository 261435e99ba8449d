/* SPDX-License-Identifier: Apache-2.0 */
/* Associations that others open to this MTA. */
#ifndef MTA_INCOMING_H
#define MTA_INCOMING_H

#include "mta/mta.h"
#include "mta/mts_user.h"

/* For link_listen, with a struct mta * as data. */
extern const struct link_server_user incoming_server_user;
/* The application contexts that are served; ends with null. */
extern const struct app_context *const incoming_contexts[];

/*
 * Somebody who bound to this MTA.  Answers may be under way after his link has
 * ended: then link is null, and they go nowhere.
 */
struct incoming {
	struct mta *mta;
	struct link *link;
	const struct peer *peer;	/* null: a user agent */
	struct bytes user;		/* the user agent's ORName; in the arena */
	struct arena *arena;
	unsigned answers;		/* that are being worked on */
	bool submits;			/* it submitted something */
	struct mts_user as;		/* but for an MTA */
	struct channel *collects;	/* a collector: over which he is delivered to; or null */
};

/* The password that the settings have for who bound, or null. */
static inline const char *incoming_password(const struct incoming *incoming)
{
	return incoming->as.peer ? incoming->as.peer->expected.password : NULL;
}

/* One answer fewer: frees it where that was the last and the link has ended. */
void incoming_answered(struct incoming *incoming);

/* submission.c: operations of users and stores. */
void submission_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		       struct bytes argument, struct buf *apdu);

#endif
