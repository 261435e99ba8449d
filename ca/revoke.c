/* SPDX-License-Identifier: Apache-2.0 */
/* What an authority takes back: revocations, and the lists that tell of them. */
#include "ca/authority.h"

#include "ca/approval.h"
#include "ca/journal.h"
#include "ca/rollover.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"

#include <strings.h>

static const char *const reason_names[] = {
	[REVOKED_UNSPECIFIED] = "unspecified",
	[REVOKED_KEY_COMPROMISE] = "key-compromise",
	[REVOKED_CA_COMPROMISE] = "ca-compromise",
	[REVOKED_AFFILIATION_CHANGED] = "affiliation-changed",
	[REVOKED_SUPERSEDED] = "superseded",
	[REVOKED_CESSATION] = "cessation",
	[REVOKED_HOLD] = "hold",
	[REVOKED_PRIVILEGE_WITHDRAWN] = "privilege-withdrawn",
	[REVOKED_AA_COMPROMISE] = "aa-compromise",
};

const char *revocation_reason_name(enum revocation_reason reason)
{
	return reason_names[reason];
}

FALLIBLE revocation_reason_from_text(const char *text, enum revocation_reason *out_reason)
{
	for (size_t i = 0; i < sizeof reason_names / sizeof *reason_names; i++) {
		if (reason_names[i] && !strcasecmp(reason_names[i], text)) {
			*out_reason = (enum revocation_reason)i;
			return OK;
		}
	}
	return FAIL(ST_USAGE, 0, "\"%s\" is no reason for a revocation: see --help", text);
}

struct revoking {
	struct authority *ca;
	struct bytes serial;
	enum revocation_reason reason;
	time_t invalid_since, now;
};

/* The next list is due at once. */
static FALLIBLE outdate_list(struct db *db)
{
	return db_run(db, "UPDATE crl SET outdated = 1 WHERE number = (SELECT max(number) FROM crl)");
}

static FALLIBLE find_revoked(struct db *db, struct bytes serial, const char *text,
			     struct query **out_query, bool *out_revoked, bool *out_held)
{
	*out_query = db_query(db, "SELECT revoked_at, subject, reason, scope FROM certificate "
			      "WHERE serial = ?",
			      v_octets(serial));
	TRY(query_get(*out_query, "certificate of this authority with the serial number %s", text));
	*out_revoked = query_int(*out_query, 0);
	*out_held = *out_revoked && query_int(*out_query, 2) == REVOKED_HOLD;
	return OK;
}

/* A suspension helps at once, and is taken back as easily. */
static bool needs_approval(const struct revoking *r, enum scope scope)
{
	return r->reason == REVOKED_CA_COMPROMISE || (scope == SCOPE_CA && r->reason != REVOKED_HOLD);
}

/* One that is suspended may be revoked for good: since it was suspended. */
static FALLIBLE revoke_in_transaction(struct db *db, void *arg)
{
	const struct revoking *r = arg;
	AUTO(mem_free) char *text = bytes_hex(r->serial);
	AUTO(query_end) struct query *q = NULL;
	bool revoked = false, held = false;

	TRY(find_revoked(db, r->serial, text, &q, &revoked, &held));
	if (held && r->reason == REVOKED_HOLD)
		return FAIL(ST_USAGE, 0, "the certificate %s is suspended already", text);
	if (revoked && !held)
		return FAIL(ST_USAGE, 0, "the certificate %s is revoked already", text);

	if (needs_approval(r, (enum scope)query_int(q, 3)))
		TRY(approval_spend(r->ca, r->now));

	json_t *facts = json_pack("{s:s, s:s, s:s, s:s*}", "serial", text, "subject", query_text(q, 1),
				  "reason", revocation_reason_name(r->reason), "invalid_since",
				  r->invalid_since ? time_rfc3339(r->invalid_since).s : NULL);

	query_end(&q);
	TRY(journal_add(r->ca, r->now, r->reason == REVOKED_HOLD ? "suspend" : "revoke", facts));
	TRY(db_run(db, "UPDATE certificate SET revoked_at = coalesce(revoked_at, ?), reason = ?, "
		   "invalid_since = nullif(?, 0) WHERE serial = ?", v_int(r->now), v_int(r->reason),
		   v_int(r->invalid_since), v_octets(r->serial)));
	return outdate_list(db);
}

FALLIBLE authority_revoke_since(struct authority *ca, struct bytes serial,
				enum revocation_reason reason, time_t invalid_since, time_t now)
{
	struct revoking revoking = { ca, serial, reason, invalid_since, now };

	return db_atomically(ca->db, revoke_in_transaction, &revoking);
}

FALLIBLE authority_revoke(struct authority *ca, struct bytes serial, enum revocation_reason reason,
			  time_t now)
{
	return authority_revoke_since(ca, serial, reason, 0, now);
}

