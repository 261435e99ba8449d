/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only door to OpenSSL (crypto*.c): keys, signatures, hashes, content
 * encryption, key transport, secrets.  Keys are immutable once made and may be
 * used by several threads at once; digests and ciphers belong to one thread.
 * Algorithms are named by the DER of their AlgorithmIdentifier [X.509 8.1].
 */
#ifndef LIB_SEC_CRYPTO_H
#define LIB_SEC_CRYPTO_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
	HASH_OCTETS = 32,	/* SHA-256, and so of a key identifier */
	CONTENT_KEY_OCTETS = 32,
	CONTENT_NONCE_OCTETS = 12,
	CONTENT_TAG_OCTETS = 16,
	TRANSPORT_MAX_OCTETS = 1024,	/* what key transport carries at most, to any key */
};

/* --- secrets: memory that is wiped when it is given back --- */

struct secret {
	uint8_t *data;
	size_t len;
};

/* Zeroed memory for a secret. */
struct secret secret_new(size_t len);
/* Wipes, frees and empties: AUTO(secret_free) struct secret key = secret_new(32). */
void secret_free(struct secret *secret);

/* The same for a secret that was written into a buffer, which had room for it from the beginning. */
void secret_buf_free(struct buf *octets);

/* Private keys that are loaded from now on lie in memory that is kept from the swap space and from
 * core files.  False where the system does not let that be. */
bool secrets_lock(void);

/* Moves the secret out and leaves none. */
static inline struct secret secret_take(struct secret *secret)
{
	struct secret taken = *secret;

	*secret = (struct secret){ 0 };
	return taken;
}

static inline struct bytes secret_view(const struct secret *secret)
{
	return bytes_of(secret->data, secret->len);
}

/* Whether two octet strings are the same, in time that depends only on their lengths. */
bool crypto_equal(struct bytes a, struct bytes b);

/* Octets that nobody can foretell.  Without a source of them the process ends. */
void crypto_random(void *out, size_t len);

/* --- keys --- */

enum key_type {
	KEY_P256,	/* signs, agrees on keys */
	KEY_ED25519,	/* signs; cannot receive sealed content */
	KEY_RSA,	/* 3072 bits where we make it, 2048 to 8192 accepted */
	KEY_X25519,	/* agrees on keys; cannot sign */
};

struct private_key;
struct public_key;

FALLIBLE private_key_generate(enum key_type type, struct private_key **out_key);

/* What opens a key that is loaded. */
struct key_opening {
	const char *passphrase_file;	/* its first line; null or empty: none */
	bool ask;			/* on the terminal, where there is no such file */
	bool unencrypted;		/* it need not be encrypted */
	const struct secret *known;	/* the passphrase itself, before all others; null: none */
};
extern const struct key_opening key_is_plain;

/*
 * A PKCS #11 URI (pkcs11.h), the passphrase being its PIN, or a file with one; or a PEM file of a
 * PKCS#8 key [RFC 5958], encrypted in any way that OpenSSL reads.  ST_REFUSED where others than the
 * owner may read the file, where the passphrase is wrong, and where the key is not encrypted though
 * it has to be.
 */
FALLIBLE private_key_load(const char *name, const struct key_opening *opening,
			  struct private_key **out_key);
/* The passphrase of what is called path, from where the opening says. */
FALLIBLE key_opening_passphrase(const struct key_opening *opening, const char *path,
				struct secret *out_passphrase);

/*
 * Makes a key: in the token that the URI names, the passphrase being its PIN, and the URI then is
 * all that the file says; without a URI (null) in the file itself.  ST_USAGE where the file is
 * there already.
 */
FALLIBLE private_key_create(const char *path, const char *uri, enum key_type type,
			    struct bytes passphrase, struct private_key **out_key);
/* What a file says of the token that holds its key; null where it has the key itself, or there is no
 * file.  The caller frees it. */
FALLIBLE private_key_uri(const char *path, char **out_uri);
/* Removes a key for ever: its file, and what a token holds of it.  That there is none is no failure. */
FALLIBLE private_key_destroy(const char *path, const struct key_opening *opening);
/* PEM with mode 0600, durable, encrypted unless the passphrase is none; ST_USAGE where the file
 * is there already, or the key does not leave its holder. */
FALLIBLE private_key_save(const char *path, const struct private_key *key,
			  struct bytes passphrase);
/* The same in place of what was there, whole or not at all. */
FALLIBLE private_key_replace(const char *path, const struct private_key *key,
			     struct bytes passphrase);
void private_key_free(struct private_key **key);

/* The public half; lives as long as the private key. */
const struct public_key *private_key_public(const struct private_key *key);

/* From and to the DER of a SubjectPublicKeyInfo [X.509 8.2]. */
FALLIBLE public_key_decode(struct bytes spki, struct public_key **out_key);
void public_key_free(struct public_key **key);
struct bytes public_key_spki(const struct public_key *key);
/* The key identifier: SHA-256 of the SubjectPublicKeyInfo. */
struct bytes public_key_id(const struct public_key *key);
enum key_type public_key_type(const struct public_key *key);
/* "P-256", "Ed25519", "X25519", "RSA". */
const char *key_type_name(enum key_type type);
/* Of a key that signs: ST_USAGE, naming what is known, where the text is none of p256,
 * ed25519, rsa. */
