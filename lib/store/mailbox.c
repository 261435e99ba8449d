/* SPDX-License-Identifier: Apache-2.0 */
/* The message store's entries: adding, reading, changing. */
#include "lib/store/mailbox.h"

#include "lib/store/query.h"
#include "lib/store/schema.h"

static const char *const mailbox_steps[] = { ms_schema, nonce_schema, registered_schema,
					    ms_numbers_schema, NULL };

const struct db_schema mailbox_schema = {
	.name = "the mailboxes of a message store",
	.application_id = 0x50514d53,
	.steps = mailbox_steps,
};

/* Keys of entries: a user's lie together, in the order of their numbers. */
static int64_t key_of(int64_t user, int32_t number)
{
	return user << 32 | number;
}

FALLIBLE mailbox_user(struct db *db, const char *name, bool create, int64_t *out_user)
{
	if (create)
		TRY(db_run(db, "INSERT INTO user (name) VALUES (?) ON CONFLICT DO NOTHING",
			   v_text(name)));
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT id FROM user WHERE name = ?", v_text(name));
	TRY(query_get(q, "mailbox of %s", name));
	*out_user = query_int(q, 0);
	return OK;
}

/* --- adding --- */

struct addition {
	int64_t user;
	const char *identity;
	const struct mailbox_entry *entry;
	struct bytes envelope, content;
	int32_t number;
	bool duplicate;
};

static FALLIBLE find_identity(struct db *db, struct addition *a)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT number FROM identity WHERE user = ? AND identity = ?", v_int(a->user),
		v_text(a->identity));

	a->duplicate = query_next(q);
	if (a->duplicate)
		a->number = (int32_t)query_int(q, 0);
	return query_check(q);
}

enum { AHEAD = 600 };	/* how many entries may come at first in no time */

/*
 * The next one, but from some minutes after the first one on not behind the seconds: whoever has
 * fetched entries asks for those behind them, and a store that was restored from an old copy must not
 * give what is new a number that he has seen.  That holds while no more than one entry a second has
 * come on average.  A clock that is decades ahead takes half of the numbers, and no more.
 *
 * Without RETURNING, for which SQLite makes a table each time.
 */
static FALLIBLE next_number(struct db *db, int64_t user, time_t now, int32_t *out_number)
{
	TRY(db_run(db,
		   "UPDATE user SET began = coalesce(began, ?1 - last_number + ?4), last_number = "
		   "max(last_number + 1, min(?2 / 2, ?1 - coalesce(began, ?1))) "
		   "WHERE id = ?3 AND last_number < ?2",
		   v_int(now), v_int(MAILBOX_NUMBER_MAX), v_int(user), v_int(AHEAD)));
	if (db_changes(db) == 0)
		return FAIL(ST_LATER, 0, "the mailbox has no sequence numbers left");
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT last_number FROM user WHERE id = ?", v_int(user));
	TRY(query_get(q, "mailbox"));
	*out_number = (int32_t)query_int(q, 0);
	return OK;
}

static FALLIBLE insert_entry(struct db *db, const struct addition *a)
{
	const struct mailbox_entry *e = a->entry;
	int64_t key = key_of(a->user, a->number);

	TRY(db_run(db, "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", v_int(key),
		   v_int(e->kind), v_int(e->status), v_int(e->priority), v_int(e->created),
		   v_text(e->mts_id), v_text(e->originator), v_text(e->content_type),
		   v_int((int64_t)e->content_length), v_octets(e->attributes)));
	return db_run(db, "INSERT INTO octets VALUES (?, ?, ?)", v_int(key),
		      v_octets(a->envelope), v_octets(a->content));
}

static FALLIBLE add_body(struct db *db, void *arg)
{
	struct addition *a = arg;

	TRY(find_identity(db, a));
	if (a->duplicate)
		return OK;
	TRY(next_number(db, a->user, a->entry->created, &a->number));
	TRY(db_run(db, "INSERT INTO identity VALUES (?, ?, ?, ?)", v_int(a->user),
		   v_text(a->identity), v_int(a->number), v_int(a->entry->created)));
	return insert_entry(db, a);
}

FALLIBLE mailbox_add(struct db *db, int64_t user, const char *identity,
		     const struct mailbox_entry *entry, struct bytes envelope,
		     struct bytes content, int32_t *out_number, bool *out_duplicate)
{
	struct addition a = { .user = user, .identity = identity, .entry = entry,
			      .envelope = envelope, .content = content };

	TRY_DOING(db_atomically(db, add_body, &a), "cannot store entry %s", identity);
	*out_number = a.number;
	*out_duplicate = a.duplicate;
	return OK;
}

/* --- reading --- */

