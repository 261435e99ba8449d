/* SPDX-License-Identifier: Apache-2.0 */
/* The user agent's messages, address book and progress. */
#include "lib/store/uastore.h"

#include "lib/store/query.h"
#include "lib/store/schema.h"

static const char *const uastore_steps[] = { ua_schema, ua_submission_schema,
						 ua_voucher_schema, nonce_schema, ua_delivery_schema,
						 NULL };

const struct db_schema uastore_schema = {
	.name = "the messages of a user agent",
	.application_id = 0x50515541,
	.steps = uastore_steps,
};

const char *const ua_state_names[] = {
	"none", "queued", "submitted", "delivered", "failed", NULL
};

/* --- messages --- */

struct addition {
	const struct ua_message *message;
	struct bytes envelope, content;
	int64_t id;
	bool duplicate;
};

static FALLIBLE find_received(struct db *db, const struct ua_message *m, bool *out_found)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT 1 FROM message WHERE ms_number = ?1 "
		"UNION ALL SELECT 1 FROM message "
		"WHERE mts_id = ?2 AND kind = ?3 AND folder = ?4 LIMIT 1",
		m->ms_number ? v_int(m->ms_number) : v_null(), v_text(m->mts_id), v_int(m->kind),
		v_int(UA_INBOX));

	*out_found = query_next(q);
	return query_check(q);
}

/* Whether it is delivered for the first time; from now on it is not. */
static FALLIBLE note_delivery(struct db *db, const char *identity, bool *out_first)
{
	TRY(db_run(db, "INSERT INTO delivery VALUES (?) ON CONFLICT DO NOTHING", v_text(identity)));
	*out_first = db_changes(db) > 0;
	return OK;
}

static FALLIBLE find_before(struct db *db, const struct ua_message *m, bool *out_found)
{
	bool first = true;

	if (m->delivery)
		TRY(note_delivery(db, m->delivery, &first));
	TRY(find_received(db, m, out_found));
	*out_found |= !first;
	return OK;
}

static FALLIBLE add_body(struct db *db, void *arg)
{
	struct addition *a = arg;
	const struct ua_message *m = a->message;

	if (m->folder == UA_INBOX)
		TRY(find_before(db, m, &a->duplicate));
	if (a->duplicate)
		return OK;
	TRY(db_run(db,
		   "INSERT INTO message VALUES "
		   "(NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		   v_int(m->folder), v_int(m->kind), v_int(m->state), v_int(m->read),
		   m->ms_number ? v_int(m->ms_number) : v_null(), v_int(m->date),
		   v_int(m->submitted), v_int((int64_t)a->content.len), v_text(m->mts_id),
		   v_text(m->ipm_id), v_text(m->originator), v_text(m->recipients),
		   v_text(m->subject), v_text(m->verdict), v_text(m->facts)));
	a->id = db_last_id(db);
	return db_run(db, "INSERT INTO octets VALUES (?, ?, ?)", v_int(a->id),
		      v_octets(a->envelope), v_octets(a->content));
}

FALLIBLE uastore_add(struct db *db, const struct ua_message *message, struct bytes envelope,
		     struct bytes content, int64_t *out_id, bool *out_duplicate)
{
	struct addition a = { .message = message, .envelope = envelope, .content = content };

	TRY_DOING(db_atomically(db, add_body, &a), "cannot store the message");
	*out_id = a.id;
	*out_duplicate = a.duplicate;
	return OK;
}

#define MESSAGE_COLUMNS                                                                \
	"SELECT id, folder, kind, state, read, ms_number, date, submitted, octets, "   \
	"mts_id, ipm_id, originator, recipients, subject, verdict, facts FROM message "

static void read_message(struct query *q, struct ua_message *out)
{
	*out = (struct ua_message){
		.id = query_int(q, 0),
		.folder = (enum ua_folder)query_int(q, 1),
		.kind = (enum ua_kind)query_int(q, 2),
		.state = (enum ua_state)query_int(q, 3),
		.read = query_int(q, 4) != 0,
		.ms_number = (int32_t)query_int(q, 5),
		.date = query_int(q, 6),
		.submitted = query_int(q, 7),
		.octets = (uint64_t)query_int(q, 8),
		.mts_id = query_text(q, 9),
		.ipm_id = query_text(q, 10),
		.originator = query_text(q, 11),
		.recipients = query_text(q, 12),
		.subject = query_text(q, 13),
		.verdict = query_text(q, 14),
		.facts = query_text(q, 15),
	};
}

