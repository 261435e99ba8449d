/* SPDX-License-Identifier: Apache-2.0 */
/* The MTA's queue: what comes in, what became of it, what is removed. */
#include "lib/store/queue.h"

#include "lib/store/query.h"
#include "lib/store/schema.h"

static const char *const queue_steps[] = { mta_schema, nonce_schema, submitted_schema,
					   registered_schema, NULL };

const struct db_schema queue_schema = {
	.name = "the queue of an MTA",
	.application_id = 0x50514d54,
	.steps = queue_steps,
};

const char *const queue_state_names[] = { "waiting", "transferred", "delivered", "failed", NULL };

FALLIBLE queue_note(struct db *db, int64_t message, const struct queue_event *event)
{
	return db_run(db,
		      "INSERT INTO event VALUES (?1, "
		      "(SELECT coalesce(max(id), 0) + 1 FROM event WHERE message = ?1), "
		      "?2, ?3, ?4, ?5)",
		      v_int(message), v_int(event->at), v_int(event->number), v_text(event->what),
		      v_text(event->words));
}

/* --- in --- */

static FALLIBLE insert_message(struct db *db, const struct queue_message *m, int64_t open,
			       int64_t *out_id)
{
	bool finished = open == 0;

	TRY(db_run(db, "INSERT INTO message VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		   v_text(m->mts_id), v_int(m->kind), v_int(m->priority), v_text(m->originator),
		   v_int(m->arrived), m->expires ? v_int(m->expires) : v_null(),
		   v_int((int64_t)m->content.len), v_int(open),
		   finished ? v_int(m->arrived) : v_null()));
	*out_id = db_last_id(db);
	if (finished)
		return OK;
	return db_run(db, "INSERT INTO octets VALUES (?, ?, ?)", v_int(*out_id),
		      v_octets(m->envelope), v_octets(m->content));
}

static FALLIBLE insert_recipient(struct db *db, int64_t message, enum queue_priority priority,
				 const struct queue_recipient *r)
{
	return db_run(db, "INSERT INTO recipient VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      v_int(message), v_int(r->number), v_text(r->address), v_int(r->state),
		      v_int(priority), v_text(r->next_hop), v_int(r->due), v_int(r->attempts),
		      v_int(r->reason), v_int(r->diagnostic), v_text(r->words));
}

static int64_t waiting_among(const struct queue_recipient *recipients, size_t count)
{
	int64_t waiting = 0;

	for (size_t i = 0; i < count; i++)
		waiting += recipients[i].state == QUEUE_WAITING;
	return waiting;
}

struct addition {
	const struct queue_message *message;
	int64_t id;
	bool duplicate;
};

static FALLIBLE add_body(struct db *db, void *arg)
{
	struct addition *a = arg;
	const struct queue_message *m = a->message;

	TRY(db_run(db, "INSERT INTO seen VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING",
		   v_text(m->mts_id), v_text(m->copy), v_int(m->arrived)));
	a->duplicate = db_changes(db) == 0;
	if (a->duplicate)
		return OK;
	TRY(insert_message(db, m, waiting_among(m->recipients, m->recipient_count), &a->id));
	TRY(db_run(db, "UPDATE seen SET message = ? WHERE mts_id = ? AND copy = ?", v_int(a->id),
		   v_text(m->mts_id), v_text(m->copy)));
	for (size_t i = 0; i < m->recipient_count; i++)
		TRY(insert_recipient(db, a->id, m->priority, &m->recipients[i]));
	return queue_note(db, a->id, &(struct queue_event){
		.at = m->arrived, .what = "arrived", .words = m->source });
}

FALLIBLE queue_add(struct db *db, const struct queue_message *message,
		   int64_t *out_id, bool *out_duplicate)
{
	struct addition a = { .message = message };

	TRY_DOING(db_atomically(db, add_body, &a), "cannot queue message %s", message->mts_id);
	*out_id = a.id;
	*out_duplicate = a.duplicate;
	return OK;
}

/* --- what became of it --- */

static FALLIBLE update_recipient(struct db *db, const struct queue_result *r)
{
	TRY(db_run(db,
		   "UPDATE recipient SET state = ?3, due = ?4, next_hop = coalesce(?5, next_hop), "
		   "attempts = attempts + 1, reason = ?6, diagnostic = ?7, words = ?8 "
		   "WHERE message = ?1 AND number = ?2 AND state = 0",
		   v_int(r->message), v_int(r->number), v_int(r->state), v_int(r->due),
		   v_text(r->next_hop), v_int(r->reason), v_int(r->diagnostic), v_text(r->words)));
	if (db_changes(db) == 0)
		return FAIL(ST_USAGE, 0, "recipient %d of queued message %lld does not wait",
			    r->number, (long long)r->message);
	return OK;
}

/* Without RETURNING, for which SQLite makes a table each time. */
static FALLIBLE close_one(struct db *db, int64_t message, time_t now)
{
	TRY(db_run(db, "UPDATE message SET open = open - 1, "
		   "finished = CASE open WHEN 1 THEN ? END WHERE id = ?", v_int(now),
		   v_int(message)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no queued message %lld", (long long)message);
	return db_run(db, "DELETE FROM octets WHERE message = ?1 "
		      "AND (SELECT open FROM message WHERE id = ?1) = 0", v_int(message));
}

struct marking {
	const struct queue_result *result;
	time_t now;
};

static FALLIBLE mark_body(struct db *db, void *arg)
{
	const struct marking *m = arg;
	const struct queue_result *r = m->result;
	const char *what = r->state == QUEUE_WAITING ? "deferred" : queue_state_names[r->state];

	TRY(update_recipient(db, r));
	if (r->state != QUEUE_WAITING)
		TRY(close_one(db, r->message, m->now));
	return queue_note(db, r->message, &(struct queue_event){
		.at = m->now, .number = r->number, .what = what, .words = r->words });
}

FALLIBLE queue_mark(struct db *db, const struct queue_result *result, time_t now)
{
	struct marking m = { result, now };

	return db_atomically(db, mark_body, &m);
}

/* --- out --- */

static FALLIBLE remove_message(struct db *db, int64_t id)
{
	TRY(db_run(db, "DELETE FROM event WHERE message = ?", v_int(id)));
	TRY(db_run(db, "DELETE FROM recipient WHERE message = ?", v_int(id)));
	return db_run(db, "DELETE FROM message WHERE id = ?", v_int(id));
}

struct cleaning {
	time_t finished_before, seen_before;
	size_t max, removed;
};

static FALLIBLE clean_body(struct db *db, void *arg)
{
	struct cleaning *c = arg;
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT id FROM message WHERE finished < ? ORDER BY finished LIMIT ?",
		v_int(c->finished_before), v_int((int64_t)c->max));

	for (; query_next(q); c->removed++)
		TRY(remove_message(db, query_int(q, 0)));
	TRY(query_check(q));
	return db_run(db,
		      "DELETE FROM seen WHERE (mts_id, copy) IN "
		      "(SELECT mts_id, copy FROM seen WHERE at < ? ORDER BY at LIMIT ?)",
		      v_int(c->seen_before), v_int((int64_t)c->max));
}

FALLIBLE queue_clean(struct db *db, time_t finished_before, time_t seen_before, size_t max,
		     size_t *out_removed)
{
	struct cleaning c = { finished_before, seen_before, max, 0 };

	TRY_DOING(db_atomically(db, clean_body, &c), "cannot clean the queue");
	*out_removed = c.removed;
	return OK;
}
