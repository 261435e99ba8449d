/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops: what goes out to each peer when, and on how many associations. */
#include "mta/hop_impl.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/policy.h"

#include <stdlib.h>

enum {
	/* One association carries as many small messages at a time as the carrier says, but hardly
	 * more than one large one: what is under way is in memory. */
	CHANNEL_OCTETS_MAX = 4 << 20,
	READY_MAX = 64,
};

/* --- the hop --- */

bool hop_is_collected(const struct hop *hop)
{
	return !hop->carrier->context;
}

void hop_give_back(struct hop *hop)
{
	if (hop->held)
		carriage_drop(TAKE(hop->held));
	while (hop->ready_next < hop->ready_count)
		queue_untake(hop->mta->taken, hop->ready[hop->ready_next++].message,
			     hop->peer->name);
}

/* Nothing is tried before the timer; what was held may expire meanwhile. */
void hop_block(struct hop *hop)
{
	int64_t seconds = policy_retry_delay(hop->mta->settings, ++hop->failures);

	hop->blocked = true;
	timer_restart(hop->timer, seconds * 1000);
	hop_give_back(hop);
	log_event(LOG_LV_WARN, "peer out of reach", log_text("peer", hop->peer->name),
		  log_num("again-in-seconds", seconds));
}

static struct channel *free_channel(struct hop *hop)
{
	for (struct channel *c = hop->channels; c; c = c->next)
		if (c->state == CHANNEL_OPEN && !c->holds && c->octets < CHANNEL_OCTETS_MAX &&
		    c->carriage_count < hop->carrier->capacity(hop->mta))
			return c;
	return NULL;
}

/* One at a time, within what the settings and the peer allow. */
static bool may_open(const struct hop *hop)
{
	if (hop_is_collected(hop))
		return false;
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
	for (struct channel *c = hop->channels; c && !hop_is_collected(hop); c = c->next)
		channel_linger(c);
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

	if (hop_is_collected(hop) && !hop->channels)
		return;
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

void hop_kick(struct hop *hop)
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

struct hop *hop_find(struct hops *hops, const char *name)
{
	const struct peer peer = { .name = name };
	const struct hop key = { .peer = &peer };

	return hops->count ? bsearch(&key, hops->list, hops->count, sizeof(key), by_name) : NULL;
}

struct hops *hops_new(struct mta *mta)
{
	static const struct carrier *const carriers[PEER_KINDS] = {
		[PEER_MTA] = &transfer_carrier,
		[PEER_STORE] = &delivery_carrier,
		[PEER_USER] = &collection_carrier,
	};
	struct hops *hops = mem_new(struct hops);

	hops->mta = mta;
	hops->count = peers_count(mta->peers);
	hops->list = mem_new_array(struct hop, hops->count);
	for (size_t i = 0; i < hops->count; i++) {
		struct hop *hop = &hops->list[i];

		hop->mta = mta;
		hop->peer = peers_at(mta->peers, i);
		hop->carrier = carriers[hop->peer->kind];
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

void hops_tell_when_idle(struct hops *hops)
{
	if (hops->stopping && !hops->under_way && hops->idle)
		TAKE(hops->idle)(hops->idle_arg);
}

/* Idle associations that we opened are released; the answers need not be waited for. */
void hops_stop(struct hops *hops, void (*idle)(void *arg), void *arg)
{
	hops->stopping = true;
	hops->idle = idle;
	hops->idle_arg = arg;
	for (size_t i = 0; i < hops->count; i++)
		for (struct channel *c = hops->list[i].channels; c; c = c->next)
			if (c->state == CHANNEL_OPEN && !c->carriages &&
			    !hop_is_collected(&hops->list[i]))
				channel_release(c);
	hops_tell_when_idle(hops);
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
