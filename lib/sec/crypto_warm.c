/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts that are set up once for a key, and copied for each use. */
#include "lib/sec/crypto_openssl.h"

EVP_PKEY_CTX *warm_take(struct warm *warm, EVP_PKEY *pkey, bool (*prepare)(EVP_PKEY_CTX *ctx))
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *made = NULL;
	EVP_PKEY_CTX *known = atomic_load(&warm->ctx);

	if (known)
		return EVP_PKEY_CTX_dup(known);
	made = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (!made || !prepare(made))
		return NULL;
	/* Another thread may have been faster: one of both is enough. */
	if (atomic_compare_exchange_strong(&warm->ctx, &known, made))
		known = TAKE(made);
	return EVP_PKEY_CTX_dup(known);
}

static EVP_MD_CTX *copy_of(const EVP_MD_CTX *known)
{
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *copy = EVP_MD_CTX_new();

	if (!copy || EVP_MD_CTX_copy_ex(copy, known) != 1) {
		ERR_clear_error();
		return NULL;
	}
	return TAKE(copy);
}

/* Not every release of OpenSSL 3 copies such a context: where it does not, each is a fresh one. */
EVP_MD_CTX *warm_take_whole(struct warm *warm, EVP_PKEY *pkey,
			    bool (*prepare)(EVP_MD_CTX *ctx, EVP_PKEY *pkey))
{
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *made = NULL;
	AUTO(auto_EVP_MD_CTX) EVP_MD_CTX *kept = NULL;
	EVP_MD_CTX *known = atomic_load(&warm->whole);

	if (known && (made = copy_of(known)))
		return TAKE(made);
	made = EVP_MD_CTX_new();
	if (!made || !prepare(made, pkey))
		return NULL;
	kept = known ? NULL : copy_of(made);
	if (kept && atomic_compare_exchange_strong(&warm->whole, &known, kept))
		(void)TAKE(kept);
	return TAKE(made);
}

void warm_free(struct warm *warm)
{
	EVP_MD_CTX_free(atomic_load(&warm->whole));
	atomic_store(&warm->whole, NULL);
	EVP_PKEY_CTX_free(atomic_load(&warm->ctx));
	atomic_store(&warm->ctx, NULL);
}
