/* SPDX-License-Identifier: Apache-2.0 */
/* What all of the door shares: algorithms, failures, secrets, randomness. */
#include "lib/sec/crypto_openssl.h"

#include "lib/base/memory.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>

static struct crypto_algorithms algorithms;

static EVP_MAC_CTX *hmac_without_key(void)
{
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);
	char sha256[] = "SHA2-256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256, 0),
		OSSL_PARAM_construct_end(),
	};

	crypto_must(ctx && EVP_MAC_CTX_set_params(ctx, params) == 1, "HMAC-SHA256");
	EVP_MAC_free(hmac);	/* the context has it */
	return ctx;
}

static void fetch_algorithms(void)
{
	algorithms.sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	algorithms.sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	algorithms.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	algorithms.wrap = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
	algorithms.hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	algorithms.hmac = hmac_without_key();
	crypto_must(algorithms.sha1 && algorithms.sha256 && algorithms.gcm && algorithms.wrap &&
		    algorithms.hkdf && algorithms.hmac, "the algorithms of the default provider");
}

const struct crypto_algorithms *crypto_algorithms(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fetch_algorithms);
	return &algorithms;
}

struct status *crypto_failure(enum status_kind kind, const char *format, ...)
{
	struct status *cause = OK;
	unsigned long error;
	va_list args;

	/* The first error is the deepest; each later one is what it made of that. */
	while ((error = ERR_get_error()) != 0) {
		const char *reason = ERR_reason_error_string(error);

		if (reason)
			cause = status_new(cause, kind, 0, "OpenSSL: %s", reason);
	}
	va_start(args, format);
	AUTO(mem_free) char *words = mem_vprintf(format, args);
	va_end(args);
	return status_new(cause, kind, 0, "%s", words);
}

FALLIBLE crypto_not_for_us(struct status *why)
{
	if (!why || why->kind == ST_LATER)
		return why;
	status_drop(why);
	ERR_clear_error();
	return FAIL(ST_REFUSED, 0, "what was sealed is not for this key, or was changed");
}

void crypto_broken(const char *what)
{
	struct status *why = crypto_failure(ST_LATER, "OpenSSL cannot provide %s", what);
	status_print(stderr, "postern", why);
	status_free(&why);
	abort();
}

struct secret secret_new(size_t len)
{
	return (struct secret){ mem_alloc(len ? len : 1, 1), len };
}

void secret_free(struct secret *secret)
{
	if (secret->data)
		OPENSSL_cleanse(secret->data, secret->len);
	free(secret->data);
	*secret = (struct secret){ 0 };
}

void secret_buf_free(struct buf *octets)
{
	if (octets->data)
		OPENSSL_cleanse(octets->data, octets->len);
	buf_free(octets);
}

bool secrets_lock(void)
{
	enum { LOCKED_OCTETS = 1 << 16, SMALLEST_OCTETS = 16 };

	return CRYPTO_secure_malloc_init(LOCKED_OCTETS, SMALLEST_OCTETS) == 1;
}

bool crypto_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0);
}

void crypto_random(void *out, size_t len)
{
	crypto_must(RAND_bytes(out, (int)len) == 1, "randomness");
}
