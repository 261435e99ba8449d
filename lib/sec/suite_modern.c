/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite "modern": SHA-256 bound to the signer, AES-256-GCM.  Signatures and
 * key transport follow the type of the key (lib/sec/crypto.h).
 */
#include "lib/sec/suite.h"

#include "lib/sec/der.h"

#define SHA256_OID	"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define GCM_OID		"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e"

/* id-sha256, with the signer's key identifier as parameter: it is hashed with the content,
 * so the check of one signer is none of another's. */
static void cic_algorithm(const struct public_key *signer, struct buf *out_algorithm)
{
	size_t from = out_algorithm->len;

	buf_put(out_algorithm, BYTES(SHA256_OID));
	ber_put(out_algorithm, BER_OCTET_STRING, public_key_id(signer));
	ber_wrap(out_algorithm, from, BER_SEQUENCE);
}

static void cic_compute(struct bytes algorithm, struct bytes content, struct buf *out_value)
{
	uint8_t sequence[BER_HEADER_MAX], octets[BER_HEADER_MAX];
	size_t octets_len = ber_header(octets, BER_OCTET_STRING, false, content.len);
	size_t sequence_len = ber_header(sequence, BER_SEQUENCE, true,
					 algorithm.len + octets_len + content.len);
	const struct bytes parts[] = {
		bytes_of(sequence, sequence_len), algorithm, bytes_of(octets, octets_len), content,
	};

	crypto_sha256(parts, sizeof(parts) / sizeof(parts[0]), buf_extend(out_value, HASH_OCTETS));
}

static const struct cic_method cic = {
	.name = "SHA-256 bound to the signer",
	.oid = "2.16.840.1.101.3.4.2.1",
	.algorithm = cic_algorithm,
	.compute = cic_compute,
};

/* [RFC 5084 3.2] AlgorithmIdentifier with GCMParameters {nonce, 16}. */
static void gcm_algorithm(struct bytes nonce, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, BYTES(GCM_OID));
	size_t parameters = out->len;
	ber_put(out, BER_OCTET_STRING, nonce);
	ber_put_integer(out, BER_INTEGER, CONTENT_TAG_OCTETS);
	ber_wrap(out, parameters, BER_SEQUENCE);
	ber_wrap(out, from, BER_SEQUENCE);
}

static FALLIBLE gcm_nonce(struct bytes algorithm, struct bytes *out_nonce)
{
	struct ber_tlv whole, oid, parameters, nonce, tag_octets;
	int64_t wanted;

	TRY(ber_only(algorithm, &whole));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_OID, "the algorithm", &oid));
	TRY(der_take(&left, BER_SEQUENCE, "GCMParameters", &parameters));
	TRY(der_end(left, "the algorithm identifier"));
	left = parameters.contents;
	TRY(der_take(&left, BER_OCTET_STRING, "the nonce", &nonce));
	TRY(der_take(&left, BER_INTEGER, "the length of the tag", &tag_octets));
	TRY(der_end(left, "GCMParameters"));
	TRY(ber_integer(&tag_octets, &wanted));
	if (wanted != CONTENT_TAG_OCTETS)
		return FAIL(ST_REFUSED, 0, "a tag of %lld octets is not accepted: %d are",
			    (long long)wanted, CONTENT_TAG_OCTETS);
	*out_nonce = nonce.contents;
	return OK;
}

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
	gcm_algorithm(bytes_of(nonce, sizeof(nonce)), out_algorithm);
	*out_key = secret_take(&key);
	return OK;
}

static FALLIBLE gcm_open(struct bytes algorithm, struct bytes key, struct buf *content)
{
	AUTO(cipher_free) struct cipher *cipher = NULL;
	struct bytes nonce;

	TRY(gcm_nonce(algorithm, &nonce));
	if (content->len < CONTENT_TAG_OCTETS)
		return FAIL(ST_REFUSED, 0, "it is shorter than its tag");
	TRY(cipher_new(CIPHER_DECRYPT, key, nonce, &cipher));
	size_t len = content->len - CONTENT_TAG_OCTETS;
	TRY(cipher_update(cipher, content->data, len));
	TRY(cipher_open(cipher, bytes_of(content->data + len, CONTENT_TAG_OCTETS)));
	content->len = len;
	return OK;
}

static const struct seal_method seal = {
	.name = "AES-256-GCM",
	.oid = "2.16.840.1.101.3.4.1.46",
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
