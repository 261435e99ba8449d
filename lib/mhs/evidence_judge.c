/* SPDX-License-Identifier: Apache-2.0 */
/* The judge of evidence. */
#include "lib/mhs/evidence_judge.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/mhs/delivery_proof.h"
#include "lib/mhs/orname.h"
#include "lib/sec/message.h"
#include "lib/sec/submission_proof.h"

const char *const claim_names[] = { "origin", "submission", "delivery" };

struct judging {
	struct evidence *evidence;
	const struct evidence_trust *trust;
	time_t at;
	bool with_later;		/* the judge's own lists are asked as well */
	struct claims *claims;
};

/* --- what the evidence brings along, as a source of certificates --- */

static FALLIBLE no_certs(void *data, struct bytes name, struct found_list *out_certs)
{
	(void)data;
	(void)name;
	(void)out_certs;
	return OK;
}

static FALLIBLE add_found(const struct cert *cert, struct found_list *out_certs)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;

	TRY(cert_found_of(cert, &found));
	found_list_add(out_certs, found);
	return OK;
}

static FALLIBLE cross_certs(void *data, struct bytes name, struct found_list *out_certs)
{
	const struct cert_list *certs = &((const struct judging *)data)->evidence->certs;

	for (size_t i = 0; i < certs->count; i++) {
		const struct cert *cert = certs->items[i];

		if (cert->scope == SCOPE_CA &&
		    (dn_equal(cert->subject, name) || dn_equal(cert->issuer, name)))
			TRY(add_found(cert, out_certs));
	}
	return OK;
}

static void add_crls(const struct crl_list *from, struct bytes name, struct crl_list *out_crls)
{
	for (size_t i = 0; i < from->count; i++)
		if (dn_equal(from->items[i]->issuer, name))
			crl_list_add(out_crls, from->items[i]);
}

static FALLIBLE crls(void *data, struct bytes name, struct crl_list *out_crls)
{
	const struct judging *j = data;

	add_crls(&j->evidence->crls, name, out_crls);
	if (j->with_later)
		add_crls(j->trust->later, name, out_crls);
	return OK;
}

FALLIBLE evidence_check_form(const struct cert *cert)
{
	if (cert->form_1989)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is one of 1988: it names no O/R address, and "
			    "without a directory nothing says whose key it is", cert->subject_text);
	return OK;
}

static FALLIBLE verify(struct judging *j, const struct trust_wanted *wanted, const struct cert *cert,
		       time_t at, struct cert_path **out_path)
{
	const struct cert_source source = { .data = j, .user_certs = no_certs,
					    .cross_certs = cross_certs, .crls = crls };
	struct path_query query = {
		.anchors = j->trust->anchors,
		.anchor_count = j->trust->anchor_count,
		.source = &source,
		.now = at,
		.scope = wanted->scope,
		.name = wanted->directory_name,
		.or_address = wanted->or_address,
		.policies = j->trust->policies,
	};

	TRY(evidence_check_form(cert));
	trust_compare_names(&query);
	return path_verify(&query, cert, out_path);
}

/* --- what became known after the check --- */

/* The newest time that the judge's lists tell something about a path's authorities; 0: none does. */
static time_t later_time(const struct judging *j, const struct cert_path *path)
{
	const struct crl_list *later = j->trust->later;
	time_t newest = 0;

	for (size_t i = 0; later && i < later->count; i++)
		for (size_t k = 0; k < path->chain.count; k++)
			if (dn_equal(later->items[i]->issuer, path->chain.items[k]->issuer) &&
			    later->items[i]->this_update > newest)
				newest = later->items[i]->this_update;
	return newest;
}

/* When the first of a path's certificates was revoked, as the judge's lists say; 0: none was. */
static time_t revoked_time(const struct judging *j, const struct cert_path *path)
{
	const struct crl_list *later = j->trust->later;
	time_t first = 0, when;

	for (size_t i = 0; i < later->count; i++)
		for (size_t k = 0; k < path->chain.count; k++)
			if (dn_equal(later->items[i]->issuer, path->chain.items[k]->issuer) &&
			    crl_find(later->items[i], path->chain.items[k]->serial, &when) &&
			    (!first || when < first))
				first = when;
	return first;
}

/* A list counts only if a path with it can be judged: it is signed, and in date. */
static FALLIBLE look_later(struct judging *j, const struct trust_wanted *wanted,
			   const struct cert_path *path, struct claim *claim)
{
	AUTO(cert_path_free) struct cert_path *now = NULL;
	struct arena *arena = j->evidence->arena;
	time_t at = later_time(j, path);

	if (!at)
		return OK;
	j->with_later = true;
	AUTO(status_free) struct status *failed = verify(j, wanted, cert_path_leaf(path), at, &now);
	j->with_later = false;
	if (!failed) {
		claim->later = arena_printf(arena, "as of %s nothing was revoked", time_text(at).s);
		return OK;
	}
	AUTO(mem_free) char *why = status_text(failed);
	time_t revoked = revoked_time(j, path);

	if (revoked && revoked <= claim->when)
		return FAIL(ST_REFUSED, 0, "it was signed on %s: %s", time_text(claim->when).s, why);
	claim->later = arena_printf(arena, "as of %s: %s", time_text(at).s, why);
	return OK;
}

