/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists [X.509 8.6, RFC 5280 5]: whose are needed, and who signed them. */
#include "lib/sec/path_lists.h"

#include "asn1/dn.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/signed_by.h"

enum {
	ISSUERS_MAX = 256,	/* names that are asked for lists, for one chain */
	POINTS_MAX = 64,	/* distribution points of one certificate */
};

CRYPTO_AUTO(AUTHORITY_KEYID, AUTHORITY_KEYID_free)
CRYPTO_AUTO(CRL_DIST_POINTS, CRL_DIST_POINTS_free)

/* Names that were asked already, in the arena. */
struct asked {
	struct arena *arena;
	struct bytes names[ISSUERS_MAX];
	size_t count;
};

static bool note_asked(struct asked *asked, struct bytes name)
{
	if (asked->count == ISSUERS_MAX)
		return false;
	for (size_t i = 0; i < asked->count; i++)
		if (dn_equal(asked->names[i], name))
			return false;
	asked->names[asked->count++] = arena_dup(asked->arena, name);
	return true;
}

/* Whether a certificate of the chain has the key that signed the list: the usual case. */
static bool signed_in_chain(const struct crl *crl, const struct cert_list *chain)
{
	AUTO(auto_AUTHORITY_KEYID) AUTHORITY_KEYID *key =
		X509_CRL_get_ext_d2i(crl_x509(crl), NID_authority_key_identifier, NULL, NULL);

	for (size_t i = 1; i < chain->count; i++)
		if (dn_equal(chain->items[i]->subject, crl->issuer) &&
		    X509_check_akid(cert_x509(chain->items[i]), key) == X509_V_OK)
			return true;
	return false;
}

/* --- freshness --- */

static FALLIBLE check_newest(const struct crl *crl, struct path_newest newest)
{
	if (crl->number && newest.number && crl->number < newest.number)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s has the number %llu, and number "
			    "%llu was seen before: an old one was put in its place", crl->issuer_text,
			    (unsigned long long)crl->number, (unsigned long long)newest.number);
	if ((!crl->number || !newest.number) && crl->this_update < newest.made)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s was made on %s, and one made on %s was "
			    "seen before: an old one was put in its place", crl->issuer_text,
			    time_text(crl->this_update).s, time_text(newest.made).s);
	return OK;
}

static FALLIBLE check_fresh(const struct path_query *query, const struct crl *crl)
{
	const struct path_freshness *wanted = &query->freshness;

	if (wanted->max_age && query->now - crl->this_update > wanted->max_age)
		return FAIL(ST_REFUSED, 0, "the revocation list of %s was made on %s, and here it may be "
			    "no older than %lld h", crl->issuer_text, time_text(crl->this_update).s,
			    (long long)((wanted->max_age + 3599) / 3600));
	if (!crl->complete || !wanted->newest)
		return OK;
	return check_newest(crl, wanted->newest(wanted->data, crl->issuer));
}

/* Takes a list, or notes why not. */
static void sort_in(const struct path_query *query, const struct crl *crl, struct path_lists *lists)
{
	struct status *why = check_fresh(query, crl);

	if (!why) {
		crl_list_add(&lists->crls, crl);
		return;
	}
	lists->stale = mem_grow(lists->stale, lists->stale_count + 1, sizeof *lists->stale);
	lists->stale[lists->stale_count++] = (struct path_stale){ crl_ref(crl), why };
}

/* --- asking --- */

static FALLIBLE add_signers(const struct cert_source *source, struct bytes name,
			    struct path_lists *lists)
{
	AUTO(found_list_free) struct found_list found = { 0 };

	TRY(source->user_certs(source->data, name, &found));
	/* One that cannot be decoded has signed nothing. */
	status_drop(found_list_decode(&found, &lists->signers));
	return OK;
}

static FALLIBLE ask(const struct path_query *query, const struct cert_list *chain,
		    struct bytes name, struct path_lists *lists)
{
	const struct cert_source *source = query->source;
	AUTO(crl_list_free) struct crl_list found = { 0 };

