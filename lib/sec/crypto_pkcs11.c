/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a token holds: what PKCS #11 does with them. */
#include "lib/sec/pkcs11.h"

#include "lib/sec/crypto_openssl.h"
#include "lib/sec/der.h"
#include "lib/sec/pkcs11_session.h"

enum { P256_HALF_OCTETS = 32, SHARED_OCTETS = 32, RSA_MADE_BITS = 3072 };

#define P256_PARAMETERS "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"

/* --- the public half --- */

static FALLIBLE read_attribute(const struct pkcs11_session *s, CK_OBJECT_HANDLE object,
			       CK_ATTRIBUTE_TYPE type, struct buf *out)
{
	CK_ATTRIBUTE attribute = { type, NULL, 0 };
	CK_RV rv = s->module->C_GetAttributeValue(s->handle, object, &attribute, 1);

	if (rv == CKR_OK && attribute.ulValueLen > PKCS11_VALUE_MAX_OCTETS)
		return FAIL(ST_LATER, 0, "the token tells too much of its key");
	if (rv == CKR_OK) {
		attribute.pValue = buf_extend(out, attribute.ulValueLen);
		rv = s->module->C_GetAttributeValue(s->handle, object, &attribute, 1);
		out->len = rv == CKR_OK ? attribute.ulValueLen : 0;
	}
	return rv == CKR_OK ? OK : pkcs11_session_failure(ST_LATER, rv, "the token does not tell of its key");
}

static EVP_PKEY *from_params(const char *algorithm, OSSL_PARAM *params)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
	EVP_PKEY *made = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &made, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return NULL;
	return made;
}

static FALLIBLE public_elliptic(const struct pkcs11_session *s, CK_OBJECT_HANDLE object, EVP_PKEY **out)
{
	AUTO(buf_free) struct buf parameters = { 0 }, value = { 0 };
	char group[] = "prime256v1";
	struct ber_tlv point;

	TRY(read_attribute(s, object, CKA_EC_PARAMS, &parameters));
	TRY(read_attribute(s, object, CKA_EC_POINT, &value));
	if (!bytes_equal(buf_view(&parameters), BYTES(P256_PARAMETERS)))
		return FAIL(ST_REFUSED, 0, "the token's key is on another curve than P-256");
	if (!ber_nth(buf_view(&value), 0, &point) || point.tag != BER_OCTET_STRING)
		return FAIL(ST_LATER, 0, "the token tells no point on the curve");
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
						  (void *)(uintptr_t)point.contents.data,
						  point.contents.len),
		OSSL_PARAM_construct_end(),
	};
	*out = from_params("EC", params);
	return OK;
}

/* OpenSSL wants numbers in the order of the machine. */
static void to_native(struct buf *number)
{
	BIGNUM *value = BN_bin2bn(number->data, (int)number->len, NULL);

	crypto_must(value && BN_bn2nativepad(value, number->data, (int)number->len) > 0, "a number");
	BN_free(value);
}

static FALLIBLE public_rsa(const struct pkcs11_session *s, CK_OBJECT_HANDLE object, EVP_PKEY **out)
{
	AUTO(buf_free) struct buf modulus = { 0 }, exponent = { 0 };

	TRY(read_attribute(s, object, CKA_MODULUS, &modulus));
	TRY(read_attribute(s, object, CKA_PUBLIC_EXPONENT, &exponent));
	to_native(&modulus);
	to_native(&exponent);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus.data, modulus.len),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent.data, exponent.len),
		OSSL_PARAM_construct_end(),
	};
	*out = from_params("RSA", params);
	return OK;
}

static FALLIBLE public_half(const struct pkcs11_session *s, CK_OBJECT_HANDLE object, struct buf *out_spki)
{
	AUTO(auto_EVP_PKEY) EVP_PKEY *pkey = NULL;
	AUTO(buf_free) struct buf type = { 0 };
	CK_KEY_TYPE found = CK_UNAVAILABLE_INFORMATION;
	uint8_t *spki = NULL;

	TRY(read_attribute(s, object, CKA_KEY_TYPE, &type));
	if (type.len == sizeof(found))
		memcpy(&found, type.data, sizeof(found));
	if (found != CKK_EC && found != CKK_RSA)
		return FAIL(ST_REFUSED, 0, "the token's key is neither of P-256 nor of RSA");
	TRY(found == CKK_EC ? public_elliptic(s, object, &pkey) : public_rsa(s, object, &pkey));
	int len = pkey ? i2d_PUBKEY(pkey, &spki) : 0;
	if (len <= 0)
		return crypto_failure(ST_LATER, "the token's key has no public half");
	buf_put(out_spki, bytes_of(spki, (size_t)len));
	OPENSSL_free(spki);
	return OK;
}

