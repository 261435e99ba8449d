/* SPDX-License-Identifier: Apache-2.0 */
/* What the directory said. */
#include "lib/store/dircache.h"

#include "lib/base/memory.h"
#include "lib/store/query.h"
#include "lib/store/schema.h"

#include <pthread.h>

enum {
	DAY = 86400,
	ITEMS_MAX = 10000,
	PRUNED_AT_ONCE = 1000,
};

static const uint64_t FILE_OCTETS_MAX = UINT64_C(512) << 20;

struct dircache {
	struct db *db;
	pthread_mutex_t lock;
};

static const char *const steps[] = { dircache_schema, dircache_times_schema, NULL };

static const struct db_schema schema = {
	.name = "what is kept of the directory",
	.application_id = 0x50644972,	/* "PdIr" */
	.steps = steps,
};

/* The oldest go, also where there are too many. */
static FALLIBLE prune(struct db *db, time_t oldest)
{
	TRY(db_run(db, "DELETE FROM item WHERE rowid IN (SELECT rowid FROM item WHERE fetched < ? "
		   "ORDER BY fetched LIMIT ?)", v_int(oldest), v_int(PRUNED_AT_ONCE)));
	return db_run(db, "DELETE FROM item WHERE rowid IN (SELECT rowid FROM item "
		      "ORDER BY fetched DESC LIMIT ? OFFSET ?)", v_int(PRUNED_AT_ONCE), v_int(ITEMS_MAX));
}

FALLIBLE dircache_open(const char *path, time_t oldest, struct dircache **out_cache)
{
	AUTO(dircache_free) struct dircache *cache = mem_new(struct dircache);

	pthread_mutex_init(&cache->lock, NULL);
	TRY(db_open(path, &schema, DB_SHARED, &cache->db));
	TRY(db_limit_size(cache->db, FILE_OCTETS_MAX));
	TRY(prune(cache->db, oldest));
	*out_cache = TAKE(cache);
	return OK;
}

void dircache_free(struct dircache **cache)
{
	if (!*cache)
		return;
	db_close(&(*cache)->db);
	pthread_mutex_destroy(&(*cache)->lock);
	mem_free(cache);
}

/* Runs a body alone, in a transaction. */
static FALLIBLE alone(struct dircache *cache, FALLIBLE (*body)(struct db *db, void *arg), void *arg)
{
	pthread_mutex_lock(&cache->lock);

	struct status *st = db_atomically(cache->db, body, arg);

	pthread_mutex_unlock(&cache->lock);
	return st;
}

/* --- items --- */

struct item_call {
	enum dircache_kind kind;
	struct bytes key;
	time_t now;
	const struct dircache_item *put;
	struct dircache_item *item;
	bool *found;
};

/* When it was used is worth a commit once a day. */
static FALLIBLE find_body(struct db *db, void *arg)
{
	struct item_call *call = arg;
	bool touch = false;
	{
		AUTO(query_end) struct query *q =
			db_query(db, "SELECT fetched, used, absent, octets, ends FROM item "
				 "WHERE kind = ? AND key = ?", v_int(call->kind), v_octets(call->key));

		*call->found = query_next(q);
		if (*call->found) {
			call->item->fetched = query_int(q, 0);
			touch = query_int(q, 1) < call->now - DAY;
			call->item->absent = query_int(q, 2);
			call->item->octets = buf_copy(query_octets(q, 3));
			call->item->ends = query_int(q, 4);
		}
		TRY(query_check(q));
	}
	if (!touch)
		return OK;
	return db_run(db, "UPDATE item SET used = ? WHERE kind = ? AND key = ?", v_int(call->now),
		      v_int(call->kind), v_octets(call->key));
}

FALLIBLE dircache_find(struct dircache *cache, enum dircache_kind kind, struct bytes key, time_t now,
		       struct dircache_item *out_item, bool *out_found)
{
	struct item_call call = { kind, key, now, NULL, out_item, out_found };

	*out_item = (struct dircache_item){ 0 };
	*out_found = false;
	return alone(cache, find_body, &call);
}

static FALLIBLE put_body(struct db *db, void *arg)
{
	const struct item_call *call = arg;
	const struct dircache_item *item = call->put;

	return db_run(db, "INSERT INTO item VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
		      "fetched = excluded.fetched, absent = excluded.absent, octets = excluded.octets, "
		      "ends = excluded.ends",
		      v_int(call->kind), v_octets(call->key), v_int(item->fetched),
		      v_int(item->fetched), v_int(item->absent), v_octets(buf_view(&item->octets)),
		      v_int(item->ends));
}

