/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/admission.h"

#include "asn1/dn.h"
#include "ca/records.h"
#include "lib/base/memory.h"
#include "lib/mhs/enrol.h"
#include "lib/mhs/orname.h"
#include "lib/sec/jws.h"

void admission_cleanup(struct admission *admission)
{
	holding_cleanup(&admission->holding);
	buf_free(&admission->address_der);
}

/* --- what the request and the administrator say --- */

static FALLIBLE check_words(const struct cert_request *request, const struct wishes *wishes)
{
	if (wishes->words)
		TRY_DOING(spoken_check(request->fingerprint, wishes->words),
			  "this is not the request that the holder made");
	else if (wishes->needs_words)
		return FAIL(ST_REFUSED, 0, "nobody has read the words of this request, which are \"%s\": "
			    "say with --words what its holder reads to you", spoken_of(request->fingerprint).s);
	else if (wishes->rekey && !wishes->proof.len && !request->voucher)
		return FAIL(ST_REFUSED, 0, "a holder who asks for another key is known by his words, or by a "
			    "proof that his old key made: say with --words what he reads to you, or --proof");
	return OK;
}

/* One of the keys that he has a good certificate for, as what he asks for, made it. */
static FALLIBLE check_proof(struct authority *ca, const struct cert_request *request,
			    const struct wishes *wishes, enum scope scope, time_t now)
{
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(query_end) struct query *q = NULL;

	if (!wishes->proof.len)
		return OK;
	TRY(dn_key(request->subject, &name));
	q = db_query(ca->db, "SELECT der FROM certificate WHERE name_key = ? AND kind = ? AND scope = ? "
		     "AND revoked_at IS NULL AND not_after >= ?", v_octets(buf_view(&name)),
		     v_int(ISSUED_USER), v_int(scope), v_int(now));
	while (query_next(q)) {
		AUTO(cert_free) const struct cert *cert = NULL;

		TRY(cert_decode(query_octets(q, 0), &cert));
		if (jws_is_by(wishes->proof, cert->key))
			return request_proof_check(wishes->proof, cert->key, request->der);
	}
	TRY(query_check(q));
	return FAIL(ST_REFUSED, 0, "the proof was made by no key for which %s has a good certificate as %s",
		    request->subject_text, scope_name(scope));
}

/* [RFC 9883 4] the certificate is one that this authority issued to him who asks, as what he asks
 * for, and is good.  Of a request that he cannot sign it is what says that it is his. */
static FALLIBLE check_voucher(struct authority *ca, const struct cert_request *request, enum scope scope,
			      time_t now)
{
	const struct cert *voucher = request->voucher;

	if (!voucher)
		return OK;
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der FROM certificate WHERE serial = ? AND kind = ? AND scope = ? "
		"AND revoked_at IS NULL AND not_after >= ?",
		v_octets(voucher->serial), v_int(ISSUED_USER), v_int(scope), v_int(now));

	if (query_next(q) && bytes_equal(query_octets(q, 0), voucher->der))
		return OK;
	TRY(query_check(q));
	return FAIL(ST_REFUSED, 0, "the request was signed with a key for which %s has no good certificate "
		    "as %s from this authority", request->subject_text, scope_name(scope));
}

static FALLIBLE check_name(const struct cert_request *request, const struct wishes *wishes)
{
	if (wishes->name && !dn_text_equal(wishes->name, request->subject_text))
		return FAIL(ST_REFUSED, 0, "the request is from %s, not from %s",
			    request->subject_text, wishes->name);
	return OK;
}

static FALLIBLE decide_scope(const struct cert_request *request, const struct wishes *wishes,
			     enum scope *out_scope)
{
	*out_scope = request->scope;
	if (wishes->scope)
		TRY(scope_from_text(wishes->scope, out_scope));
	if (request->scope != SCOPE_NONE && *out_scope != request->scope)
		return FAIL(ST_REFUSED, 0, "the request is for a key of a %s, not of a %s",
			    scope_name(request->scope), scope_name(*out_scope));
	return OK;
}

/* Both certificates are of one user: whoever seals for him finds him by his address. */
static FALLIBLE check_vouched_address(const struct cert_request *request, const struct orname *address,
				      struct arena *arena)
{
	struct orname *vouched = NULL;

