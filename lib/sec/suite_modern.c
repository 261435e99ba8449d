/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite "modern": SHA-256 bound to the signer, AES-256-GCM.  Signatures and
 * key transport follow the type of the key (lib/sec/crypto.h).
 */
#include "lib/sec/suite.h"

#include "lib/sec/der.h"

/*
 * Identifiers of our own [X.667], without parameters: each says all there is to know, so
 * that whoever reads the octets needs no more than the name.
 */
#define CIC_OID		"2.25.274918878469405547401919742290471626020"
#define GCM_OID		"2.25.93432594678399532862492876060446615720"
/* ced37335-4eba-408a-9029-e3d99cfb2524 */
#define CIC_ALGORITHM	"\x30\x16\x06\x14\x69\x83\x9d\xd3\xb9\xcd\xa9\xeb\xd2\x82\x95\x90\x94\xf8" \
			"\xfb\x99\xe7\xec\xca\x24"
/* 464a7693-7141-4784-8632-d72f8b6ee8a8 */
#define GCM_ALGORITHM	"\x30\x16\x06\x14\x69\x81\x8c\xca\xbb\xa4\xee\x94\x8a\x9e\x89\x86\x99\xb5" \
			"\xe5\xf8\xdb\xbb\xd1\x28"

/*
 * The signer's key identifier, and SHA-256 over it and the SEQUENCE of X.411: the check of one
 * signer is none of another's.
 */
static void cic_compute(const struct public_key *signer, struct bytes algorithm,
			struct bytes content, struct buf *out_value)
{
	uint8_t sequence[BER_HEADER_MAX], octets[BER_HEADER_MAX];
	size_t octets_len = ber_header(octets, BER_OCTET_STRING, false, content.len);
	size_t sequence_len = ber_header(sequence, BER_SEQUENCE, true,
					 algorithm.len + octets_len + content.len);
	const struct bytes parts[] = {
		public_key_id(signer), bytes_of(sequence, sequence_len), algorithm,
		bytes_of(octets, octets_len), content,
	};

	buf_put(out_value, public_key_id(signer));
	crypto_sha256(parts, sizeof(parts) / sizeof(parts[0]), buf_extend(out_value, HASH_OCTETS));
}

static bool cic_is_of(const struct public_key *signer, struct bytes value)
{
	struct bytes id = public_key_id(signer);

	return bytes_equal(bytes_slice(value, 0, id.len), id);
}

static const struct cic_method cic = {
	.name = "SHA-256 bound to the signer",
	.oid = CIC_OID,
	.algorithm = { (const uint8_t *)CIC_ALGORITHM, sizeof(CIC_ALGORITHM) - 1 },
	.compute = cic_compute,
	.is_of = cic_is_of,
};

/* What is sealed is the nonce, the ciphertext and its tag. */
static FALLIBLE gcm_seal(struct buf *content, struct secret *out_key, struct buf *out_algorithm)
{
	AUTO(secret_free) struct secret key = secret_new(CONTENT_KEY_OCTETS);
	AUTO(cipher_free) struct cipher *cipher = NULL;
	uint8_t nonce[CONTENT_NONCE_OCTETS];

	crypto_random(key.data, key.len);
	crypto_random(nonce, sizeof(nonce));
	TRY(cipher_new(CIPHER_ENCRYPT, secret_view(&key), bytes_of(nonce, sizeof(nonce)), &cipher));
	TRY(cipher_update(cipher, content->data, content->len));
	TRY(cipher_seal(cipher, buf_extend(content, CONTENT_TAG_OCTETS)));
	buf_insert(content, 0, bytes_of(nonce, sizeof(nonce)));
	buf_put(out_algorithm, BYTES(GCM_ALGORITHM));
	*out_key = secret_take(&key);
	return OK;
}

static FALLIBLE gcm_open(struct bytes algorithm, struct bytes key, struct buf *content)
{
	AUTO(cipher_free) struct cipher *cipher = NULL;

	if (!der_same_contents(algorithm, BYTES(GCM_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "the algorithm has parameters");
	if (content->len < CONTENT_NONCE_OCTETS + CONTENT_TAG_OCTETS)
		return FAIL(ST_REFUSED, 0, "it is shorter than its nonce and its tag");
	TRY(cipher_new(CIPHER_DECRYPT, key, bytes_of(content->data, CONTENT_NONCE_OCTETS), &cipher));
	buf_consume(content, CONTENT_NONCE_OCTETS);
	size_t len = content->len - CONTENT_TAG_OCTETS;
	TRY(cipher_update(cipher, content->data, len));
	TRY(cipher_open(cipher, bytes_of(content->data + len, CONTENT_TAG_OCTETS)));
	content->len = len;
	return OK;
}

static const struct seal_method seal = {
	.name = "AES-256-GCM",
	.oid = GCM_OID,
	.key_octets = CONTENT_KEY_OCTETS,
	.seal = gcm_seal,
	.open = gcm_open,
};

const struct suite suite_modern = {
	.name = "modern",
	.may_make = true,
	.cic = &cic,
	.seal = &seal,
};