/* --- operations --- */

/* r and s side by side, as a token has them, to the SEQUENCE of X9.62. */
static FALLIBLE to_der(struct secret *signature)
{
	ECDSA_SIG *parts = ECDSA_SIG_new();
	uint8_t *at;

	if (signature->len != 2 * P256_HALF_OCTETS) {
		ECDSA_SIG_free(parts);
		return FAIL(ST_LATER, 0, "the token made a signature of %zu octets", signature->len);
	}
	BIGNUM *r = BN_bin2bn(signature->data, P256_HALF_OCTETS, NULL);
	BIGNUM *s = BN_bin2bn(signature->data + P256_HALF_OCTETS, P256_HALF_OCTETS, NULL);
	crypto_must(parts && r && s && ECDSA_SIG_set0(parts, r, s) == 1, "a signature");
	struct secret der = secret_new((size_t)i2d_ECDSA_SIG(parts, NULL));
	at = der.data;
	i2d_ECDSA_SIG(parts, &at);
	ECDSA_SIG_free(parts);
	secret_free(signature);
	*signature = der;
	return OK;
}

static FALLIBLE sign(struct pkcs11_session *s, CK_MECHANISM *mechanism, struct bytes in,
		     struct secret *out)
{
	AUTO(secret_free) struct secret made = secret_new(KEY_RESULT_MAX_OCTETS);
	CK_ULONG len = made.len;
	CK_RV rv = s->module->C_SignInit(s->handle, mechanism, s->key);

	if (rv == CKR_OK)
		rv = s->module->C_Sign(s->handle, (CK_BYTE *)(uintptr_t)in.data, in.len, made.data, &len);
	if (rv != CKR_OK)
		return pkcs11_session_failure(ST_LATER, rv, "the token does not sign");
	*out = secret_take(&made);
	out->len = len;
	return OK;
}

static FALLIBLE sign_hash(struct pkcs11_session *s, struct bytes hash, struct secret *out)
{
	struct ck_rsa_pkcs_pss_params pss = { CKM_SHA256, CKG_MGF1_SHA256, HASH_OCTETS };
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 }, rsa = { CKM_RSA_PKCS_PSS, &pss, sizeof(pss) };

	if (s->type == KEY_RSA)
		return sign(s, &rsa, hash, out);
	TRY(sign(s, &ecdsa, hash, out));
	return to_der(out);
}

static FALLIBLE decrypt(struct pkcs11_session *s, CK_MECHANISM *mechanism, struct bytes in,
			struct secret *out)
{
	AUTO(secret_free) struct secret made = secret_new(KEY_RESULT_MAX_OCTETS);
	CK_ULONG len = made.len;
	CK_RV rv = s->module->C_DecryptInit(s->handle, mechanism, s->key);

	if (rv == CKR_OK)
		rv = s->module->C_Decrypt(s->handle, (CK_BYTE *)(uintptr_t)in.data, in.len, made.data, &len);
	if (rv == CKR_ENCRYPTED_DATA_INVALID || rv == CKR_ENCRYPTED_DATA_LEN_RANGE)
		return pkcs11_session_failure(ST_REFUSED, rv, "the token does not open it");
	if (rv != CKR_OK)
		return pkcs11_session_failure(ST_LATER, rv, "the token does not answer");
	*out = secret_take(&made);
	out->len = len;
	return OK;
}

