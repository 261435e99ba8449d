/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: prepared once, bound, stepped, read. */
#include "lib/store/query.h"

#include "lib/base/memory.h"
#include "lib/store/db_internal.h"

#include <stdarg.h>

struct query {
	struct db *db;
	sqlite3_stmt *stmt;	/* null where it could not be prepared */
	const char *sql;	/* the literal */
	struct status *failed;
	bool kept;		/* in the connection's table */
	bool in_use;
	struct query *next;	/* in its bucket */
};

/* --- the statements that are kept --- */

static struct query **bucket_of(struct db *db, const char *sql)
{
	return &db->statements[((uintptr_t)sql >> 3) % STATEMENT_BUCKETS];
}

static struct query *prepare(struct db *db, const char *sql)
{
	struct query *q = mem_new(struct query);
	int code;

	q->db = db;
	q->sql = sql;
	code = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &q->stmt, NULL);
	if (code != SQLITE_OK)
		q->failed = db_failure(db, code, "cannot prepare \"%s\"", sql);
	return q;
}

/* A statement that is in use by an outer call gets a second one, which is not kept. */
static struct query *obtain(struct db *db, const char *sql)
{
	struct query **bucket = bucket_of(db, sql), *q = *bucket;

	while (q && q->sql != sql)
		q = q->next;
	if (!q) {
		q = prepare(db, sql);
		if (q->stmt) {
			q->kept = true;
			q->next = *bucket;
			*bucket = q;
		}
	} else if (q->in_use) {
		q = prepare(db, sql);
	}
	q->in_use = true;
	db->asked = true;
	return q;
}

static void query_free(struct query *q)
{
	sqlite3_finalize(q->stmt);
	status_drop(q->failed);
	mem_free(&q);
}

void db_drop_statements(struct db *db)
{
	for (size_t i = 0; i < STATEMENT_BUCKETS; i++) {
		while (db->statements[i]) {
			struct query *q = db->statements[i];

			db->statements[i] = q->next;
			query_free(q);
		}
	}
}

/* --- one use of a statement --- */

static int bind_value(sqlite3_stmt *stmt, int i, const struct value *v)
{
	switch (v->kind) {
	case VALUE_INT:
		return sqlite3_bind_int64(stmt, i, v->number);
	case VALUE_TEXT:
		return sqlite3_bind_text(stmt, i, v->text, -1, SQLITE_STATIC);
	case VALUE_OCTETS:
		if (v->octets.len == 0)
			return sqlite3_bind_zeroblob(stmt, i, 0);
		return sqlite3_bind_blob64(stmt, i, v->octets.data, v->octets.len, SQLITE_STATIC);
	case VALUE_NULL:
	case VALUE_END:
		break;
	}
	return sqlite3_bind_null(stmt, i);
}

static void bind_all(struct query *q, const struct value *values)
{
	int wanted = sqlite3_bind_parameter_count(q->stmt), i = 0;

	for (; values[i].kind != VALUE_END; i++) {
		int code = bind_value(q->stmt, i + 1, &values[i]);

		if (code != SQLITE_OK) {
			q->failed = db_failure(q->db, code, "cannot bind value %d of \"%s\"", i + 1,
					       q->sql);
			return;
		}
	}
	if (i != wanted)
		q->failed = FAIL(ST_USAGE, 0, "\"%s\" wants %d values and got %d", q->sql, wanted,
				 i);
}

struct query *db_query_values(struct db *db, const char *sql, const struct value *values)
{
	struct query *q = obtain(db, sql);

	if (!q->failed)
		bind_all(q, values);
	return q;
}

bool query_next(struct query *q)
{
	int code;

	if (q->failed)
		return false;
	code = sqlite3_step(q->stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		q->failed = db_failure(q->db, code, "cannot run \"%s\"", q->sql);
	return code == SQLITE_ROW;
}

FALLIBLE query_check(struct query *q)
{
	return TAKE(q->failed);
}

FALLIBLE query_get(struct query *q, const char *what, ...)
{
	va_list args;

	if (query_next(q))
		return OK;
	TRY(query_check(q));
	va_start(args, what);
	AUTO(mem_free) char *text = mem_vprintf(what, args);
	va_end(args);
	return FAIL(ST_NOT_FOUND, 0, "there is no %s", text);
}

void query_end(struct query **query)
{
	struct query *q = TAKE(*query);

	if (!q)
		return;
	if (!q->kept) {
		query_free(q);
		return;
	}
	sqlite3_reset(q->stmt);
	sqlite3_clear_bindings(q->stmt);	/* what was borrowed may go now */
	status_free(&q->failed);
	q->in_use = false;
}

FALLIBLE db_run_values(struct db *db, const char *sql, const struct value *values)
{
	AUTO(query_end) struct query *q = db_query_values(db, sql, values);

	while (query_next(q))
		;
	return query_check(q);
}

/* --- what it gives --- */

int64_t query_int(struct query *q, int column)
{
	return sqlite3_column_int64(q->stmt, column);
}

const char *query_text(struct query *q, int column)
{
	return (const char *)sqlite3_column_text(q->stmt, column);
}

struct bytes query_octets(struct query *q, int column)
{
	const void *octets = sqlite3_column_blob(q->stmt, column);

	return bytes_of(octets, (size_t)sqlite3_column_bytes(q->stmt, column));
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

uint64_t db_scanned(const struct db *db)
{
	uint64_t count = 0;

	for (size_t i = 0; i < STATEMENT_BUCKETS; i++) {
		for (const struct query *q = db->statements[i]; q; q = q->next) {
			count += (uint64_t)sqlite3_stmt_status(
				q->stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
			count += (uint64_t)sqlite3_stmt_status(q->stmt, SQLITE_STMTSTATUS_SORT, 0);
		}
	}
	return count;
}

static FALLIBLE read_open_blob(struct db *db, sqlite3_blob *blob, struct buf *out)
{
	int len = sqlite3_blob_bytes(blob);
	int code = sqlite3_blob_read(blob, buf_extend(out, (size_t)len), len, 0);

	if (code != SQLITE_OK)
		return db_failure(db, code, "cannot read %d octets", len);
	return OK;
}

FALLIBLE db_read_blob(struct db *db, const char *table, const char *column, int64_t id,
		      struct buf *out)
{
	sqlite3_blob *blob = NULL;
	int code = sqlite3_blob_open(db->sqlite, "main", table, column, id, 0, &blob);

	/* SQLite says SQLITE_ERROR for a row that is not there. */
	if (code == SQLITE_ERROR)
		return FAIL(ST_NOT_FOUND, 0, "there is no %s %lld in %s", table, (long long)id,
			    db->path);
	if (code != SQLITE_OK)
		return db_failure(db, code, "cannot open %s of %s", column, table);
	struct status *failed = read_open_blob(db, blob, out);
	sqlite3_blob_close(blob);
	return failed;
}
