/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the door: the one place where OpenSSL's headers are included.
 * For the files of lib/sec that speak to OpenSSL, and nobody else.
 */
#ifndef LIB_SEC_CRYPTO_OPENSSL_H
#define LIB_SEC_CRYPTO_OPENSSL_H

#include "lib/sec/crypto.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

struct public_key {
	EVP_PKEY *pkey;
	enum key_type type;
	struct buf spki;
	uint8_t id[HASH_OCTETS];
};

struct private_key {
	EVP_PKEY *pkey;
	struct public_key *public;
};

/* Takes one reference of pkey, also on failure.  spki: as it arrived. */
FALLIBLE public_key_new(EVP_PKEY *pkey, struct bytes spki, struct public_key **out_key);

/* Algorithms that are looked up once: a lookup costs as much as a hash. */
struct crypto_algorithms {
	EVP_MD *sha256;
	EVP_CIPHER *gcm;
	EVP_CIPHER *wrap;
	EVP_KDF *hkdf;
};
const struct crypto_algorithms *crypto_algorithms(void);

/* A failure with OpenSSL's own words as its cause; its error queue is then empty. */
__attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result))
struct status *crypto_failure(enum status_kind kind, const char *format, ...);

/* A call that fails only where memory, or OpenSSL itself, is broken: ends the process. */
void crypto_must(bool done, const char *what);

/* AUTO(auto_X509) X509 *x = ...; */
#define CRYPTO_AUTO(type, release)                     \
	static inline void auto_##type(type **thing)   \
	{                                              \
		release(*thing);                       \
	}
CRYPTO_AUTO(BIO, BIO_free_all)
CRYPTO_AUTO(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
CRYPTO_AUTO(EVP_KDF_CTX, EVP_KDF_CTX_free)
CRYPTO_AUTO(EVP_MD_CTX, EVP_MD_CTX_free)
CRYPTO_AUTO(EVP_PKEY, EVP_PKEY_free)
CRYPTO_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
CRYPTO_AUTO(X509, X509_free)
CRYPTO_AUTO(X509_CRL, X509_CRL_free)
CRYPTO_AUTO(X509_REQ, X509_REQ_free)
CRYPTO_AUTO(X509_NAME, X509_NAME_free)
CRYPTO_AUTO(X509_REVOKED, X509_REVOKED_free)
CRYPTO_AUTO(X509_STORE, X509_STORE_free)
CRYPTO_AUTO(X509_STORE_CTX, X509_STORE_CTX_free)
CRYPTO_AUTO(GENERAL_NAMES, GENERAL_NAMES_free)
CRYPTO_AUTO(EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
CRYPTO_AUTO(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free)
CRYPTO_AUTO(ASN1_INTEGER, ASN1_INTEGER_free)
CRYPTO_AUTO(ASN1_OBJECT, ASN1_OBJECT_free)
CRYPTO_AUTO(BIGNUM, BN_free)

#endif