FALLIBLE mailbox_read(struct db *db, int64_t user, int32_t number,
		      struct buf *envelope, struct buf *content)
{
	int64_t key = key_of(user, number);

	if (envelope)
		TRY(db_read_blob(db, "octets", "envelope", key, envelope));
	if (content)
		TRY(db_read_blob(db, "octets", "content", key, content));
	return OK;
}

#define ENTRY_COLUMNS                                                                         \
	"SELECT id, kind, status, priority, created, mts_id, originator, content_type, "      \
	"content_length, attributes FROM entry "

/* The cheapest way to come by the wanted entries in order; the rest is left to is_wanted. */
static struct query *begin(struct db *db, int64_t user, const struct mailbox_select *s)
{
	const struct value low = v_int(key_of(user, s->from)), high = v_int(key_of(user, s->to));

	if (s->mts_id)
		return db_query(db, ENTRY_COLUMNS "WHERE mts_id = ? AND id BETWEEN ? AND ? "
				"ORDER BY id", v_text(s->mts_id), low, high);
	if (s->status != MAILBOX_ANY && s->newest_first)
		return db_query(db, ENTRY_COLUMNS "WHERE status = ? AND id BETWEEN ? AND ? "
				"ORDER BY id DESC", v_int(s->status), low, high);
	if (s->status != MAILBOX_ANY)
		return db_query(db, ENTRY_COLUMNS "WHERE status = ? AND id BETWEEN ? AND ? "
				"ORDER BY id", v_int(s->status), low, high);
	if (s->newest_first)
		return db_query(db, ENTRY_COLUMNS "WHERE id BETWEEN ? AND ? ORDER BY id DESC",
				low, high);
	return db_query(db, ENTRY_COLUMNS "WHERE id BETWEEN ? AND ? ORDER BY id", low, high);
}

/* The views live until the query's next step. */
static void read_entry(struct query *q, struct mailbox_entry *out)
{
	*out = (struct mailbox_entry){
		.number = (int32_t)query_int(q, 0),	/* the low half of the key */
		.kind = (enum mailbox_kind)query_int(q, 1),
		.status = (enum mailbox_status)query_int(q, 2),
		.priority = (int)query_int(q, 3),
		.created = query_int(q, 4),
		.mts_id = query_text(q, 5),
		.originator = query_text(q, 6),
		.content_type = query_text(q, 7),
		.content_length = (uint64_t)query_int(q, 8),
		.attributes = query_octets(q, 9),
	};
}

static bool is_same_or_any(int wanted, int value)
{
	return wanted == MAILBOX_ANY || wanted == value;
}

static bool is_same_text_or_any(const char *wanted, const char *value)
{
	return !wanted || (value && strcmp(wanted, value) == 0);
}

static bool is_wanted(const struct mailbox_select *s, const struct mailbox_entry *e)
{
	return is_same_or_any(s->kind, (int)e->kind) &&
	       is_same_or_any(s->status, (int)e->status) &&
	       is_same_or_any(s->priority, e->priority) &&
	       e->created >= s->created_from && (!s->created_to || e->created <= s->created_to) &&
	       is_same_text_or_any(s->originator, e->originator) &&
	       is_same_text_or_any(s->content_type, e->content_type);
}

FALLIBLE mailbox_scan(struct db *db, int64_t user, const struct mailbox_select *select,
		      bool (*each)(void *arg, const struct mailbox_entry *entry), void *arg)
{
	AUTO(query_end) struct query *q = begin(db, user, select);

	while (query_next(q)) {
		struct mailbox_entry entry;

		read_entry(q, &entry);
		if (is_wanted(select, &entry) && !each(arg, &entry))
			break;
	}
	return query_check(q);
}

static const char *keep_text(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

FALLIBLE mailbox_get(struct db *db, int64_t user, int32_t number, struct arena *arena,
		     struct mailbox_entry *out_entry)
{
	AUTO(query_end) struct query *q = db_query(db, ENTRY_COLUMNS "WHERE id = ?",
						   v_int(key_of(user, number)));

	TRY(query_get(q, "entry %d", number));
	read_entry(q, out_entry);
	out_entry->mts_id = keep_text(arena, out_entry->mts_id);
	out_entry->originator = keep_text(arena, out_entry->originator);
	out_entry->content_type = keep_text(arena, out_entry->content_type);
	out_entry->attributes = arena_dup(arena, out_entry->attributes);
	return OK;
}

FALLIBLE mailbox_counts(struct db *db, int64_t user,
			void (*each)(void *arg, const struct mailbox_count *count), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT kind, status, priority, nullif(content_type, ''), entries FROM tally "
		"WHERE user = ? AND entries > 0", v_int(user));

	while (query_next(q)) {
		const struct mailbox_count count = {
			.kind = (enum mailbox_kind)query_int(q, 0),
			.status = (enum mailbox_status)query_int(q, 1),
			.priority = (int)query_int(q, 2),
			.content_type = query_text(q, 3),
			.entries = (uint64_t)query_int(q, 4),
		};

		each(arg, &count);
	}
	return query_check(q);
}

