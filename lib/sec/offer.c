/* SPDX-License-Identifier: Apache-2.0 */
/* Offers and answers between authorities: PKCS#10 requests with their certificates. */
#include "lib/sec/offer.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/sec/limits_openssl.h"

enum { OFFER_MAX_OCTETS = 3 * CERT_MAX_OCTETS };	/* three blocks of at most so many */

/* --- making --- */

/* A description [X.520 5.6.1] is an attribute like any other, so a request may have it. */
static void put_description(X509_REQ *request, const char *text)
{
	crypto_must(X509_REQ_add1_attr_by_NID(request, NID_description, MBSTRING_UTF8,
					      (const uint8_t *)text, -1) == 1, "a description");
}

static FALLIBLE request_make(const struct cert *authority, const struct private_key *key,
			     const struct cert_limits *limits, const char *description,
			     struct buf *out_der)
{
	AUTO(auto_X509_REQ) X509_REQ *request = X509_REQ_new();
	AUTO(auto_extensions) extension_list *extensions = NULL;
	uint8_t *info = NULL;

	TRY(limits_put(&extensions, true, limits));
	crypto_must(request && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
		    X509_REQ_set_subject_name(request, X509_get_subject_name(cert_x509(authority))) == 1 &&
		    X509_REQ_set_pubkey(request, key->public->pkey) == 1 &&
		    X509_REQ_add_extensions(request, extensions) == 1, "a request");
	if (description)
		put_description(request, description);
	int len = i2d_re_X509_REQ_tbs(request, &info);
	TRY_DOING(crypto_sign_der(key, info, len, out_der), "cannot sign the offer");
	return OK;
}

FALLIBLE offer_save(const char *path, const struct cert *authority, const struct private_key *key,
		    const struct cert *issued, const struct cert_limits *limits,
		    const char *description)
{
	AUTO(buf_free) struct buf pem = { 0 };
	AUTO(buf_free) struct buf request = { 0 };

	if (description && strlen(description) > OFFER_DESCRIPTION_MAX)
		return FAIL(ST_USAGE, 0, "a description has at most %d characters", OFFER_DESCRIPTION_MAX);
	TRY(request_make(authority, key, limits, description, &request));
	pem_put(PEM_STRING_X509, authority->der, &pem);
	if (issued)
		pem_put(PEM_STRING_X509, issued->der, &pem);
	pem_put(PEM_STRING_X509_REQ, buf_view(&request), &pem);
	return file_replace(path, 0644, buf_view(&pem));
}

/* --- reading --- */

void offer_free(struct offer **offer)
{
	if (!*offer)
		return;
	cert_free(&(*offer)->authority);
	cert_free(&(*offer)->issued);
	arena_free(&(*offer)->arena);
	mem_free(offer);
}

static FALLIBLE read_certs(struct bytes pem, struct offer *offer)
{
	AUTO(buf_free) struct buf own = { 0 };
	AUTO(buf_free) struct buf issued = { 0 };

	TRY(crypto_pem_find(pem, "it", PEM_STRING_X509, 0, &own));
	TRY(cert_decode(buf_view(&own), &offer->authority));
	TRY(cert_check_scope(offer->authority, SCOPE_CA));
	TRY_DOING(cert_check_signed(offer->authority, offer->authority),
		  "its first certificate is not an authority's own");

	struct status *none = crypto_pem_find(pem, "it", PEM_STRING_X509, 1, &issued);

	if (none) {
		status_free(&none);
		return OK;
	}
	TRY(cert_decode(buf_view(&issued), &offer->issued));
	return cert_check_signed(offer->issued, offer->authority);
}

static const char *read_description(X509_REQ *request, struct arena *arena)
{
	int at = X509_REQ_get_attr_by_NID(request, NID_description, -1);
	ASN1_TYPE *value = at < 0 ? NULL : X509_ATTRIBUTE_get0_type(X509_REQ_get_attr(request, at), 0);
	uint8_t *utf8 = NULL;

	if (!value || (value->type != V_ASN1_UTF8STRING && value->type != V_ASN1_PRINTABLESTRING))
		return NULL;

	int len = ASN1_STRING_to_UTF8(&utf8, value->value.asn1_string);
	AUTO(mem_free) char *shown = len > 0 ? text_shown(bytes_of(utf8, (size_t)len)) : NULL;

	OPENSSL_free(utf8);
	return shown ? arena_strdup(arena, shown) : NULL;
}

static FALLIBLE read_request(struct bytes der, struct offer *offer)
{
	AUTO(cert_request_free) struct cert_request *checked = NULL;
	const uint8_t *at = der.data;

	TRY(cert_request_decode(der, &checked));
	if (!bytes_equal(checked->subject, offer->authority->subject) ||
	    !bytes_equal(public_key_id(checked->key), public_key_id(offer->authority->key)))
		return FAIL(ST_REFUSED, 0, "it asks for another than the authority whose certificate is "
			    "with it: %s, or another key", checked->subject_text);

	AUTO(auto_X509_REQ) X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)der.len);
	AUTO(auto_extensions) extension_list *extensions = request ? X509_REQ_get_extensions(request) : NULL;

	TRY(limits_get(extensions, offer->arena, &offer->limits));
	offer->description = read_description(request, offer->arena);
	return OK;
}

FALLIBLE offer_decode(struct bytes pem, struct offer **out_offer)
{
	AUTO(offer_free) struct offer *offer = mem_new(struct offer);
	AUTO(buf_free) struct buf request = { 0 };

	offer->arena = arena_new();
	TRY(read_certs(pem, offer));
	TRY(crypto_pem_find(pem, "it", PEM_STRING_X509_REQ, 0, &request));
	TRY(read_request(buf_view(&request), offer));
	*out_offer = TAKE(offer);
	return OK;
}

FALLIBLE offer_load(const char *path, struct offer **out_offer)
{
	AUTO(buf_free) struct buf pem = { 0 };

	TRY(file_read(path, 2 * OFFER_MAX_OCTETS, &pem, NULL));
	TRY_DOING(offer_decode(buf_view(&pem), out_offer), "%s is no offer of an authority, or was changed",
		  path);
	return OK;
}
