/* SPDX-License-Identifier: Apache-2.0 */
/* Submission through the message store [X.413 10; X.411 8.2.1.1]. */
#include "ua/outbox.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/envelope.h"
#include "ua/letter.h"

struct sending {
	struct home *home;
	struct outbox_counts *counts;
	struct status *failed;		/* the store's own */
};

/* One message on its way. */
struct passage {
	struct sending *sending;
	int64_t id;
};

/* --- what became of it --- */

static void keep_waiting(struct outbox_counts *counts, int64_t id, const struct status *why)
{
	counts->waiting++;
	if (!counts->why)
		counts->why = status_doing(status_copy(why), "message %lld waits in the outbox",
					   (long long)id);
}

/* For good, unless waiting may help. */
static FALLIBLE not_sent(struct sending *s, int64_t id, const struct status *why)
{
	if (why->kind == ST_LATER) {
		keep_waiting(s->counts, id, why);
		return OK;
	}
	AUTO(mem_free) char *words = status_text(why);

	s->counts->refused++;
	log_event(LOG_LV_WARN, "not sent", log_num("message", id), log_why(why));
	return uastore_refused(s->home->db, id, words, clock_now(s->home->clock));
}

struct acceptance {
	int64_t id;
	const char *mts_id;
	const struct submission_result *result;
	struct bytes octets;
};

/* The answer is kept where a proof was asked for: it has it, or it shows that there is none. */
static FALLIBLE store_accepted(struct db *db, void *arg)
{
	const struct acceptance *a = arg;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ua_message message;

	TRY(uastore_get(db, a->id, arena, &message));
	TRY(uastore_submitted(db, a->id, a->mts_id, a->result->time));
	return wishes_from_text(arena, message.facts).submission_proof
		? uastore_set_result(db, a->id, a->octets) : OK;
}

static FALLIBLE accepted(struct sending *s, int64_t id, struct bytes octets)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct submission_result result;

	TRY_DOING(submission_result_decode(arena, octets, &result),
		  "cannot read the result of the submission");
	const char *mts_id = mts_id_text(arena, result.id);
	TRY(db_atomically(s->home->db, store_accepted, &(struct acceptance){ id, mts_id, &result,
									       octets }));
	s->counts->sent++;
	log_event(LOG_LV_INFO, "sent", log_msg(mts_id), log_num("message", id));
	return OK;
}

static void answered(void *arg, struct bytes result, struct buf *apdu, const struct status *failed)
{
	struct passage *p = arg;
	struct sending *s = p->sending;
	struct status *st = failed ? not_sent(s, p->id, failed) : accepted(s, p->id, result);

	(void)apdu;
	if (st && !s->failed)
		s->failed = st;
	else
		status_drop(st);
	mem_free(&p);
}

/* --- all of them --- */

static FALLIBLE submit_one(struct sending *s, struct session *session, int64_t id)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf head = { 0 };
	AUTO(buf_free) struct buf content = { 0 };
	struct passage *passage;
	struct ua_message message;

	TRY(uastore_get(s->home->db, id, arena, &message));
	TRY(uastore_read(s->home->db, id, &head, &content));
	const struct bytes parts[] = { buf_view(&head), buf_view(&content) };
	/* A probe has no content, and one that is sealed stands in the head. */
	size_t count = message.kind == UA_PROBE || wishes_from_text(arena, message.facts).seal ? 1 : 2;
	int operation = message.kind == UA_PROBE ? OP_PROBE_SUBMISSION : OP_MESSAGE_SUBMISSION;

	passage = mem_new(struct passage);
	*passage = (struct passage){ s, id };
	struct status *failed = session_invoke(session, operation, parts, count, answered,
					       passage);
	if (failed)
		mem_free(&passage);
	return failed;
}

struct queued {
	int64_t *ids;
	size_t count;
};

static void add_queued(void *arg, const struct ua_message *m)
{
	struct queued *q = arg;

	q->ids = mem_grow(q->ids, q->count + 1, sizeof(*q->ids));
	q->ids[q->count++] = m->id;
}

static FALLIBLE send_queued(struct sending *s, struct session *session,
			    const struct invocation *invocation, const struct queued *q)
{
	for (size_t i = 0; i < q->count && !s->failed; i++) {
		struct status *failed = outbox_prepare(s->home, q->ids[i]);

		progress_show(invocation, "Sending", i, q->count);
		if (failed) {
			AUTO(status_free) struct status *why = failed;

			TRY(not_sent(s, q->ids[i], why));
			continue;
		}
		TRY(submit_one(s, session, q->ids[i]));
	}
	return OK;
}

FALLIBLE outbox_send(struct home *home, struct session *session,
		     const struct invocation *invocation, struct outbox_counts *counts)
{
	const struct ua_select select = { .folder = UA_OUTBOX, .state = UA_QUEUED };
	struct sending s = { .home = home, .counts = counts };
	struct queued q = { 0 };
	struct status *failed = uastore_list(home->db, &select, add_queued, &q);

	if (!failed)
		failed = send_queued(&s, session, invocation, &q);
	/* Those that are on their way are told of before s goes. */
	struct status *ended = session_finish(session);
	if (!failed)
		failed = TAKE(ended);
	status_drop(ended);
	mem_free(&q.ids);
	progress_end(invocation);
	if (failed)
		status_drop(s.failed);
	return failed ? failed : s.failed;
}
