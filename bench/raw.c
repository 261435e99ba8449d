/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL alone needs for what a suite consists of. */
#include "bench/raw.h"

#include "bench/site.h"
#include "lib/base/memory.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

enum {
	TAG_OCTETS = 16,
	SIGNED_MAX = 4096,
	SECRET_OCTETS = 48,		/* of a token's encrypted data, about */
	OCTETS_MAX = 1024,
};

static void must(bool done)
{
	if (!done)
		bench_die("OpenSSL refuses");
}

/* Keys of its own, and a context for each operation. */
struct raw {
	const struct world *world;
	EVP_PKEY *signer, *recipient;
	EVP_MD_CTX *hash;
	EVP_MAC_CTX *mac;
	EVP_CIPHER_CTX *cipher, *wrap;
	EVP_KDF_CTX *kdf;
	EVP_PKEY_CTX *sign, *verify, *make, *open, *to;
	OSSL_LIB_CTX *legacy;
	OSSL_PROVIDER *provider;
	EVP_MD *sha256;
	const EVP_MD *md;		/* null: what is signed is not hashed before */
	uint8_t *content;
	size_t size;
	uint8_t point[OCTETS_MAX], wrapped[OCTETS_MAX], kek[32];
	uint8_t signed_[SIGNED_MAX], signature[OCTETS_MAX], cic[OCTETS_MAX];
	size_t signed_len, point_len, wrapped_len, signature_len, cic_len;
};

static void raw_hash(struct raw *raw, const uint8_t *data, size_t len, uint8_t *out, size_t *out_len)
{
	unsigned made = 0;

	must(EVP_DigestInit_ex2(raw->hash, raw->md, NULL) && EVP_DigestUpdate(raw->hash, data, len) &&
	     EVP_DigestFinal_ex(raw->hash, out, &made));
	*out_len = made;
}

static void raw_sign(struct raw *raw, const uint8_t *data, size_t len, uint8_t *out, size_t *out_len)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t hash_len;

	*out_len = OCTETS_MAX;
	if (!raw->md) {
		must(EVP_DigestSignInit(raw->hash, NULL, NULL, NULL, raw->signer) &&
		     EVP_DigestSign(raw->hash, out, out_len, data, len));
		return;
	}
	raw_hash(raw, data, len, hash, &hash_len);
	must(EVP_PKEY_sign(raw->sign, out, out_len, hash, hash_len) == 1);
}

static void raw_verify(struct raw *raw, const uint8_t *data, size_t len, const uint8_t *signature,
		       size_t signature_len)
{
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t hash_len;

	if (!raw->md) {
		must(EVP_DigestVerifyInit(raw->hash, NULL, NULL, NULL, raw->signer) &&
		     EVP_DigestVerify(raw->hash, signature, signature_len, data, len) == 1);
		return;
	}
	raw_hash(raw, data, len, hash, &hash_len);
	must(EVP_PKEY_verify(raw->verify, signature, signature_len, hash, hash_len) == 1);
}

static void raw_mac(struct raw *raw)
{
	static const uint8_t key[32] = { 3 };
	size_t len;

	must(EVP_MAC_init(raw->mac, key, sizeof(key), NULL) &&
	     EVP_MAC_update(raw->mac, raw->content, raw->size) &&
	     EVP_MAC_final(raw->mac, raw->cic, &len, sizeof(raw->cic)));
}

void raw_crypt(struct raw *raw, bool encrypt)
{
	static const uint8_t nonce[12] = { 2 };
	static const uint8_t key[32] = { 1 };
	int len;

	if (encrypt)
		must(RAND_bytes(raw->kek, sizeof(raw->kek)) == 1);	/* as the content's key */
	must(EVP_CipherInit_ex2(raw->cipher, NULL, key, nonce, encrypt, NULL));
	bool aead = EVP_CIPHER_CTX_get_iv_length(raw->cipher) == sizeof(nonce);
	if (!aead)
		EVP_CIPHER_CTX_set_padding(raw->cipher, 0);
	if (!encrypt && aead)
		must(EVP_CIPHER_CTX_ctrl(raw->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS,
					 raw->content + raw->size));
	must(EVP_CipherUpdate(raw->cipher, raw->content, &len, raw->content, (int)raw->size) &&
	     EVP_CipherFinal_ex(raw->cipher, raw->content + len, &len));
	if (encrypt && aead)
		must(EVP_CIPHER_CTX_ctrl(raw->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS,
					 raw->content + raw->size));
}

