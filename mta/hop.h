/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Next hops: for each peer, the associations that are open to it and the work
 * that goes out on them.  A peer that cannot be reached costs one attempt now
 * and then, however much waits for it.
 */
#ifndef MTA_HOP_H
#define MTA_HOP_H

#include "mta/carriage.h"

struct hop;
struct channel;

struct hops *hops_new(struct mta *mta);
/* Starts with whatever waits in the queue. */
FALLIBLE hops_start(struct hops *hops);
/* There is, or may be, something to do for a next hop. */
void hops_kick(struct hops *hops, const char *next_hop);
/* What became of its work could not be stored: it waits before it is tried again. */
void hops_back_off(struct hops *hops, const char *next_hop);
/* Takes up no more work; calls idle, now or later, once none is under way. */
void hops_stop(struct hops *hops, void (*idle)(void *arg), void *arg);
/* After the loop's end. */
void hops_free(struct hops **hops);

/* --- for incoming.c --- */

/* A collector has bound: what waits for him goes out over his link, and no more over one that he had
 * before, which is ended.  What the link tells of answers, and its end, is for channel_user. */
struct channel *channel_of_collector(struct hops *hops, const char *next_hop, struct link *link);
const struct link_user *channel_user(struct channel *channel);

/* --- for those that carry the work: transfer.c to MTAs, delivery.c to stores and collectors --- */

struct carrier {
	const struct app_context *context;	/* null: who takes it binds to us */
	/* How many pieces of work may be under way on an association. */
	size_t (*capacity)(const struct mta *mta);
	/* Begins with it.  ST_LATER, ST_PEER: the association is of no use any more; otherwise: the
	 * work is not. */
	FALLIBLE (*start)(struct channel *channel, struct carriage *carriage);
	/* The association has ended under it: the change gets what is known of its recipients. */
	void (*lost)(struct carriage *carriage, const struct status *why, struct change *change);
	struct link_user user;		/* but for closed */
};
extern const struct carrier transfer_carrier, delivery_carrier, collection_carrier;

struct link *channel_link(const struct channel *channel);
const struct peer *channel_peer(const struct channel *channel);
/* What is under way on it, the first of a list. */
struct carriage *channel_carriages(struct channel *channel);

/* A collector can take neither this now nor anything else: it waits for his next association, as with
 * a control, which lasts as long as the association [X.411 8.3.1.3]. */
void channel_hold(struct channel *channel, struct carriage *carriage, const struct status *why);

/* It is done with a piece of work, whose results are in the change: stores them, and goes on. */
void channel_settle(struct channel *channel, struct carriage *carriage, struct change *change);

#endif
