/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what has waited too long, forgetting what is finished. */
#include "mta/housekeeping.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/store/submitted.h"
#include "mta/carriage.h"
#include "mta/policy.h"

#include <stdlib.h>

enum {
	AT_ONCE = 100,
	SUBMITTED_SECONDS = 86400,	/* who was not answered has asked again long before */
};

/* One message has expired for some of its recipients [X.411 14.3.2]. */
static FALLIBLE expire(struct mta *mta, const struct queue_work *work, struct change *change)
{
	AUTO(status_free) struct status *why = policy_expired();
	struct envelope *env = NULL;

	log_event(LOG_LV_WARN, "expired", log_msg(work->mts_id));
	if (work->kind != QUEUE_REPORT) {
		struct buf octets = { 0 };
		struct status *st = queue_read(mta->reader, work->message, &octets, &octets);
		const struct bytes apdu = buf_view(&octets);

		change_keep(change, &octets);
		TRY(st);
		TRY(p1_decode(change_arena(change), apdu, &env));
	}
	return work_fail(mta, work, env, why, change);
}

static FALLIBLE expire_all(struct mta *mta)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct queue_work *work = NULL;
	struct status *failed = OK;
	size_t count = 0;

	TRY(queue_expired(mta->reader, mta->taken, clock_now(mta->clock), AT_ONCE, arena, &work,
			  &count));
	for (size_t i = 0; i < count; i++) {
		const char *next_hop = work[i].recipients[0].next_hop;
		struct change *change = change_new(mta);
		struct status *st = failed ? OK : expire(mta, &work[i], change);

		if (failed || st) {
			queue_untake(mta->taken, work[i].message, next_hop);
			change_free(&change);
		} else {
			change_untake(change, work[i].message, next_hop);
			change_submit(change, NULL, NULL);
		}
		if (st)
			failed = status_doing(st, "cannot give up %s", work[i].mts_id);
	}
	return failed;
}

struct cleaning {
	struct mta *mta;
	time_t finished_before, seen_before, submitted_before;
};

static FALLIBLE clean(struct db *db, void *arg)
{
	const struct cleaning *c = arg;
	size_t removed;

	TRY(submitted_forget(db, c->submitted_before));
	return queue_clean(db, c->finished_before, c->seen_before, AT_ONCE, &removed);
}

static void cleaned(void *arg, const struct status *failed)
{
	if (failed)
		log_event(LOG_LV_ERROR, "the queue cannot be cleaned", log_why(failed));
	free(arg);
}

void housekeeping(void *arg)
{
	struct mta *mta = arg;
	struct cleaning *c = mem_new(struct cleaning);
	time_t now = clock_now(mta->clock);
	struct status *st = expire_all(mta);

	if (st) {
		log_event(LOG_LV_ERROR, "housekeeping failed", log_why(st));
		status_free(&st);
	}
	*c = (struct cleaning){ mta, now - mta->settings->keep_finished,
				now - mta->settings->keep_seen,
				now - SUBMITTED_SECONDS };
	st = writer_submit(mta->writer, clean, cleaned, c);
	if (st) {
		cleaned(c, st);
		status_free(&st);
	}
}
