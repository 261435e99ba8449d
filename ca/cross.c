/* SPDX-License-Identifier: Apache-2.0 */
/* Other authorities: whom this one certifies, who certifies it, and how that ends. */
#include "ca/authority.h"

#include "asn1/dn.h"
#include "ca/journal.h"
#include "lib/base/memory.h"

FALLIBLE authority_certify(struct authority *ca, const struct cert *other,
			   const struct cert_limits *limits, time_t now, time_t until,
			   const struct cert **out_cert)
{
	struct cert_plan plan = { .subject = other->subject, .key = other->key, .scope = SCOPE_CA,
				  .limits = limits, .not_before = now, .not_after = until };

	TRY(cert_check_scope(other, SCOPE_CA));
	TRY(cert_check_dates(other, now));
	if (dn_equal(other->subject, ca->cert->subject))
		return FAIL(ST_USAGE, 0, "%s is this authority itself", other->subject_text);
	/* Not past what either side says of itself. */
	if (plan.not_after > other->not_after)
		plan.not_after = other->not_after;
	if (plan.not_after > ca->cert->not_after)
		plan.not_after = ca->cert->not_after;
	return authority_issue(ca, &plan, ISSUED_CROSS, NULL, now, out_cert);
}

/* --- what others say of this one --- */

struct receiving {
	struct authority *ca;
	const struct cert *cert;
	time_t now;
};

static FALLIBLE receive_in_transaction(struct db *db, void *arg)
{
	const struct receiving *r = arg;
	AUTO(mem_free) char *fingerprint = bytes_hex(r->cert->fingerprint);

	TRY(db_run(db, "INSERT OR REPLACE INTO received (issuer, der) VALUES (?, ?)",
		   v_text(r->cert->issuer_text), v_octets(r->cert->der)));
	return journal_add(r->ca, r->now, "receive", json_pack(
		"{s:s, s:s, s:s}", "issuer", r->cert->issuer_text, "serial", r->cert->serial_text,
		"fingerprint", fingerprint));
}

FALLIBLE authority_receive(struct authority *ca, const struct cert *cert, time_t now)
{
	struct receiving receiving = { ca, cert, now };

	if (!bytes_equal(cert->subject, ca->cert->subject) ||
	    !bytes_equal(public_key_id(cert->key), public_key_id(ca->cert->key)))
		return FAIL(ST_REFUSED, 0, "the cross-certificate is for %s with another key than "
			    "that of %s", cert->subject_text, ca->cert->subject_text);
	if (dn_equal(cert->issuer, ca->cert->subject))
		return FAIL(ST_USAGE, 0, "%s is this authority itself", cert->issuer_text);
	TRY(cert_check_scope(cert, SCOPE_CA));
	TRY(cert_check_dates(cert, now));
	return db_atomically(ca->db, receive_in_transaction, &receiving);
}

/* --- the end of it --- */

/* As it is spelled where it is recorded. */
static FALLIBLE find_other(struct db *db, const char *name, char **out_recorded)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT issuer FROM received UNION SELECT subject FROM certificate WHERE kind = ?",
		v_int(ISSUED_CROSS));

	while (query_next(q)) {
		if (dn_text_equal(query_text(q, 0), name)) {
			*out_recorded = mem_strdup(query_text(q, 0));
			return OK;
		}
	}
	TRY(query_check(q));
	return FAIL(ST_NOT_FOUND, 0, "%s and this authority do not certify each other", name);
}

struct withdrawing {
	struct authority *ca;
	const char *name;
	enum revocation_reason reason;
	time_t now;
	struct withdrawn *withdrawn;
};

static FALLIBLE revoke_next(const struct withdrawing *w, bool *out_found)
{
	AUTO(query_end) struct query *q = db_query(w->ca->db,
		"SELECT serial FROM certificate WHERE subject = ? AND kind = ? AND revoked_at IS NULL "
		"AND not_after > ? LIMIT 1", v_text(w->name), v_int(ISSUED_CROSS), v_int(w->now));
	AUTO(buf_free) struct buf serial = { 0 };

	*out_found = query_next(q);
	TRY(query_check(q));
	if (!*out_found)
		return OK;
	buf_put(&serial, query_octets(q, 0));
	query_end(&q);
	w->withdrawn->revoked++;
	return authority_revoke(w->ca, buf_view(&serial), w->reason, w->now);
}

static FALLIBLE withdraw_in_transaction(struct db *db, void *arg)
{
	const struct withdrawing *w = arg;
	bool found;

	do {
		TRY(revoke_next(w, &found));
	} while (found);
	TRY(db_run(db, "DELETE FROM received WHERE issuer = ?", v_text(w->name)));
	w->withdrawn->forgotten = db_changes(db) > 0;
	if (!w->withdrawn->revoked && !w->withdrawn->forgotten)
		return FAIL(ST_NOT_FOUND, 0, "%s and this authority do not certify each other", w->name);
	return journal_add(w->ca, w->now, "withdraw", json_pack(
		"{s:s, s:s, s:I, s:b}", "authority", w->name,
		"reason", revocation_reason_name(w->reason),
		"revoked", (json_int_t)w->withdrawn->revoked, "forgotten", w->withdrawn->forgotten));
}

FALLIBLE authority_withdraw(struct authority *ca, const char *name, enum revocation_reason reason,
			    time_t now, struct withdrawn *out_withdrawn)
{
	AUTO(mem_free) char *recorded = NULL;

	*out_withdrawn = (struct withdrawn){ 0 };
	TRY(find_other(ca->db, name, &recorded));

	struct withdrawing withdrawing = { ca, recorded, reason, now, out_withdrawn };

	return db_atomically(ca->db, withdraw_in_transaction, &withdrawing);
}