FALLIBLE key_type_from_text(const char *text, enum key_type *out_type);
/* The same, or x25519. */
FALLIBLE key_type_any_from_text(const char *text, enum key_type *out_type);

/* --- signatures --- */

/* The AlgorithmIdentifier that a key signs with: ecdsa-with-SHA256, RSASSA-PSS with
 * SHA-256 (MGF1 the same, salt of 32), or Ed25519.  Static; empty for X25519. */
struct bytes crypto_signature_algorithm(enum key_type type);

/* Signs the parts as if they were joined; appends the signature to *out_signature. */
FALLIBLE crypto_sign(const struct private_key *key, const struct bytes *parts, size_t count,
		     struct buf *out_signature);

/*
 * ST_REFUSED "the signature is wrong" where it is; "the signature algorithm ... does not
 * go with a P-256 key" where the algorithm is not the one of the key.
 */
FALLIBLE crypto_verify(const struct public_key *key, struct bytes algorithm,
		       const struct bytes *parts, size_t count, struct bytes signature);

/* ECDSA over a hash of one's choice, for suites that fix it.  ST_USAGE where the key cannot
 * make it; ST_REFUSED "the signature is wrong". */
enum ecdsa_hash { ECDSA_SHA1, ECDSA_SHA256 };
FALLIBLE crypto_ecdsa_sign(const struct private_key *key, enum ecdsa_hash hash,
			   const struct bytes *parts, size_t count, struct buf *out_signature);
FALLIBLE crypto_ecdsa_verify(const struct public_key *key, enum ecdsa_hash hash,
			     const struct bytes *parts, size_t count, struct bytes signature);

/* --- SHA-256 --- */

struct digest;

struct digest *digest_new(void);
void digest_free(struct digest **digest);
void digest_add(struct digest *digest, struct bytes octets);
/* The hash of all that was added; the digest is then at its beginning again. */
void digest_finish(struct digest *digest, uint8_t out_hash[static HASH_OCTETS]);

/* HMAC-SHA256 [RFC 2104] of the parts as if they were joined. */
void crypto_hmac_sha256(struct bytes key, const struct bytes *parts, size_t count,
			uint8_t out_mac[static HASH_OCTETS]);

/* The hash of the parts as if they were joined. */
void crypto_sha256(const struct bytes *parts, size_t count, uint8_t out_hash[static HASH_OCTETS]);

/* scrypt [RFC 7914] of a password, with block size 8 and no parallelism; cost is the logarithm of N, to
 * SCRYPT_COST_MAX. */
enum { SCRYPT_COST_MAX = 16 };
void crypto_scrypt(struct bytes password, struct bytes salt, unsigned cost,
		   uint8_t out[static HASH_OCTETS]);

/* --- content encryption: AES-256-GCM, in place, in pieces of any size --- */

struct cipher;

enum cipher_direction { CIPHER_DECRYPT, CIPHER_ENCRYPT };

/* key has CONTENT_KEY_OCTETS, nonce CONTENT_NONCE_OCTETS; ST_REFUSED where they have not. */
FALLIBLE cipher_new(enum cipher_direction direction, struct bytes key, struct bytes nonce,
		    struct cipher **out_cipher);
void cipher_free(struct cipher **cipher);
/* Encrypts or decrypts the octets where they are. */
FALLIBLE cipher_update(struct cipher *cipher, uint8_t *octets, size_t len);
/* The tag that goes behind the ciphertext. */
FALLIBLE cipher_seal(struct cipher *cipher, uint8_t out_tag[static CONTENT_TAG_OCTETS]);
/* ST_REFUSED where the tag does not match: what was decrypted is then to be thrown away. */
FALLIBLE cipher_open(struct cipher *cipher, struct bytes tag);

/* --- key transport: a few octets that only the owner of a key can read --- */

/*
 * P-256, X25519: dhSinglePass-stdDH-hkdf-sha256-scheme [RFC 8418] with an ephemeral key, whose
 * result wraps with id-aes256-wrap-pad [RFC 5649]; the octets are
 * SEQUENCE { ephemeral point OCTET STRING, wrapped OCTET STRING }.
 * RSA: id-RSAES-OAEP with SHA-256 [RFC 4055]; the octets are what it makes of the plain ones.
 * Appends to *out_octets; *out_algorithm is static.  ST_USAGE for an Ed25519 key, and for more
 * than transport_room.
 */
FALLIBLE transport_seal(const struct public_key *to, struct bytes plain,
			struct bytes *out_algorithm, struct buf *out_octets);
/* How many octets can be sealed for a key; 0 where none can. */
size_t transport_room(const struct public_key *to);
/* ST_REFUSED, always with the same words, for whatever this key does not open. */
FALLIBLE transport_open(const struct private_key *key, struct bytes algorithm,
			struct bytes octets, struct secret *out_plain);

#endif