	if (!request->voucher)
		return OK;
	TRY(oraddress_decode(arena, request->voucher->or_address, &vouched));
	if (!address || !orname_equal(address, vouched))
		return FAIL(ST_REFUSED, 0, "the request has not the O/R address %s of the certificate that "
			    "vouches for it", orname_text(arena, vouched));
	return OK;
}

static FALLIBLE decide_address(const struct cert_request *request, const struct wishes *wishes,
			       struct arena *arena, struct admission *out)
{
	struct orname *wished = NULL, *requested = NULL;

	if (request->or_address.len)
		TRY_DOING(oraddress_decode(arena, request->or_address, &requested),
			  "the request has an unreadable O/R address");
	if (wishes->or_address)
		TRY(orname_from_text(arena, wishes->or_address, &wished));
	if (wished && requested && !orname_equal(wished, requested))
		return FAIL(ST_REFUSED, 0, "the request is for the O/R address %s, not for %s",
			    orname_text(arena, requested), wishes->or_address);
	TRY(check_vouched_address(request, wished ? wished : requested, arena));

	const struct orname *address = wished ? wished : requested;

	if (!address)
		return OK;
	TRY(orname_check(address));
	TRY(oraddress_encode(address, &out->address_der));
	out->address = orname_text(arena, address);
	return OK;
}

FALLIBLE admission_decide(struct authority *ca, const struct profiles *profiles,
			  const struct cert_request *request, const struct wishes *wishes,
			  time_t now, struct arena *arena, struct admission *out)
{
	struct cert_plan *plan = &out->plan;

	TRY(check_name(request, wishes));
	TRY(check_words(request, wishes));
	TRY(decide_scope(request, wishes, &plan->scope));
	TRY(check_proof(ca, request, wishes, plan->scope, now));
	TRY(check_voucher(ca, request, plan->scope, now));
	TRY(decide_address(request, wishes, arena, out));
	TRY(enrol_check_use(plan->scope, out->address));
	if (profiles->of[plan->scope].needs_address && !out->address)
		return FAIL(ST_REFUSED, 0, "a certificate as %s needs an O/R address here",
			    scope_name(plan->scope));
	TRY(profile_check_key(profiles, plan->scope, public_key_type(request->key)));
	TRY(profile_end(profiles, plan->scope, wishes->days, now, &plan->not_after));
	plan->not_before = now;
	plan->subject = request->subject;
	plan->or_address = buf_view(&out->address_der);
	plan->key = request->key;
	plan->signs_only = !profiles->of[plan->scope].seals;
	plan->policies = &profiles->of[plan->scope].policies;
	out->applicant = (struct applicant){
		.name = request->subject,
		.name_text = request->subject_text,
		.or_address = plan->or_address,
		.key = request->key,
		.scope = plan->scope,
		.is_holder = wishes->rekey || request->voucher,
	};
	return holder_check(ca, &out->applicant, now, &out->holding);
}

/* --- issuing --- */

struct issuing {
	struct authority *ca;
	struct admission *admission;
	time_t now;
	const struct cert *cert;
	bool issued;
};

static FALLIBLE keep(struct issuing *i)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct record record = { 0 };

	TRY(record_find(i->ca, buf_view(&i->admission->holding.same), arena, &record));
	i->cert = record.cert;
	return OK;
}

static FALLIBLE issue_in_transaction(struct db *db, void *arg)
{
	struct issuing *i = arg;
	struct admission *a = i->admission;

	(void)db;
	TRY(holder_check(i->ca, &a->applicant, i->now, &a->holding));
	if (a->once && a->holding.same.len)
		return keep(i);
	i->issued = true;
	TRY(authority_issue(i->ca, &a->plan, ISSUED_USER, a->address, i->now, &i->cert));
	if (!a->supersede || !a->holding.earlier.len)
		return OK;
	return authority_revoke(i->ca, buf_view(&a->holding.earlier), REVOKED_SUPERSEDED, i->now);
}

FALLIBLE admission_issue(struct authority *ca, struct admission *admission, time_t now,
			 const struct cert **out_cert, bool *out_issued)
{
	struct issuing issuing = { .ca = ca, .admission = admission, .now = now };
	struct status *st = db_atomically(ca->db, issue_in_transaction, &issuing);

	if (st)
		cert_free(&issuing.cert);
	*out_cert = issuing.cert;
	*out_issued = issuing.issued;
	return st;
}
