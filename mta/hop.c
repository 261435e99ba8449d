/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops: which associations are open to each peer, and what goes out on them when. */
#include "mta/hop.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/change.h"
#include "mta/clearance.h"
#include "mta/mts_user.h"
#include "mta/policy.h"

#include <stdlib.h>

enum {
	/* One association carries as many small messages at a time as the carrier says, but hardly
	 * more than one large one: what is under way is in memory. */
	CHANNEL_OCTETS_MAX = 4 << 20,
	READY_MAX = 64,
};

enum channel_state { CHANNEL_OPENING, CHANNEL_OPEN, CHANNEL_ENDING };

struct channel {
	struct channel *next;
	struct hop *hop;
	struct link *link;
	enum channel_state state;
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

static void hop_kick(struct hop *hop);

/* --- channels --- */

struct link *channel_link(struct channel *channel)
{
	return channel->link;
}

const struct peer *channel_peer(const struct channel *channel)
{
	return channel->hop->peer;
}

struct carriage *channel_carriages(struct channel *channel)
{
	return channel->carriages;
}

static void channel_add(struct channel *channel, struct carriage *carriage)
{
	struct carriage **last = &channel->carriages;

	while (*last)
		last = &(*last)->next;
	*last = carriage;
	channel->carriage_count++;
	channel->octets += carriage->octets.len;
	channel->hop->mta->hops->under_way++;
}

static void channel_remove(struct channel *channel, struct carriage *carriage)
{
	struct carriage **c = &channel->carriages;

	while (*c != carriage)
		c = &(*c)->next;
	*c = carriage->next;
	carriage->next = NULL;
	channel->carriage_count--;
	channel->octets -= carriage->octets.len;
	channel->hop->mta->hops->under_way--;
}

static void tell_when_idle(struct hops *hops)
{
	if (hops->stopping && !hops->under_way && hops->idle)
		TAKE(hops->idle)(hops->idle_arg);
}

void channel_settle(struct channel *channel, struct carriage *carriage, struct change *change)
{
	struct hop *hop = channel->hop;

	hop->failures = 0;
	channel_remove(channel, carriage);
	carriage_settle(carriage, change);
	/* There is room for more; what this has left of it is seen to once it is stored. */
	if (!hop->drained || hop->held)
		hop_kick(hop);
	tell_when_idle(hop->mta->hops);
}

static void channel_start(struct channel *channel, struct carriage *carriage)
{
	timer_free(&channel->linger);
	channel_add(channel, carriage);
	struct status *st = carriage->env
		? clearance_check(channel->hop->mta, channel->link, carriage->env, "forward") : OK;
	if (!st)
		st = channel->hop->carrier->start(channel, carriage);
	if (!st)
		return;
	if (st->kind == ST_LATER || st->kind == ST_PEER) {
		channel->state = CHANNEL_ENDING;
		link_abort(channel->link, st);
		return;
	}
	channel_remove(channel, carriage);
	carriage_fail(carriage, st);
	status_free(&st);
}

static void channel_release(struct channel *channel)
{
	timer_free(&channel->linger);
	channel->state = CHANNEL_ENDING;
	link_release(channel->link);
}

static void linger_over(void *arg)
{
	channel_release(arg);
}

static void give_back_ready(struct hop *hop)
{
	while (hop->ready_next < hop->ready_count)
		queue_untake(hop->mta->taken, hop->ready[hop->ready_next++].message,
			     hop->peer->name);
}

/* Nothing is tried before the timer; what was held may expire meanwhile. */
static void hop_block(struct hop *hop)
{
	int64_t seconds = policy_retry_delay(hop->mta->settings, ++hop->failures);

	hop->blocked = true;
	timer_restart(hop->timer, seconds * 1000);
	if (hop->held)
		carriage_drop(TAKE(hop->held));
	give_back_ready(hop);
	log_event(LOG_LV_WARN, "peer out of reach", log_text("peer", hop->peer->name),
		  log_num("again-in-seconds", seconds));
}

static void channel_opened(void *user, struct link *link)
{
	struct channel *channel = user;

	(void)link;
	channel->state = CHANNEL_OPEN;
	hop_kick(channel->hop);
}

/* Each waits for a while by itself, so that one that the peer cannot take does not keep those
 * behind it. */
static void carriages_lost(struct channel *channel, const struct status *why)
{
	const struct carrier *carrier = channel->hop->carrier;

	while (channel->carriages) {
		struct carriage *carriage = channel->carriages;
		struct change *change = change_new(carriage->mta);

		channel_remove(channel, carriage);
		carrier->lost(carriage, why, change);
		carriage_settle(carriage, change);
	}
}

static void carriages_dropped(struct channel *channel)
{
	while (channel->carriages) {
		struct carriage *carriage = channel->carriages;

		channel_remove(channel, carriage);
		carriage_drop(carriage);
	}
}

static void channel_closed(void *user, struct link *link, const struct status *why)
{
	struct channel *channel = user;
	struct hop *hop = channel->hop;
	struct hops *hops = hop->mta->hops;
	struct channel **c = &hop->channels;
	bool failed = why || channel->carriages || channel->state == CHANNEL_OPENING;

	(void)link;
	while (*c != channel)
		c = &(*c)->next;
	*c = channel->next;
	hop->channel_count--;
	timer_free(&channel->linger);
	if (hops->stopping)
		carriages_dropped(channel);
	else
		carriages_lost(channel, why);
	free(channel);
	if (hops->stopping) {
		tell_when_idle(hops);
	} else if (failed && !hop->channels) {
		hop_block(hop);
	} else {
		hop->full = failed;
		if (failed)
			timer_restart(hop->timer, hop->mta->settings->retry_first * 1000);
		hop_kick(hop);
	}
}

/* A store may have changed its password, and registered labels. */
static FALLIBLE find_target(const struct hop *hop, struct arena *arena, struct link_target *out)
{
	const struct mts_user store = mts_user_of_store(arena, hop->peer);

	*out = peer_target(hop->peer, hop->carrier->context,
			   hop->mta->settings->bind_timeout * 1000);
	return hop->peer->kind == PEER_STORE
		? mts_user_expect(hop->mta, &store, arena, &out->expected) : OK;
}

static FALLIBLE channel_open(struct hop *hop)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct link_target target;