/* --- claims --- */

static struct claim *claim_new(struct judging *j, enum claim_kind kind)
{
	struct claims *claims = j->claims;

	claims->list = mem_grow(claims->list, claims->count + 1, sizeof(claims->list[0]));
	claims->list[claims->count] = (struct claim){ .kind = kind };
	return &claims->list[claims->count++];
}

/* It is signed by the owner of the path's certificate; what he says of the time has to make sense. */
static FALLIBLE settle(struct judging *j, const struct trust_wanted *wanted,
		       const struct cert_path *path, struct claim *claim)
{
	struct arena *arena = j->evidence->arena;

	if (claim->when > j->at)
		return FAIL(ST_REFUSED, 0, "it says that it was signed on %s, after it was checked",
			    time_text(claim->when).s);
	claim->by = arena_strdup(arena, cert_path_leaf(path)->subject_text);
	claim->path = arena_strdup(arena, path->explanation);
	return look_later(j, wanted, path, claim);
}

static void conclude(struct judging *j, struct claim *claim, struct status *failed)
{
	AUTO(status_free) struct status *st = failed;
	AUTO(mem_free) char *why = st ? status_text(st) : NULL;

	claim->proved = !st;
	claim->why = st ? arena_strdup(j->evidence->arena, why) : NULL;
}

static FALLIBLE need_content(const struct evidence *evidence)
{
	if (!evidence->has_content)
		return FAIL(ST_USAGE, 0, "the content is only told by its hash: it has to be given as "
			    "well");
	return OK;
}

/* --- origin --- */

static FALLIBLE check_token(struct judging *j, const struct delivery *d, const struct cert *signer,
			    struct claim *claim)
{
	AUTO(buf_free) struct buf content = buf_copy(j->evidence->content);
	struct message_facts facts;
	const struct check_plan plan = {
		.accepted = suites_all,
		.options = { .allow_broken_1989 = j->trust->allow_broken_1989, .amhs_either = true },
		.originator = signer,
		.is_open = true,
		.own_name = d->this_recipient,
		.same_name = orname_tlv_equal,
		.token = ext_value(&d->extensions, EXT_MESSAGE_TOKEN),
		.seal_algorithm = ext_value(&d->extensions,
					    EXT_CONTENT_CONFIDENTIALITY_ALGORITHM),
		.asks_for_proof = ext_long(&d->extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0) == 1,
	};

	TRY(message_check(&plan, &content, &facts));
	claim->when = facts.time;
	claim->suite = facts.suite;
	claim->about = orname_tlv_text(j->evidence->arena, d->this_recipient);
	return OK;
}

static FALLIBLE try_signer(struct judging *j, const struct trust_wanted *wanted,
			   const struct delivery *d, const struct cert *cert, struct claim *claim)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;

	TRY_DOING(verify(j, wanted, cert, j->at, &path), "cannot verify the certificate of %s",
		  cert->subject_text);
	TRY(check_token(j, d, cert, claim));
	return settle(j, wanted, path, claim);
}

/* The originator of the envelope has signed with one of the certificates that are there. */
static FALLIBLE check_origin(struct judging *j, struct claim *claim)
{
	struct evidence *evidence = j->evidence;
	AUTO(status_free) struct status *failed = OK;
	AUTO(buf_free) struct buf address = { 0 };
	struct delivery *d = NULL;
	struct orname *name = NULL;

	TRY(need_content(evidence));
	TRY(delivery_envelope_decode(evidence->arena, evidence->envelope, &d));
	TRY(orname_decode(evidence->arena, d->originator, &name));
	TRY(oraddress_encode(name, &address));
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .or_address = buf_view(&address),
					     .directory_name = name->directory_name };
	for (size_t i = 0; i < evidence->certs.count; i++) {
		const struct cert *cert = evidence->certs.items[i];

		if (cert->scope != SCOPE_UA)
			continue;
		struct status *st = try_signer(j, &wanted, d, cert, claim);
		if (!st)
			return OK;
		status_drop(failed);
		failed = st;
	}
	if (failed)
		return TAKE(failed);
	return FAIL(ST_REFUSED, 0, "no certificate of a user agent is there: nothing says who wrote it");
}

/* --- submission --- */

/* The argument as it was submitted. */
static FALLIBLE whole_argument(const struct evidence *evidence, struct buf *out_argument)
{
	TRY(need_content(evidence));
	buf_put(out_argument, evidence->envelope);
	buf_put(out_argument, evidence->content);
	return OK;
}

