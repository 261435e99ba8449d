/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups of an authority, restored: everything is done to a copy of the backup's database, which
 * then takes its place.
 */
#include "ca/backup.h"

#include "asn1/dn.h"
#include "ca/authority.h"
#include "ca/rollover.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_OCTETS = 1024 * 1024 * 1024 };

#define RESTORING "ca.db.restoring"

static bool is_there(const char *folder, const char *name)
{
	AUTO(mem_free) char *path = mem_printf("%s/%s", folder, name);

	return access(path, F_OK) == 0;
}

static FALLIBLE remove_restoring(const char *authority)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		AUTO(mem_free) char *path = mem_printf("%s/" RESTORING "%s", authority, ends[i]);

		if (unlink(path) && errno != ENOENT)
			return status_errno(errno, "cannot remove %s", path);
	}
	return OK;
}

/* What the authority's folder lacks comes from the backup; what is there stays. */
static FALLIBLE copy_missing(const struct restore_plan *plan, const char *name, mode_t mode)
{
	AUTO(mem_free) char *from = mem_printf("%s/%s", plan->folder, name);
	AUTO(mem_free) char *to = mem_printf("%s/%s", plan->authority, name);
	AUTO(buf_free) struct buf octets = { 0 };

	if (is_there(plan->authority, name) || !is_there(plan->folder, name))
		return OK;
	TRY(file_read(from, FILE_MAX_OCTETS, &octets, NULL));
	return file_create(to, mode, buf_view(&octets));
}

static FALLIBLE copy_db(const struct restore_plan *plan)
{
	AUTO(mem_free) char *from = mem_printf("%s/ca.db", plan->folder);
	AUTO(mem_free) char *to = mem_printf("%s/" RESTORING, plan->authority);
	AUTO(buf_free) struct buf octets = { 0 };

	if (mkdir(plan->authority, 0700) && errno != EEXIST)
		return status_errno(errno, "cannot make the directory %s", plan->authority);
	TRY(remove_restoring(plan->authority));
	TRY_DOING(file_read(from, FILE_MAX_OCTETS, &octets, NULL), "there is no backup in %s",
		  plan->folder);
	return file_create(to, 0600, buf_view(&octets));
}

/* --- the one that is there, if any --- */

static FALLIBLE check_older(const struct restore_plan *plan, const struct journal_head *head)
{
	AUTO(mem_free) char *path = mem_printf("%s/ca.db", plan->authority);
	AUTO(db_close) struct db *db = NULL;
	struct journal_head there = { 0 };

	if (!is_there(plan->authority, "ca.db"))
		return OK;

	/* One that cannot be read is why there are backups. */
	AUTO(status_free) struct status *damaged = db_open(path, &authority_schema, DB_SHARED, &db);

	if (!damaged)
		damaged = db_check_integrity(db);
	if (!damaged)
		damaged = journal_head(db, &there);
	if (!damaged && there.number >= head->number)
		return FAIL(ST_REFUSED, 0, "the authority in %s is whole, and its journal has %lld entries, "
			    "that of the backup %lld: move its ca.db away if it has to be given up",
			    plan->authority, (long long)there.number, (long long)head->number);
	return OK;
}

/* --- what was published since --- */

/* Whether one of the authority's keys signed it: anybody may have put it there. */
static FALLIBLE is_ours(struct authority *ca, const struct crl *crl, bool *out_ours)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT old FROM generation");
	AUTO(status_free) struct status *not = crl_check_signed(crl, ca->cert);

	*out_ours = !not;
	while (!*out_ours && query_next(q)) {
		AUTO(cert_free) const struct cert *old = NULL;

		TRY(cert_decode(query_octets(q, 0), &old));
		AUTO(status_free) struct status *neither = crl_check_signed(crl, old);
		*out_ours = !neither;
	}
	return query_check(q);
}

static FALLIBLE merge_entry(struct db *db, struct bytes serial, time_t when, int reason,
			    struct restored *out)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT revoked_at IS NOT NULL, reason FROM certificate WHERE serial = ?1 "
		"UNION ALL SELECT 1, reason FROM lost WHERE serial = ?1", v_octets(serial));
	bool known = query_next(q), revoked = known && query_int(q, 0);
	/* What was suspended then may be revoked for good since. */
	bool held = revoked && query_int(q, 1) == REVOKED_HOLD;

	TRY(query_check(q));
	if (revoked && (!held || reason == REVOKED_HOLD))
		return OK;
	out->revocations++;
	if (known)
		return db_run(db, "UPDATE certificate SET revoked_at = ?, reason = ? WHERE serial = ?",
			      v_int(when), v_int(reason), v_octets(serial));
	if (serial.len != SERIAL_OCTETS)
		return FAIL(ST_REFUSED, 0, "a published list has a serial number that this authority "
			    "cannot have given");
	/* Issued after the backup: all that is left of it is that it was revoked. */
	return db_run(db, "INSERT INTO lost (serial, revoked_at, reason) VALUES (?, ?, ?)",
		      v_octets(serial), v_int(when), v_int(reason));
}

