/* SPDX-License-Identifier: Apache-2.0 */
/* Content encryption: AES-256 in Galois/Counter Mode [SP 800-38D, RFC 5084]. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/memory.h"

/* OpenSSL counts in int. */
enum { CIPHER_STEP = 1 << 30 };

struct cipher {
	EVP_CIPHER_CTX *ctx;
};

FALLIBLE cipher_new(enum cipher_direction direction, struct bytes key, struct bytes nonce,
		    struct cipher **out_cipher)
{
	AUTO(cipher_free) struct cipher *cipher = mem_new(struct cipher);

	if (key.len != CONTENT_KEY_OCTETS || nonce.len != CONTENT_NONCE_OCTETS)
		return FAIL(ST_REFUSED, 0, "AES-256-GCM wants a key of %d and a nonce of %d octets, "
			    "not of %zu and %zu", CONTENT_KEY_OCTETS, CONTENT_NONCE_OCTETS,
			    key.len, nonce.len);
	cipher->ctx = EVP_CIPHER_CTX_new();
	crypto_must(cipher->ctx && EVP_CipherInit_ex2(cipher->ctx, crypto_algorithms()->gcm, key.data,
						      nonce.data, direction == CIPHER_ENCRYPT, NULL) == 1,
		    "AES-256-GCM");
	*out_cipher = TAKE(cipher);
	return OK;
}

void cipher_free(struct cipher **cipher)
{
	if (*cipher)
		EVP_CIPHER_CTX_free((*cipher)->ctx);
	mem_free(cipher);
}

FALLIBLE cipher_update(struct cipher *cipher, uint8_t *octets, size_t len)
{
	while (len > 0) {
		int step = len < CIPHER_STEP ? (int)len : CIPHER_STEP, made;

		if (EVP_CipherUpdate(cipher->ctx, octets, &made, octets, step) != 1 || made != step)
			return crypto_failure(ST_REFUSED, "AES-256-GCM takes no more octets");
		octets += step;
		len -= (size_t)step;
	}
	return OK;
}

FALLIBLE cipher_seal(struct cipher *cipher, uint8_t out_tag[static CONTENT_TAG_OCTETS])
{
	uint8_t none[CONTENT_TAG_OCTETS];
	int made;

	if (EVP_CipherFinal_ex(cipher->ctx, none, &made) != 1 ||
	    EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_GET_TAG, CONTENT_TAG_OCTETS, out_tag) != 1)
		return crypto_failure(ST_REFUSED, "AES-256-GCM gives no tag");
	return OK;
}

FALLIBLE cipher_open(struct cipher *cipher, struct bytes tag)
{
	uint8_t expected[CONTENT_TAG_OCTETS], none[CONTENT_TAG_OCTETS];
	int made;

	if (tag.len != CONTENT_TAG_OCTETS)
		return FAIL(ST_REFUSED, 0, "the tag has %zu octets, not %d", tag.len, CONTENT_TAG_OCTETS);
	memcpy(expected, tag.data, sizeof(expected));
	if (EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_SET_TAG, CONTENT_TAG_OCTETS, expected) != 1 ||
	    EVP_CipherFinal_ex(cipher->ctx, none, &made) != 1)
		return crypto_failure(ST_REFUSED, "the octets were changed, or the key is another");
	return OK;
}
