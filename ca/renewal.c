/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/renewal.h"

#include "ca/holder.h"
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"

static FALLIBLE check_renewable(const struct record *record)
{
	if (record->kind != ISSUED_USER)
		return FAIL(ST_USAGE, 0, "%s is an authority: it is certified anew, not renewed",
			    record->cert->subject_text);
	if (record_is_held(record))
		return FAIL(ST_REFUSED, 0, "the certificate %s is suspended: release it first",
			    record->cert->serial_text);
	if (record->revoked_at)
		return FAIL(ST_REFUSED, 0, "the certificate %s was revoked on %s: the holder enrols again",
			    record->cert->serial_text, time_text(record->revoked_at).s);
	return OK;
}

/* Which one of 1988 does not say. */
static FALLIBLE recorded_address(const struct record *old, struct arena *arena, struct buf *out_der)
{
	struct orname *address = NULL;

	TRY(orname_from_text(arena, old->or_address, &address));
	return oraddress_encode(address, out_der);
}

/* While it is good his name is his, also with other keys; after that it may be another's. */
static FALLIBLE check_holder(struct authority *ca, const struct record *old, time_t now)
{
	const struct cert *cert = old->cert;
	struct applicant applicant = { .name = cert->subject, .name_text = cert->subject_text,
				       .or_address = cert->or_address, .key = cert->key,
				       .scope = cert->scope, .is_holder = cert->not_after >= now };
	AUTO(holding_cleanup) struct holding holding = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf recorded = { 0 };

	if (cert->form_1989 && old->or_address) {
		TRY(recorded_address(old, arena, &recorded));
		applicant.or_address = buf_view(&recorded);
	}
	return holder_check(ca, &applicant, now, &holding);
}

static FALLIBLE plan_renewal(const struct renewal *renewal, const struct cert *old, struct cert_plan *out)
{
	const struct profile *profile = &renewal->profiles->of[old->scope];

	*out = (struct cert_plan){ .subject = old->subject, .or_address = old->or_address,
				   .key = old->key, .scope = old->scope, .not_before = renewal->now,
				   .signs_only = !profile->seals, .policies = &profile->policies };
	TRY(profile_check_key(renewal->profiles, old->scope, public_key_type(old->key)));
	return profile_end(renewal->profiles, old->scope, renewal->days, renewal->now, &out->not_after);
}

struct issuing {
	struct authority *ca;
	const struct renewal *renewal;
	const struct record *old;
	const struct cert *cert;
};

static FALLIBLE issue_in_transaction(struct db *db, void *arg)
{
	struct issuing *i = arg;
	time_t now = i->renewal->now;
	struct cert_plan plan;

	(void)db;
	TRY(check_renewable(i->old));
	TRY(plan_renewal(i->renewal, i->old->cert, &plan));
	TRY(check_holder(i->ca, i->old, now));
	TRY(authority_issue(i->ca, &plan, ISSUED_USER, i->old->or_address, now, &i->cert));
	return i->renewal->supersede ?
		authority_revoke(i->ca, i->old->cert->serial, REVOKED_SUPERSEDED, now) : OK;
}

FALLIBLE renewal_issue(struct authority *ca, const struct renewal *renewal, const struct record *old,
		       const struct cert **out_cert)
{
	struct issuing issuing = { ca, renewal, old, NULL };
	struct status *st = db_atomically(ca->db, issue_in_transaction, &issuing);

	if (st)
		cert_free(&issuing.cert);
	*out_cert = issuing.cert;
	return st;
}