	TRY(find_target(hop, arena, &target));
	struct channel *channel = mem_new(struct channel);
	channel->hop = hop;
	channel->next = hop->channels;
	hop->channels = channel;
	hop->channel_count++;
	channel->link = link_connect(&hop->mta->env, &target, channel_opened, &hop->link_user,
				     channel);
	return OK;
}

/* --- the hop --- */

static struct channel *free_channel(struct hop *hop)
{
	for (struct channel *c = hop->channels; c; c = c->next)
		if (c->state == CHANNEL_OPEN && c->octets < CHANNEL_OCTETS_MAX &&
		    c->carriage_count < hop->carrier->capacity(hop->mta))
			return c;
	return NULL;
}

/* One at a time, within what the settings and the peer allow. */
static bool may_open(const struct hop *hop)
{
	for (const struct channel *c = hop->channels; c; c = c->next)
		if (c->state == CHANNEL_OPENING)
			return false;
	return !hop->channels ||
	       (!hop->full && hop->channel_count < hop->mta->settings->associations_max);
}

/* Nothing is due now: later, perhaps; meanwhile idle channels may go. */
static void hop_rest(struct hop *hop)
{
	struct mta *mta = hop->mta;
	time_t due = -1;
	struct status *st = queue_next_due(mta->reader, hop->peer->name, &due);

	if (st) {
		log_event(LOG_LV_ERROR, "the queue cannot be read", log_why(st));
		status_free(&st);
	}
	time_t now = clock_now(mta->clock);
	if (due > now)
		timer_restart(hop->timer, (due - now) * 1000);
	for (struct channel *c = hop->channels; c; c = c->next)
		if (c->state == CHANNEL_OPEN && !c->carriages && !c->linger)
			c->linger = timer_new(mta->loop, mta->settings->linger * 1000, 0,
					      linger_over, c);
}

/* How many pieces of work could begin now, on the channels that are there. */
static size_t room_of(const struct hop *hop)
{
	size_t capacity = hop->carrier->capacity(hop->mta), room = 0;

	for (const struct channel *c = hop->channels; c; c = c->next)
		if (c->state == CHANNEL_OPEN && c->carriage_count < capacity)
			room += capacity - c->carriage_count;
	return room < 1 ? 1 : room < READY_MAX ? room : READY_MAX;
}

/* As many at once as there is room for: each look passes over all that is under way. */
static FALLIBLE take_ready(struct hop *hop)
{
	struct mta *mta = hop->mta;
	size_t room = room_of(hop);

	arena_free(&hop->ready_arena);
	hop->ready_arena = arena_new();
	hop->ready_next = hop->ready_count = 0;
	TRY(queue_take(mta->reader, mta->taken, hop->peer->name, clock_now(mta->clock), room,
		       hop->ready_arena, &hop->ready, &hop->ready_count));
	hop->drained = hop->ready_count < room;
	return OK;
}

