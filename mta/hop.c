/* SPDX-License-Identifier: Apache-2.0 */
/* Next hops: which associations are open to each peer, and what goes out on them when. */
#include "mta/hop.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/change.h"
#include "mta/policy.h"

#include <stdlib.h>

struct channel {
	struct channel *next;
	struct hop *hop;
	struct link *link;
	bool open;
	struct carriage *carriages;
	size_t carriage_count;
	struct timer *linger;
};

struct hop {
	struct mta *mta;
	const struct peer *peer;
	const struct carrier *carrier;
	struct link_user link_user;
	struct channel *channels;
	unsigned channel_count;
	struct carriage *held;		/* taken from the queue, with no channel free yet */
	int failures;			/* attempts to reach it, in a row */
	bool blocked;			/* until the timer */
	struct timer *timer;
};

struct hops {
	struct mta *mta;
	struct hop *list;
	size_t count;
	bool stopping;
};

static void hop_kick(struct hop *hop);

/* --- work --- */

static void carriage_free(struct carriage **carriage)
{
	if (!*carriage)
		return;
	for (size_t i = 0; (*carriage)->failed && i < (*carriage)->work->recipient_count; i++)
		status_free(&(*carriage)->failed[i]);
	arena_free(&(*carriage)->arena);
	buf_free(&(*carriage)->octets);
	free(*carriage);
	*carriage = NULL;
}

static FALLIBLE carriage_read(struct carriage *c)
{
	TRY(queue_read(c->mta->reader, c->work->message, &c->octets, &c->octets));
	if (c->work->kind == QUEUE_REPORT)
		return report_p1_decode(c->arena, buf_view(&c->octets), &c->report);
	return p1_decode(c->arena, buf_view(&c->octets), &c->env);
}

/* What waits for the hop, read; null where nothing is due. */
static FALLIBLE carriage_take(struct hop *hop, struct carriage **out_carriage)
{
	AUTO(carriage_free) struct carriage *c = mem_new(struct carriage);
	size_t count = 0;

	c->mta = hop->mta;
	c->hop = hop;
	c->arena = arena_new();
	TRY(queue_take(hop->mta->reader, hop->mta->taken, hop->peer->name,
		       clock_now(hop->mta->clock), 1, c->arena, &c->work, &count));
	if (!count)
		return OK;
	struct status *st = carriage_read(c);
	if (st) {
		queue_untake(hop->mta->taken, c->work->message, hop->peer->name);
		return status_doing(st, "cannot read %s from the queue", c->work->mts_id);
	}
	*out_carriage = TAKE(c);
	return OK;
}

/* It was not carried: it waits again. */
static void carriage_drop(struct carriage *c)
{
	queue_untake(c->mta->taken, c->work->message, c->hop->peer->name);
	carriage_free(&c);
}

/* The work itself cannot be carried, whatever the association: its recipients get to know. */
static void carriage_fail(struct carriage *c, const struct status *why)
{
	struct change *change = change_new(c->mta);
	struct arena *arena = change_arena(change);
	const struct policy_verdict verdict = policy_failed(why);
	AUTO(mem_free) char *words = status_text(why);

	log_event(LOG_LV_ERROR, "work failed", log_msg(c->work->mts_id), log_why(why));
	for (size_t i = 0; i < c->work->recipient_count; i++)
		change_mark(change, &(struct queue_result){
			.message = c->work->message,
			.number = c->work->recipients[i].number,
			.state = QUEUE_FAILED,
			.reason = verdict.reason,
			.diagnostic = verdict.diagnostic,
			.words = arena_strdup(arena, words),
		});
	change_untake(change, c->work->message, c->hop->peer->name);
	change_submit(change, NULL, NULL);
	carriage_free(&c);
}

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

static void channel_remove(struct channel *channel, struct carriage *carriage)
{
	struct carriage **c = &channel->carriages;

	while (*c != carriage)
		c = &(*c)->next;
	*c = carriage->next;
	channel->carriage_count--;
}

void channel_settle(struct channel *channel, struct carriage *carriage, struct change *change)
{
	struct hop *hop = channel->hop;

	hop->failures = 0;
	channel_remove(channel, carriage);
	change_untake(change, carriage->work->message, hop->peer->name);
	change_submit(change, NULL, NULL);
	carriage_free(&carriage);
	hop_kick(hop);
}

static void channel_start(struct channel *channel, struct carriage *carriage)
{
	timer_free(&channel->linger);
	carriage->next = channel->carriages;
	channel->carriages = carriage;
	channel->carriage_count++;
	struct status *st = channel->hop->carrier->start(channel, carriage);
	if (!st)
		return;
	channel_remove(channel, carriage);
	if (st->kind == ST_LATER || st->kind == ST_PEER) {
		carriage_drop(carriage);
		channel->open = false;
		link_abort(channel->link, st);
		return;
	}
	carriage_fail(carriage, st);
	status_free(&st);
}