static FALLIBLE merge_list(struct authority *ca, const struct crl *crl, struct restored *out)
{
	for (size_t i = 0; i < crl->revoked_count; i++) {
		AUTO(buf_free) struct buf serial = { 0 };
		time_t when;
		int reason;

		TRY(crl_nth(crl, i, &serial, &when, &reason));
		TRY(merge_entry(ca->db, buf_view(&serial), when, reason, out));
	}
	if (crl->number > out->list)
		out->list = crl->number;
	return db_run(ca->db, "INSERT OR IGNORE INTO crl (number, this_update, next_update, der) "
		      "VALUES (?, ?, ?, ?)", v_int((int64_t)crl->number), v_int(crl->this_update),
		      v_int(crl->next_update), v_octets(crl->der));
}

static FALLIBLE merge_published(struct authority *ca, struct directory *dir, struct restored *out)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry = { 0 };
	struct status *st = directory_get(dir, ca->cert->subject_text, arena, &entry);

	if (st && st->kind == ST_NOT_FOUND) {	/* nothing was ever published */
		status_free(&st);
		return OK;
	}
	TRY(st);
	for (size_t i = 0; i < entry.values[DIRECTORY_CRL].count; i++) {
		AUTO(crl_free) const struct crl *crl = NULL;
		AUTO(status_free) struct status *junk =
			crl_decode(entry.values[DIRECTORY_CRL].list[i], &crl);
		bool ours = false;

		if (!junk)
			TRY(is_ours(ca, crl, &ours));
		if (ours)
			TRY(merge_list(ca, crl, out));
	}
	return OK;
}

/* --- the copy --- */

struct merging {
	const struct restore_plan *plan;
	struct authority *ca;
	struct restored *out;
};

static FALLIBLE merge_in_transaction(struct db *db, void *arg)
{
	const struct merging *m = arg;
	char head[JOURNAL_HEAD_TEXT];

	(void)db;
	if (m->plan->dir)
		TRY_DOING(merge_published(m->ca, m->plan->dir, m->out), "what was revoked since the "
			  "backup is not known");
	journal_head_text(&m->out->head, head);
	return journal_add(m->ca, m->plan->now, "restore", json_pack(
		"{s:s, s:s, s:b, s:I, s:I}", "folder", m->plan->folder, "head", head,
		"directory_asked", m->plan->dir != NULL, "revocations", (json_int_t)m->out->revocations,
		"published_list", (json_int_t)m->out->list));
}

static FALLIBLE prepare(const struct restore_plan *plan, struct restored *out)
{
	const struct journal_head unknown = { 0 };
	AUTO(authority_free) struct authority *ca = NULL;

	TRY(authority_open_db(plan->authority, RESTORING, plan->opening, &ca));
	TRY(db_check_integrity(ca->db));
	ca->as = plan->as;

	struct journal_source source = { .db = ca->db };
	struct merging merging = { plan, ca, out };

	TRY_DOING(journal_verify(&source, ca->cert, &unknown, &out->head),
		  "the backup in %s is not what was saved", plan->folder);
	TRY(check_older(plan, &out->head));
	return db_atomically(ca->db, merge_in_transaction, &merging);
}

/* The log of the one before must not be taken for one of the new: it goes first. */
static FALLIBLE put_in_place(const struct restore_plan *plan)
{
	AUTO(mem_free) char *from = mem_printf("%s/" RESTORING, plan->authority);
	AUTO(mem_free) char *to = mem_printf("%s/ca.db", plan->authority);
	static const char *const ends[] = { "-wal", "-shm", "" };

	if (is_there(plan->authority, RESTORING "-wal"))
		return FAIL(ST_LATER, 0, "%s is still open elsewhere", from);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		AUTO(mem_free) char *old = mem_printf("%s%s", to, ends[i]);
		AUTO(mem_free) char *away = mem_printf("%s.before%s", to, ends[i]);

		if (rename(old, away) && errno != ENOENT)
			return status_errno(errno, "cannot move %s away", old);
	}
	return file_move(from, to);
}

FALLIBLE authority_restore(const struct restore_plan *plan, struct restored *out_restored)
{
	*out_restored = (struct restored){ 0 };
	TRY(copy_db(plan));
	TRY(copy_missing(plan, "ca.pem", 0644));
	TRY(copy_missing(plan, "ca.key", 0600));

	struct status *st = prepare(plan, out_restored);

	if (!st && !plan->dry)
		st = put_in_place(plan);
	if (st || plan->dry) {
		struct status *left = remove_restoring(plan->authority);

		if (!st)
			return left;
		status_drop(left);
	}
	return st;
}
