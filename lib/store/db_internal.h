/* SPDX-License-Identifier: Apache-2.0 */
/* What db.c and query.c share: the connection behind the door. */
#ifndef LIB_STORE_DB_INTERNAL_H
#define LIB_STORE_DB_INTERNAL_H

#include "lib/store/db.h"

#include <sqlite3.h>

enum { STATEMENT_BUCKETS = 128 };

struct db {
	sqlite3 *sqlite;
	char *path;
	int lock;		/* the owner's lock file, or -1 */
	bool asked;		/* since db_rest */
	struct query *statements[STATEMENT_BUCKETS];	/* prepared, by their literal */
};

/* The failure that SQLite has just reported, whose words the next call would replace. */
__attribute__((format(printf, 3, 4), returns_nonnull, warn_unused_result))
struct status *db_failure(const struct db *db, int code, const char *format, ...);

/* Runs SQL that may be several statements and is not kept. */
FALLIBLE db_script(struct db *db, const char *sql);

/* Finalizes every statement that is kept. */
void db_drop_statements(struct db *db);

#endif