static const char *keep(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

FALLIBLE uastore_get(struct db *db, int64_t id, struct arena *arena,
		     struct ua_message *out_message)
{
	AUTO(query_end) struct query *q = db_query(db, MESSAGE_COLUMNS "WHERE id = ?", v_int(id));

	TRY(query_get(q, "message %lld", (long long)id));
	read_message(q, out_message);
	out_message->mts_id = keep(arena, out_message->mts_id);
	out_message->ipm_id = keep(arena, out_message->ipm_id);
	out_message->originator = keep(arena, out_message->originator);
	out_message->recipients = keep(arena, out_message->recipients);
	out_message->subject = keep(arena, out_message->subject);
	out_message->verdict = keep(arena, out_message->verdict);
	out_message->facts = keep(arena, out_message->facts);
	return OK;
}

FALLIBLE uastore_find_sent(struct db *db, const char *mts_id, const char *ipm_id,
			   int64_t *out_id)
{
	AUTO(query_end) struct query *q = mts_id
		? db_query(db, "SELECT id FROM message WHERE mts_id = ? AND folder = ?",
			   v_text(mts_id), v_int(UA_SENT))
		: db_query(db, "SELECT id FROM message WHERE ipm_id = ? AND folder = ?",
			   v_text(ipm_id), v_int(UA_SENT));

	TRY(query_get(q, "sent message %s", mts_id ? mts_id : ipm_id));
	*out_id = query_int(q, 0);
	return OK;
}

FALLIBLE uastore_read(struct db *db, int64_t id, struct buf *envelope, struct buf *content)
{
	if (envelope)
		TRY(db_read_blob(db, "octets", "envelope", id, envelope));
	if (content)
		TRY(db_read_blob(db, "octets", "content", id, content));
	return OK;
}

#define LIST_REST "AND (?2 = 0 OR read = 0) AND (?3 < 0 OR state = ?3) "

static struct query *begin_list(struct db *db, const struct ua_select *s)
{
	const struct value unread = v_int(s->unread), state = v_int(s->state);
	const struct value max = v_int(s->max ? (int64_t)s->max : -1);

	if (s->folder == UA_OUTBOX)
		return db_query(db, MESSAGE_COLUMNS "WHERE folder = ?1 " LIST_REST
				"ORDER BY id LIMIT ?4", v_int(s->folder), unread, state, max);
	if (s->folder != UA_ANY_FOLDER)
		return db_query(db, MESSAGE_COLUMNS "WHERE folder = ?1 " LIST_REST
				"ORDER BY id DESC LIMIT ?4", v_int(s->folder), unread, state, max);
	return db_query(db, MESSAGE_COLUMNS "WHERE ?1 IS NULL " LIST_REST
			"ORDER BY id DESC LIMIT ?4", v_null(), unread, state, max);
}

FALLIBLE uastore_list(struct db *db, const struct ua_select *select,
		      void (*each)(void *arg, const struct ua_message *message), void *arg)
{
	AUTO(query_end) struct query *q = begin_list(db, select);

	while (query_next(q)) {
		struct ua_message message;

		read_message(q, &message);
		each(arg, &message);
	}
	return query_check(q);
}

/* A statement that has to change the one message that was named. */
static FALLIBLE changed_one(struct db *db, int64_t id)
{
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no message %lld", (long long)id);
	return OK;
}

FALLIBLE uastore_set_read(struct db *db, int64_t id, bool read)
{
	TRY(db_run(db, "UPDATE message SET read = ? WHERE id = ?", v_int(read), v_int(id)));
	return changed_one(db, id);
}

FALLIBLE uastore_set_verdict(struct db *db, int64_t id, const char *verdict, const char *facts)
{
	TRY(db_run(db, "UPDATE message SET verdict = ?, facts = ? WHERE id = ?", v_text(verdict),
		   v_text(facts), v_int(id)));
	return changed_one(db, id);
}

FALLIBLE uastore_set_heading(struct db *db, int64_t id, enum ua_kind kind, const char *ipm_id,
			     const char *subject)
{
	TRY(db_run(db, "UPDATE message SET kind = ?, ipm_id = ?, subject = ? WHERE id = ?",
		   v_int(kind), v_text(ipm_id), v_text(subject), v_int(id)));
	return changed_one(db, id);
}

static FALLIBLE delete_body(struct db *db, void *arg)
{
	const int64_t id = *(const int64_t *)arg;

	TRY(db_run(db,
		   "INSERT OR IGNORE INTO deletion SELECT ms_number FROM message "
		   "WHERE id = ? AND ms_number IS NOT NULL", v_int(id)));
	TRY(db_run(db, "DELETE FROM message WHERE id = ?", v_int(id)));
	return changed_one(db, id);
}

FALLIBLE uastore_delete(struct db *db, int64_t id)
{
	return db_atomically(db, delete_body, &id);
}

FALLIBLE uastore_deletions(struct db *db, void (*each)(void *arg, int32_t ms_number), void *arg)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT ms_number FROM deletion ORDER BY ms_number");

	while (query_next(q))
		each(arg, (int32_t)query_int(q, 0));
	return query_check(q);
}

