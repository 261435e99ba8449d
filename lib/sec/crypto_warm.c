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

void warm_free(struct warm *warm)
{
	EVP_PKEY_CTX_free(atomic_load(&warm->ctx));
	atomic_store(&warm->ctx, NULL);
}
