/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures: ECDSA with SHA-256 [RFC 5758], RSASSA-PSS with SHA-256 [RFC 4055],
 * Ed25519 [RFC 8410].  The algorithm follows the key.
 */
#include "lib/sec/crypto_openssl.h"

#include <openssl/objects.h>

#define SHA256_WITH_NULL "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define SHA256_WITHOUT	 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define OID_PSS		 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define OID_MGF1	 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define PSS_SALT_32	 "\xa2\x03\x02\x01\x20"
#define ALGORITHM(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

enum { PSS_SALT_OCTETS = 32 };

/* What each type of key signs with, and in which spellings that is accepted. */
static const struct {
	enum key_type type;
	struct bytes der;
} algorithms[] = {
	{ KEY_P256, ALGORITHM("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02") },
	{ KEY_ED25519, ALGORITHM("\x30\x05\x06\x03\x2b\x65\x70") },
	{ KEY_RSA, ALGORITHM("\x30\x41" OID_PSS "\x30\x34\xa0\x0f" SHA256_WITH_NULL
			     "\xa1\x1c\x30\x1a" OID_MGF1 SHA256_WITH_NULL PSS_SALT_32) },
	/* [RFC 4055 2.1] parameters of a hash may be absent */
	{ KEY_RSA, ALGORITHM("\x30\x3d" OID_PSS "\x30\x30\xa0\x0d" SHA256_WITHOUT
			     "\xa1\x1a\x30\x18" OID_MGF1 SHA256_WITHOUT PSS_SALT_32) },
};
enum { ALGORITHM_COUNT = sizeof(algorithms) / sizeof(algorithms[0]) };

struct bytes crypto_signature_algorithm(enum key_type type)
{
	for (size_t i = 0; i < ALGORITHM_COUNT; i++)
		if (algorithms[i].type == type)
			return algorithms[i].der;
	return bytes_none();
}

static FALLIBLE check_algorithm(enum key_type type, struct bytes der)
{
	const uint8_t *at = der.data;
	char name[80] = "that cannot be read";

	for (size_t i = 0; i < ALGORITHM_COUNT; i++)
		if (algorithms[i].type == type && bytes_equal(algorithms[i].der, der))
			return OK;
	X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &at, (long)der.len);
	if (algorithm) {
		const ASN1_OBJECT *oid;

		X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
		OBJ_obj2txt(name, sizeof(name), oid, 0);
	}
	X509_ALGOR_free(algorithm);
	ERR_clear_error();
	return FAIL(ST_REFUSED, 0, "the signature algorithm %s does not go with a %s key", name,
		    key_type_name(type));
}

/* Ed25519 signs a message in one piece, which it reads twice. */
static struct buf join(const struct bytes *parts, size_t count)
{
	struct buf whole = { 0 };

	for (size_t i = 0; i < count; i++)
		buf_put(&whole, parts[i]);
	return whole;
}

static bool prepare_whole(EVP_MD_CTX *ctx, EVP_PKEY *pkey)
{
	return EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1;
}

static bool verify_whole(const struct public_key *key, const struct bytes *parts, size_t count,
			 struct bytes signature)
{
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *ctx = warm_take_whole(&key->verify[WARM_WHOLE], key->pkey,
								prepare_whole);
	AUTO(buf_free) struct buf whole = join(parts, count);

	return ctx && EVP_DigestVerify(ctx, signature.data, signature.len, whole.data, whole.len) == 1;
}

static const EVP_MD *md_of(enum ecdsa_hash hash)
{
	return hash == ECDSA_SHA1 ? crypto_algorithms()->sha1 : crypto_algorithms()->sha256;
}

bool crypto_set_scheme(EVP_PKEY_CTX *ctx, enum ecdsa_hash hash)
{
	if (EVP_PKEY_CTX_set_signature_md(ctx, md_of(hash)) != 1)
		return false;
	return EVP_PKEY_CTX_is_a(ctx, "RSA") != 1 ||
		(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		 EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, PSS_SALT_OCTETS) == 1);
}

