/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Next hops: for each peer, the associations that are open to it and the work
 * that goes out on them.  A peer that cannot be reached costs one attempt now
 * and then, however much waits for it.
 */
#ifndef MTA_HOP_H
#define MTA_HOP_H

#include "lib/mhs/report.h"
#include "mta/mta.h"

struct hop;
struct channel;

struct hops *hops_new(struct mta *mta);
/* Starts with whatever waits in the queue. */
FALLIBLE hops_start(struct hops *hops);
/* There is, or may be, something to do for a next hop. */
void hops_kick(struct hops *hops, const char *next_hop);
/* Takes up no more work; links are released once they are idle. */
void hops_stop(struct hops *hops);
/* After the loop's end. */
void hops_free(struct hops **hops);

/* --- for those that carry the work: transfer.c to MTAs, delivery.c to stores --- */

/* One message, probe or report on its way to one next hop. */
struct carriage {
	struct carriage *next;		/* in its channel */
	struct mta *mta;
	struct hop *hop;
	struct arena *arena;
	struct queue_work *work;
	struct buf octets;		/* the APDU: views of env and report point into it */
	struct envelope *env;		/* of a message or probe */
	struct report *report;
	struct outcome *outcomes;	/* delivery: one for each of the work's recipients */
	struct status **failed;		/* delivery: why, where it was not delivered */
	int32_t *invokes;		/* delivery: the operation of each that was sent */
	bool *answered;			/* delivery: by its operation */
	size_t sent, done;		/* delivery: how many of the recipients */
};

struct carrier {
	const struct app_context *context;
	size_t (*capacity)(const struct mta *mta);
	/* Sends it.  ST_LATER, ST_PEER: the association is of no use; otherwise: the work is not. */
	FALLIBLE (*start)(struct channel *channel, struct carriage *carriage);
	struct link_user user;		/* but for closed */
};
extern const struct carrier transfer_carrier, delivery_carrier;

struct link *channel_link(struct channel *channel);
const struct peer *channel_peer(const struct channel *channel);
/* What is under way on it, the first of a list. */
struct carriage *channel_carriages(struct channel *channel);

/* It is done with a piece of work, whose results are in the change: stores them, and goes on. */
struct change;
void channel_settle(struct channel *channel, struct carriage *carriage, struct change *change);

#endif
