/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL judges a certification path [RFC 5280 6]; its verdict becomes a sentence. */
#include "lib/sec/path_judge.h"

#include "asn1/dn.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"

static void auto_certs(STACK_OF(X509) **stack)
{
	sk_X509_free(*stack);
}

static void auto_crls(STACK_OF(X509_CRL) **stack)
{
	sk_X509_CRL_free(*stack);
}

/* The revocation list of an authority that is valid longest; null where there is none. */
static const struct crl *list_of(const struct crl_list *crls, struct bytes issuer)
{
	const struct crl *best = NULL;

	for (size_t i = 0; i < crls->count; i++)
		if (dn_equal(crls->items[i]->issuer, issuer) &&
		    (!best || crls->items[i]->next_update > best->next_update))
			best = crls->items[i];
	return best;
}

/* The lists of all authorities in the chain. */
static FALLIBLE gather_lists(const struct path_query *query, const struct cert_list *chain,
			     struct crl_list *out_crls)
{
	for (size_t i = 1; i < chain->count; i++) {
		if (!query->source || !query->source->crls)
			break;
		TRY_DOING(query->source->crls(query->source->data, chain->items[i]->subject, out_crls),
			  "cannot look for the revocation list of %s", chain->items[i]->subject_text);
	}
	return OK;
}

static FALLIBLE say_revoked(const struct cert *cert, const struct crl_list *crls)
{
	time_t when = 0;

	for (size_t i = 0; i < crls->count; i++)
		if (dn_equal(crls->items[i]->issuer, cert->issuer) &&
		    crl_find(crls->items[i], cert->serial, &when))
			break;
	return FAIL(ST_REFUSED, 0, "the certificate of %s was revoked on %s", cert->subject_text,
		    time_text(when).s);
}

/* OpenSSL's verdict in our words. */
static FALLIBLE say(int error, const struct cert *cert, const struct crl_list *crls, time_t now)
{
	const struct crl *list = list_of(crls, cert->issuer);

	switch (error) {
	case X509_V_ERR_CERT_REVOKED:
		return say_revoked(cert, crls);
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return FAIL(ST_REFUSED, 0, "%s has no revocation list: nobody can tell whether the "
			    "certificate of %s was revoked", cert->issuer_text, cert->subject_text);
	case X509_V_ERR_CRL_HAS_EXPIRED:
		return FAIL(ST_REFUSED, 0, "the revocation list of %s is out of date since %s",
			    cert->issuer_text, list ? time_text(list->next_update).s : "long ago");
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		return FAIL(ST_REFUSED, 0, "the revocation list of %s was not signed by it",
			    cert->issuer_text);
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
		return FAIL(ST_REFUSED, 0, "the certificate of %s was not signed by %s",
			    cert->subject_text, cert->issuer_text);
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		TRY(cert_check_dates(cert, now));
		break;
	default:
		break;
	}
	return FAIL(ST_REFUSED, 0, "the certificate of %s is not to be trusted: %s", cert->subject_text,
		    X509_verify_cert_error_string(error));
}

/* 0 where OpenSSL accepts the chain; otherwise its error, and at which certificate. */
static int ask_openssl(const struct cert_list *chain, const struct crl_list *crls, time_t now,
		       size_t *out_at)
{
	AUTO(auto_X509_STORE) X509_STORE *store = X509_STORE_new();
	AUTO(auto_X509_STORE_CTX) X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	AUTO(auto_certs) STACK_OF(X509) *trusted = sk_X509_new_null();
	AUTO(auto_certs) STACK_OF(X509) *between = sk_X509_new_null();
	AUTO(auto_crls) STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();

	crypto_must(store && ctx && trusted && between && lists &&
		    sk_X509_push(trusted, cert_x509(chain->items[chain->count - 1])) > 0,
		    "verification");
	for (size_t i = 1; i + 1 < chain->count; i++)
		crypto_must(sk_X509_push(between, cert_x509(chain->items[i])) > 0, "verification");
	for (size_t i = 0; i < crls->count; i++)
		crypto_must(sk_X509_CRL_push(lists, crl_x509(crls->items[i])) > 0, "verification");
	crypto_must(X509_STORE_CTX_init(ctx, store, cert_x509(chain->items[0]), between) == 1,
		    "verification");
	X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
	X509_STORE_CTX_set0_crls(ctx, lists);
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, now);
	X509_VERIFY_PARAM_set_depth(param, PATH_MAX_CERTS);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
				    X509_V_FLAG_TRUSTED_FIRST);
	int accepted = X509_verify_cert(ctx);
	int error = X509_STORE_CTX_get_error(ctx), depth = X509_STORE_CTX_get_error_depth(ctx);
	ERR_clear_error();
	*out_at = depth < 0 ? 0 : (size_t)depth < chain->count ? (size_t)depth : chain->count - 1;
	if (accepted == 1)
		return X509_V_OK;
	return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

/* The path as its user gets it, with the story of each step. */
static struct cert_path *describe(const struct cert_list *chain, const struct crl_list *crls)
{
	struct cert_path *path = mem_new(struct cert_path);
	AUTO(buf_free) struct buf story = { 0 };

	path->valid_until = chain->items[0]->not_after;
	for (size_t i = 0; i < chain->count; i++) {
		const struct cert *cert = chain->items[i];
		const struct crl *list = list_of(crls, cert->issuer);

		cert_list_add(&path->chain, cert);
		if (cert->not_after < path->valid_until)
			path->valid_until = cert->not_after;
		if (list && list->next_update && list->next_update < path->valid_until)
			path->valid_until = list->next_update;
		if (i + 1 == chain->count)
			buf_printf(&story, "%s is trusted from the beginning, until %s\n",
				   cert->subject_text, time_text(cert->not_after).s);
		else
			buf_printf(&story, "%s is certified as %s by %s until %s, and not revoked as of %s\n",
				   cert->subject_text, scope_name(cert->scope), cert->issuer_text,
				   time_text(cert->not_after).s,
				   list ? time_text(list->this_update).s : "now");
	}
	path->explanation = bytes_to_text(buf_view(&story));
	return path;
}

FALLIBLE path_judge(const struct path_query *query, const struct cert_list *chain,
		    struct cert_path **out_path)
{
	AUTO(crl_list_free) struct crl_list crls = { 0 };
	size_t at;

	TRY(gather_lists(query, chain, &crls));
	int error = ask_openssl(chain, &crls, query->now, &at);
	if (error != X509_V_OK)
		return say(error, chain->items[at], &crls, query->now);
	*out_path = describe(chain, &crls);
	return OK;
}
