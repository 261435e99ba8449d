/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key transport.  Both ways make a key that AES-256-WRAP-PAD [RFC 5649] wraps
 * the octets with: ephemeral ECDH and HKDF-SHA256 [RFC 8418] for a P-256 key,
 * RSAES-OAEP with SHA-256 [RFC 4055] for an RSA key.
 */
#include "lib/sec/crypto_openssl.h"

#include "lib/sec/der.h"

#include <openssl/ec.h>

/*
 * The two ways, under identifiers of our own [X.667] without parameters.
 * f14dd7b4-b8f2-480b-83e7-06489626b6da, 74ce28b3-dc57-4c69-8834-a3cedd8a9dc6.
 */
#define ECDH_ALGORITHM	"\x30\x16\x06\x14\x69\x83\xe2\xcd\xeb\xed\x97\x8f\x92\xa0\x97\x83\xf3\xc1" \
			"\xc9\x89\xb1\x9a\xed\x5a"
#define OAEP_ALGORITHM	"\x30\x16\x06\x14\x69\x81\xe9\xce\x94\xac\xfb\xc5\xba\xb1\xd3\x88\x9a\xa8" \
			"\xf9\xed\xec\xaa\xbb\x46"
/* id-aes256-wrap-pad [RFC 5649] */
#define WRAP_ALGORITHM	"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x30"

enum { KEK_OCTETS = 32, POINT_OCTETS = 65, WRAP_OVERHEAD = 16 };

/* What a sender of this key's type does, or null where it cannot be sent to. */
static struct bytes algorithm_of(enum key_type type)
{
	switch (type) {
	case KEY_P256:
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

/* --- P-256 --- */

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
static bool new_kek_by_ecdh(const struct public_key *to, struct buf *out_point,
			    struct secret *out_kek)
{
	AUTO(auto_EVP_PKEY) EVP_PKEY *ephemeral = ephemeral_like(to->pkey);
	AUTO(secret_free) struct secret shared = secret_new(KEK_OCTETS);
	uint8_t point[POINT_OCTETS];
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

static FALLIBLE kek_by_ecdh(const struct private_key *key, struct bytes point,
			    struct secret *out_kek)
{
	AUTO(secret_free) struct secret shared = { 0 };

	if (point.len != POINT_OCTETS)
		return FAIL(ST_REFUSED, 0, "a point of %zu octets", point.len);
	TRY(private_key_perform(key, KEY_AGREE, point, &shared));
	AUTO(buf_free) struct buf info = shared_info(point, key->public);
	crypto_must(kek_of(secret_view(&shared), buf_view(&info), out_kek), "key derivation");
	return OK;
}

/* --- RSA --- */

bool crypto_set_oaep(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
		EVP_PKEY_CTX_set_rsa_oaep_md(ctx, crypto_algorithms()->sha256) == 1 &&
		EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, crypto_algorithms()->sha256) == 1;
}

/* A fresh key for wrapping, and its encryption for the recipient. */
static bool new_kek_by_oaep(const struct public_key *to, struct buf *out_encrypted,
			    struct secret *out_kek)
{
	AUTO(auto_EVP_PKEY_CTX) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, to->pkey, NULL);
	size_t len = (size_t)EVP_PKEY_get_size(to->pkey);

	*out_kek = secret_new(KEK_OCTETS);
	crypto_random(out_kek->data, out_kek->len);
	return ctx && EVP_PKEY_encrypt_init(ctx) == 1 && crypto_set_oaep(ctx) &&
		EVP_PKEY_encrypt(ctx, buf_extend(out_encrypted, len), &len, out_kek->data,
				 out_kek->len) == 1;
}

static FALLIBLE kek_by_oaep(const struct private_key *key, struct bytes encrypted,
			    struct secret *out_kek)
{
	TRY(private_key_perform(key, KEY_OPEN_OAEP, encrypted, out_kek));
	if (out_kek->len != KEK_OCTETS)
		return FAIL(ST_REFUSED, 0, "a key of %zu octets", out_kek->len);
	return OK;
}

/* --- both --- */

FALLIBLE transport_seal(const struct public_key *to, struct bytes plain,
			struct bytes *out_algorithm, struct buf *out_octets)
{
	size_t had = out_octets->len;

	if (algorithm_of(to->type).len == 0)
		return FAIL(ST_USAGE, 0, "nothing can be sealed for a key of type %s",
			    key_type_name(to->type));
	if (plain.len == 0 || plain.len > TRANSPORT_MAX_OCTETS)
		return FAIL(ST_USAGE, 0, "%zu octets cannot be sealed for a key: 1 to %d can",
			    plain.len, TRANSPORT_MAX_OCTETS);
	AUTO(secret_free) struct secret kek = { 0 };
	AUTO(buf_free) struct buf hint = { 0 }, wrapped = { 0 };
	bool made = to->type == KEY_P256 ? new_kek_by_ecdh(to, &hint, &kek) :
		new_kek_by_oaep(to, &hint, &kek);
	if (!made || !wrap(secret_view(&kek), plain, &wrapped))
		return crypto_failure(ST_LATER, "cannot seal for the %s key", key_type_name(to->type));
	ber_put(out_octets, BER_OCTET_STRING, buf_view(&hint));
	ber_put(out_octets, BER_OCTET_STRING, buf_view(&wrapped));
	ber_wrap(out_octets, had, BER_SEQUENCE);
	*out_algorithm = algorithm_of(to->type);
	return OK;
}

/* The two OCTET STRINGs of what transport_seal made. */
static bool split(struct bytes octets, struct bytes *out_hint, struct bytes *out_wrapped)
{
	struct ber_tlv all, hint, wrapped, more;

	if (!ber_nth(octets, 0, &all) || all.tag != BER_SEQUENCE ||
	    all.whole.len != octets.len || !ber_nth(all.contents, 0, &hint) ||
	    !ber_nth(all.contents, 1, &wrapped) || ber_nth(all.contents, 2, &more) ||
	    hint.tag != BER_OCTET_STRING || wrapped.tag != BER_OCTET_STRING || hint.constructed ||
	    wrapped.constructed || wrapped.contents.len > TRANSPORT_MAX_OCTETS + WRAP_OVERHEAD)
		return false;
	*out_hint = hint.contents;
	*out_wrapped = wrapped.contents;
	return true;
}

static FALLIBLE open_with(const struct private_key *key, struct bytes algorithm,
			  struct bytes octets, struct secret *out_plain)
{
	enum key_type type = key->public->type;
	AUTO(secret_free) struct secret kek = { 0 };
	struct bytes hint, wrapped;

	if (!algorithm_of(type).len || !der_same_contents(algorithm, algorithm_of(type)) ||
	    !split(octets, &hint, &wrapped))
		return FAIL(ST_REFUSED, 0, "sealed in another way");
	TRY(type == KEY_P256 ? kek_by_ecdh(key, hint, &kek) : kek_by_oaep(key, hint, &kek));
	if (!unwrap(secret_view(&kek), wrapped, out_plain))
		return FAIL(ST_REFUSED, 0, "wrapped with another key");
	return OK;
}

FALLIBLE transport_open(const struct private_key *key, struct bytes algorithm,
			struct bytes octets, struct secret *out_plain)
{
	return crypto_not_for_us(open_with(key, algorithm, octets, out_plain));
}