static void raw_kek(struct raw *raw, EVP_PKEY_CTX *own, EVP_PKEY *peer)
{
	char sha256[] = "SHA2-256";
	uint8_t shared[32];
	size_t len = sizeof(shared);
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, shared, sizeof(shared)),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, raw->point, raw->point_len),
		OSSL_PARAM_construct_end(),
	};

	must(EVP_PKEY_derive_set_peer_ex(own, peer, 0) == 1 && EVP_PKEY_derive(own, shared, &len) == 1 &&
	     EVP_KDF_derive(raw->kdf, raw->kek, sizeof(raw->kek), params) == 1);
}

/* What is sent to the recipient of the content's key. */
static void raw_transport_seal(struct raw *raw)
{
	EVP_PKEY *ephemeral = NULL;
	int len;

	if (raw->to) {
		raw->wrapped_len = sizeof(raw->wrapped);
		must(EVP_PKEY_encrypt(raw->to, raw->wrapped, &raw->wrapped_len, raw->signed_,
				      SECRET_OCTETS) == 1);
		return;
	}
	must(EVP_PKEY_generate(raw->make, &ephemeral) == 1 &&
	     EVP_PKEY_get_octet_string_param(ephemeral, OSSL_PKEY_PARAM_PUB_KEY, raw->point,
					     sizeof(raw->point), &raw->point_len) == 1);
	EVP_PKEY_CTX *own = EVP_PKEY_CTX_new_from_pkey(NULL, ephemeral, NULL);
	must(own && EVP_PKEY_derive_init(own) == 1);
	raw_kek(raw, own, raw->recipient);
	EVP_PKEY_CTX_free(own);
	EVP_PKEY_free(ephemeral);
	must(EVP_EncryptInit_ex2(raw->wrap, NULL, raw->kek, NULL, NULL) &&
	     EVP_EncryptUpdate(raw->wrap, raw->wrapped, &len, raw->signed_, SECRET_OCTETS));
	raw->wrapped_len = (size_t)len;
}

static void raw_transport_open(struct raw *raw)
{
	EVP_PKEY *peer = NULL;
	uint8_t out[OCTETS_MAX];
	size_t room = sizeof(out);
	int len;

	if (raw->to) {
		must(EVP_PKEY_decrypt(raw->open, out, &room, raw->wrapped, raw->wrapped_len) == 1);
		return;
	}
	if (EVP_PKEY_get_base_id(raw->recipient) == EVP_PKEY_X25519) {
		peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, raw->point, raw->point_len);
	} else {
		peer = EVP_PKEY_new();
		must(EVP_PKEY_copy_parameters(peer, raw->recipient) == 1 &&
		     EVP_PKEY_set1_encoded_public_key(peer, raw->point, raw->point_len) == 1);
	}
	raw_kek(raw, raw->open, peer);
	EVP_PKEY_free(peer);
	must(EVP_DecryptInit_ex2(raw->wrap, NULL, raw->kek, NULL, NULL) &&
	     EVP_DecryptUpdate(raw->wrap, out, &len, raw->wrapped, (int)raw->wrapped_len));
}

