/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up what has waited too long, forgetting what is finished. */
#include "mta/housekeeping.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/intake.h"

#include <stdlib.h>

enum { AT_ONCE = 100 };

/* One message has expired for some of its recipients [X.411 14.3.2]. */
static FALLIBLE expire(struct mta *mta, const struct queue_work *work, struct change *change)
{
	struct arena *arena = change_arena(change);
	struct outcome *outcomes = arena_new_array(arena, struct outcome, work->recipient_count);
	struct buf octets = { 0 };
	struct envelope *env = NULL;
	size_t count = 0;

	for (size_t i = 0; i < work->recipient_count; i++)
		change_mark(change, &(struct queue_result){
			.message = work->message,
			.number = work->recipients[i].number,
			.state = QUEUE_FAILED,
			.reason = REASON_UNABLE_TO_TRANSFER,
			.diagnostic = DIAG_MAXIMUM_TIME_EXPIRED,
			.words = "it waited too long",
		});
	log_event(LOG_LV_WARN, "expired", log_msg(work->mts_id));
	if (work->kind == QUEUE_REPORT)
		return OK;
	struct status *st = queue_read(mta->reader, work->message, &octets, &octets);
	const struct bytes apdu = buf_view(&octets);
	change_keep(change, &octets);
	TRY(st);
	TRY(p1_decode(arena, apdu, &env));
	for (size_t i = 0; i < env->recipient_count; i++)
		for (size_t k = 0; k < work->recipient_count; k++)
			if ((int)env->recipients[i].number == work->recipients[k].number)
				outcomes[count++] = (struct outcome){
					.recipient = i,
					.when = clock_now(mta->clock),
					.reason = REASON_UNABLE_TO_TRANSFER,
					.diagnostic = DIAG_MAXIMUM_TIME_EXPIRED,
				};
	return intake_outcomes(mta, env, outcomes, count, change);
}

static FALLIBLE expire_all(struct mta *mta)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct queue_work *work = NULL;
	size_t count = 0;

	TRY(queue_expired(mta->reader, clock_now(mta->clock), AT_ONCE, arena, &work, &count));
	for (size_t i = 0; i < count; i++) {
		struct change *change = change_new(mta);
		struct status *st = expire(mta, &work[i], change);

		if (st) {
			change_free(&change);
			return status_doing(st, "cannot give up %s", work[i].mts_id);
		}
		change_submit(change, NULL, NULL);
	}
	return OK;
}

struct cleaning {
	struct mta *mta;
	time_t finished_before, seen_before;
};

static FALLIBLE clean(struct db *db, void *arg)
{
	const struct cleaning *c = arg;
	size_t removed;

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
				now - mta->settings->keep_seen };
	st = writer_submit(mta->writer, clean, cleaned, c);
	if (st) {
		cleaned(c, st);
		status_free(&st);
	}
}