static FALLIBLE agree(struct pkcs11_session *s, struct bytes point, struct secret *out)
{
	struct ck_ecdh1_derive_params params = {
		.kdf = CKD_NULL,
		.public_data_len = point.len,
		.public_data = (unsigned char *)(uintptr_t)point.data,
	};
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, &params, sizeof(params) };
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG len = SHARED_OCTETS;
	CK_ATTRIBUTE wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) }, { CKA_KEY_TYPE, &type, sizeof(type) },
		{ CKA_TOKEN, &no, sizeof(no) }, { CKA_SENSITIVE, &no, sizeof(no) },
		{ CKA_EXTRACTABLE, &yes, sizeof(yes) }, { CKA_VALUE_LEN, &len, sizeof(len) },
	};
	AUTO(secret_free) struct secret shared = secret_new(SHARED_OCTETS);
	CK_ATTRIBUTE value = { CKA_VALUE, shared.data, shared.len };
	CK_OBJECT_HANDLE made;
	CK_RV rv = s->module->C_DeriveKey(s->handle, &mechanism, s->key, wanted,
					  sizeof(wanted) / sizeof(wanted[0]), &made);

	if (rv == CKR_OK) {
		rv = s->module->C_GetAttributeValue(s->handle, made, &value, 1);
		s->module->C_DestroyObject(s->handle, made);
	}
	if (rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_ARGUMENTS_BAD || rv == CKR_GENERAL_ERROR)
		return pkcs11_session_failure(ST_REFUSED, rv, "the token does not agree with that point");
	if (rv != CKR_OK || value.ulValueLen != SHARED_OCTETS)
		return pkcs11_session_failure(ST_LATER, rv, "the token does not agree on a key");
	*out = secret_take(&shared);
	return OK;
}

static FALLIBLE run(struct pkcs11_session *s, enum key_operation operation, struct bytes in,
		    struct secret *out)
{
	struct ck_rsa_pkcs_oaep_params oaep = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_MECHANISM by_oaep = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };
	CK_MECHANISM by_pkcs1 = { CKM_RSA_PKCS, NULL, 0 }, raw = { CKM_RSA_X_509, NULL, 0 };
	bool rsa = s->type == KEY_RSA;

	if (operation == KEY_SIGN_SHA256 || (operation == KEY_SIGN_SHA1 && !rsa))
		return sign_hash(s, in, out);
	if (operation == KEY_AGREE && !rsa)
		return agree(s, in, out);
	if (operation == KEY_OPEN_OAEP && rsa)
		return decrypt(s, &by_oaep, in, out);
	if (operation == KEY_OPEN_PKCS1 && rsa)
		return decrypt(s, &by_pkcs1, in, out);
	if (operation == KEY_RSA_RAW && rsa)
		return sign(s, &raw, in, out);
	return FAIL(ST_USAGE, 0, "a %s key in a token does not %s", key_type_name(s->type),
		    key_operation_words(operation));
}

/* A session does one thing at a time. */
static FALLIBLE token_perform(void *state, enum key_operation operation, struct bytes in,
			      struct secret *out)
{
	struct pkcs11_session *s = state;

	pthread_mutex_lock(&s->lock);
	struct status *failed = run(s, operation, in, out);
	pthread_mutex_unlock(&s->lock);
	return failed;
}

static void token_free(void *state)
{
	struct pkcs11_session *s = state;

	pkcs11_session_free(&s);
}

static const struct key_holder holder = { token_perform, token_free };

/* Takes the session, also on failure. */
static FALLIBLE hold(struct pkcs11_session *session, struct private_key **out_key)
{
	AUTO(pkcs11_session_free) struct pkcs11_session *s = session;
	AUTO(buf_free) struct buf spki = { 0 };
	CK_OBJECT_HANDLE public;

	TRY(pkcs11_session_find(s, CKO_PRIVATE_KEY, &s->key));
	TRY(pkcs11_session_find(s, CKO_PUBLIC_KEY, &public));
	TRY(public_half(s, public, &spki));
	TRY(private_key_held(&holder, s, buf_view(&spki), out_key));
	s->type = public_key_type(private_key_public(*out_key));
	s = NULL;
	return OK;
}

FALLIBLE pkcs11_key_open(const char *uri, struct bytes pin, struct private_key **out_key)
{
	struct pkcs11_session *s = NULL;

	TRY(pkcs11_session_open(uri, pin, false, &s));
	TRY_DOING(hold(s, out_key), "cannot use the key %s", uri);
	return OK;
}

/* --- making one --- */