/* The hash of 1989, as the big numbers of OpenSSL do it. */
static void raw_square(struct raw *raw, const uint8_t *data, size_t len, uint8_t *out)
{
	BIGNUM *n = NULL, *h = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	uint8_t value[OCTETS_MAX] = { 0 };

	must(EVP_PKEY_get_bn_param(raw->signer, OSSL_PKEY_PARAM_RSA_N, &n) == 1 && h && ctx);
	const size_t size = (size_t)BN_num_bytes(n), step = (size_t)(BN_num_bits(n) - 1) / 16;
	for (size_t at = 0; at <= len; at += step) {
		for (size_t i = 0; i < step; i++) {
			uint8_t octet = at + i < len ? data[at + i] : 0xff;

			value[size - 2 * step + 2 * i] ^= 0xf0 | octet >> 4;
			value[size - 2 * step + 2 * i + 1] ^= 0xf0 | (octet & 15);
		}
		must(BN_bin2bn(value, (int)size, h) && BN_mod_sqr(h, h, n, ctx) &&
		     BN_bn2binpad(h, value, (int)size) == (int)size);
	}
	memcpy(out, value, size);
	BN_free(n);
	BN_free(h);
	BN_CTX_free(ctx);
}

/* --- what each suite consists of --- */

static void raw_check(struct raw *raw, bool make)
{
	const struct world *w = raw->world;
	uint8_t number[OCTETS_MAX];

	if (w->square)
		raw_square(raw, raw->content, raw->size, number);
	else if (!w->signed_check)
		raw_mac(raw);
	else if (make)
		raw_sign(raw, raw->content, raw->size, raw->cic, &raw->cic_len);
	else
		raw_verify(raw, raw->content, raw->size, raw->cic, raw->cic_len);
}

static void raw_token(struct raw *raw, bool make)
{
	uint8_t number[OCTETS_MAX];
	const size_t size = (size_t)EVP_PKEY_get_size(raw->signer);
	size_t len = sizeof(number);

	if (!raw->world->square) {
		if (make)
			raw_sign(raw, raw->signed_, raw->signed_len, raw->signature,
				 &raw->signature_len);
		else
			raw_verify(raw, raw->signed_, raw->signed_len, raw->signature,
				   raw->signature_len);
		return;
	}
	raw_square(raw, raw->signed_, raw->signed_len, number);
	if (make) {
		raw->signature_len = sizeof(raw->signature);
		must(EVP_PKEY_sign(raw->sign, raw->signature, &raw->signature_len, number, size) == 1);
	} else {
		must(EVP_PKEY_verify_recover(raw->verify, number, &len, raw->signature,
					     raw->signature_len) == 1);
	}
}

void raw_do(struct raw *raw, enum raw_operation operation)
{
	switch (operation) {
	case RAW_SEAL:
		raw_check(raw, true);
		raw_crypt(raw, true);
		raw_transport_seal(raw);
		raw_token(raw, true);
		break;
	case RAW_OPEN:
		raw_token(raw, false);
		raw_transport_open(raw);
		raw_crypt(raw, false);
		raw_check(raw, false);
		break;
	case RAW_SIGN:
	case RAW_VERIFY:
	case RAW_OPERATIONS:
		raw_check(raw, operation == RAW_SIGN);
		raw_token(raw, operation == RAW_SIGN);
	}
}

static EVP_PKEY *key_of(enum key_type type)
{
	EVP_PKEY *key = type == KEY_P256 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256") :
		type == KEY_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") :
		type == KEY_X25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "X25519") :
		EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);

	must(key != NULL);
	return key;
}

static EVP_PKEY_CTX *context(EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), int padding, const EVP_MD *md)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	must(ctx && init(ctx) == 1);
	if (padding)
		must(EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1);
	if (padding == RSA_PKCS1_OAEP_PADDING)
		must(EVP_PKEY_CTX_set_rsa_oaep_md(ctx, md) == 1 &&
		     EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1);
	else if (md)
		must(EVP_PKEY_CTX_set_signature_md(ctx, md) == 1);
	if (padding == RSA_PKCS1_PSS_PADDING)
		must(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, 32) == 1);
	return ctx;
}

