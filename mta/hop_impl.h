/* SPDX-License-Identifier: Apache-2.0 */
/* What hop.c (what goes to a peer next) and channel.c (its associations) share. */
#ifndef MTA_HOP_IMPL_H
#define MTA_HOP_IMPL_H

#include "mta/hop.h"

enum channel_state { CHANNEL_OPENING, CHANNEL_OPEN, CHANNEL_ENDING };

struct channel {
	struct channel *next;
	struct hop *hop;
	struct link *link;
	enum channel_state state;
	bool holds;			/* a collector takes no more over it */
	struct carriage *carriages;	/* in the order of their beginning */
	size_t carriage_count, octets;
	struct timer *linger;
};

struct hop {
	struct mta *mta;
	const struct peer *peer;
	const struct carrier *carrier;
	struct link_user link_user;
	struct channel *channels;
	unsigned channel_count;
	struct arena *ready_arena;	/* of what was taken from the queue and is not begun: */
	struct queue_work *ready;
	size_t ready_count, ready_next;
	bool drained;			/* there was nothing more to take */
	struct carriage *held;		/* the next, read, with no channel free yet */
	int failures;			/* attempts to reach it, in a row */
	bool blocked;			/* until the timer */
	bool full;			/* it takes no further association, until the timer */
	struct soon soon;		/* hop_work */
	struct timer *timer;
};

struct hops {
	struct mta *mta;
	struct hop *list;		/* by their peers' names */
	size_t count;
	size_t under_way;		/* carriages on channels */
	bool stopping;
	void (*idle)(void *arg);	/* once nothing is under way any more */
	void *idle_arg;
};

/* Whoever takes its work binds to us: there are no associations that we open. */
bool hop_is_collected(const struct hop *hop);
/* Goes on with it, soon. */
void hop_kick(struct hop *hop);
/* Nothing is tried before a while has passed. */
void hop_block(struct hop *hop);
/* What was taken from the queue and is not begun waits there again. */
void hop_give_back(struct hop *hop);

FALLIBLE channel_open(struct hop *hop);
/* ST_LATER, ST_PEER end the association; else the carriage is given up. */
void channel_start(struct channel *channel, struct carriage *carriage);
/* Keeps it for a while yet, and then releases it. */
void channel_linger(struct channel *channel);
void channel_release(struct channel *channel);

/* Null where there is none of that name. */
struct hop *hop_find(struct hops *hops, const char *name);
/* Where no more is taken up, and nothing is under way any more: says so. */
void hops_tell_when_idle(struct hops *hops);

#endif
