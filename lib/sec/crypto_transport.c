/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key transport: ephemeral key agreement on the curve of the recipient's key, HKDF-SHA256 and
 * AES-256-WRAP-PAD [RFC 8418, RFC 5649] for a P-256 or X25519 key; RSAES-OAEP with SHA-256
 * [RFC 4055 4.1] for an RSA key.
 */
#include "lib/sec/crypto_openssl.h"

#include "lib/sec/der.h"

#include <openssl/ec.h>

/* id-aes256-wrap-pad, without parameters [RFC 5649 4] */
#define WRAP_ALGORITHM	"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x30"
/* dhSinglePass-stdDH-hkdf-sha256-scheme [RFC 8418 2.2]; what wraps is fixed here */
#define ECDH_ALGORITHM	"\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03\x13"
/* id-RSAES-OAEP, rSAES-OAEP-SHA256-Params [RFC 4055 4.1] */
#define SHA256_WITH_NULL "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00"
#define OAEP_ALGORITHM	"\x30\x3c\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07\x30\x2f" \
			"\xa0\x0f" SHA256_WITH_NULL \
			"\xa1\x1c\x30\x1a\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08" \
			SHA256_WITH_NULL

enum {
	KEK_OCTETS = 32,
	X25519_OCTETS = 32,
	POINT_OCTETS_MAX = 65,		/* of P-256, uncompressed */
	WRAP_OVERHEAD = 16,
	OAEP_OVERHEAD = 2 * HASH_OCTETS + 2,
};

/* What a sender to this type of key does, or null where it cannot be sent to. */
static struct bytes algorithm_of(enum key_type type)
{
	switch (type) {
	case KEY_P256:
	case KEY_X25519:
		return BYTES(ECDH_ALGORITHM);
	case KEY_RSA:
		return BYTES(OAEP_ALGORITHM);
	case KEY_ED25519:
		break;
	}
	return bytes_none();
}

/* --- AES key wrap with padding --- */

static bool wrap(struct bytes kek, struct bytes plain, struct buf *out)
{
	AUTO(auto_EVP_CIPHER_CTX) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	size_t room = plain.len + WRAP_OVERHEAD;
	int made = 0;

	crypto_must(ctx != NULL, "a cipher");
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_EncryptInit_ex2(ctx, crypto_algorithms()->wrap, kek.data, NULL, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, buf_extend(out, room), &made, plain.data, (int)plain.len) != 1)
		return false;
	out->len -= room - (size_t)made;
	return true;
}

static bool unwrap(struct bytes kek, struct bytes wrapped, struct secret *out_plain)
{
	AUTO(auto_EVP_CIPHER_CTX) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	AUTO(secret_free) struct secret plain = secret_new(wrapped.len + WRAP_OVERHEAD);
	int made = 0;

	crypto_must(ctx != NULL, "a cipher");
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_DecryptInit_ex2(ctx, crypto_algorithms()->wrap, kek.data, NULL, NULL) != 1 ||
	    EVP_DecryptUpdate(ctx, plain.data, &made, wrapped.data, (int)wrapped.len) != 1)
		return false;
	*out_plain = secret_take(&plain);
	out_plain->len = (size_t)made;
	return true;
}

/* --- agreement, on P-256 or X25519 --- */

/*
 * ECC-CMS-SharedInfo [RFC 5753 7.2]: the wrapping algorithm, the length of its key in
 * bits, and as entityUInfo both public keys, so that neither can be put in another's place.
 */
static struct buf shared_info(struct bytes point, const struct public_key *recipient)
{
	struct buf info = { 0 };

	buf_put(&info, BYTES(WRAP_ALGORITHM));
	size_t from = info.len;
	ber_put_header(&info, BER_OCTET_STRING, false, point.len + HASH_OCTETS);
	buf_put(&info, point);
	buf_put(&info, public_key_id(recipient));
	ber_wrap(&info, from, BER_CONTEXT(0));
	from = info.len;
	ber_put_header(&info, BER_OCTET_STRING, false, sizeof(uint32_t));
	buf_put_u32(&info, KEK_OCTETS * 8);
	ber_wrap(&info, from, BER_CONTEXT(2));
	ber_wrap(&info, 0, BER_SEQUENCE);
	return info;
}

static bool kek_of(struct bytes shared, struct bytes info, struct secret *out_kek)
{
	AUTO(auto_EVP_KDF_CTX) EVP_KDF_CTX *kdf = EVP_KDF_CTX_new(crypto_algorithms()->hkdf);
	char sha256[] = "SHA2-256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)shared.data,
						  shared.len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info.data,
						  info.len),
		OSSL_PARAM_construct_end(),
	};

	crypto_must(kdf != NULL, "key derivation");
	*out_kek = secret_new(KEK_OCTETS);
	return EVP_KDF_derive(kdf, out_kek->data, out_kek->len, params) == 1;
}

/* A fresh key on the curve of another, whose parameters it takes over. */
static EVP_PKEY *ephemeral_like(EVP_PKEY *other)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, other, NULL);
	EVP_PKEY *made = NULL;

	crypto_must(ctx != NULL, "a key");
	return EVP_PKEY_keygen_init(ctx) == 1 && EVP_PKEY_generate(ctx, &made) == 1 ? made : NULL;
}

/* A fresh key for wrapping, and the point that tells the recipient of it. */
static bool new_kek(const struct public_key *to, struct buf *out_point, struct secret *out_kek)
{
	AUTO(auto_EVP_PKEY) EVP_PKEY *ephemeral = ephemeral_like(to->pkey);
	AUTO(secret_free) struct secret shared = secret_new(KEK_OCTETS);
	uint8_t point[POINT_OCTETS_MAX];
	size_t len = 0;

	if (!ephemeral ||
	    EVP_PKEY_get_octet_string_param(ephemeral, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
					    &len) != 1)
		return false;
	buf_put(out_point, bytes_of(point, len));
	AUTO(buf_free) struct buf info = shared_info(buf_view(out_point), to);
	return crypto_agree(ephemeral, to->pkey, &shared) &&
		kek_of(secret_view(&shared), buf_view(&info), out_kek);
}