static FALLIBLE check_submission(struct judging *j, const struct submission_result *result,
				 struct bytes argument, struct claim *claim)
{
	const struct trust_wanted wanted = { .scope = SCOPE_MTA };
	struct submission_facts facts = { .id = result->id, .time = result->time };
	struct arena *arena = j->evidence->arena;
	AUTO(cert_free) const struct cert *mta = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	TRY(certificates_first(ext_value(&result->extensions, EXT_ORIGINATING_MTA_CERTIFICATE),
			       "originating MTA", &mta));
	TRY_DOING(verify(j, &wanted, mta, j->at, &path), "cannot verify the certificate of %s",
		  mta->subject_text);
	TRY(submission_parts(arena, argument, &facts.envelope, &facts.content));
	TRY(submission_proof_check(&facts, mta->key,
				   ext_value(&result->extensions, EXT_PROOF_OF_SUBMISSION)));
	claim->when = result->time;
	claim->about = mts_id_text(arena, result->id);
	return settle(j, &wanted, path, claim);
}

/* --- delivery --- */

static FALLIBLE check_delivery(struct judging *j, const struct envelope *sent,
			       const struct report_recipient *r, struct claim *claim)
{
	struct arena *arena = j->evidence->arena;
	AUTO(cert_free) const struct cert *prover = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust_wanted wanted;

	claim->about = orname_tlv_text(arena, r->name);
	TRY(delivery_prover(arena, r, &prover, &wanted));
	TRY_DOING(verify(j, &wanted, prover, j->at, &path), "cannot verify the certificate of %s",
		  prover->subject_text);
	TRY(delivery_proof_check(sent, r, prover));
	claim->when = r->delivery_time;
	return settle(j, &wanted, path, claim);
}

/* Each recipient for whom there is a proof; the others claim nothing. */
static FALLIBLE judge_report(struct judging *j, const struct submission_result *result,
			     const struct envelope *sent, struct bytes octets)
{
	struct report *report = NULL;

	TRY(report_delivery_decode(j->evidence->arena, octets, &report));
	if (result->id.len && !mts_id_equal(report->subject_id, result->id))
		return FAIL(ST_REFUSED, 0, "a report is about another message");
	for (size_t i = 0; i < report->recipient_count; i++) {
		const struct report_recipient *r = &report->recipients[i];

		if (!r->delivered || !ext_find(&r->extensions, EXT_PROOF_OF_DELIVERY))
			continue;
		struct claim *claim = claim_new(j, CLAIM_DELIVERY);
		conclude(j, claim, check_delivery(j, sent, r, claim));
	}
	return OK;
}

static FALLIBLE judge_sent(struct judging *j)
{
	struct evidence *evidence = j->evidence;
	AUTO(buf_free) struct buf argument = { 0 };
	struct submission_result result = { 0 };
	struct envelope *sent = NULL;

	if (evidence->result.len)
		TRY(submission_result_decode(evidence->arena, evidence->result, &result));
	TRY(whole_argument(evidence, &argument));
	const struct bytes octets = arena_dup(evidence->arena, buf_view(&argument));
	TRY(submission_decode(evidence->arena, octets, &sent));
	if (ext_find(&result.extensions, EXT_PROOF_OF_SUBMISSION)) {
		struct claim *claim = claim_new(j, CLAIM_SUBMISSION);
		conclude(j, claim, check_submission(j, &result, octets, claim));
	}
	for (size_t i = 0; i < evidence->report_count; i++)
		TRY(judge_report(j, &result, sent, evidence->reports[i]));
	if (!j->claims->count)
		return FAIL(ST_NOT_FOUND, 0, "there is no proof of submission and none of delivery");
	return OK;
}

/* --- all of it --- */

FALLIBLE evidence_judge(struct evidence *evidence, const struct evidence_trust *trust,
			struct claims *out_claims)
{
	struct judging j = { .evidence = evidence, .trust = trust, .claims = out_claims,
			     .at = trust->at ? trust->at : evidence->checked };

	*out_claims = (struct claims){ 0 };
	if (evidence->side == EVIDENCE_SENT)
		return judge_sent(&j);
	struct claim *claim = claim_new(&j, CLAIM_ORIGIN);
	conclude(&j, claim, check_origin(&j, claim));
	return OK;
}

void claims_free(struct claims *claims)
{
	mem_free(&claims->list);
	claims->count = 0;
}

const char *claim_sentence(struct arena *arena, const struct claim *claim)
{
	const char *later = claim->later ? arena_printf(arena, " (%s)", claim->later) : "";

	if (!claim->proved)
		return arena_printf(arena, "%s is NOT proved: %s.", claim->kind == CLAIM_ORIGIN
				    ? "Who wrote it" : claim->kind == CLAIM_SUBMISSION
				    ? "Submission" : "Delivery", claim->why);
	switch (claim->kind) {
	case CLAIM_ORIGIN:
		return arena_printf(arena, "Written by %s to %s, who signed it on %s; unchanged%s.",
				    claim->by, claim->about, time_text(claim->when).s, later);
	case CLAIM_SUBMISSION:
		return arena_printf(arena, "Submitted on %s as %s: so says %s%s.",
				    time_text(claim->when).s, claim->about, claim->by, later);
	case CLAIM_DELIVERY:
		break;
	}
	return arena_printf(arena, "Delivered to %s on %s: so says %s%s.", claim->about,
			    time_text(claim->when).s, claim->by, later);
}
