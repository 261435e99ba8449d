/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/staging.h"

#include "ca/authority.h"
#include "ca/rollover.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_OCTETS = 1024 * 1024 * 1024 };

/* --- clearing --- */

static bool is_itself(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static void close_folder(DIR **folder)
{
	if (*folder)
		closedir(*folder);
}

static FALLIBLE clear(const char *path)
{
	AUTO(close_folder) DIR *folder = opendir(path);

	if (!folder)
		return errno == ENOENT ? OK : status_errno(errno, "cannot look into %s", path);
	for (const struct dirent *file; (file = readdir(folder));)
		if (!is_itself(file->d_name) && unlinkat(dirfd(folder), file->d_name, 0))
			return status_errno(errno, "cannot remove %s/%s", path, file->d_name);
	return rmdir(path) ? status_errno(errno, "cannot remove %s", path) : OK;
}

FALLIBLE staging_remove(struct staging *staging)
{
	AUTO(mem_free) char *path = TAKE(staging->path);

	TRY(clear(path));
	/* It stays where something is in it by now. */
	if (staging->made && rmdir(staging->authority) && errno != ENOTEMPTY && errno != EEXIST)
		return status_errno(errno, "cannot remove %s", staging->authority);
	return OK;
}

/* --- filling --- */

static FALLIBLE make_folder(const char *path, bool *out_made)
{
	*out_made = !mkdir(path, 0700);
	if (!*out_made && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", path);
	return OK;
}

static FALLIBLE copy(const char *from, const char *to, mode_t mode)
{
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(file_read(from, FILE_MAX_OCTETS, &octets, NULL));
	return file_create(to, mode, buf_view(&octets));
}

static FALLIBLE copy_db(const struct staging *staging, const char *backup)
{
	AUTO(mem_free) char *from = mem_printf("%s/ca.db", backup);
	AUTO(mem_free) char *to = mem_printf("%s/ca.db", staging->path);

	TRY_DOING(copy(from, to, 0600), "there is no backup in %s", backup);
	return OK;
}

static FALLIBLE read_generation(struct staging *staging)
{
	AUTO(mem_free) char *path = mem_printf("%s/ca.db", staging->path);
	AUTO(cert_free) const struct cert *own = NULL;
	AUTO(db_close) struct db *db = NULL;

	TRY(db_open(path, &authority_schema, DB_SHARED, &db));
	return generation_current(db, &staging->generation, &own);
}

static FALLIBLE copy_either(const char *theirs, const char *backed_up, const char *to, mode_t mode)
{
	if (access(theirs, F_OK) == 0)
		return copy(theirs, to, mode);
	if (access(backed_up, F_OK) == 0)
		return copy(backed_up, to, mode);
	return OK;	/* an old key may be destroyed; a missing one is missed when it is needed */
}

static FALLIBLE copy_cert(const struct staging *staging, const char *backup)
{
	AUTO(mem_free) char *there = mem_printf("%s/ca.pem", staging->authority);
	AUTO(mem_free) char *backed_up = mem_printf("%s/ca.pem", backup);
	AUTO(mem_free) char *to = mem_printf("%s/ca.pem", staging->path);

	return copy_either(there, backed_up, to, 0644);
}

static FALLIBLE copy_keys(const struct staging *staging, const char *backup)
{
	for (int64_t n = 1; n <= staging->generation; n++) {
		AUTO(mem_free) char *there = generation_key_path(staging->authority, n);
		AUTO(mem_free) char *backed_up = generation_key_path(backup, n);
		AUTO(mem_free) char *to = generation_key_path(staging->path, n);

		TRY(copy_either(there, backed_up, to, 0600));
	}
	return OK;
}

/* Without the database that says which keys there are to be, the files tell. */
static FALLIBLE check_newest(const struct staging *staging)
{
	AUTO(mem_free) char *next = generation_key_path(staging->authority, staging->generation + 1);

	if (access(next, F_OK) == 0)
		return FAIL(ST_REFUSED, 0, "the backup was made before the authority got its new key, %s: "
			    "restore one from after it, or move the key away to give it up", next);
	return OK;
}

FALLIBLE staging_fill(struct staging *staging, const char *authority, const char *backup)
{
	bool made;

	*staging = (struct staging){ .authority = authority,
				     .path = mem_printf("%s/restoring", authority) };
	TRY(make_folder(authority, &staging->made));
	/* What a run that was killed has left. */
	TRY(clear(staging->path));
	TRY(make_folder(staging->path, &made));
	TRY(copy_db(staging, backup));
	TRY_DOING(read_generation(staging), "the backup in %s cannot be read", backup);
	TRY(check_newest(staging));
	TRY(copy_cert(staging, backup));
	return copy_keys(staging, backup);
}

/* --- in place --- */

static FALLIBLE move_missing(const char *from, const char *to)
{
	if (access(to, F_OK) == 0 || access(from, F_OK))
		return OK;
	return file_move(from, to);
}

/* The log of the one before must not be taken for one of the new: it goes first. */
static FALLIBLE move_db(const struct staging *staging)
{
	AUTO(mem_free) char *from = mem_printf("%s/ca.db", staging->path);
	AUTO(mem_free) char *log = mem_printf("%s-wal", from);
	AUTO(mem_free) char *to = mem_printf("%s/ca.db", staging->authority);
	static const char *const ends[] = { "-wal", "-shm", "" };

	if (access(log, F_OK) == 0)
		return FAIL(ST_LATER, 0, "%s is still open elsewhere", from);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		AUTO(mem_free) char *old = mem_printf("%s%s", to, ends[i]);
		AUTO(mem_free) char *away = mem_printf("%s.before%s", to, ends[i]);

		if (rename(old, away) && errno != ENOENT)
			return status_errno(errno, "cannot move %s away", old);
	}
	return file_move(from, to);
}

FALLIBLE staging_put_in_place(const struct staging *staging)
{
	AUTO(mem_free) char *from = mem_printf("%s/ca.pem", staging->path);
	AUTO(mem_free) char *to = mem_printf("%s/ca.pem", staging->authority);

	for (int64_t n = 1; n <= staging->generation; n++) {
		AUTO(mem_free) char *key_from = generation_key_path(staging->path, n);
		AUTO(mem_free) char *key_to = generation_key_path(staging->authority, n);

		TRY(move_missing(key_from, key_to));
	}
	TRY(move_missing(from, to));
	return move_db(staging);
}