FALLIBLE uastore_deleted(struct db *db, int32_t ms_number)
{
	return db_run(db, "DELETE FROM deletion WHERE ms_number = ?", v_int(ms_number));
}

FALLIBLE uastore_has_number(struct db *db, int32_t ms_number, bool *out_has)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT 1 FROM message WHERE ms_number = ?1 "
		"UNION ALL SELECT 1 FROM deletion WHERE ms_number = ?1", v_int(ms_number));

	*out_has = query_next(q);
	return query_check(q);
}

/* --- the address book --- */

FALLIBLE uastore_set_name(struct db *db, const struct ua_name *name)
{
	return db_run(db,
		      "INSERT INTO name VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
		      "address = excluded.address, directory_name = excluded.directory_name",
		      v_text(name->nickname), v_text(name->address), v_text(name->directory_name));
}

static struct ua_name read_name(struct query *q)
{
	return (struct ua_name){ query_text(q, 0), query_text(q, 1), query_text(q, 2) };
}

FALLIBLE uastore_get_name(struct db *db, const char *nickname, struct arena *arena,
			  struct ua_name *out_name)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT nickname, address, directory_name FROM name WHERE nickname = ?",
		v_text(nickname));

	TRY(query_get(q, "nickname %s", nickname));
	*out_name = read_name(q);
	out_name->nickname = keep(arena, out_name->nickname);
	out_name->address = keep(arena, out_name->address);
	out_name->directory_name = keep(arena, out_name->directory_name);
	return OK;
}

FALLIBLE uastore_delete_name(struct db *db, const char *nickname)
{
	TRY(db_run(db, "DELETE FROM name WHERE nickname = ?", v_text(nickname)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no nickname %s", nickname);
	return OK;
}

FALLIBLE uastore_names(struct db *db, void (*each)(void *arg, const struct ua_name *name),
		       void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT nickname, address, directory_name FROM name ORDER BY nickname");

	while (query_next(q)) {
		const struct ua_name name = read_name(q);

		each(arg, &name);
	}
	return query_check(q);
}

/* --- numbers --- */

FALLIBLE uastore_set_number(struct db *db, const char *name, int64_t number)
{
	return db_run(db,
		      "INSERT INTO number VALUES (?, ?) "
		      "ON CONFLICT DO UPDATE SET value = excluded.value",
		      v_text(name), v_int(number));
}

FALLIBLE uastore_number(struct db *db, const char *name, int64_t *out_number)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT value FROM number WHERE name = ?", v_text(name));

	*out_number = query_next(q) ? query_int(q, 0) : 0;
	return query_check(q);
}