static FALLIBLE hold_next(struct hop *hop)
{
	while (!hop->held && !hop->blocked) {
		if (hop->ready_next == hop->ready_count) {
			if (hop->drained)
				return OK;
			TRY(take_ready(hop));
			continue;
		}
		TRY(carriage_begin(hop->mta, hop->peer->name, &hop->ready[hop->ready_next++],
				   &hop->held));
	}
	return OK;
}

/* The queue does not say now what is to be done, or how: later, perhaps. */
static void hop_cannot(struct hop *hop, struct status *why)
{
	log_event(LOG_LV_ERROR, "work cannot begin", log_text("peer", hop->peer->name),
		  log_why(why));
	status_free(&why);
	hop_block(hop);
}

/* Carries what it can, and opens a channel for more. */
static void hop_work(void *arg)
{
	struct hop *hop = arg;

	while (!hop->blocked && !hop->mta->hops->stopping) {
		struct status *st = hold_next(hop);
		struct channel *channel = hop->held ? free_channel(hop) : NULL;

		if (!st && !hop->held) {
			hop_rest(hop);
			return;
		}
		if (channel) {
			channel_start(channel, TAKE(hop->held));
			continue;
		}
		if (!st && may_open(hop))
			st = channel_open(hop);
		if (st)
			hop_cannot(hop, st);
		return;
	}
}

static void hop_kick(struct hop *hop)
{
	loop_soon(hop->mta->loop, &hop->soon);
}

/* There may be something more in the queue. */
static void hop_look(struct hop *hop)
{
	hop->drained = false;
	hop_kick(hop);
}

static void hop_timer(void *arg)
{
	struct hop *hop = arg;

	hop->blocked = hop->full = false;
	hop_look(hop);
}

/* --- all of them --- */

static int by_name(const void *a, const void *b)
{
	const struct hop *left = a, *right = b;

	return strcmp(left->peer->name, right->peer->name);
}

static struct hop *hop_find(struct hops *hops, const char *name)
{
	const struct peer peer = { .name = name };
	const struct hop key = { .peer = &peer };

	return hops->count ? bsearch(&key, hops->list, hops->count, sizeof(key), by_name) : NULL;
}

struct hops *hops_new(struct mta *mta)
{
	struct hops *hops = mem_new(struct hops);

	hops->mta = mta;
	hops->count = peers_count(mta->peers);
	hops->list = mem_new_array(struct hop, hops->count);
	for (size_t i = 0; i < hops->count; i++) {
		struct hop *hop = &hops->list[i];

		hop->mta = mta;
		hop->peer = peers_at(mta->peers, i);
		hop->carrier = hop->peer->kind == PEER_MTA ? &transfer_carrier : &delivery_carrier;
		hop->link_user = hop->carrier->user;
		hop->link_user.closed = channel_closed;
	}
	qsort(hops->list, hops->count, sizeof(struct hop), by_name);
	for (size_t i = 0; i < hops->count; i++)
		hops->list[i].soon = (struct soon){ .run = hop_work, .arg = &hops->list[i] };
	return hops;
}

static void kick_by_name(void *arg, const char *next_hop)
{
	hops_kick(arg, next_hop);
}

FALLIBLE hops_start(struct hops *hops)
{
	for (size_t i = 0; i < hops->count; i++)
		hops->list[i].timer = timer_new(hops->mta->loop, 0, 0, hop_timer, &hops->list[i]);
	return queue_hops(hops->mta->reader, kick_by_name, hops);
}

void hops_kick(struct hops *hops, const char *next_hop)
{
	struct hop *hop = hop_find(hops, next_hop);

	if (hop)
		hop_look(hop);
}

void hops_back_off(struct hops *hops, const char *next_hop)
{
	struct hop *hop = hop_find(hops, next_hop);

	if (hop && !hop->blocked && !hops->stopping)
		hop_block(hop);
}

/* Idle associations are released; the answers need not be waited for. */
void hops_stop(struct hops *hops, void (*idle)(void *arg), void *arg)
{
	hops->stopping = true;
	hops->idle = idle;
	hops->idle_arg = arg;
	for (size_t i = 0; i < hops->count; i++)
		for (struct channel *c = hops->list[i].channels; c; c = c->next)
			if (c->state == CHANNEL_OPEN && !c->carriages)
				channel_release(c);
	tell_when_idle(hops);
}

void hops_free(struct hops **hops)
{
	if (!*hops)
		return;
	for (size_t i = 0; i < (*hops)->count; i++) {
		timer_free(&(*hops)->list[i].timer);
		carriage_free(&(*hops)->list[i].held);
		arena_free(&(*hops)->list[i].ready_arena);
	}
	free((*hops)->list);
	free(*hops);
	*hops = NULL;
}
