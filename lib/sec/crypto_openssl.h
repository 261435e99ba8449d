/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the door: the one place where OpenSSL's headers are included.
 * For the files of lib/sec that speak to OpenSSL, and nobody else.
 */
#ifndef LIB_SEC_CRYPTO_OPENSSL_H
#define LIB_SEC_CRYPTO_OPENSSL_H

#include "lib/sec/crypto.h"
#include "lib/sec/key_holder.h"
#include "lib/sec/pem.h"
#include "lib/sec/scope.h"

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
#include <stdatomic.h>

/*
 * A context for one use of a key, kept beside it: to set one up costs as much as some of the
 * operations that it is for.  Any number of threads may take from it at once.
 */
struct warm {
	_Atomic(EVP_PKEY_CTX *) ctx;
	_Atomic(EVP_MD_CTX *) whole;	/* in its place, for a use that takes messages whole */
};
/* A copy, which the caller frees; null where it cannot be prepared. */
EVP_PKEY_CTX *warm_take(struct warm *warm, EVP_PKEY *pkey, bool (*prepare)(EVP_PKEY_CTX *ctx));
EVP_MD_CTX *warm_take_whole(struct warm *warm, EVP_PKEY *pkey,
			    bool (*prepare)(EVP_MD_CTX *ctx, EVP_PKEY *pkey));
void warm_free(struct warm *warm);

/* By the hash that is signed; a public key also recovers numbers. */
enum { WARM_HASHES = ECDSA_SHA256 + 1, WARM_RECOVER = WARM_HASHES, WARM_WHOLE, WARM_USES };

struct public_key {
	EVP_PKEY *pkey;
	struct warm *verify;		/* WARM_USES */
	enum key_type type;
	struct buf spki;
	uint8_t id[HASH_OCTETS];
};

struct private_key {
	const struct key_holder *holder;
	void *state;			/* the holder's */
	struct public_key *public;
};

/* Takes one reference of pkey, also on failure.  spki: as it arrived. */
FALLIBLE public_key_new(EVP_PKEY *pkey, struct bytes spki, struct public_key **out_key);

/* A key that this process holds.  Takes the reference, also on failure. */
FALLIBLE private_key_of(EVP_PKEY *pkey, struct private_key **out_key);
/* The same back, borrowed; null where somebody else holds it. */
EVP_PKEY *private_key_pkey(const struct private_key *key);

/*
 * Whatever a key does not open is refused with the same words, which take the place of those
 * given; a holder that does not answer has refused nothing, and keeps its own.
 */
FALLIBLE crypto_not_for_us(struct status *why);

/* ECDH; out_shared has room for it. */
bool crypto_agree(EVP_PKEY *own, EVP_PKEY *peer, struct secret *out_shared);
/* How a hash is signed (RSASSA-PSS with a salt of 32, where the key is of RSA), and RSAES-OAEP. */
bool crypto_set_scheme(EVP_PKEY_CTX *ctx, enum ecdsa_hash hash);
bool crypto_set_oaep(EVP_PKEY_CTX *ctx);

/* Algorithms that are looked up once: a lookup costs as much as a hash. */
struct crypto_algorithms {
	EVP_MD *sha1;
	EVP_MD *sha256;
	EVP_CIPHER *gcm;
	EVP_CIPHER *wrap;
	EVP_KDF *hkdf;
	EVP_MAC_CTX *hmac;	/* with SHA-256, without a key: for copying */
};
const struct crypto_algorithms *crypto_algorithms(void);

/* A failure with OpenSSL's own words as its cause; its error queue is then empty. */
__attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result))
struct status *crypto_failure(enum status_kind kind, const char *format, ...);

/* For a call that fails only where memory, or OpenSSL itself, is broken: ends the process. */
__attribute__((noreturn)) void crypto_broken(const char *what);
static inline void crypto_must(bool done, const char *what)
{
	if (!done)
		crypto_broken(what);
}

/* The first block with this label ("CERTIFICATE") in a PEM file, as DER. */
FALLIBLE crypto_pem_load(const char *path, const char *label, size_t max, struct buf *out_der);
/* The same in the octets of such a file, after so many with this label. */
FALLIBLE crypto_pem_find(struct bytes pem, const char *path, const char *label, size_t skip,
			 struct buf *out_der);
/* Puts the PEM of the DER in place, whole or not at all. */
FALLIBLE crypto_pem_save(const char *path, const char *label, struct bytes der);

/* OpenSSL's own form of what lib/sec/cert.h decoded; lives as long as that. */
struct cert;
struct crl;
X509 *cert_x509(const struct cert *cert);
X509_CRL *crl_x509(const struct crl *crl);

/* Seconds since 1970; ST_PEER where the time is none. */
FALLIBLE crypto_time(const ASN1_TIME *time, time_t *out_time);

/* The DER ORAddress in a subjectAltName, appended; nothing where there is none. */
void crypto_or_address(const GENERAL_NAMES *names, struct buf *out_der);

/* The DER ORAddress of one name, appended; false where it is of another kind. */
bool crypto_address_of(const GENERAL_NAME *name, struct buf *out_der);
/* An x400Address; the caller frees it. */
GENERAL_NAME *crypto_address_name(struct bytes or_address);
/* A directoryName, which takes the name over. */
GENERAL_NAME *crypto_directory_name(X509_NAME *name);

/* The scope of use that an extendedKeyUsage says: SCOPE_NONE unless it is just one. */
enum scope crypto_scope(const EXTENDED_KEY_USAGE *usage);

/* A DER Name with something in it; ST_USAGE where it is none. */
FALLIBLE crypto_name(struct bytes der, X509_NAME **out_name);

typedef STACK_OF(X509_EXTENSION) extension_list;

/* Adds an extension of one of OpenSSL's own types; *list may be null at first. */
void crypto_add_extension(extension_list **list, int nid, void *value, bool critical);
/* subjectAltName: the O/R address, where there is one, and the directory name
 * [RFC 5280 4.2.1.6]. */
void crypto_add_names(extension_list **list, struct bytes or_address, X509_NAME *subject);
/* Critical: whoever does not understand it shall not use the key.  Nothing for a CA. */
void crypto_add_scope(extension_list **list, enum scope scope);

/*
 * The DER SEQUENCE { what is signed, algorithm, signature BIT STRING } [X.509 8.1] that
 * certificates, requests and revocation lists are.  tbs is DER, and freed with OPENSSL_free.
 */
FALLIBLE crypto_sign_der(const struct private_key *key, uint8_t *tbs, int tbs_len,
			 struct buf *out_der);
/* The algorithm that the key signs with, in the field that is signed along. */
void crypto_name_algorithm(const struct private_key *key, const X509_ALGOR *field);

/* AUTO(auto_X509) X509 *x = ...; */
#define CRYPTO_AUTO(type, release)                     \
	static inline void auto_##type(type **thing)   \
	{                                              \
		release(*thing);                       \
	}
CRYPTO_AUTO(BIO, BIO_free_all)
CRYPTO_AUTO(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
CRYPTO_AUTO(EVP_KDF_CTX, EVP_KDF_CTX_free)
CRYPTO_AUTO(EVP_MAC_CTX, EVP_MAC_CTX_free)
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
CRYPTO_AUTO(NAME_CONSTRAINTS, NAME_CONSTRAINTS_free)

static inline void auto_extensions(extension_list **list)
{
	sk_X509_EXTENSION_pop_free(*list, X509_EXTENSION_free);
}

#endif
