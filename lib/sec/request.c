/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate requests: PKCS#10 [RFC 2986]. */
#include "lib/sec/issue.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/possession.h"

enum { REQUEST_MAX_OCTETS = 64 * 1024 };

/* All but the signature. */
static FALLIBLE prepare(const struct public_key *key, struct bytes subject, struct bytes or_address,
			enum scope scope, X509_REQ **out_request)
{
	AUTO(auto_X509_REQ) X509_REQ *request = X509_REQ_new();
	AUTO(auto_X509_NAME) X509_NAME *name = NULL;
	AUTO(auto_extensions) extension_list *extensions = NULL;

	TRY(crypto_name(subject, &name));
	crypto_add_names(&extensions, or_address, name);
	crypto_add_scope(&extensions, scope);
	crypto_must(request && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
		    X509_REQ_set_subject_name(request, name) == 1 &&
		    X509_REQ_set_pubkey(request, key->pkey) == 1 &&
		    X509_REQ_add_extensions(request, extensions) == 1, "a request");
	*out_request = TAKE(request);
	return OK;
}

static FALLIBLE sign(X509_REQ *request, const struct private_key *key, struct buf *out_der)
{
	uint8_t *info = NULL;
	int len = i2d_re_X509_REQ_tbs(request, &info);

	TRY_DOING(crypto_sign_der(key, info, len, out_der), "cannot sign the certificate request");
	return OK;
}

FALLIBLE cert_request_make(const struct private_key *key, struct bytes subject,
			   struct bytes or_address, enum scope scope, struct buf *out_der)
{
	AUTO(auto_X509_REQ) X509_REQ *request = NULL;

	TRY(prepare(key->public, subject, or_address, scope, &request));
	return sign(request, key, out_der);
}

FALLIBLE cert_request_make_stated(const struct public_key *key, const struct private_key *signer,
				  const struct cert *certificate, struct bytes or_address,
				  struct buf *out_der)
{
	AUTO(auto_X509_REQ) X509_REQ *request = NULL;

	TRY(prepare(key, certificate->subject, or_address, certificate->scope, &request));
	possession_state(request, certificate);
	return sign(request, signer, out_der);
}

/* What stands behind a struct cert_request, which is its first member. */
struct request_object {
	struct cert_request facts;
	struct buf der, or_address;
	uint8_t fingerprint[HASH_OCTETS];
	X509_REQ *request;
	char *subject_text;
	struct public_key *key;
	const struct cert *voucher;
};

void cert_request_free(struct cert_request **request)
{
	struct request_object *object = (struct request_object *)*request;

	*request = NULL;
	if (!object)
		return;
	buf_free(&object->der);
	buf_free(&object->or_address);
	X509_REQ_free(object->request);
	mem_free(&object->subject_text);
	public_key_free(&object->key);
	cert_free(&object->voucher);
	mem_free(&object);
}

static FALLIBLE check_signature(const struct request_object *object)
{
	const struct public_key *signer = object->voucher ? object->voucher->key : object->key;

	if (X509_REQ_verify(object->request, signer->pkey) != 1)
		return crypto_failure(ST_REFUSED, "its signature is wrong");
	return OK;
}

/* Whoever asks proves that the key is his; of one that cannot sign he states it, under a signature
 * that is known to be his. */
static FALLIBLE read_key(struct request_object *object)
{
	EVP_PKEY *pkey = X509_REQ_get_pubkey(object->request);
	uint8_t *spki = NULL;

	if (!pkey)
		return crypto_failure(ST_PEER, "its key is of no known type");
	int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(object->request), &spki);
	crypto_must(len > 0, "the DER of a key");
	struct status *failed = public_key_new(pkey, bytes_of(spki, (size_t)len), &object->key);
	OPENSSL_free(spki);
	if (failed)
		return failed;
	object->facts.key = object->key;
	TRY(possession_read(object->request, object->key, &object->voucher));
	object->facts.voucher = object->voucher;
	return check_signature(object);
}

static void read_extensions(struct request_object *object)
{
	AUTO(auto_extensions) extension_list *extensions = X509_REQ_get_extensions(object->request);
	AUTO(auto_GENERAL_NAMES) GENERAL_NAMES *names =
		X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);
	AUTO(auto_EXTENDED_KEY_USAGE) EXTENDED_KEY_USAGE *usage =
		X509V3_get_d2i(extensions, NID_ext_key_usage, NULL, NULL);

	if (names)
		crypto_or_address(names, &object->or_address);
	object->facts.or_address = buf_view(&object->or_address);
	object->facts.scope = usage ? crypto_scope(usage) : SCOPE_NONE;
	ERR_clear_error();	/* an extension that is absent leaves words behind */
}

static FALLIBLE read_facts(struct request_object *object)
{
	const uint8_t *name;
	size_t len;

	crypto_must(X509_NAME_get0_der(X509_REQ_get_subject_name(object->request), &name, &len) == 1,
		    "the DER of a name");
	object->facts.subject = bytes_of(name, len);	/* lives in the request */
	TRY(dn_to_text(object->facts.subject, &object->subject_text));
	object->facts.subject_text = object->subject_text;
	TRY(read_key(object));
	read_extensions(object);
	return OK;
}

FALLIBLE cert_request_decode(struct bytes der, struct cert_request **out_request)
{
	const uint8_t *at = der.data;

	if (der.len > REQUEST_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a certificate request of %zu octets is too long", der.len);
	struct request_object *object = mem_new(struct request_object);
	AUTO(cert_request_free) struct cert_request *request = &object->facts;

	object->request = d2i_X509_REQ(NULL, &at, (long)der.len);
	if (!object->request)
		return crypto_failure(ST_PEER, "not a certificate request");
	if (at != der.data + der.len)
		return FAIL(ST_PEER, 0, "the certificate request has octets behind its end");
	object->der = buf_copy(der);
	object->facts.der = buf_view(&object->der);
	crypto_sha256(&der, 1, object->fingerprint);
	object->facts.fingerprint = bytes_of(object->fingerprint, sizeof(object->fingerprint));
	TRY_DOING(read_facts(object), "cannot accept the certificate request");
	*out_request = TAKE(request);
	return OK;
}

FALLIBLE cert_request_load(const char *path, struct cert_request **out_request)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(crypto_pem_load(path, PEM_STRING_X509_REQ, REQUEST_MAX_OCTETS, &der));
	TRY_DOING(cert_request_decode(buf_view(&der), out_request),
		  "cannot read the certificate request %s", path);
	return OK;
}

FALLIBLE cert_request_save(const char *path, struct bytes der)
{
	return crypto_pem_save(path, PEM_STRING_X509_REQ, der);
}
