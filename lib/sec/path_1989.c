/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement on a chain of certificates of 1988 [X.509 (1988) 7.6]. */
#include "lib/sec/path_1989.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/sec/cert_1989.h"

FALLIBLE path_1989_allowed(const struct path_query *query, const struct cert *cert)
{
	if (cert->form_1989 && !query->allow_broken_1989)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is signed with the square-mod-n hash of "
			    "1988, which is broken: only the setting allow-broken-1989 = yes would allow it",
			    cert->subject_text);
	return OK;
}

bool path_1989_concerns(const struct cert_list *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->items[i]->form_1989)
			return true;
	return false;
}

/* --- certificates --- */

/* A hash of today is worth nothing above one of 1988, nor the other way round. */
static FALLIBLE check_forms(const struct path_query *query, const struct cert_list *chain, size_t *out_at)
{
	for (size_t i = chain->count; i-- > 0;) {
		*out_at = i;
		TRY(path_1989_allowed(query, chain->items[i]));
		if (!chain->items[i]->form_1989)
			return FAIL(ST_REFUSED, 0, "the certificate of %s is none of 1988, and others of the "
				    "path are: they cannot vouch for each other",
				    chain->items[i]->subject_text);
	}
	return OK;
}

static FALLIBLE check_issued(const struct path_query *query, const struct cert *cert,
			     const struct cert *issuer)
{
	if (!dn_equal(cert->issuer, issuer->subject))
		return FAIL(ST_REFUSED, 0, "the certificate of %s is from %s, not from %s",
			    cert->subject_text, cert->issuer_text, issuer->subject_text);
	TRY(cert_check_scope(issuer, SCOPE_CA));
	return cert_1989_check_signed(cert, issuer->key, query->sqmodn);
}

/* --- revocation --- */

/* Whether a list of the authority can be relied on now.  One that does not say when the next is
 * due can be only where the query bounds its age, which path_lists_gather has looked at. */
static FALLIBLE check_list(const struct path_query *query, const struct crl *crl,
			   const struct cert *issuer)
{
	TRY(crl_1989_check_signed(crl, issuer->key, query->sqmodn));
	if (crl->this_update > query->now)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s is from %s, which is yet to come",
			    crl->issuer_text, time_text(crl->this_update).s);
	if (!crl->next_update && !query->freshness.max_age)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s does not say when the next is due, and "
			    "nothing says how old it may be", crl->issuer_text);
	if (crl->next_update && crl->next_update < query->now)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s is out of date since %s",
			    crl->issuer_text, time_text(crl->next_update).s);
	return OK;
}

static FALLIBLE check_revoked(const struct path_query *query, const struct cert *cert,
			      const struct cert *issuer, const struct path_lists *lists)
{
	AUTO(status_free) struct status *useless = OK;
	bool relied = false;
	time_t when;

	for (size_t i = 0; i < lists->crls.count; i++) {
		const struct crl *crl = lists->crls.items[i];

		if (!dn_equal(crl->issuer, issuer->subject))
			continue;
		status_free(&useless);
		useless = check_list(query, crl, issuer);
		if (!useless && crl_find(crl, cert->serial, &when))
			return FAIL(ST_REFUSED, 0, "the certificate of %s was revoked on %s",
				    cert->subject_text, time_text(when).s);
		relied |= !useless;
	}
	if (relied)
		return OK;
	if (useless)
		return TAKE(useless);
	if (path_list_stale(lists, issuer->subject))
		return status_copy(path_list_stale(lists, issuer->subject));
	return FAIL(ST_REFUSED, 0, "%s has no revocation list: nobody can tell whether the certificate of "
		    "%s was revoked", cert->issuer_text, cert->subject_text);
}

FALLIBLE path_1989_check(const struct path_query *query, const struct cert_list *chain,
			 const struct path_lists *lists, struct path_verdict *out_verdict)
{
	TRY(check_forms(query, chain, &out_verdict->at));
	if (query->policies.explicit_policy || query->policies.count)
		return FAIL(ST_REFUSED, 0, "a certificate of 1988 says nothing of policies, and one is asked for");
	for (size_t i = chain->count - 1; i-- > 0;) {
		out_verdict->at = i;
		TRY(check_issued(query, chain->items[i], chain->items[i + 1]));
		/* From here on it would fall in any other path as well. */
		out_verdict->in_itself = true;
		TRY(check_revoked(query, chain->items[i], chain->items[i + 1], lists));
		out_verdict->in_itself = false;
	}
	return OK;
}
