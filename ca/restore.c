/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups of an authority, restored: everything is done to a copy of the backup, which then takes
 * its place.
 */
#include "ca/backup.h"

#include "asn1/dn.h"
#include "ca/approval.h"
#include "ca/staging.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"

#include <unistd.h>

/* --- the one that is there, if any --- */

static FALLIBLE check_older(const struct restore_plan *plan, const struct journal_head *head)
{
	AUTO(mem_free) char *path = mem_printf("%s/ca.db", plan->authority);
	AUTO(db_close) struct db *db = NULL;
	struct journal_head there = { 0 };

	if (access(path, F_OK))
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
	int64_t voided;

	if (m->plan->dir)
		TRY_DOING(merge_published(m->ca, m->plan->dir, m->out), "what was revoked since the "
			  "backup is not known");
	/* It may have been carried out since. */
	TRY(approval_void_all(db, &voided));
	journal_head_text(&m->out->head, head);
	return journal_add(m->ca, m->plan->now, "restore", json_pack(
		"{s:s, s:s, s:b, s:I, s:I, s:I}", "folder", m->plan->folder, "head", head,
		"directory_asked", m->plan->dir != NULL, "revocations", (json_int_t)m->out->revocations,
		"published_list", (json_int_t)m->out->list, "pending_void",
		(json_int_t)voided));
}

static FALLIBLE prepare(const struct restore_plan *plan, const char *folder, struct restored *out)
{
	const struct journal_head unknown = { 0 };
	AUTO(authority_free) struct authority *ca = NULL;

	TRY(authority_open(folder, plan->opening, &ca));
	TRY(db_check_integrity(ca->db));
	ca->as = plan->as;

	struct journal_source source = { .db = ca->db };
	struct merging merging = { plan, ca, out };

	TRY_DOING(journal_verify(&source, ca->cert, &unknown, &out->head),
		  "the backup in %s is not what was saved", plan->folder);
	TRY(check_older(plan, &out->head));
	return db_atomically(ca->db, merge_in_transaction, &merging);
}

static FALLIBLE restore(const struct restore_plan *plan, struct staging *staging,
			struct restored *out)
{
	TRY(staging_fill(staging, plan->authority, plan->folder));
	TRY(prepare(plan, staging->path, out));
	return plan->dry ? OK : staging_put_in_place(staging);
}

FALLIBLE authority_restore(const struct restore_plan *plan, struct restored *out_restored)
{
	struct staging staging = { 0 };

	*out_restored = (struct restored){ 0 };

	struct status *st = restore(plan, &staging, out_restored);
	struct status *left = staging_remove(&staging);

	if (!st)
		return left;
	status_drop(left);
	return st;
}