static void make_contexts(struct raw *raw)
{
	const struct world *w = raw->world;
	int signing = w->signer == KEY_RSA ? w->square ? RSA_NO_PADDING : RSA_PKCS1_PSS_PADDING : 0;
	int sealing = w->square ? RSA_PKCS1_PADDING : RSA_PKCS1_OAEP_PADDING;
	const EVP_MD *md = w->square ? NULL : raw->sha256;

	if (w->signer != KEY_ED25519) {
		raw->sign = context(raw->signer, EVP_PKEY_sign_init, signing, md);
		raw->verify = context(raw->signer, w->square ? EVP_PKEY_verify_recover_init
							     : EVP_PKEY_verify_init, signing, md);
	}
	if (w->recipient == KEY_RSA) {
		raw->to = context(raw->recipient, EVP_PKEY_encrypt_init, sealing, md);
		raw->open = context(raw->recipient, EVP_PKEY_decrypt_init, sealing, md);
	} else {
		raw->make = context(raw->recipient, EVP_PKEY_keygen_init, 0, NULL);
		raw->open = context(raw->recipient, EVP_PKEY_derive_init, 0, NULL);
	}
}

static void make_symmetric(struct raw *raw)
{
	EVP_CIPHER *wrap = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL), *cipher;
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	char name[] = "SHA2-256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};

	raw->legacy = OSSL_LIB_CTX_new();
	raw->provider = OSSL_PROVIDER_load(raw->legacy, "legacy");
	cipher = raw->world->square ? EVP_CIPHER_fetch(raw->legacy, "DES-CBC", NULL)
				    : EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	raw->hash = EVP_MD_CTX_new();
	raw->mac = EVP_MAC_CTX_new(mac);
	raw->kdf = EVP_KDF_CTX_new(kdf);
	raw->cipher = EVP_CIPHER_CTX_new();
	raw->wrap = EVP_CIPHER_CTX_new();
	EVP_CIPHER_CTX_set_flags(raw->wrap, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	must(raw->provider && raw->hash && raw->kdf && EVP_MAC_CTX_set_params(raw->mac, params) == 1 &&
	     EVP_CipherInit_ex2(raw->wrap, wrap, NULL, NULL, 1, NULL) &&
	     EVP_CipherInit_ex2(raw->cipher, cipher, NULL, NULL, 1, NULL));
	/* The contexts have them. */
	EVP_CIPHER_free(wrap);
	EVP_CIPHER_free(cipher);
	EVP_MAC_free(mac);
	EVP_KDF_free(kdf);
}

struct raw *raw_new(const struct world *world, size_t max)
{
	struct raw *raw = mem_new(struct raw);

	raw->world = world;
	raw->content = mem_new_array(uint8_t, max + TAG_OCTETS);
	raw->signer = key_of(world->signer);
	raw->recipient = key_of(world->recipient);
	raw->sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	raw->md = world->signer == KEY_ED25519 ? NULL : raw->sha256;
	make_symmetric(raw);
	make_contexts(raw);
	return raw;
}

void raw_free(struct raw **freed)
{
	struct raw *raw = TAKE(*freed);
	EVP_PKEY_CTX *const contexts[] = { raw->sign, raw->verify, raw->make, raw->open, raw->to };

	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++)
		EVP_PKEY_CTX_free(contexts[i]);
	EVP_MD_CTX_free(raw->hash);
	EVP_MAC_CTX_free(raw->mac);
	EVP_KDF_CTX_free(raw->kdf);
	EVP_CIPHER_CTX_free(raw->cipher);
	EVP_CIPHER_CTX_free(raw->wrap);
	EVP_MD_free(raw->sha256);
	EVP_PKEY_free(raw->signer);
	EVP_PKEY_free(raw->recipient);
	OSSL_PROVIDER_unload(raw->provider);
	OSSL_LIB_CTX_free(raw->legacy);
	mem_free(&raw->content);
	mem_free(&raw);
}

void raw_set_sizes(struct raw *raw, size_t content, size_t signed_octets)
{
	must(signed_octets <= sizeof(raw->signed_));
	raw->size = content;
	raw->signed_len = signed_octets;
}
