/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that this process holds itself: what OpenSSL does with them. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/memory.h"

/* What the key does often is prepared once. */
struct held {
	EVP_PKEY *pkey;
	struct warm sign[WARM_HASHES], sign_whole, agree, oaep;
};

static bool prepare_sha1(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_sign_init(ctx) == 1 && crypto_set_scheme(ctx, ECDSA_SHA1);
}

static bool prepare_sha256(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_sign_init(ctx) == 1 && crypto_set_scheme(ctx, ECDSA_SHA256);
}

static bool prepare_agree(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_derive_init(ctx) == 1;
}

static bool prepare_oaep(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_decrypt_init(ctx) == 1 && crypto_set_oaep(ctx);
}

static bool sign_hash(struct held *held, enum ecdsa_hash with, struct bytes hash, struct secret *out)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = warm_take(&held->sign[with], held->pkey,
		with == ECDSA_SHA1 ? prepare_sha1 : prepare_sha256);

	return ctx && EVP_PKEY_sign(ctx, out->data, &out->len, hash.data, hash.len) == 1;
}

static bool prepare_whole(EVP_MD_CTX *ctx, EVP_PKEY *pkey)
{
	return EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1;
}

static bool sign_whole(struct held *held, struct bytes message, struct secret *out)
{
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *ctx = warm_take_whole(&held->sign_whole, held->pkey,
								prepare_whole);

	return ctx && EVP_DigestSign(ctx, out->data, &out->len, message.data, message.len) == 1;
}

static bool sign_raw(EVP_PKEY *pkey, struct bytes number, struct secret *out)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	return ctx && EVP_PKEY_sign_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
		EVP_PKEY_sign(ctx, out->data, &out->len, number.data, number.len) == 1;
}

/* The peer's ephemeral key: OpenSSL checks its length, and that the point is on the curve. */
static EVP_PKEY *peer_key(EVP_PKEY *own, struct bytes point)
{
	AUTO(auto_EVP_PKEY) EVP_PKEY *peer = NULL;

	if (EVP_PKEY_get_base_id(own) == EVP_PKEY_X25519)
		return EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, point.data, point.len);
	peer = EVP_PKEY_new();
	crypto_must(peer != NULL, "a key");
	if (EVP_PKEY_copy_parameters(peer, own) != 1 ||
	    EVP_PKEY_set1_encoded_public_key(peer, point.data, point.len) != 1)
		return NULL;
	return TAKE(peer);
}

static bool agree_in(EVP_PKEY_CTX *ctx, EVP_PKEY *peer, struct secret *out_shared)
{
	/* The peer's key needs no validation here: a point that was decoded is on the curve, and
	 * on P-256, whose order is prime, each such point is a good one.  On X25519 OpenSSL
	 * refuses the shared secret of zeroes that the bad ones give [RFC 7748 6.1]. */
	return EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1 &&
		EVP_PKEY_derive(ctx, out_shared->data, &out_shared->len) == 1;
}

bool crypto_agree(EVP_PKEY *own, EVP_PKEY *peer, struct secret *out_shared)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);

	return ctx && prepare_agree(ctx) && agree_in(ctx, peer, out_shared);
}

static bool agree(struct held *held, struct bytes point, struct secret *out)
{
	AUTO(auto_EVP_PKEY) EVP_PKEY *peer = peer_key(held->pkey, point);
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = warm_take(&held->agree, held->pkey, prepare_agree);

	return peer && ctx && agree_in(ctx, peer, out);
}

static bool open_oaep(struct held *held, struct bytes octets, struct secret *out)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = warm_take(&held->oaep, held->pkey, prepare_oaep);

	return ctx && EVP_PKEY_decrypt(ctx, out->data, &out->len, octets.data, octets.len) == 1;
}

static bool open_pkcs1(EVP_PKEY *pkey, struct bytes octets, struct secret *out)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	return ctx && EVP_PKEY_decrypt_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		EVP_PKEY_decrypt(ctx, out->data, &out->len, octets.data, octets.len) == 1;
}

static bool run(struct held *held, enum key_operation operation, struct bytes in, struct secret *out)
{
	switch (operation) {
	case KEY_SIGN_SHA256:
		return sign_hash(held, ECDSA_SHA256, in, out);
	case KEY_SIGN_SHA1:
		return sign_hash(held, ECDSA_SHA1, in, out);
	case KEY_SIGN_WHOLE:
		return sign_whole(held, in, out);
	case KEY_AGREE:
		return agree(held, in, out);
	case KEY_OPEN_OAEP:
		return open_oaep(held, in, out);
	case KEY_OPEN_PKCS1:
		return open_pkcs1(held->pkey, in, out);
	case KEY_RSA_RAW:
		return sign_raw(held->pkey, in, out);
	case KEY_OPERATION_COUNT:
		break;
	}
	return false;
}

static FALLIBLE held_perform(void *state, enum key_operation operation, struct bytes in,
			     struct secret *out)
{
	AUTO(secret_free) struct secret made = secret_new(KEY_RESULT_MAX_OCTETS);

	if (!run(state, operation, in, &made))
		return crypto_failure(ST_REFUSED, "the key could not %s",
				      key_operation_words(operation));
	*out = secret_take(&made);
	return OK;
}

static void held_free(void *state)
{
	struct held *held = state;

	for (size_t i = 0; i < WARM_HASHES; i++)
		warm_free(&held->sign[i]);
	warm_free(&held->sign_whole);
	warm_free(&held->agree);
	warm_free(&held->oaep);
	EVP_PKEY_free(held->pkey);
	mem_free(&held);
}

static const struct key_holder holder = { held_perform, held_free };

FALLIBLE private_key_of(EVP_PKEY *pkey, struct private_key **out_key)
{
	uint8_t *spki = NULL;
	int len = i2d_PUBKEY(pkey, &spki);

	if (len <= 0) {
		EVP_PKEY_free(pkey);
		return crypto_failure(ST_REFUSED, "the private key has no public half");
	}
	struct held *held = mem_new(struct held);
	held->pkey = pkey;
	struct status *failed = private_key_held(&holder, held, bytes_of(spki, (size_t)len), out_key);
	OPENSSL_free(spki);
	return failed;
}

EVP_PKEY *private_key_pkey(const struct private_key *key)
{
	const struct held *held = private_key_state(key, &holder);

	return held ? held->pkey : NULL;
}

bool private_key_is_here(const struct private_key *key)
{
	return private_key_pkey(key) != NULL;
}