static CK_RV generate(struct pkcs11_session *s, enum key_type type)
{
	static const CK_BYTE f4[] = { 1, 0, 1 };
	CK_MECHANISM elliptic = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_MECHANISM rsa = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG bits = RSA_MADE_BITS;
	bool is_rsa = type == KEY_RSA;
	CK_ATTRIBUTE label = pkcs11_session_label(s), id = pkcs11_session_id(s);
	CK_ATTRIBUTE public[] = {
		{ CKA_TOKEN, &yes, sizeof(yes) }, { CKA_VERIFY, &yes, sizeof(yes) }, label, id,
		{ is_rsa ? CKA_MODULUS_BITS : CKA_EC_PARAMS,
		  is_rsa ? (void *)&bits : (void *)(uintptr_t)P256_PARAMETERS,
		  is_rsa ? sizeof(bits) : sizeof(P256_PARAMETERS) - 1 },
		{ CKA_PUBLIC_EXPONENT, (void *)(uintptr_t)f4, sizeof(f4) },
	};
	CK_ATTRIBUTE private[] = {
		{ CKA_TOKEN, &yes, sizeof(yes) }, { CKA_PRIVATE, &yes, sizeof(yes) },
		{ CKA_SENSITIVE, &yes, sizeof(yes) }, { CKA_EXTRACTABLE, &no, sizeof(no) },
		{ CKA_SIGN, &yes, sizeof(yes) }, label, id,
		{ is_rsa ? CKA_DECRYPT : CKA_DERIVE, &yes, sizeof(yes) },
	};
	CK_OBJECT_HANDLE made[2];

	return s->module->C_GenerateKeyPair(s->handle, is_rsa ? &rsa : &elliptic, public,
					    sizeof(public) / sizeof(public[0]) - !is_rsa, private,
					    sizeof(private) / sizeof(private[0]), &made[0], &made[1]);
}

/* Takes the session, also on failure. */
static FALLIBLE make(struct pkcs11_session *session, enum key_type type, struct private_key **out_key)
{
	AUTO(pkcs11_session_free) struct pkcs11_session *s = session;
	CK_OBJECT_HANDLE there;

	if (pkcs11_session_label(s).ulValueLen == 0)
		return FAIL(ST_USAGE, 0, "the URI has to name the key that is made (object=...)");
	struct status *absent = pkcs11_session_find(s, CKO_PRIVATE_KEY, &there);
	if (!absent)
		return FAIL(ST_USAGE, 0, "the token has a key of this name already");
	if (absent->kind != ST_NOT_FOUND)
		return absent;
	status_drop(absent);
	CK_RV rv = generate(s, type);
	if (rv != CKR_OK)
		return pkcs11_session_failure(ST_LATER, rv, "the token makes no key");
	return hold(TAKE(s), out_key);
}

FALLIBLE pkcs11_key_generate(const char *uri, struct bytes pin, enum key_type type,
			     struct private_key **out_key)
{
	struct pkcs11_session *s = NULL;

	if (type == KEY_ED25519)
		return FAIL(ST_USAGE, 0, "a token is asked for P-256 or RSA keys only");
	TRY(pkcs11_session_open(uri, pin, true, &s));
	TRY_DOING(make(s, type, out_key), "cannot make the key %s", uri);
	return OK;
}

/* --- the end of one --- */

static FALLIBLE destroy(const struct pkcs11_session *s, CK_OBJECT_CLASS class)
{
	CK_OBJECT_HANDLE object;
	struct status *st = pkcs11_session_find(s, class, &object);

	if (st && st->kind == ST_NOT_FOUND) {
		status_free(&st);
		return OK;
	}
	TRY(st);
	CK_RV rv = s->module->C_DestroyObject(s->handle, object);
	return rv == CKR_OK ? OK : pkcs11_session_failure(ST_LATER, rv, "the token does not give it up");
}

FALLIBLE pkcs11_key_destroy(const char *uri, struct bytes pin)
{
	AUTO(pkcs11_session_free) struct pkcs11_session *s = NULL;

	TRY(pkcs11_session_open(uri, pin, true, &s));
	TRY_DOING(destroy(s, CKO_PRIVATE_KEY), "cannot destroy the key %s", uri);
	TRY_DOING(destroy(s, CKO_PUBLIC_KEY), "cannot destroy the key %s", uri);
	return OK;
}