	TRY(source->crls(source->data, name, &found));
	for (size_t i = 0; i < found.count; i++)
		sort_in(query, found.items[i], lists);
	for (size_t i = 0; source->user_certs && i < found.count; i++)
		if (!signed_in_chain(found.items[i], chain))
			return add_signers(source, name, lists);
	return OK;
}

static FALLIBLE ask_named(const struct path_query *query, const struct cert_list *chain,
			  const DIST_POINT *point, struct asked *asked, struct path_lists *lists)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(point->CRLissuer); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(point->CRLissuer, i);
		const uint8_t *der;
		size_t len;

		if (name->type != GEN_DIRNAME)
			continue;
		crypto_must(X509_NAME_get0_der(name->d.directoryName, &der, &len) == 1,
			    "the DER of a name");
		if (note_asked(asked, bytes_of(der, len)))
			TRY_DOING(ask(query, chain, bytes_of(der, len), lists),
				  "cannot look for the revocation list that a certificate names");
	}
	return OK;
}

static FALLIBLE ask_points(const struct path_query *query, const struct cert_list *chain,
			   const struct cert *cert, struct asked *asked, struct path_lists *lists)
{
	AUTO(auto_CRL_DIST_POINTS) CRL_DIST_POINTS *points =
		X509_get_ext_d2i(cert_x509(cert), NID_crl_distribution_points, NULL, NULL);

	for (int i = 0; i < sk_DIST_POINT_num(points) && i < POINTS_MAX; i++)
		TRY(ask_named(query, chain, sk_DIST_POINT_value(points, i), asked, lists));
	return OK;
}

FALLIBLE path_lists_gather(const struct path_query *query, const struct cert_list *chain,
			   struct path_lists *out_lists)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct asked asked = { .arena = arena };

	if (!query->source || !query->source->crls)
		return OK;
	for (size_t i = 1; i < chain->count; i++)
		if (note_asked(&asked, chain->items[i]->subject))
			TRY_DOING(ask(query, chain, chain->items[i]->subject, out_lists),
				  "cannot look for the revocation list of %s",
				  chain->items[i]->subject_text);
	for (size_t i = 0; i < chain->count; i++)
		TRY(ask_points(query, chain, chain->items[i], &asked, out_lists));
	return OK;
}

void path_lists_free(struct path_lists *lists)
{
	crl_list_free(&lists->crls);
	cert_list_free(&lists->signers);
	for (size_t i = 0; i < lists->stale_count; i++) {
		crl_free(&lists->stale[i].crl);
		status_free(&lists->stale[i].why);
	}
	mem_free(&lists->stale);
}

const struct crl *path_list_of(const struct path_lists *lists, struct bytes issuer)
{
	const struct crl *best = NULL;

	for (size_t i = 0; i < lists->crls.count; i++)
		if (dn_equal(lists->crls.items[i]->issuer, issuer) &&
		    (!best || lists->crls.items[i]->next_update > best->next_update))
			best = lists->crls.items[i];
	return best;
}

const struct status *path_list_stale(const struct path_lists *lists, struct bytes issuer)
{
	for (size_t i = 0; i < lists->stale_count; i++)
		if (dn_equal(lists->stale[i].crl->issuer, issuer))
			return lists->stale[i].why;
	return NULL;
}

static size_t count_of(const struct path_lists *lists, struct bytes issuer)
{
	size_t count = 0;

	for (size_t i = 0; i < lists->crls.count; i++)
		count += dn_equal(lists->crls.items[i]->issuer, issuer);
	return count;
}

/* OpenSSL does not say which it took: the only one, or else whatever the authority has signed. */
static void use_lists_of(const struct path_lists *lists, const struct cert *authority,
			 struct crl_list *out_used)
{
	bool only = count_of(lists, authority->subject) == 1;

	for (size_t i = 0; i < lists->crls.count; i++) {
		const struct crl *crl = lists->crls.items[i];

		if (crl->complete && dn_equal(crl->issuer, authority->subject) &&
		    (only || crl_signed_by(crl, authority)))
			crl_list_add(out_used, crl);
	}
}

void path_lists_used(const struct path_lists *lists, const struct cert_list *chain,
		     struct crl_list *out_used)
{
	for (size_t i = 1; i < chain->count; i++)
		use_lists_of(lists, chain->items[i], out_used);
}
