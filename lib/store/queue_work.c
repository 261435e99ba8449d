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

static char *keep_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

static struct queue_recipient read_recipient(struct arena *arena, struct query *q)
{
	return (struct queue_recipient){
		.number = (int)query_int(q, 4),
		.address = arena_strdup(arena, query_text(q, 5)),
		.next_hop = keep_text(arena, query_text(q, 6)),
		.due = query_int(q, 7),
		.attempts = (int)query_int(q, 8),
		.reason = (int)query_int(q, 9),
		.diagnostic = (int)query_int(q, 10),
		.words = keep_text(arena, query_text(q, 11)),
		.state = QUEUE_WAITING,
	};
}

/* A message with its recipients that wait for a next hop and are due; without any, it is no work. */
static FALLIBLE add_work(struct gathering *g, int64_t message, const char *next_hop, time_t due)
{
	struct queue_work *work = &g->work[g->count];
	AUTO(buf_free) struct buf recipients = { 0 };
	AUTO(query_end) struct query *q = db_query(g->db,
		"SELECT m.mts_id, m.kind, m.priority, m.expires, r.number, r.address, r.next_hop, "
		"r.due, r.attempts, r.reason, r.diagnostic, r.words "
		"FROM message m CROSS JOIN recipient r ON r.message = m.id "
		"WHERE m.id = ? AND r.state = 0 AND r.next_hop = ? AND r.due <= ? "
		"ORDER BY r.number", v_int(message), v_text(next_hop), v_int(due));

	*work = (struct queue_work){ .message = message };
	while (query_next(q)) {
		const struct queue_recipient recipient = read_recipient(g->arena, q);

		if (!work->recipient_count++) {
			work->mts_id = arena_strdup(g->arena, query_text(q, 0));
			work->kind = (enum queue_kind)query_int(q, 1);
			work->priority = (enum queue_priority)query_int(q, 2);
			work->expires = query_int(q, 3);
		}
		buf_put(&recipients, bytes_of(&recipient, sizeof(recipient)));
	}
	TRY(query_check(q));
	/* The arena aligns what it copies as anything may need. */
	work->recipients = (void *)(uintptr_t)arena_dup(g->arena, buf_view(&recipients)).data;
	g->count += work->recipient_count > 0;
	return OK;
}

/* Not what is under way: that includes what was taken a row ago, for another of its recipients. */
static FALLIBLE take_one(struct gathering *g, struct queue_taken *taken, int64_t message,
			 const char *next_hop, time_t due)
{
	const size_t before = g->count;

	if (is_taken(taken, message, next_hop))
		return OK;
	TRY(add_work(g, message, next_hop, due));
	if (g->count > before)
		mark_taken(taken, message, next_hop);
	return OK;
}

static void give_back(const struct gathering *g, struct queue_taken *taken)
{
	for (size_t i = 0; i < g->count; i++)
		queue_untake(taken, g->work[i].message, g->work[i].recipients[0].next_hop);
}

/* What is under way is passed over by the index alone. */
static FALLIBLE take_of_priority(struct gathering *g, struct queue_taken *taken,
				 const char *next_hop, enum queue_priority priority, time_t now)
{
	AUTO(query_end) struct query *q = db_query(g->db,
		"SELECT message FROM recipient WHERE state = 0 AND next_hop = ? AND priority = ? "
		"AND due <= ? ORDER BY due, message", v_text(next_hop), v_int(priority),
		v_int(now));

	while (g->count < g->max && query_next(q))
		TRY(take_one(g, taken, query_int(q, 0), next_hop, now));
	return query_check(q);
}

struct queue_work *queue_work_copy(struct arena *arena, const struct queue_work *work)
{
	struct queue_work *copy = arena_new_of(arena, struct queue_work);

	*copy = *work;
	copy->mts_id = arena_strdup(arena, work->mts_id);
	copy->recipients = arena_new_array(arena, struct queue_recipient, work->recipient_count);
	for (size_t i = 0; i < work->recipient_count; i++) {
		struct queue_recipient *to = &copy->recipients[i];

		*to = work->recipients[i];
		to->address = arena_strdup(arena, to->address);
		to->next_hop = keep_text(arena, to->next_hop);
		to->words = keep_text(arena, to->words);
	}
	return copy;
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
		give_back(&g, taken);
		return status_doing(failed, "cannot read what waits for %s", next_hop);
	}
	*out_work = g.work;
	*out_count = g.count;
	return OK;
}

static FALLIBLE take_expired(struct gathering *g, struct queue_taken *taken, time_t now)
{
	AUTO(query_end) struct query *q = db_query(g->db,
		"SELECT m.id, r.next_hop "
		"FROM (SELECT * FROM message WHERE open > 0 AND expires IS NOT NULL "
		"AND expires <= ? ORDER BY expires LIMIT ?) m "
		"CROSS JOIN recipient r ON r.message = m.id AND r.state = 0 "
		"GROUP BY m.expires, m.id, r.next_hop", v_int(now), v_int((int64_t)g->max));

	/* Expired is expired, also where another attempt would come later. */
	while (g->count < g->max && query_next(q))
		TRY(take_one(g, taken, query_int(q, 0), query_text(q, 1), INT64_MAX));
	return query_check(q);
}

FALLIBLE queue_expired(struct db *db, struct queue_taken *taken, time_t now, size_t max,
		       struct arena *arena, struct queue_work **out_work, size_t *out_count)
{
	struct gathering g;

	gather_init(&g, db, arena, max);
	struct status *failed = take_expired(&g, taken, now);
	if (failed) {
		give_back(&g, taken);
		return status_doing(failed, "cannot read what has expired");
	}
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

FALLIBLE queue_waiting(struct db *db, const char *next_hop, time_t now,
		       struct queue_waiting out_waiting[QUEUE_PRIORITY_COUNT])
{
	for (int p = QUEUE_URGENT; p < QUEUE_PRIORITY_COUNT; p++) {
		AUTO(query_end) struct query *q = db_query(db,
			"SELECT count(*), coalesce(sum(m.octets), 0) "
			"FROM recipient r CROSS JOIN message m ON m.id = r.message "
			"WHERE r.state = 0 AND r.next_hop = ? AND r.priority = ? AND r.due <= ? "
			"AND (m.expires IS NULL OR m.expires > ?)", v_text(next_hop), v_int(p),
			v_int(now), v_int(now));

		if (query_next(q))
			out_waiting[p] = (struct queue_waiting){ query_int(q, 0), query_int(q, 1) };
		TRY(query_check(q));
	}
	return OK;
}
