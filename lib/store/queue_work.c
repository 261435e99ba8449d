/* SPDX-License-Identifier: Apache-2.0 */
/* What the queue has to do next: for one next hop, and what has expired. */
#include "lib/store/queue.h"

#include "lib/base/memory.h"
#include "lib/store/query.h"

/* --- what is under way: a hash table with open addressing --- */

struct taken_slot {
	int64_t message;	/* 0: free */
	char *next_hop;
};

struct queue_taken {
	struct taken_slot *slots;
	size_t size, used;	/* size is a power of two */
};

struct queue_taken *queue_taken_new(void)
{
	struct queue_taken *t = mem_new(struct queue_taken);

	t->size = 64;
	t->slots = mem_new_array(struct taken_slot, t->size);
	return t;
}

void queue_taken_free(struct queue_taken **taken)
{
	struct queue_taken *t = TAKE(*taken);

	if (!t)
		return;
	for (size_t i = 0; i < t->size; i++)
		mem_free(&t->slots[i].next_hop);
	mem_free(&t->slots);
	mem_free(&t);
}

static size_t home_of(const struct queue_taken *t, int64_t message)
{
	return (size_t)((uint64_t)message * 0x9e3779b97f4a7c15u >> 32) & (t->size - 1);
}

/* Where it lies, or the free slot where it would. */
static struct taken_slot *slot_of(const struct queue_taken *t, int64_t message,
				  const char *next_hop)
{
	size_t i = home_of(t, message);

	while (t->slots[i].message &&
	       (t->slots[i].message != message || strcmp(t->slots[i].next_hop, next_hop) != 0))
		i = (i + 1) & (t->size - 1);
	return &t->slots[i];
}

static void move_all(struct queue_taken *t, size_t size)
{
	struct queue_taken old = *t;

	t->size = size;
	t->slots = mem_new_array(struct taken_slot, size);
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].message)
			*slot_of(t, old.slots[i].message, old.slots[i].next_hop) = old.slots[i];
	mem_free(&old.slots);
}

static bool is_taken(const struct queue_taken *t, int64_t message, const char *next_hop)
{
	return slot_of(t, message, next_hop)->message != 0;
}

static void mark_taken(struct queue_taken *t, int64_t message, const char *next_hop)
{
	if (2 * ++t->used > t->size)
		move_all(t, 2 * t->size);
	*slot_of(t, message, next_hop) = (struct taken_slot){ message, mem_strdup(next_hop) };
}

void queue_untake(struct queue_taken *t, int64_t message, const char *next_hop)
{
	struct taken_slot *slot = slot_of(t, message, next_hop);
	size_t i = (size_t)(slot - t->slots);

	if (!slot->message)
		return;
	mem_free(&slot->next_hop);
	slot->message = 0;
	t->used--;
	/* Those behind it that had to give way to it are put where they belong now. */
	for (i = (i + 1) & (t->size - 1); t->slots[i].message; i = (i + 1) & (t->size - 1)) {
		struct taken_slot moved = t->slots[i];

		t->slots[i] = (struct taken_slot){ 0 };
		*slot_of(t, moved.message, moved.next_hop) = moved;
	}
}

/* --- pieces of work --- */

struct gathering {
	struct db *db;
	struct arena *arena;
	struct queue_work *work;
	size_t count, max;
};

static void gather_init(struct gathering *g, struct db *db, struct arena *arena, size_t max)
{
	*g = (struct gathering){ .db = db, .arena = arena, .max = max };
	g->work = arena_new_array(arena, struct queue_work, max);
}

static FALLIBLE count_recipients(struct db *db, int64_t message, const char *next_hop, time_t due,
				 size_t *out_count)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT count(*) FROM recipient WHERE message = ? AND state = 0 "
		"AND next_hop = ? AND due <= ?", v_int(message), v_text(next_hop), v_int(due));

	TRY(query_get(q, "count"));
	*out_count = (size_t)query_int(q, 0);
	return OK;
}

static void read_recipient(struct arena *arena, struct query *q, int first,
			   struct queue_recipient *out)
{
	const char *words = query_text(q, first + 7), *hop = query_text(q, first + 2);

	*out = (struct queue_recipient){
		.number = (int)query_int(q, first),
		.address = arena_strdup(arena, query_text(q, first + 1)),
		.next_hop = hop ? arena_strdup(arena, hop) : NULL,
		.due = query_int(q, first + 3),
		.attempts = (int)query_int(q, first + 4),
		.reason = (int)query_int(q, first + 5),
		.diagnostic = (int)query_int(q, first + 6),
		.words = words ? arena_strdup(arena, words) : NULL,
		.state = QUEUE_WAITING,
	};
}

/* The recipients of a message that wait for a next hop and are due. */
static FALLIBLE add_work(struct gathering *g, const struct queue_work *head, const char *next_hop,
			 time_t due)
{
	struct queue_work *work = &g->work[g->count++];
	size_t count, i = 0;

	*work = *head;
	work->mts_id = arena_strdup(g->arena, head->mts_id);
	TRY(count_recipients(g->db, work->message, next_hop, due, &count));
	work->recipients = arena_new_array(g->arena, struct queue_recipient, count);
	AUTO(query_end) struct query *q = db_query(g->db,
		"SELECT number, address, next_hop, due, attempts, reason, diagnostic, words "
		"FROM recipient WHERE message = ? AND state = 0 AND next_hop = ? AND due <= ?",
		v_int(work->message), v_text(next_hop), v_int(due));
	while (i < count && query_next(q))
		read_recipient(g->arena, q, 0, &work->recipients[i++]);
	work->recipient_count = i;
	return query_check(q);
}

