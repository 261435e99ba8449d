/* SPDX-License-Identifier: Apache-2.0 */
/* The connection: opening, migrating, transactions, failures. */
#include "lib/store/db.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/store/db_internal.h"
#include "lib/store/query.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <sys/file.h>
#include <unistd.h>

enum {
	BUSY_TIMEOUT_MS = 10000,
	CHECKPOINT_PAGES = 4000,	/* rare enough not to dominate small commits */
};

static enum status_kind kind_of_code(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY: case SQLITE_LOCKED: case SQLITE_FULL: case SQLITE_IOERR:
	case SQLITE_CANTOPEN: case SQLITE_READONLY: case SQLITE_INTERRUPT:
		return ST_LATER;
	case SQLITE_CORRUPT: case SQLITE_NOTADB: case SQLITE_FORMAT:
		return ST_NEVER;
	default:
		return ST_USAGE;
	}
}

/* What the system said, where that was it: a full disk is an I/O error to SQLite. */
static int system_error(const struct db *db, int code)
{
	int primary = code & 0xff;

	return db->sqlite && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN)
		? sqlite3_system_errno(db->sqlite) : 0;
}

static struct status *cause_of(const struct db *db, int code)
{
	enum status_kind kind = kind_of_code(code);
	int error = system_error(db, code);
	struct status *why = error ? FAIL(kind, 0, "%s", strerror(error)) : OK;

	why = status_new(why, kind, 0, "%s",
			 db->sqlite ? sqlite3_errmsg(db->sqlite) : sqlite3_errstr(code));
	return kind != ST_NEVER ? why
		: status_new(why, kind, 0, "the file is damaged: put a copy of it in its place, or begin anew "
					   "without it");
}

struct status *db_failure(const struct db *db, int code, const char *format, ...)
{
	struct status *cause = cause_of(db, code);
	va_list args;

	va_start(args, format);
	AUTO(mem_free) char *doing = mem_vprintf(format, args);
	va_end(args);
	return status_doing(cause, "%s in %s", doing, db->path);
}

FALLIBLE db_script(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);

	if (code != SQLITE_OK)
		return db_failure(db, code, "cannot use the database");
	return OK;
}

/* --- opening --- */

/* Beside the database, because closing any descriptor of that itself would drop SQLite's locks. */
static FALLIBLE lock_as_owner(struct db *db)
{
	AUTO(mem_free) char *path = mem_printf("%s-owner", db->path);

	db->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (db->lock < 0)
		return status_errno(errno, "cannot open %s", path);
	if (flock(db->lock, LOCK_EX | LOCK_NB) == 0)
		return OK;
	if (errno == EWOULDBLOCK)
		return FAIL(ST_LATER, 0, "another process works on %s already", db->path);
	return status_errno(errno, "cannot lock %s", path);
}

/* SQLite gives its log the mode of the database, which must not be readable by others.  A file that
 * is there is never opened here: closing it again would drop the locks of every other connection
 * that this process has to it, and another process could then remove the log under them. */
