/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store's connection to its database.  With query.h it is the only door to
 * SQLite.  Writing is durable: write-ahead log, synchronous at each commit.  What is deleted is
 * overwritten.
 *
 * A connection is used by one thread at a time.  Failures keep SQLite's words;
 * their kind says what to do: ST_LATER for a full disk or a busy database,
 * ST_NEVER for a damaged one, ST_USAGE for a broken rule of the schema.
 */
#ifndef LIB_STORE_DB_H
#define LIB_STORE_DB_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct db;

/*
 * What a database holds.  Step n brings version n - 1 to version n, so a new database runs all
 * of them and an old one the rest.  A step that was released never changes: a change is a new
 * step behind it.
 */
struct db_schema {
	const char *name;		/* for people: "the queue" */
	uint32_t application_id;	/* tells our kinds of database from each other */
	const char *const *steps;	/* SQL; ends with null */
};

enum db_mode {
	DB_OWNER,	/* the one process that works on it: a second owner is refused */
	DB_SHARED,	/* reads and writes beside others: commands that come and go */
	DB_READER,	/* reads beside a writer; the database must exist in this version */
};

/* Opens, creates (mode 0600) and migrates.  ST_USAGE where the file is another kind of database,
 * or was made by a newer version; ST_LATER where another owner works on it. */
FALLIBLE db_open(const char *path, const struct db_schema *schema, enum db_mode mode,
		 struct db **out_db);
void db_close(struct db **db);

const char *db_path(const struct db *db);

/*
 * Runs body in a transaction, or in a savepoint of the one that is open: all of it becomes
 * durable (at the commit of the outermost), or on failure none of it.
 */
FALLIBLE db_atomically(struct db *db, FALLIBLE (*body)(struct db *db, void *arg), void *arg);

/* The parts of it, for the writer.  Where rolling back fails too, the words are added. */
FALLIBLE db_begin(struct db *db);
FALLIBLE db_commit(struct db *db);
void db_rollback(struct db *db);
/* False also after a failure, such as a full disk, that made SQLite roll back by itself. */
bool db_in_transaction(const struct db *db);

/* Gives back the pages of the file that are kept in memory: what is in messages shall not stay there
 * when nobody asks for it. */
void db_give_back(struct db *db);

/* The same where nothing was asked since the last time.  For a timer, with a struct db *. */
enum { DB_REST_MS = 1000 };
void db_rest(void *db);

/* ST_NEVER where the file's structure is damaged.  Reads all of it: takes its time. */
FALLIBLE db_check_integrity(struct db *db);

/* A consistent copy in a new file (mode 0600), durably, while others work on it. */
FALLIBLE db_backup(struct db *db, const char *path);

/* Bounds the file, in octets: beyond it, writing fails as on a full disk. */
FALLIBLE db_limit_size(struct db *db, uint64_t octets);

#endif