/* The hash of the parts as if they were joined; returns its length. */
static size_t hash_parts(const EVP_MD *md, const struct bytes *parts, size_t count,
			 uint8_t out_hash[static EVP_MAX_MD_SIZE])
{
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned len = 0;
	bool done = ctx && EVP_DigestInit_ex2(ctx, md, NULL) == 1;

	for (size_t i = 0; done && i < count; i++)
		done = EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
	crypto_must(done && EVP_DigestFinal_ex(ctx, out_hash, &len) == 1, "a hash");
	return len;
}

static bool prepare_sha1(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_verify_init(ctx) == 1 && crypto_set_scheme(ctx, ECDSA_SHA1);
}

static bool prepare_sha256(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_verify_init(ctx) == 1 && crypto_set_scheme(ctx, ECDSA_SHA256);
}

static bool verify_hash(const struct public_key *key, enum ecdsa_hash with, const struct bytes *parts,
			size_t count, struct bytes signature)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = warm_take(&key->verify[with], key->pkey,
		with == ECDSA_SHA1 ? prepare_sha1 : prepare_sha256);
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t hash_len = hash_parts(md_of(with), parts, count, hash);

	return ctx && EVP_PKEY_verify(ctx, signature.data, signature.len, hash, hash_len) == 1;
}

/* A signature that cannot be made now may be made another time: the key is there. */
static FALLIBLE sign(const struct private_key *key, enum key_operation operation, struct bytes in,
		     struct buf *out_signature)
{
	AUTO(secret_free) struct secret made = { 0 };
	struct status *failed = private_key_perform(key, operation, in, &made);

	if (failed)
		return status_new(failed, ST_LATER, 0, "cannot sign with the %s key",
				  key_type_name(key->public->type));
	buf_put(out_signature, secret_view(&made));
	return OK;
}

static FALLIBLE sign_hash(const struct private_key *key, enum ecdsa_hash with,
			  const struct bytes *parts, size_t count, struct buf *out_signature)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t len = hash_parts(md_of(with), parts, count, hash);

	return sign(key, with == ECDSA_SHA1 ? KEY_SIGN_SHA1 : KEY_SIGN_SHA256, bytes_of(hash, len),
		    out_signature);
}

static FALLIBLE sign_whole(const struct private_key *key, const struct bytes *parts, size_t count,
			   struct buf *out_signature)
{
	AUTO(buf_free) struct buf whole = join(parts, count);

	return sign(key, KEY_SIGN_WHOLE, buf_view(&whole), out_signature);
}

static FALLIBLE check_good(bool good)
{
	if (good)
		return OK;
	ERR_clear_error();
	return FAIL(ST_REFUSED, 0, "the signature is wrong");
}

FALLIBLE crypto_sign(const struct private_key *key, const struct bytes *parts, size_t count,
		     struct buf *out_signature)
{
	if (key->public->type == KEY_X25519)
		return FAIL(ST_USAGE, 0, "a key of type X25519 does not sign");
	if (key->public->type == KEY_ED25519)
		return sign_whole(key, parts, count, out_signature);
	return sign_hash(key, ECDSA_SHA256, parts, count, out_signature);
}

FALLIBLE crypto_verify(const struct public_key *key, struct bytes algorithm,
		       const struct bytes *parts, size_t count, struct bytes signature)
{
	TRY(check_algorithm(key->type, algorithm));
	return check_good(key->type == KEY_ED25519 ?
			  verify_whole(key, parts, count, signature) :
			  verify_hash(key, ECDSA_SHA256, parts, count, signature));
}

static FALLIBLE check_ecdsa(enum key_type type)
{
	if (type != KEY_P256)
		return FAIL(ST_USAGE, 0, "ECDSA does not go with a key of type %s", key_type_name(type));
	return OK;
}

FALLIBLE crypto_ecdsa_sign(const struct private_key *key, enum ecdsa_hash hash,
			   const struct bytes *parts, size_t count, struct buf *out_signature)
{
	TRY(check_ecdsa(key->public->type));
	return sign_hash(key, hash, parts, count, out_signature);
}

FALLIBLE crypto_ecdsa_verify(const struct public_key *key, enum ecdsa_hash hash,
			     const struct bytes *parts, size_t count, struct bytes signature)
{
	TRY(check_ecdsa(key->type));
	return check_good(verify_hash(key, hash, parts, count, signature));
}