static FALLIBLE create_private(const struct db *db)
{
	int file = open(db->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (file < 0)
		return errno == EEXIST ? OK : status_errno(errno, "cannot make %s", db->path);
	close(file);
	return OK;
}

/* What savepoints may have to undo stays in memory, as the pages do that it is about: a file of it
 * would be written at every commit of many jobs.  And nobody asks how much memory SQLite has, so
 * that threads need not meet at a counter. */
static void configure_sqlite(void)
{
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static FALLIBLE connect_to(struct db *db, enum db_mode mode)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;
	int flags = mode == DB_READER ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	int code;

	pthread_once(&configured, configure_sqlite);
	if (mode != DB_READER)
		TRY(create_private(db));
	if (mode == DB_OWNER)
		TRY(lock_as_owner(db));
	code = sqlite3_open_v2(db->path, &db->sqlite, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return db_failure(db, code, "cannot open the database");
	sqlite3_extended_result_codes(db->sqlite, 1);
	sqlite3_busy_timeout(db->sqlite, BUSY_TIMEOUT_MS);
	return OK;
}

static FALLIBLE configure(struct db *db, enum db_mode mode)
{
	if (mode == DB_READER)
		return db_script(db, "PRAGMA cache_size = -16000; PRAGMA query_only = on;");
	sqlite3_wal_autocheckpoint(db->sqlite, CHECKPOINT_PAGES);
	return db_script(db,
			 "PRAGMA journal_mode = wal;"
			 "PRAGMA synchronous = full;"
			 "PRAGMA foreign_keys = on;"
			 "PRAGMA journal_size_limit = 134217728;"
			 "PRAGMA secure_delete = on;"
			 "PRAGMA cache_size = -64000;");
}

/* --- versions --- */

static FALLIBLE read_pragma(struct db *db, const char *sql, int64_t *out_value)
{
	AUTO(query_end) struct query *q = db_query(db, sql);

	TRY(query_get(q, "answer to a pragma"));
	*out_value = query_int(q, 0);
	return OK;
}

static int64_t newest_version(const struct db_schema *schema)
{
	int64_t version = 0;

	while (schema->steps[version])
		version++;
	return version;
}

static FALLIBLE check_identity(struct db *db, const struct db_schema *schema, int64_t *out_version)
{
	int64_t id, newest = newest_version(schema);

	TRY_DOING(read_pragma(db, "PRAGMA application_id", &id), "cannot open %s", db->path);
	TRY_DOING(read_pragma(db, "PRAGMA user_version", out_version), "cannot open %s", db->path);
	if (*out_version == 0 && id == 0)
		return OK;
	if (id != schema->application_id)
		return FAIL(ST_USAGE, 0, "%s is a database, but not %s", db->path, schema->name);
	if (*out_version > newest)
		return FAIL(ST_USAGE, 0,
			    "%s has version %lld of %s; this program knows up to %lld", db->path,
			    (long long)*out_version, schema->name, (long long)newest);
	return OK;
}

static FALLIBLE migrate_body(struct db *db, void *arg)
{
	const struct db_schema *schema = arg;
	int64_t version = 0, newest = newest_version(schema);

	/* Again, now that nobody else can be migrating it. */
	TRY(check_identity(db, schema, &version));
	for (; version < newest; version++)
		TRY_DOING(db_script(db, schema->steps[version]), "cannot make version %lld of %s",
			  (long long)version + 1, schema->name);
	AUTO(mem_free) char *mark = mem_printf("PRAGMA application_id = %u; PRAGMA user_version = %lld",
					       schema->application_id, (long long)newest);
	return db_script(db, mark);
}

static FALLIBLE bring_up_to_date(struct db *db, const struct db_schema *schema, enum db_mode mode)
{
	int64_t version;

	TRY(check_identity(db, schema, &version));
	if (version == newest_version(schema))
		return OK;
	if (mode == DB_READER)
		return FAIL(ST_USAGE, 0, "%s has not yet been brought to this version of %s",
			    db->path, schema->name);
	return db_atomically(db, migrate_body, (void *)schema);
}

FALLIBLE db_open(const char *path, const struct db_schema *schema, enum db_mode mode,
		 struct db **out_db)
{
	AUTO(db_close) struct db *db = mem_new(struct db);

	db->path = mem_strdup(path);
	db->lock = -1;
	TRY(connect_to(db, mode));
	TRY(configure(db, mode));
	TRY(bring_up_to_date(db, schema, mode));
	*out_db = TAKE(db);
	return OK;
}

void db_close(struct db **db)
{
	struct db *d = TAKE(*db);

	if (!d)
		return;
	db_drop_statements(d);
	sqlite3_close(d->sqlite);
	if (d->lock >= 0)
		close(d->lock);
	mem_free(&d->path);
	mem_free(&d);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

/* --- transactions --- */

FALLIBLE db_begin(struct db *db)
{
	/* Immediate: waiting for another writer happens here, where nothing is lost by it. */
	return db_run(db, "BEGIN IMMEDIATE");
}

FALLIBLE db_commit(struct db *db)
{
	struct status *failed = db_run(db, "COMMIT");

	if (failed)
		db_rollback(db);
	return failed;
}

void db_rollback(struct db *db)
{
	/* It cannot fail in a way that matters: what is not committed is gone in any case. */
	if (db_in_transaction(db))
		status_drop(db_run(db, "ROLLBACK"));
}

bool db_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->sqlite);
}

static FALLIBLE in_savepoint(struct db *db, FALLIBLE (*body)(struct db *, void *), void *arg)
{
	TRY(db_run(db, "SAVEPOINT part"));
	struct status *failed = body(db, arg);

	if (!failed)
		return db_run(db, "RELEASE part");
	if (db_in_transaction(db)) {
		status_drop(db_run(db, "ROLLBACK TO part"));
		status_drop(db_run(db, "RELEASE part"));
	}
	return failed;
}

FALLIBLE db_atomically(struct db *db, FALLIBLE (*body)(struct db *db, void *arg), void *arg)
{
	if (db_in_transaction(db))
		return in_savepoint(db, body, arg);
	TRY(db_begin(db));
	struct status *failed = body(db, arg);

	if (!failed)
		return db_commit(db);
	db_rollback(db);
	return failed;
}

/* --- care --- */

void db_give_back(struct db *db)
{
	sqlite3_db_release_memory(db->sqlite);
}

void db_rest(void *db)
{
	struct db *d = db;

	if (!d->asked)
		db_give_back(d);
	d->asked = false;
}

FALLIBLE db_check_integrity(struct db *db)
{
	AUTO(query_end) struct query *q = db_query(db, "PRAGMA quick_check(1)");

	TRY(query_get(q, "answer to a check"));
	if (strcmp(query_text(q, 0), "ok") != 0)
		return FAIL(ST_NEVER, 0, "%s is damaged: %s", db->path, query_text(q, 0));
	return OK;
}

FALLIBLE db_backup(struct db *db, const char *path)
{
	/* SQLite writes into a file that is there if it is empty: so the mode is ours. */
	TRY(file_create(path, 0600, bytes_none()));
	TRY_DOING(db_run(db, "VACUUM INTO ?", v_text(path)), "cannot copy %s to %s", db->path, path);
	return file_sync(path);
}

FALLIBLE db_limit_size(struct db *db, uint64_t octets)
{
	int64_t page_size;

	TRY(read_pragma(db, "PRAGMA page_size", &page_size));
	AUTO(mem_free) char *limit = mem_printf("PRAGMA max_page_count = %llu",
						(unsigned long long)(octets / (uint64_t)page_size));
	return db_script(db, limit);
}