static FALLIBLE take_of_priority(struct gathering *g, struct queue_taken *taken,
				 const char *next_hop, enum queue_priority priority, time_t now)
{
	AUTO(query_end) struct query *q = db_query(g->db,
		"SELECT r.message, m.mts_id, m.kind, m.expires "
		"FROM recipient r CROSS JOIN message m ON m.id = r.message "
		"WHERE r.state = 0 AND r.next_hop = ? AND r.priority = ? AND r.due <= ? "
		"ORDER BY r.due, r.message", v_text(next_hop), v_int(priority), v_int(now));

	while (g->count < g->max && query_next(q)) {
		const struct queue_work head = {
			.message = query_int(q, 0),
			.mts_id = query_text(q, 1),
			.kind = (enum queue_kind)query_int(q, 2),
			.priority = priority,
			.expires = query_int(q, 3),
		};

		/* Also what was taken a row ago, for another of its recipients. */
		if (is_taken(taken, head.message, next_hop))
			continue;
		TRY(add_work(g, &head, next_hop, now));
		mark_taken(taken, head.message, next_hop);
	}
	return query_check(q);
}

FALLIBLE queue_take(struct db *db, struct queue_taken *taken, const char *next_hop, time_t now,
		    size_t max, struct arena *arena,
		    struct queue_work **out_work, size_t *out_count)
{
	struct gathering g;

	gather_init(&g, db, arena, max);
	for (int p = QUEUE_URGENT; p < QUEUE_PRIORITY_COUNT && g.count < max; p++) {
		struct status *failed = take_of_priority(&g, taken, next_hop,
							 (enum queue_priority)p, now);

		if (!failed)
			continue;
		for (size_t i = 0; i < g.count; i++)
			queue_untake(taken, g.work[i].message, next_hop);
		return status_doing(failed, "cannot read what waits for %s", next_hop);
	}
	*out_work = g.work;
	*out_count = g.count;
	return OK;
}

FALLIBLE queue_expired(struct db *db, struct queue_taken *taken, time_t now, size_t max,
		       struct arena *arena, struct queue_work **out_work, size_t *out_count)
{
	struct gathering g;
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT m.id, m.mts_id, m.kind, m.priority, r.next_hop, m.expires "
		"FROM (SELECT * FROM message WHERE open > 0 AND expires IS NOT NULL "
		"AND expires <= ? ORDER BY expires LIMIT ?) m "
		"CROSS JOIN recipient r ON r.message = m.id AND r.state = 0 "
		"GROUP BY m.expires, m.id, r.next_hop", v_int(now), v_int((int64_t)max));

	gather_init(&g, db, arena, max);
	while (g.count < max && query_next(q)) {
		const struct queue_work head = {
			.message = query_int(q, 0),
			.mts_id = query_text(q, 1),
			.kind = (enum queue_kind)query_int(q, 2),
			.priority = (enum queue_priority)query_int(q, 3),
			.expires = query_int(q, 5),
		};
		const char *next_hop = query_text(q, 4);

		if (is_taken(taken, head.message, next_hop))
			continue;
		/* Expired is expired, also where another attempt would come later. */
		TRY(add_work(&g, &head, next_hop, INT64_MAX));
		mark_taken(taken, head.message, next_hop);
	}
	TRY(query_check(q));
	*out_work = g.work;
	*out_count = g.count;
	return OK;
}

FALLIBLE queue_read(struct db *db, int64_t message, struct buf *envelope, struct buf *content)
{
	if (envelope)
		TRY(db_read_blob(db, "octets", "envelope", message, envelope));
	if (content)
		TRY(db_read_blob(db, "octets", "content", message, content));
	return OK;
}

/* --- next hops --- */

/* From one name to the next by the index: the cost is that of the hops, not of what waits. */
FALLIBLE queue_hops(struct db *db, void (*each)(void *arg, const char *next_hop), void *arg)
{
	AUTO(mem_free) char *last = mem_strdup("");

	for (;;) {
		AUTO(query_end) struct query *q = db_query(db,
			"SELECT next_hop FROM recipient WHERE state = 0 AND next_hop > ? "
			"ORDER BY next_hop LIMIT 1", v_text(last));

		if (!query_next(q))
			return query_check(q);
		char *hop = mem_strdup(query_text(q, 0));
		each(arg, hop);
		query_end(&q);
		mem_free(&last);
		last = hop;
	}
}

FALLIBLE queue_next_due(struct db *db, const char *next_hop, time_t *out_due)
{
	*out_due = -1;
	for (int p = QUEUE_URGENT; p < QUEUE_PRIORITY_COUNT; p++) {
		AUTO(query_end) struct query *q = db_query(db,
			"SELECT due FROM recipient WHERE state = 0 AND next_hop = ? "
			"AND priority = ? ORDER BY due LIMIT 1", v_text(next_hop), v_int(p));

		if (query_next(q) && (*out_due < 0 || query_int(q, 0) < *out_due))
			*out_due = query_int(q, 0);
		TRY(query_check(q));
	}
	return OK;
}