static FALLIBLE release_in_transaction(struct db *db, void *arg)
{
	const struct revoking *r = arg;
	AUTO(mem_free) char *text = bytes_hex(r->serial);
	AUTO(query_end) struct query *q = NULL;
	bool revoked = false, held = false;

	TRY(find_revoked(db, r->serial, text, &q, &revoked, &held));
	if (!held)
		return FAIL(ST_USAGE, 0, revoked ? "the certificate %s is revoked for good" :
			    "the certificate %s is not suspended", text);

	if (query_int(q, 3) == SCOPE_CA)
		TRY(approval_spend(r->ca, r->now));

	json_t *facts = json_pack("{s:s, s:s}", "serial", text, "subject", query_text(q, 1));

	query_end(&q);
	TRY(journal_add(r->ca, r->now, "release", facts));
	TRY(db_run(db, "UPDATE certificate SET revoked_at = NULL, reason = NULL, invalid_since = NULL "
		   "WHERE serial = ?", v_octets(r->serial)));
	return outdate_list(db);
}

FALLIBLE authority_release(struct authority *ca, struct bytes serial, time_t now)
{
	struct revoking releasing = { .ca = ca, .serial = serial, .now = now };

	return db_atomically(ca->db, release_in_transaction, &releasing);
}

struct revocations {
	struct revocation *list;
	size_t count;
	struct buf serials;	/* SERIAL_OCTETS each */
};

static void revocations_free(struct revocations *r)
{
	mem_free(&r->list);
	buf_free(&r->serials);
}

static FALLIBLE revocations_load(struct db *db, struct revocations *r)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT serial, revoked_at, reason, invalid_since FROM certificate "
		"WHERE revoked_at IS NOT NULL "
		"UNION ALL SELECT serial, revoked_at, reason, NULL FROM lost ORDER BY revoked_at");

	while (query_next(q)) {
		r->list = mem_grow(r->list, r->count + 1, sizeof *r->list);
		buf_put(&r->serials, query_octets(q, 0));
		r->list[r->count++] = (struct revocation){
			.when = query_int(q, 1),
			.reason = (enum revocation_reason)query_int(q, 2),
			.invalid_since = query_int(q, 3),
		};
	}
	for (size_t i = 0; i < r->count; i++)
		r->list[i].serial = bytes_slice(buf_view(&r->serials), i * SERIAL_OCTETS,
						SERIAL_OCTETS);
	return query_check(q);
}

struct listing {
	struct authority *ca;
	time_t now, next;
	const struct crl *crl;
};

/* In one transaction: no two lists have one number, and none misses a revocation before it. */
static FALLIBLE list_in_transaction(struct db *db, void *arg)
{
	struct listing *l = arg;
	AUTO(revocations_free) struct revocations revoked = { 0 };
	AUTO(query_end) struct query *q = db_query(db, "SELECT coalesce(max(number), 0) + 1 FROM crl");
	struct crl_plan plan = { .this_update = l->now, .next_update = l->next };

	TRY(query_get(q, "number for a revocation list"));
	plan.number = (uint64_t)query_int(q, 0);
	TRY(revocations_load(db, &revoked));
	plan.revoked = revoked.list;
	plan.count = revoked.count;
	TRY(crl_issue(l->ca->cert, l->ca->key, &plan, &l->crl));
	TRY(db_run(db, "INSERT INTO crl (number, this_update, next_update, der) VALUES (?, ?, ?, ?)",
		   v_int((int64_t)plan.number), v_int(l->now), v_int(l->next),
		   v_octets(l->crl->der)));
	TRY(rollover_lists(l->ca, &plan));
	return journal_add(l->ca, l->now, "crl", json_pack(
		"{s:I, s:I, s:s}", "number", (json_int_t)plan.number, "revoked",
		(json_int_t)plan.count, "next_update", time_rfc3339(l->next).s));
}

FALLIBLE authority_list(struct authority *ca, time_t now, time_t next, const struct crl **out_crl)
{
	struct listing l = { ca, now, next, NULL };
	struct status *st = db_atomically(ca->db, list_in_transaction, &l);

	if (st)
		crl_free(&l.crl);
	*out_crl = l.crl;
	return st;
}

FALLIBLE authority_lists(struct authority *ca, struct crl_list *out_lists)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der, 0 AS age FROM crl WHERE number = (SELECT max(number) FROM crl) "
		"UNION ALL SELECT der, -generation FROM old_crl "
		"WHERE number = (SELECT max(number) FROM crl) ORDER BY age DESC");

	while (query_next(q)) {
		AUTO(crl_free) const struct crl *crl = NULL;

		TRY(crl_decode(query_octets(q, 0), &crl));
		crl_list_add(out_lists, crl);
	}
	return query_check(q);
}

FALLIBLE authority_list_due(struct authority *ca, time_t now, time_t interval, bool in_directory,
			    bool *out_due)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT this_update, next_update, outdated, published FROM crl ORDER BY number DESC LIMIT 1");
	bool any = query_next(q);

	*out_due = !any || query_int(q, 2) || now >= query_int(q, 0) + interval ||
		   now >= query_int(q, 1) || (in_directory && !query_int(q, 3));
	return query_check(q);
}

FALLIBLE authority_list_published(struct authority *ca, uint64_t number)
{
	return db_run(ca->db, "UPDATE crl SET published = 1 WHERE number = ?", v_int((int64_t)number));
}
