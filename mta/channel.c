/* SPDX-License-Identifier: Apache-2.0 */
/* The associations of a next hop, and what is under way on each. */
#include "mta/hop_impl.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/clearance.h"
#include "mta/mts_user.h"

#include <stdlib.h>

/* --- what is under way --- */

struct link *channel_link(const struct channel *channel)
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

void channel_settle(struct channel *channel, struct carriage *carriage, struct change *change)
{
	struct hop *hop = channel->hop;

	hop->failures = 0;
	channel_remove(channel, carriage);
	carriage_settle(carriage, change);
	/* There is room for more; what this has left of it is seen to once it is stored. */
	if (!hop->drained || hop->held)
		hop_kick(hop);
	hops_tell_when_idle(hop->mta->hops);
}

void channel_start(struct channel *channel, struct carriage *carriage)
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

void channel_release(struct channel *channel)
{
	timer_free(&channel->linger);
	channel->state = CHANNEL_ENDING;
	link_release(channel->link);
}

static void linger_over(void *arg)
{
	channel_release(arg);
}

void channel_linger(struct channel *channel)
{
	struct mta *mta = channel->hop->mta;

	if (channel->state == CHANNEL_OPEN && !channel->carriages && !channel->linger)
		channel->linger = timer_new(mta->loop, mta->settings->linger * 1000, 0, linger_over,
					    channel);
}

static void channel_opened(void *user, struct link *link)
{
	struct channel *channel = user;

	(void)link;
	channel->state = CHANNEL_OPEN;
	hop_kick(channel->hop);
}

static void carriage_lost(struct channel *channel, struct carriage *carriage,
			  const struct status *why)
{
	struct change *change = change_new(carriage->mta);

	channel_remove(channel, carriage);
	channel->hop->carrier->lost(carriage, why, change);
	carriage_settle(carriage, change);
}

/* Each waits for a while by itself, so that one that the peer cannot take does not keep those
 * behind it. */
static void carriages_lost(struct channel *channel, const struct status *why)
{
	while (channel->carriages)
		carriage_lost(channel, channel->carriages, why);
}

static void carriages_dropped(struct channel *channel)
{
	while (channel->carriages) {
		struct carriage *carriage = channel->carriages;

		channel_remove(channel, carriage);
		carriage_drop(carriage);
	}
}

/* He who collects binds again when he likes to; meanwhile what waits may expire. */
static void collector_left(struct hop *hop)
{
	if (!hop->channels)
		hop_give_back(hop);
}

static void peer_lost(struct hop *hop, bool failed)
{
	if (failed && !hop->channels) {
		hop_block(hop);
		return;
	}
	hop->full = failed;
	if (failed)
		timer_restart(hop->timer, hop->mta->settings->retry_first * 1000);
	hop_kick(hop);
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
	if (hops->stopping)
		hops_tell_when_idle(hops);
	else if (hop_is_collected(hop))
		collector_left(hop);
	else
		peer_lost(hop, failed);
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

static struct channel *channel_new(struct hop *hop, enum channel_state state)
{
	struct channel *channel = mem_new(struct channel);

	channel->hop = hop;
	channel->state = state;
	channel->next = hop->channels;
	hop->channels = channel;
	hop->channel_count++;
	return channel;
}

static const struct link_user *user_of(struct hop *hop)
{
	hop->link_user = hop->carrier->user;
	hop->link_user.closed = channel_closed;
	return &hop->link_user;
}

FALLIBLE channel_open(struct hop *hop)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct link_target target;

	TRY(find_target(hop, arena, &target));
	struct channel *channel = channel_new(hop, CHANNEL_OPENING);
	channel->link = link_connect(&hop->mta->env, &target, channel_opened, user_of(hop),
				     channel);
	return OK;
}

/* --- those of collectors --- */

/* What is under way on it could be lost with a link that nobody notices is gone. */
static void supersede(struct channel *channel)
{
	AUTO(status_free) struct status *why = FAIL(ST_LATER, 0, "he has bound once more");

	if (channel->state != CHANNEL_OPEN)
		return;
	channel->state = CHANNEL_ENDING;
	carriages_lost(channel, why);
	link_abort(channel->link, status_copy(why));
}

void channel_hold(struct channel *channel, struct carriage *carriage, const struct status *why)
{
	channel->holds = true;
	carriage_lost(channel, carriage, why);
}

struct channel *channel_of_collector(struct hops *hops, const char *next_hop, struct link *link)
{
	struct hop *hop = hop_find(hops, next_hop);

	for (struct channel *c = hop->channels; c; c = c->next)
		supersede(c);
	struct channel *channel = channel_new(hop, CHANNEL_OPEN);
	channel->link = link;
	hops_kick(hops, next_hop);
	return channel;
}

const struct link_user *channel_user(struct channel *channel)
{
	return user_of(channel->hop);
}
