/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation lists [X.509 8.6, RFC 5280 5]: whose are needed, and who signed them. */
#include "lib/sec/path_lists.h"

#include "asn1/dn.h"
#include "lib/base/arena.h"
#include "lib/sec/crypto_openssl.h"

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

static FALLIBLE ask(const struct path_query *query, const struct cert_list *chain,
		    struct bytes name, struct path_lists *lists)
{
	const struct cert_source *source = query->source;
	size_t had = lists->crls.count;

	TRY(source->crls(source->data, name, &lists->crls));
	for (size_t i = had; source->user_certs && i < lists->crls.count; i++)
		if (!signed_in_chain(lists->crls.items[i], chain))
			return source->user_certs(source->data, name, &lists->signers);
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
