/* SPDX-License-Identifier: Apache-2.0 */
/* One change of the queue, durable together or not at all. */
#include "mta/change.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/store/submitted.h"
#include "mta/hop.h"

#include <stdlib.h>

struct addition {
	struct addition *next;
	struct queue_message message;
	bool stored;			/* it was not there before */
};

struct mark {
	struct mark *next;
	struct queue_result result;
};

struct untake {
	struct untake *next;
	int64_t message;
	const char *next_hop;
};

struct change {
	struct mta *mta;
	struct arena *arena;
	struct buf octets;
	time_t now;
	struct addition *additions;
	struct mark *marks;
	struct untake *untakes;
	struct submitted *submitted;
	const char *who;
	struct bytes submission;
	void (*done)(void *arg, const struct status *failed);
	void *arg;
};

struct change *change_new(struct mta *mta)
{
	struct change *change = mem_new(struct change);

	change->mta = mta;
	change->arena = arena_new();
	change->now = clock_now(mta->clock);
	return change;
}

void change_free(struct change **change)
{
	if (!*change)
		return;
	arena_free(&(*change)->arena);
	buf_free(&(*change)->octets);
	free(*change);
	*change = NULL;
}

struct arena *change_arena(struct change *change)
{
	return change->arena;
}

void change_keep(struct change *change, struct buf *io_octets)
{
	buf_free(&change->octets);
	change->octets = buf_take(io_octets);
}

struct buf change_take(struct change *change)
{
	return buf_take(&change->octets);
}

void change_add(struct change *change, const struct queue_message *message)
{
	struct addition *addition = arena_new_of(change->arena, struct addition);
	struct addition **last = &change->additions;

	while (*last)
		last = &(*last)->next;
	addition->message = *message;
	*last = addition;
}

void change_mark(struct change *change, const struct queue_result *result)
{
	struct mark *mark = arena_new_of(change->arena, struct mark);

	mark->result = *result;
	mark->next = change->marks;
	change->marks = mark;
}

void change_untake(struct change *change, int64_t message, const char *next_hop)
{
	struct untake *untake = arena_new_of(change->arena, struct untake);

	*untake = (struct untake){ change->untakes, message,
				   arena_strdup(change->arena, next_hop) };
	change->untakes = untake;
}

void change_once(struct change *change, const char *who, struct bytes octets,
		 struct submitted *io_submitted)
{
	change->who = arena_strdup(change->arena, who);
	change->submission = octets;
	change->submitted = io_submitted;
}

static FALLIBLE store_submission(struct db *db, struct change *change, bool *out_repeated)
{
	const struct bytes parts[] = { bytes_of(change->who, strlen(change->who) + 1),
				       change->submission };
	uint8_t digest[HASH_OCTETS];

	crypto_sha256(parts, 2, digest);
	change->submitted->digest = bytes_of(digest, sizeof(digest));
	return submitted_add(db, change->submitted, out_repeated);
}

/* In the writer's thread. */
static FALLIBLE store(struct db *db, void *arg)
{
	struct change *change = arg;
	bool repeated = false;

	if (change->submitted)
		TRY(store_submission(db, change, &repeated));
	if (repeated)
		return OK;
	for (struct addition *a = change->additions; a; a = a->next) {
		bool duplicate;
		int64_t id;

		TRY_DOING(queue_add(db, &a->message, &id, &duplicate), "cannot queue %s",
			  a->message.mts_id);
		/* What follows from it was stored with it, the first time. */
		if (duplicate)
			return OK;
		a->stored = true;
	}
	for (struct mark *m = change->marks; m; m = m->next)
		TRY_DOING(queue_mark(db, &m->result, change->now),
			  "cannot store what became of a recipient");
	return OK;
}

static void tell_hops(struct change *change)
{
	for (struct addition *a = change->additions; a; a = a->next) {
		log_event(LOG_LV_INFO, a->stored ? "queued" : "queued before",
			  log_msg(a->message.mts_id), log_text("from", a->message.source),
			  log_num("octets", (int64_t)a->message.content.len),
			  log_num("recipients", (int64_t)a->message.recipient_count));
		if (!a->stored)
			return;
		for (size_t i = 0; i < a->message.recipient_count; i++)
			if (a->message.recipients[i].next_hop)
				hops_kick(change->mta->hops, a->message.recipients[i].next_hop);
	}
}

static void stored(void *arg, const struct status *failed)
{
	struct change *change = arg;
	struct mta *mta = change->mta;

	if (failed)
		log_event(LOG_LV_ERROR, "the queue cannot be written", log_why(failed));
	for (struct untake *u = change->untakes; u; u = u->next)
		queue_untake(mta->taken, u->message, u->next_hop);
	if (!failed)
		tell_hops(change);
	if (change->done)
		change->done(change->arg, failed);
	for (struct untake *u = change->untakes; u; u = u->next)
		if (failed)
			hops_back_off(mta->hops, u->next_hop);
		else
			hops_kick(mta->hops, u->next_hop);
	change_free(&change);
}

void change_submit(struct change *change, void (*done)(void *arg, const struct status *failed),
		   void *arg)
{
	change->done = done;
	change->arg = arg;
	struct status *st = writer_submit(change->mta->writer, store, stored, change);
	if (st) {
		stored(change, st);
		status_free(&st);
	}
}