static void channel_idle(void *arg)
{
	struct channel *channel = arg;

	timer_free(&channel->linger);
	channel->open = false;
	link_release(channel->link);
}

static void hop_block(struct hop *hop)
{
	int64_t seconds = policy_retry_delay(hop->mta->settings, ++hop->failures);

	hop->blocked = true;
	timer_restart(hop->timer, seconds * 1000);
	log_event(LOG_LV_WARN, "peer out of reach", log_text("peer", hop->peer->name),
		  log_num("again-in-seconds", seconds));
}

static void channel_opened(void *user, struct link *link)
{
	struct channel *channel = user;

	(void)link;
	channel->open = true;
	hop_kick(channel->hop);
}

static void channel_closed(void *user, struct link *link, const struct status *why)
{
	struct channel *channel = user;
	struct hop *hop = channel->hop;
	struct channel **c = &hop->channels;

	(void)link;
	while (*c != channel)
		c = &(*c)->next;
	*c = channel->next;
	hop->channel_count--;
	timer_free(&channel->linger);
	while (channel->carriages) {
		struct carriage *carriage = channel->carriages;

		channel->carriages = carriage->next;
		carriage_drop(carriage);
	}
	free(channel);
	if (why && !hop->channels)
		hop_block(hop);
	else
		hop_kick(hop);
}

static void channel_open(struct hop *hop)
{
	const struct peer *peer = hop->peer;
	struct channel *channel = mem_new(struct channel);
	const struct link_target target = {
		.address = peer->address,
		.context = hop->carrier->context,
		.role = peer->kind == PEER_MTA ? LINK_MTA : LINK_MS,
		.mta_name = peer->kind == PEER_MTA ? peer->name : NULL,
		.domain = peer->domain,
		.or_name = peer->or_name,
		.expected = {
			.scope = peer->kind == PEER_MTA ? SCOPE_MTA : SCOPE_MS,
			.directory_name = peer->directory_name,
			.or_address = peer->or_address,
			.password = peer->password,
			.own_password = peer->own_password,
		},
		.connect_timeout_ms = hop->mta->settings->bind_timeout * 1000,
	};

	channel->hop = hop;
	channel->next = hop->channels;
	hop->channels = channel;
	hop->channel_count++;
	channel->link = link_connect(&hop->mta->env, &target, channel_opened, &hop->link_user,
				     channel);
}

/* --- the hop --- */

static struct channel *free_channel(struct hop *hop)
{
	for (struct channel *c = hop->channels; c; c = c->next)
		if (c->open && c->carriage_count < hop->carrier->capacity(hop->mta))
			return c;
	return NULL;
}

static bool is_opening(const struct hop *hop)
{
	for (const struct channel *c = hop->channels; c; c = c->next)
		if (!c->open)
			return true;
	return false;
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
		if (c->open && !c->carriages && !c->linger)
			c->linger = timer_new(mta->loop, mta->settings->linger * 1000, 0,
					      channel_idle, c);
}

static void hop_kick(struct hop *hop)
{
	while (!hop->blocked && !hop->mta->hops->stopping) {
		if (!hop->held) {
			struct status *st = carriage_take(hop, &hop->held);

			if (st) {
				log_event(LOG_LV_ERROR, "work cannot begin",
					  log_text("peer", hop->peer->name), log_why(st));
				status_free(&st);
				hop_block(hop);
				return;
			}
		}
		if (!hop->held) {
			hop_rest(hop);
			return;
		}
		struct channel *channel = free_channel(hop);
		if (channel) {
			channel_start(channel, TAKE(hop->held));
			continue;
		}
		if (hop->channel_count < hop->mta->settings->associations_max && !is_opening(hop))
			channel_open(hop);
		return;
	}
}

static void hop_timer(void *arg)
{
	struct hop *hop = arg;

	hop->blocked = false;
	hop_kick(hop);
}

/* --- all of them --- */

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
	for (size_t i = 0; i < hops->count; i++)
		if (!strcmp(hops->list[i].peer->name, next_hop))
			hop_kick(&hops->list[i]);
}

void hops_stop(struct hops *hops)
{
	hops->stopping = true;
	for (size_t i = 0; i < hops->count; i++)
		for (struct channel *c = hops->list[i].channels; c; c = c->next)
			if (c->open && !c->carriages)
				link_release(c->link);
}

void hops_free(struct hops **hops)
{
	if (!*hops)
		return;
	for (size_t i = 0; i < (*hops)->count; i++) {
		timer_free(&(*hops)->list[i].timer);
		carriage_free(&(*hops)->list[i].held);
	}
	free((*hops)->list);
	free(*hops);
	*hops = NULL;
}
