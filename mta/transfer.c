/* SPDX-License-Identifier: Apache-2.0 */
/* Transfer to other MTAs: P1 over RTSE, one APDU at a time on an association [X.419 12]. */
#include "mta/hop.h"

#include "lib/base/log.h"
#include "lib/mhs/contexts.h"

static size_t capacity(const struct mta *mta)
{
	(void)mta;
	return 1;
}

/* The recipients that this copy is for. */
static bool *choose(struct carriage *c)
{
	bool *chosen = arena_new_array(c->arena, bool, c->env->recipient_count);

	for (size_t i = 0; i < c->env->recipient_count; i++)
		for (size_t k = 0; k < c->work->recipient_count; k++)
			if ((int)c->env->recipients[i].number == c->work->recipients[k].number)
				chosen[i] = true;
	return chosen;
}

static FALLIBLE start(struct channel *channel, struct carriage *c)
{
	struct assoc *assoc = link_assoc(channel_link(channel));
	AUTO(buf_free) struct buf head = { 0 };

	if (c->report) {
		const struct bytes whole = buf_view(&c->octets);

		return assoc_transfer_req(assoc, &whole, 1);
	}
	TRY(p1_encode_split(c->env, choose(c), &head));
	const struct bytes parts[] = { buf_view(&head), c->env->content };
	return assoc_transfer_req(assoc, parts, c->env->probe ? 1 : 2);
}

static void mark_all(struct carriage *c, const struct queue_result *result, struct change *change)
{
	for (size_t i = 0; i < c->work->recipient_count; i++) {
		struct queue_result one = *result;

		one.number = c->work->recipients[i].number;
		change_mark(change, &one);
	}
}

static void transferred(void *user, struct link *link, const struct status *failed)
{
	struct channel *channel = user;
	struct carriage *c = channel_carriages(channel);

	if (failed) {
		link_abort(link, status_copy(failed));
		return;
	}
	if (!c)
		return;
	struct change *change = change_new(c->mta);
	mark_all(c, &(struct queue_result){
		.message = c->work->message,
		.state = QUEUE_TRANSFERRED,
		.reason = -1,
		.diagnostic = -1,
		.words = arena_printf(change_arena(change), "to %s", channel_peer(channel)->name),
	}, change);
	log_event(LOG_LV_INFO, "transferred", log_assoc(link_number(link)),
		  log_msg(c->work->mts_id), log_text("peer", channel_peer(channel)->name),
		  log_num("octets", (int64_t)c->octets.len));
	channel_settle(channel, c, change);
}

static void lost(struct carriage *c, const struct status *why, struct change *change)
{
	AUTO(status_free) struct status *later = status_new(status_copy(why), ST_LATER, 0,
		"the association ended before the transfer was confirmed");

	for (size_t i = 0; i < c->work->recipient_count; i++)
		work_mark_failed(c->mta, c->work, i, later, change);
}

const struct carrier transfer_carrier = {
	.context = &context_mts_transfer,
	.capacity = capacity,
	.start = start,
	.lost = lost,
	.user = { .transferred = transferred },
};
