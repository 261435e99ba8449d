/* SPDX-License-Identifier: Apache-2.0 */
/* One message, probe or report on its way to one next hop. */
#include "mta/carriage.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "mta/intake.h"
#include "mta/policy.h"

#include <stdlib.h>

void carriage_free(struct carriage **carriage)
{
	struct carriage *c = TAKE(*carriage);

	if (!c)
		return;
	for (size_t i = 0; c->failed && i < c->work->recipient_count; i++)
		status_free(&c->failed[i]);
	arena_free(&c->arena);
	buf_free(&c->octets);
	free(c);
}

void carriage_drop(struct carriage *c)
{
	queue_untake(c->mta->taken, c->work->message, c->next_hop);
	carriage_free(&c);
}

void carriage_settle(struct carriage *c, struct change *change)
{
	change_untake(change, c->work->message, c->next_hop);
	change_submit(change, NULL, NULL);
	carriage_free(&c);
}

FALLIBLE carriage_place(const struct envelope *env, int number, size_t *out_place)
{
	for (size_t i = 0; i < env->recipient_count; i++)
		if ((int)env->recipients[i].number == number) {
			*out_place = i;
			return OK;
		}
	return FAIL(ST_NEVER, DIAG_NONE, "the envelope has no recipient number %d", number);
}

/* --- failing --- */

void work_mark_failed(struct mta *mta, const struct queue_work *work, size_t recipient,
		      const struct status *why, struct change *change)
{
	const struct queue_recipient *to = &work->recipients[recipient];
	const struct policy_verdict verdict = policy_failed(why);
	AUTO(mem_free) char *words = status_text(why);

	change_mark(change, &(struct queue_result){
		.message = work->message,
		.number = to->number,
		.state = verdict.again ? QUEUE_WAITING : QUEUE_FAILED,
		.due = clock_now(mta->clock) +
		       policy_retry_delay(mta->settings, to->attempts + 1),
		.reason = verdict.reason,
		.diagnostic = verdict.diagnostic,
		.words = arena_strdup(change_arena(change), words),
	});
}

FALLIBLE work_fail(struct mta *mta, const struct queue_work *work, const struct envelope *env,
		   const struct status *why, struct change *change)
{
	const struct policy_verdict verdict = policy_failed(why);
	struct outcome *outcomes = arena_new_array(change_arena(change), struct outcome,
						   work->recipient_count);

	for (size_t i = 0; i < work->recipient_count; i++) {
		work_mark_failed(mta, work, i, why, change);
		outcomes[i] = (struct outcome){
			.when = clock_now(mta->clock),
			.reason = verdict.reason,
			.diagnostic = verdict.diagnostic,
			.supplementary = why->words,
		};
		if (env)
			TRY(carriage_place(env, work->recipients[i].number, &outcomes[i].recipient));
	}
	return env ? intake_outcomes(mta, env, outcomes, work->recipient_count, change) : OK;
}

void carriage_fail(struct carriage *c, const struct status *why)
{
	struct change *change = change_new(c->mta);
	struct status *st = work_fail(c->mta, c->work, c->env, why, change);

	log_event(LOG_LV_WARN, "given up", log_msg(c->work->mts_id), log_why(why));
	if (st) {
		log_event(LOG_LV_ERROR, "report cannot be made", log_msg(c->work->mts_id),
			  log_why(st));
		status_free(&st);
	}
	carriage_settle(c, change);
}

/* --- beginning --- */

static FALLIBLE carriage_decode(struct carriage *c)
{
	if (c->work->kind == QUEUE_REPORT)
		return report_p1_decode(c->arena, buf_view(&c->octets), &c->report);
	return p1_decode(c->arena, buf_view(&c->octets), &c->env);
}

/* ST_LATER where the queue cannot be read now; otherwise nobody will ever carry it. */
static FALLIBLE carriage_read(struct carriage *c)
{
	TRY_DOING(queue_read(c->mta->reader, c->work->message, &c->octets, &c->octets),
		  "cannot read %s from the queue", c->work->mts_id);
	struct status *st = carriage_decode(c);
	if (st)
		return status_new(st, ST_NEVER, 0, "what the queue holds cannot be read");
	if (c->work->expires && clock_now(c->mta->clock) >= c->work->expires)
		return policy_expired();
	return OK;
}

static struct carriage *carriage_new(struct mta *mta, const char *next_hop,
				     const struct queue_work *work)
{
	struct carriage *c = mem_new(struct carriage);

	c->mta = mta;
	c->next_hop = next_hop;
	c->arena = arena_new();
	c->work = queue_work_copy(c->arena, work);
	return c;
}

FALLIBLE carriage_begin(struct mta *mta, const char *next_hop, const struct queue_work *work,
			struct carriage **out_carriage)
{
	struct carriage *c = carriage_new(mta, next_hop, work);
	struct status *st = carriage_read(c);

	*out_carriage = st ? NULL : c;
	if (!st)
		return OK;
	if (st->kind != ST_NEVER) {
		carriage_drop(c);
		return st;
	}
	carriage_fail(c, st);
	status_free(&st);
	return OK;
}
