/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/holder.h"

#include "asn1/dn.h"
#include "ca/records.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"

void holding_cleanup(struct holding *holding)
{
	buf_free(&holding->same);
	buf_free(&holding->earlier);
}

/* --- names of authorities --- */

static FALLIBLE check_not_an_authority(struct authority *ca, const struct applicant *a)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT issuer FROM received");
	bool is_authority = false;

	if (dn_equal(a->name, ca->cert->subject))
		return FAIL(ST_REFUSED, 0, "%s is the name of this authority itself", a->name_text);
	while (query_next(q))
		is_authority |= dn_text_equal(query_text(q, 0), a->name_text);
	TRY(query_check(q));
	if (is_authority)
		return FAIL(ST_REFUSED, 0, "%s is the name of an authority that certifies this one",
			    a->name_text);
	return OK;
}

/* --- the key --- */

static bool is_for_ever_bad(enum revocation_reason reason)
{
	return reason == REVOKED_KEY_COMPROMISE || reason == REVOKED_CA_COMPROMISE ||
	       reason == REVOKED_AA_COMPROMISE;
}

static FALLIBLE check_key_row(const struct applicant *a, struct query *q, time_t now,
			      struct bytes name_key, struct holding *out)
{
	time_t not_after = query_int(q, 3), revoked_at = query_int(q, 4);
	enum scope scope = (enum scope)query_int(q, 2);
	enum revocation_reason reason = (enum revocation_reason)query_int(q, 5);
	AUTO(mem_free) char *serial = bytes_hex(query_octets(q, 0));

	if (revoked_at && is_for_ever_bad(reason))
		return FAIL(ST_REFUSED, 0, "the key of this request was revoked as compromised, with the "
			    "certificate %s: a new key has to be made", serial);
	if (revoked_at && reason == REVOKED_HOLD)
		return FAIL(ST_REFUSED, 0, "the certificate %s for this key is suspended: release or "
			    "revoke it first", serial);
	if (revoked_at || not_after < now)
		return OK;
	if (!bytes_equal(query_octets(q, 6), name_key))
		return FAIL(ST_REFUSED, 0, "the key of this request is certified already, for %s (%s)",
			    query_text(q, 1), serial);
	if (scope != a->scope)
		return FAIL(ST_REFUSED, 0, "the key of this request is certified already, as %s (%s): "
			    "another use needs another key", scope_name(scope), serial);
	buf_clear(&out->same);
	buf_put(&out->same, query_octets(q, 0));
	return OK;
}

static FALLIBLE check_key(struct authority *ca, const struct applicant *a, time_t now,
			  struct bytes name_key, struct holding *out)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT serial, subject, scope, not_after, revoked_at, reason, name_key "
		"FROM certificate WHERE key_id = ? ORDER BY id", v_octets(public_key_id(a->key)));

	while (query_next(q))
		TRY(check_key_row(a, q, now, name_key, out));
	return query_check(q);
}

/* --- the name --- */

static FALLIBLE check_name_row(const struct applicant *a, struct query *q, struct holding *out)
{
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(mem_free) char *serial = bytes_hex(query_octets(q, 0));

	if (query_int(q, 1) != ISSUED_USER)
		return FAIL(ST_REFUSED, 0, "%s is the name of an authority, which has the certificate %s",
			    a->name_text, serial);
	if (query_int(q, 4))
		return FAIL(ST_REFUSED, 0, "the certificate %s of %s is suspended: release or revoke it "
			    "first", serial, a->name_text);
	if (!a->is_holder)
		return FAIL(ST_REFUSED, 0, "%s has the certificate %s for another key, until %s: if it is "
			    "the same holder who asks, say so with --rekey", a->name_text, serial,
			    time_text(query_int(q, 3)).s);
	if ((enum scope)query_int(q, 2) != a->scope)
		return OK;
	TRY(cert_decode(query_octets(q, 5), &cert));
	/* A key that is only sealed for does not come after one that signs, but beside it. */
	if (cert->signs == (public_key_type(a->key) != KEY_X25519)) {
		buf_clear(&out->earlier);
		buf_put(&out->earlier, query_octets(q, 0));
	}
	return OK;
}

static FALLIBLE check_name(struct authority *ca, const struct applicant *a, time_t now,
			   struct bytes name_key, struct holding *out)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT serial, kind, scope, not_after, revoked_at, der FROM certificate "
		"WHERE name_key = ? AND key_id <> ? AND not_after >= ? "
		"AND (revoked_at IS NULL OR reason = ?) ORDER BY id",
		v_octets(name_key), v_octets(public_key_id(a->key)), v_int(now), v_int(REVOKED_HOLD));

	while (query_next(q))
		TRY(check_name_row(a, q, out));
	return query_check(q);
}

/* --- the address --- */

static FALLIBLE check_address(struct authority *ca, const struct applicant *a, time_t now,
			      struct bytes name_key)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *key = NULL;

	TRY(or_address_key(a->or_address, arena, &key));
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT serial, subject, or_address FROM certificate "
		"WHERE address_key = ? AND name_key <> ? AND not_after >= ? "
		"AND (revoked_at IS NULL OR reason = ?)",
		v_text(key), v_octets(name_key), v_int(now), v_int(REVOKED_HOLD));

	if (query_next(q)) {
		AUTO(mem_free) char *serial = bytes_hex(query_octets(q, 0));

		return FAIL(ST_REFUSED, 0, "the O/R address %s is that of %s, who has the certificate %s",
			    query_text(q, 2), query_text(q, 1), serial);
	}
	return query_check(q);
}

FALLIBLE holder_check(struct authority *ca, const struct applicant *applicant, time_t now,
		      struct holding *out_holding)
{
	AUTO(buf_free) struct buf name_key = { 0 };

	TRY(dn_key(applicant->name, &name_key));
	TRY(check_not_an_authority(ca, applicant));
	TRY(check_key(ca, applicant, now, buf_view(&name_key), out_holding));
	TRY(check_name(ca, applicant, now, buf_view(&name_key), out_holding));
	return check_address(ca, applicant, now, buf_view(&name_key));
}