FALLIBLE dircache_put(struct dircache *cache, enum dircache_kind kind, struct bytes key,
		      const struct dircache_item *item)
{
	struct item_call call = { .kind = kind, .key = key, .put = item };

	return alone(cache, put_body, &call);
}

static FALLIBLE forget_body(struct db *db, void *arg)
{
	TRY(db_run(db, "DELETE FROM item WHERE kind = ? AND key = ?", v_int(DIRCACHE_ENTRY),
		   v_octets(*(const struct bytes *)arg)));
	return db_run(db, "DELETE FROM item WHERE kind = ?", v_int(DIRCACHE_ADDRESS));
}

FALLIBLE dircache_forget(struct dircache *cache, struct bytes entry)
{
	return alone(cache, forget_body, &entry);
}

/* --- what there is --- */

struct due_call {
	const struct dircache_due *due;
	void (*each)(void *arg, struct bytes key);
	void *arg;
};

static FALLIBLE due_body(struct db *db, void *arg)
{
	const struct due_call *call = arg;
	const struct dircache_due *due = call->due;
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT key FROM item WHERE kind = ? AND fetched < ? AND used >= ? "
			 "ORDER BY ends > 0 AND ends < ? DESC, fetched LIMIT ?", v_int(DIRCACHE_ENTRY),
			 v_int(due->fetched_before), v_int(due->used_since), v_int(due->ends_before),
			 v_int(due->max));

	while (query_next(q))
		call->each(call->arg, query_octets(q, 0));
	return query_check(q);
}

FALLIBLE dircache_due(struct dircache *cache, const struct dircache_due *due,
		      void (*each)(void *arg, struct bytes key), void *arg)
{
	struct due_call call = { due, each, arg };

	return alone(cache, due_body, &call);
}

static FALLIBLE summary_body(struct db *db, void *arg)
{
	struct dircache_summary *summary = arg;
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT count(*), min(fetched), max(fetched) FROM item WHERE kind = ?",
			 v_int(DIRCACHE_ENTRY));

	if (query_next(q)) {
		summary->entries = (size_t)query_int(q, 0);
		summary->oldest = query_int(q, 1);
		summary->newest = query_int(q, 2);
	}
	return query_check(q);
}

FALLIBLE dircache_summarize(struct dircache *cache, struct dircache_summary *out_summary)
{
	*out_summary = (struct dircache_summary){ 0 };
	return alone(cache, summary_body, out_summary);
}

/* --- lists --- */

struct list_call {
	struct bytes issuer;
	struct dircache_list list;
};

static FALLIBLE newest_body(struct db *db, void *arg)
{
	struct list_call *call = arg;
	AUTO(query_end) struct query *q = db_query(db, "SELECT number, made FROM newest_list WHERE issuer = ?",
						   v_octets(call->issuer));

	if (query_next(q))
		call->list = (struct dircache_list){ (uint64_t)query_int(q, 0), query_int(q, 1) };
	return query_check(q);
}

FALLIBLE dircache_newest_list(struct dircache *cache, struct bytes issuer,
			      struct dircache_list *out_list)
{
	struct list_call call = { issuer, { 0 } };

	TRY(alone(cache, newest_body, &call));
	*out_list = call.list;
	return OK;
}

/* Numbers have 64 bits without a sign, which SQL would not compare so. */
static FALLIBLE note_body(struct db *db, void *arg)
{
	const struct list_call *call = arg;
	struct list_call known = { call->issuer, { 0 } };
	struct dircache_list newest = call->list;

	TRY(newest_body(db, &known));
	if (known.list.number >= newest.number && known.list.made >= newest.made)
		return OK;
	if (known.list.number > newest.number)
		newest.number = known.list.number;
	if (known.list.made > newest.made)
		newest.made = known.list.made;
	return db_run(db, "INSERT INTO newest_list VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
		      "number = excluded.number, made = excluded.made", v_octets(call->issuer),
		      v_int((int64_t)newest.number), v_int(newest.made));
}

FALLIBLE dircache_note_list(struct dircache *cache, struct bytes issuer,
			    const struct dircache_list *list)
{
	struct list_call call = { issuer, *list };

	return alone(cache, note_body, &call);
}