FALLIBLE mailbox_span(struct db *db, int64_t user, int32_t *out_first, int32_t *out_last)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT (SELECT min(id) FROM entry WHERE id BETWEEN ?1 AND ?2), "
		"(SELECT max(id) FROM entry WHERE id BETWEEN ?1 AND ?2)",
		v_int(key_of(user, 0)), v_int(key_of(user, MAILBOX_NUMBER_MAX)));

	TRY(query_get(q, "span"));
	*out_first = (int32_t)query_int(q, 0);
	*out_last = (int32_t)query_int(q, 1);
	return OK;
}

/* --- changing --- */

struct change {
	int64_t user;
	const int32_t *numbers;
	size_t count;
	enum mailbox_status status;
	size_t deleted;
};

static FALLIBLE raise_body(struct db *db, void *arg)
{
	const struct change *c = arg;

	for (size_t i = 0; i < c->count; i++)
		TRY(db_run(db, "UPDATE entry SET status = ?1 WHERE id = ?2 AND status < ?1",
			   v_int(c->status), v_int(key_of(c->user, c->numbers[i]))));
	return OK;
}

FALLIBLE mailbox_raise_status(struct db *db, int64_t user, const int32_t *numbers, size_t count,
			      enum mailbox_status status)
{
	struct change c = { .user = user, .numbers = numbers, .count = count, .status = status };

	return db_atomically(db, raise_body, &c);
}

static FALLIBLE delete_body(struct db *db, void *arg)
{
	struct change *c = arg;

	for (size_t i = 0; i < c->count; i++) {
		const struct value key = v_int(key_of(c->user, c->numbers[i]));

		TRY(db_run(db, "DELETE FROM octets WHERE id = ?", key));
		TRY(db_run(db, "DELETE FROM entry WHERE id = ?", key));
		c->deleted += (size_t)db_changes(db);
	}
	return OK;
}

FALLIBLE mailbox_delete(struct db *db, int64_t user, const int32_t *numbers, size_t count,
			size_t *out_deleted)
{
	struct change c = { .user = user, .numbers = numbers, .count = count };

	TRY(db_atomically(db, delete_body, &c));
	*out_deleted = c.deleted;
	return OK;
}

FALLIBLE mailbox_submitted(struct db *db, int64_t user, const char *mts_id, time_t at)
{
	return db_run(db, "INSERT INTO submission VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		      v_text(mts_id), v_int(user), v_int(at));
}

FALLIBLE mailbox_submitter(struct db *db, const char *mts_id, int64_t *out_user)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT user FROM submission WHERE mts_id = ?", v_text(mts_id));

	TRY(query_get(q, "submission %s", mts_id));
	*out_user = query_int(q, 0);
	return OK;
}

FALLIBLE mailbox_forget(struct db *db, time_t before, size_t max, size_t *out_forgotten)
{
	TRY(db_run(db,
		   "DELETE FROM submission WHERE mts_id IN "
		   "(SELECT mts_id FROM submission WHERE at < ? ORDER BY at LIMIT ?)",
		   v_int(before), v_int((int64_t)max)));
	*out_forgotten = (size_t)db_changes(db);
	TRY(db_run(db,
		   "DELETE FROM identity WHERE (user, identity) IN "
		   "(SELECT user, identity FROM identity WHERE at < ? ORDER BY at LIMIT ?)",
		   v_int(before), v_int((int64_t)max)));
	*out_forgotten += (size_t)db_changes(db);
	return OK;
}

/* --- registrations --- */

FALLIBLE mailbox_register(struct db *db, int64_t user, const char *name, struct bytes octets)
{
	if (octets.len == 0)
		return db_run(db, "DELETE FROM registration WHERE user = ? AND name = ?",
			      v_int(user), v_text(name));
	return db_run(db,
		      "INSERT INTO registration VALUES (?, ?, ?) "
		      "ON CONFLICT DO UPDATE SET octets = excluded.octets",
		      v_int(user), v_text(name), v_octets(octets));
}

FALLIBLE mailbox_registered(struct db *db, int64_t user, const char *name, struct buf *out)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT octets FROM registration WHERE user = ? AND name = ?", v_int(user),
		v_text(name));

	if (query_next(q))
		buf_put(out, query_octets(q, 0));
	return query_check(q);
}
