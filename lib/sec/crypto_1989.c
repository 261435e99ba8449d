/* SPDX-License-Identifier: Apache-2.0 */
/* The cryptography of 1989. */
#include "lib/sec/crypto_1989.h"

#include "lib/sec/crypto_openssl.h"

#include <limits.h>
#include <openssl/provider.h>
#include <pthread.h>

/* --- RSA --- */

static EVP_PKEY_CTX *rsa_context(EVP_PKEY *pkey, int (*init)(EVP_PKEY_CTX *), int padding)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);

	if (ctx && init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

FALLIBLE rsa_raw_sign(const struct private_key *key, struct bytes number, struct buf *out_signature)
{
	AUTO(secret_free) struct secret made = { 0 };
	struct status *failed = private_key_perform(key, KEY_RSA_RAW, number, &made);

	if (failed)
		return status_new(failed, ST_LATER, 0, "cannot sign with the RSA key");
	buf_put(out_signature, secret_view(&made));
	return OK;
}

static bool prepare_recover(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_verify_recover_init(ctx) == 1 &&
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1;
}

FALLIBLE rsa_raw_recover(const struct public_key *key, struct bytes signature, struct buf *out_number)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = warm_take(&key->verify[WARM_RECOVER], key->pkey,
							      prepare_recover);
	size_t len = (size_t)EVP_PKEY_get_size(key->pkey), had = out_number->len;

	if (ctx && signature.len == len &&
	    EVP_PKEY_verify_recover(ctx, buf_extend(out_number, len), &len, signature.data,
				    signature.len) == 1)
		return OK;
	out_number->len = had;
	ERR_clear_error();
	return FAIL(ST_REFUSED, 0, "the signature is wrong");
}

FALLIBLE rsa_seal(const struct public_key *to, struct bytes plain, struct buf *out_octets)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = NULL;
	size_t len = (size_t)EVP_PKEY_get_size(to->pkey), had = out_octets->len;

	if (to->type != KEY_RSA)
		return FAIL(ST_USAGE, 0, "nothing can be sealed with RSA for a key of type %s",
			    key_type_name(to->type));
	ctx = rsa_context(to->pkey, EVP_PKEY_encrypt_init, RSA_PKCS1_PADDING);
	if (ctx && EVP_PKEY_encrypt(ctx, buf_extend(out_octets, len), &len, plain.data, plain.len) == 1)
		return OK;
	out_octets->len = had;
	return crypto_failure(ST_LATER, "cannot seal for the RSA key");
}

FALLIBLE rsa_open(const struct private_key *key, struct bytes octets, struct secret *out_plain)
{
	return crypto_not_for_us(key->public->type == KEY_RSA
		? private_key_perform(key, KEY_OPEN_PKCS1, octets, out_plain)
		: FAIL(ST_REFUSED, 0, "not a key of RSA"));
}

/* --- DES --- */

static EVP_CIPHER *des_cbc;	/* null where there is no legacy provider */

static void fetch_des(void)
{
	OSSL_LIB_CTX *apart = OSSL_LIB_CTX_new();

	crypto_must(apart != NULL, "a library context");
	if (OSSL_PROVIDER_load(apart, "legacy"))
		des_cbc = EVP_CIPHER_fetch(apart, "DES-CBC", NULL);
}

void des_key_new(struct secret *out_key)
{
	*out_key = secret_new(DES_OCTETS);
	crypto_random(out_key->data, out_key->len);
	for (size_t i = 0; i < out_key->len; i++)
		out_key->data[i] ^= !__builtin_parity(out_key->data[i]);
}

/* In place: content has room for one block more than there is. */
static bool run(enum cipher_direction direction, struct bytes key, struct bytes iv,
		struct buf *content)
{
	AUTO(auto_EVP_CIPHER_CTX) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int made = 0, rest = 0;

	crypto_must(ctx != NULL, "a cipher");
	if (EVP_CipherInit_ex2(ctx, des_cbc, key.data, iv.data, direction == CIPHER_ENCRYPT, NULL) != 1 ||
	    EVP_CipherUpdate(ctx, content->data, &made, content->data, (int)content->len) != 1 ||
	    EVP_CipherFinal_ex(ctx, content->data + made, &rest) != 1)
		return false;
	content->len = (size_t)made + (size_t)rest;
	return true;
}

static FALLIBLE des(enum cipher_direction direction, struct bytes key, struct bytes iv,
		    struct buf *content)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (key.len != DES_OCTETS || iv.len != DES_OCTETS)
		return FAIL(ST_REFUSED, 0, "DES wants a key and an initialization vector of %d octets, "
			    "not of %zu and %zu", DES_OCTETS, key.len, iv.len);
	if (content->len > INT_MAX - DES_OCTETS)
		return FAIL(ST_REFUSED, 0, "a content of %zu octets is too long for DES", content->len);
	pthread_once(&once, fetch_des);
	if (!des_cbc)
		return crypto_failure(ST_LATER, "DES is not at hand: OpenSSL's legacy provider is missing");
	buf_reserve(content, DES_OCTETS);
	if (run(direction, key, iv, content))
		return OK;
	return crypto_failure(ST_REFUSED, "the octets were changed, or the key is another");
}

FALLIBLE des_cbc_encrypt(struct bytes key, struct bytes iv, struct buf *content)
{
	return des(CIPHER_ENCRYPT, key, iv, content);
}

FALLIBLE des_cbc_decrypt(struct bytes key, struct bytes iv, struct buf *content)
{
	return des(CIPHER_DECRYPT, key, iv, content);
}