static FALLIBLE kek_from(const struct private_key *key, struct bytes point, struct secret *out_kek)
{
	AUTO(secret_free) struct secret shared = { 0 };

	if (point.len != (key->public->type == KEY_X25519 ? X25519_OCTETS : POINT_OCTETS_MAX))
		return FAIL(ST_REFUSED, 0, "a point of %zu octets", point.len);
	TRY(private_key_perform(key, KEY_AGREE, point, &shared));
	AUTO(buf_free) struct buf info = shared_info(point, key->public);
	crypto_must(kek_of(secret_view(&shared), buf_view(&info), out_kek), "key derivation");
	return OK;
}

/* SEQUENCE {ephemeral point OCTET STRING, wrapped OCTET STRING}. */
static bool agreed_seal(const struct public_key *to, struct bytes plain, struct buf *out)
{
	AUTO(secret_free) struct secret kek = { 0 };
	AUTO(buf_free) struct buf point = { 0 }, wrapped = { 0 };
	size_t from = out->len;

	if (!new_kek(to, &point, &kek) || !wrap(secret_view(&kek), plain, &wrapped))
		return false;
	ber_put(out, BER_OCTET_STRING, buf_view(&point));
	ber_put(out, BER_OCTET_STRING, buf_view(&wrapped));
	ber_wrap(out, from, BER_SEQUENCE);
	return true;
}

static bool split(struct bytes octets, struct bytes *out_point, struct bytes *out_wrapped)
{
	struct ber_tlv all, point, wrapped, more;

	if (!ber_nth(octets, 0, &all) || all.tag != BER_SEQUENCE ||
	    all.whole.len != octets.len || !ber_nth(all.contents, 0, &point) ||
	    !ber_nth(all.contents, 1, &wrapped) || ber_nth(all.contents, 2, &more) ||
	    point.tag != BER_OCTET_STRING || wrapped.tag != BER_OCTET_STRING || point.constructed ||
	    wrapped.constructed || wrapped.contents.len > TRANSPORT_MAX_OCTETS + WRAP_OVERHEAD)
		return false;
	*out_point = point.contents;
	*out_wrapped = wrapped.contents;
	return true;
}

static FALLIBLE agreed_open(const struct private_key *key, struct bytes octets,
			    struct secret *out_plain)
{
	AUTO(secret_free) struct secret kek = { 0 };
	struct bytes point, wrapped;

	if (!split(octets, &point, &wrapped))
		return FAIL(ST_REFUSED, 0, "sealed in another way");
	TRY(kek_from(key, point, &kek));
	if (!unwrap(secret_view(&kek), wrapped, out_plain))
		return FAIL(ST_REFUSED, 0, "wrapped with another key");
	return OK;
}

/* --- RSA --- */

bool crypto_set_oaep(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, crypto_algorithms()->sha256) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, crypto_algorithms()->sha256) == 1;
}

static bool oaep_seal(const struct public_key *to, struct bytes plain, struct buf *out)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, to->pkey, NULL);
	size_t len = (size_t)EVP_PKEY_get_size(to->pkey);

	return ctx && EVP_PKEY_encrypt_init(ctx) == 1 && crypto_set_oaep(ctx) &&
		EVP_PKEY_encrypt(ctx, buf_extend(out, len), &len, plain.data, plain.len) == 1;
}

/* --- both --- */

size_t transport_room(const struct public_key *to)
{
	switch (to->type) {
	case KEY_P256:
	case KEY_X25519:
		return TRANSPORT_MAX_OCTETS;
	case KEY_RSA:
		return (size_t)EVP_PKEY_get_size(to->pkey) - OAEP_OVERHEAD;
	case KEY_ED25519:
		break;
	}
	return 0;
}

FALLIBLE transport_seal(const struct public_key *to, struct bytes plain,
			struct bytes *out_algorithm, struct buf *out_octets)
{
	size_t had = out_octets->len;

	if (!transport_room(to))
		return FAIL(ST_USAGE, 0, "nothing can be sealed for a key of type %s",
			    key_type_name(to->type));
	if (plain.len == 0 || plain.len > transport_room(to))
		return FAIL(ST_USAGE, 0, "%zu octets cannot be sealed for the %s key: 1 to %zu can",
			    plain.len, key_type_name(to->type), transport_room(to));
	if (!(to->type == KEY_RSA ? oaep_seal : agreed_seal)(to, plain, out_octets)) {
		out_octets->len = had;
		return crypto_failure(ST_LATER, "cannot seal for the %s key", key_type_name(to->type));
	}
	*out_algorithm = algorithm_of(to->type);
	return OK;
}

static FALLIBLE open_with(const struct private_key *key, struct bytes algorithm,
			  struct bytes octets, struct secret *out_plain)
{
	struct bytes own = algorithm_of(key->public->type);

	if (!own.len || !der_same_contents(algorithm, own))
		return FAIL(ST_REFUSED, 0, "sealed in another way");
	if (key->public->type == KEY_RSA)
		return private_key_perform(key, KEY_OPEN_OAEP, octets, out_plain);
	return agreed_open(key, octets, out_plain);
}

FALLIBLE transport_open(const struct private_key *key, struct bytes algorithm,
			struct bytes octets, struct secret *out_plain)
{
	return crypto_not_for_us(open_with(key, algorithm, octets, out_plain));
}
