/* SPDX-License-Identifier: Apache-2.0 */
/* What the user agent sent, and what became of it. */
#include "lib/store/uastore.h"

#include "lib/store/query.h"

FALLIBLE uastore_add_recipient(struct db *db, int64_t message, const struct ua_recipient *r)
{
	return db_run(db, "INSERT INTO recipient VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		      v_int(message), v_int(r->number), v_text(r->address),
		      v_text(r->directory_name), v_int(r->state), v_int(r->at), v_int(r->read_at),
		      v_int(r->reason), v_int(r->diagnostic), v_text(r->words), v_text(r->proof));
}

FALLIBLE uastore_recipients(struct db *db, int64_t message,
			    void (*each)(void *arg, const struct ua_recipient *r), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT number, address, directory_name, state, at, read_at, reason, diagnostic, "
		"words, proof FROM recipient WHERE message = ? ORDER BY number", v_int(message));

	while (query_next(q)) {
		const struct ua_recipient r = {
			.number = (int)query_int(q, 0),
			.address = query_text(q, 1),
			.directory_name = query_text(q, 2),
			.state = (enum ua_state)query_int(q, 3),
			.at = query_int(q, 4),
			.read_at = query_int(q, 5),
			.reason = (int)query_int(q, 6),
			.diagnostic = (int)query_int(q, 7),
			.words = query_text(q, 8),
			.proof = query_text(q, 9),
		};

		each(arg, &r);
	}
	return query_check(q);
}

FALLIBLE uastore_set_address(struct db *db, int64_t message, int number, const char *address)
{
	TRY(db_run(db, "UPDATE recipient SET address = ? WHERE message = ? AND number = ?",
		   v_text(address), v_int(message), v_int(number)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "message %lld has no recipient %d",
			    (long long)message, number);
	return OK;
}

FALLIBLE uastore_set_octets(struct db *db, int64_t id, struct bytes envelope,
			    struct bytes content)
{
	TRY(db_run(db, "UPDATE octets SET envelope = ?, content = ? WHERE message = ?",
		   v_octets(envelope), v_octets(content), v_int(id)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no message %lld", (long long)id);
	return OK;
}

/* --- from the outbox on --- */

struct submission {
	int64_t id;
	enum ua_folder folder;
	enum ua_state state;
	const char *mts_id, *words;
	time_t at;
};

static FALLIBLE submission_body(struct db *db, void *arg)
{
	const struct submission *s = arg;

	TRY(db_run(db,
		   "UPDATE message SET folder = ?, state = ?, mts_id = ?, submitted = ? "
		   "WHERE id = ? AND folder = ?",
		   v_int(s->folder), v_int(s->state), v_text(s->mts_id),
		   v_int(s->mts_id ? s->at : 0), v_int(s->id), v_int(UA_OUTBOX)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "there is no message %lld in the outbox",
			    (long long)s->id);
	return db_run(db, "UPDATE recipient SET state = ?, at = ?, words = ? WHERE message = ?",
		      v_int(s->state), v_int(s->at), v_text(s->words), v_int(s->id));
}

FALLIBLE uastore_submitted(struct db *db, int64_t id, const char *mts_id, time_t at)
{
	struct submission s = { .id = id, .folder = UA_SENT, .state = UA_SUBMITTED,
				.mts_id = mts_id, .at = at };

	return db_atomically(db, submission_body, &s);
}

FALLIBLE uastore_refused(struct db *db, int64_t id, const char *words, time_t at)
{
	struct submission s = { .id = id, .folder = UA_OUTBOX, .state = UA_FAILED,
				.words = words, .at = at };

	return db_atomically(db, submission_body, &s);
}

/* --- proofs of submission --- */

FALLIBLE uastore_set_result(struct db *db, int64_t id, struct bytes result)
{
	return db_run(db, "INSERT OR REPLACE INTO submission VALUES (?, ?, NULL)", v_int(id),
		      v_octets(result));
}

FALLIBLE uastore_set_submission_proof(struct db *db, int64_t id, const char *proof)
{
	TRY(db_run(db, "UPDATE submission SET proof = ? WHERE message = ?", v_text(proof), v_int(id)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "message %lld has no proof of submission", (long long)id);
	return OK;
}

FALLIBLE uastore_result(struct db *db, int64_t id, struct arena *arena, struct buf *result,
			const char **out_proof)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT result, proof FROM submission WHERE message = ?", v_int(id));

	TRY(query_get(q, "proof of submission of message %lld", (long long)id));
	if (result)
		buf_put(result, query_octets(q, 0));
	const char *proof = query_text(q, 1);
	*out_proof = proof ? arena_strdup(arena, proof) : NULL;
	return OK;
}

FALLIBLE uastore_unproved(struct db *db, void (*each)(void *arg, int64_t id), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT message FROM submission WHERE proof IS NULL ORDER BY message");

	while (query_next(q))
		each(arg, query_int(q, 0));
	return query_check(q);
}

FALLIBLE uastore_proofs(struct db *db,
			void (*each)(void *arg, enum ua_proof of, const char *proof), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT ?, proof FROM submission UNION ALL "
		"SELECT ?, proof FROM recipient WHERE proof IS NOT NULL",
		v_int(UA_SUBMISSION_PROOF), v_int(UA_DELIVERY_PROOF));

	while (query_next(q))
		each(arg, (enum ua_proof)query_int(q, 0), query_text(q, 1));
	return query_check(q);
}

/* --- reports and receipts --- */

struct reporting {
	int64_t message;
	const struct ua_recipient *result;
};

static FALLIBLE report_body(struct db *db, void *arg)
{
	const struct reporting *r = arg;
	const struct ua_recipient *result = r->result;

	TRY(db_run(db,
		   "UPDATE recipient SET state = ?, at = ?, reason = ?, diagnostic = ?, "
		   "words = ?, proof = ? WHERE message = ? AND number = ?",
		   v_int(result->state), v_int(result->at), v_int(result->reason),
		   v_int(result->diagnostic), v_text(result->words), v_text(result->proof),
		   v_int(r->message), v_int(result->number)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "message %lld has no recipient %d",
			    (long long)r->message, result->number);
	/* Failed where any recipient failed, delivered once all are: the extremes of the states. */
	return db_run(db,
		      "UPDATE message SET state = "
		      "(SELECT CASE max(state) WHEN ?2 THEN ?2 ELSE min(state) END "
		      "FROM recipient WHERE message = ?1) WHERE id = ?1",
		      v_int(r->message), v_int(UA_FAILED));
}

FALLIBLE uastore_report(struct db *db, int64_t message, const struct ua_recipient *result)
{
	struct reporting r = { message, result };

	return db_atomically(db, report_body, &r);
}

FALLIBLE uastore_receipt(struct db *db, int64_t message, const char *address, time_t read_at)
{
	TRY(db_run(db,
		   "UPDATE recipient SET read_at = ? "
		   "WHERE message = ? AND address = ? COLLATE NOCASE",
		   v_int(read_at), v_int(message), v_text(address)));
	if (db_changes(db) == 0)
		return FAIL(ST_NOT_FOUND, 0, "message %lld was not sent to %s",
			    (long long)message, address);
	return OK;
}
