/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 [FIPS 180-4], HMAC [RFC 2104], scrypt [RFC 7914]. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/memory.h"

struct digest {
	EVP_MD_CTX *ctx;
};

static void digest_begin(struct digest *digest)
{
	crypto_must(EVP_DigestInit_ex2(digest->ctx, crypto_algorithms()->sha256, NULL) == 1, "SHA-256");
}

struct digest *digest_new(void)
{
	struct digest *digest = mem_new(struct digest);

	digest->ctx = EVP_MD_CTX_new();
	crypto_must(digest->ctx != NULL, "a digest");
	digest_begin(digest);
	return digest;
}

void digest_free(struct digest **digest)
{
	if (*digest)
		EVP_MD_CTX_free((*digest)->ctx);
	mem_free(digest);
}

void digest_add(struct digest *digest, struct bytes octets)
{
	crypto_must(EVP_DigestUpdate(digest->ctx, octets.data, octets.len) == 1, "SHA-256");
}

void digest_finish(struct digest *digest, uint8_t out_hash[static HASH_OCTETS])
{
	crypto_must(EVP_DigestFinal_ex(digest->ctx, out_hash, NULL) == 1, "SHA-256");
	digest_begin(digest);
}

void crypto_sha256(const struct bytes *parts, size_t count, uint8_t out_hash[static HASH_OCTETS])
{
	AUTO(digest_free) struct digest *digest = digest_new();

	for (size_t i = 0; i < count; i++)
		digest_add(digest, parts[i]);
	crypto_must(EVP_DigestFinal_ex(digest->ctx, out_hash, NULL) == 1, "SHA-256");
}

void crypto_hmac_sha256(struct bytes key, const struct bytes *parts, size_t count,
			uint8_t out_mac[static HASH_OCTETS])
{
	AUTO(auto_EVP_MAC_CTX) EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(crypto_algorithms()->hmac);
	size_t len;
	bool done = ctx && EVP_MAC_init(ctx, key.data, key.len, NULL) == 1;

	for (size_t i = 0; done && i < count; i++)
		done = EVP_MAC_update(ctx, parts[i].data, parts[i].len) == 1;
	crypto_must(done && EVP_MAC_final(ctx, out_mac, &len, HASH_OCTETS) == 1, "HMAC-SHA256");
}

void crypto_scrypt(struct bytes password, struct bytes salt, unsigned cost,
		   uint8_t out[static HASH_OCTETS])
{
	enum { BLOCK = 8, PARALLEL = 1, MEMORY_MAX = 128 << 20 };

	crypto_must(EVP_PBE_scrypt((const char *)password.data, password.len, salt.data, salt.len,
				   UINT64_C(1) << cost, BLOCK, PARALLEL, MEMORY_MAX, out,
				   HASH_OCTETS) == 1, "scrypt");
}
