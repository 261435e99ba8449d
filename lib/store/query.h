/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements.  A statement is prepared once per connection and then kept, so
 * its SQL must be a literal.
 *
 *	TRY(db_run(db, "UPDATE entry SET status = ? WHERE id = ?", v_int(status), v_int(id)));
 *
 *	AUTO(query_end) struct query *q =
 *		db_query(db, "SELECT number, subject FROM entry WHERE user = ?", v_int(user));
 *	while (query_next(q))
 *		show(query_int(q, 0), query_text(q, 1));
 *	TRY(query_check(q));
 *
 * A query remembers its failure, also one of preparing or binding: ask once.
 */
#ifndef LIB_STORE_QUERY_H
#define LIB_STORE_QUERY_H

#include "lib/store/db.h"

/* A value for a ? of the statement; text and octets are borrowed until the query ends. */
struct value {
	enum { VALUE_END, VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_OCTETS } kind;
	union {
		int64_t number;
		const char *text;
		struct bytes octets;
	};
};

static inline struct value v_int(int64_t number)
{
	return (struct value){ .kind = VALUE_INT, .number = number };
}

/* Null is NULL. */
static inline struct value v_text(const char *text)
{
	return (struct value){ .kind = text ? VALUE_TEXT : VALUE_NULL, .text = text };
}

/* No octets are an empty BLOB, never NULL. */
static inline struct value v_octets(struct bytes octets)
{
	return (struct value){ .kind = VALUE_OCTETS, .octets = octets };
}

static inline struct value v_null(void)
{
	return (struct value){ .kind = VALUE_NULL };
}

struct query;

#define VALUES(...) (const struct value[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } }

/* Begins a statement that gives rows. */
#define db_query(db, sql, ...) db_query_values((db), (sql), VALUES(__VA_ARGS__))
__attribute__((returns_nonnull))
struct query *db_query_values(struct db *db, const char *sql, const struct value *values);

/* Runs a statement to its end; its rows, if any, are not looked at. */
#define db_run(db, sql, ...) db_run_values((db), (sql), VALUES(__VA_ARGS__))
FALLIBLE db_run_values(struct db *db, const char *sql, const struct value *values);

/* The next row: false behind the last, and after a failure. */
bool query_next(struct query *q);
/* What went wrong, if anything did. */
FALLIBLE query_check(struct query *q);
/* The only row: ST_NOT_FOUND "there is no <what>" where there is none. */
__attribute__((format(printf, 2, 3))) FALLIBLE query_get(struct query *q, const char *what, ...);
/* Gives the statement back; null is allowed. */
void query_end(struct query **q);

/* Columns of the row, from 0.  Texts and octets live until the next step; NULL is 0, a null
 * pointer, no octets. */
int64_t query_int(struct query *q, int column);
const char *query_text(struct query *q, int column);
struct bytes query_octets(struct query *q, int column);

/* Of the last INSERT, UPDATE or DELETE. */
int64_t db_changes(const struct db *db);
int64_t db_last_id(const struct db *db);

/* Rows that the connection's statements looked at without an index, and sorts that they made: what
 * must be 0 where the cost may not grow with the table. */
uint64_t db_scanned(const struct db *db);

/* Appends a BLOB to out, read straight into it: for what is large.  ST_NOT_FOUND where there is
 * no such row. */
FALLIBLE db_read_blob(struct db *db, const char *table, const char *column, int64_t id,
		      struct buf *out);

#endif
