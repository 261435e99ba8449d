/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite "modern": an integrity check that is bound to the signer, AES-256-GCM.  Signatures
 * and key transport follow the type of the key (lib/sec/crypto.h).
 */
#include "lib/sec/suite.h"

#include "lib/sec/der.h"

/* aes256-GCM, whose parameters [RFC 5084 3.2] are fixed here but for the nonce, which stands in
 * front of the ciphertext */
#define GCM_OID		"2.16.840.1.101.3.4.1.46"
#define GCM_ALGORITHM	"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e"

/* --- signature: the one that goes with the key --- */

static FALLIBLE signature_algorithm(const struct public_key *signer,
				    const struct suite_options *options, struct buf *out_algorithm)
{
	struct bytes algorithm = crypto_signature_algorithm(public_key_type(signer));

	(void)options;
	if (!algorithm.len)
		return FAIL(ST_USAGE, 0, "a key of type %s does not sign",
			    key_type_name(public_key_type(signer)));
	buf_put(out_algorithm, algorithm);
	return OK;
}

static FALLIBLE sign(const struct private_key *signer, const struct suite_options *options,
		     const struct bytes *parts, size_t count, struct buf *out_signature)
{
	(void)options;
	return crypto_sign(signer, parts, count, out_signature);
}

static FALLIBLE verify(const struct public_key *signer, const struct suite_options *options,
		       struct bytes algorithm, const struct bytes *parts, size_t count,
		       struct bytes signature)
{
	(void)options;
	return crypto_verify(signer, algorithm, parts, count, signature);
}

static const struct signature_method signature = {
	.algorithm = signature_algorithm,
	.sign = sign,
	.verify = verify,
};

/* --- content integrity check --- */

/*
 * HMAC-SHA256 over the SEQUENCE of X.411, whose key is the signer's key identifier.  That is no
 * secret: the key is there so that the check of one signer is none of another's, and nobody can
 * make his own of a content that he cannot read (5.1 of the paper).
 */
static void cic_value(const struct public_key *signer, struct bytes algorithm, struct bytes content,
		      uint8_t out_value[static HASH_OCTETS])
{
	struct cic_input input;

	cic_input_init(&input, CIC_SEQUENCE, algorithm, content);
	crypto_hmac_sha256(public_key_id(signer), input.parts, CIC_INPUT_PARTS, out_value);
}

static FALLIBLE cic_make(const struct private_key *signer, const struct suite_options *options,
			 struct bytes content, struct buf *out_algorithm, struct buf *out_value)
{
	(void)options;
	buf_put(out_algorithm, BYTES(HMAC_SHA256_ALGORITHM));
	cic_value(private_key_public(signer), BYTES(HMAC_SHA256_ALGORITHM), content,
		  buf_extend(out_value, HASH_OCTETS));
	return OK;
}

static FALLIBLE cic_check(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct bytes value)
{
	uint8_t expected[HASH_OCTETS];

	(void)options;
	if (!der_same_contents(algorithm, BYTES(HMAC_SHA256_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "the algorithm of the content integrity check has other "
			    "parameters than NULL");
	cic_value(signer, BYTES(HMAC_SHA256_ALGORITHM), content, expected);
	if (!crypto_equal(bytes_of(expected, sizeof(expected)), value))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else than "
			    "the signer of the token, or the content is not the one that was signed");
	return OK;
}

static const char *const cic_oids[] = { HMAC_SHA256_OID, NULL };

static const struct cic_method cic = {
	.name = "HMAC-SHA256 bound to the signer",
	.oids = cic_oids,
	.make = cic_make,
	.check = cic_check,
};

/* --- seal --- */

/*
 * Sealed content is one OCTET STRING of nonce, ciphertext and tag: a value that no content begins
 * with, so that whoever overlooks the seal finds no message rather than a broken one.
 */
static FALLIBLE gcm_seal(struct buf *content, struct secret *out_key, struct buf *out_algorithm)
{
	AUTO(secret_free) struct secret key = secret_new(CONTENT_KEY_OCTETS);
	AUTO(cipher_free) struct cipher *cipher = NULL;
	AUTO(buf_free) struct buf front = { 0 };
	uint8_t nonce[CONTENT_NONCE_OCTETS], header[BER_HEADER_MAX];

	crypto_random(key.data, key.len);
	crypto_random(nonce, sizeof(nonce));
	TRY(cipher_new(CIPHER_ENCRYPT, secret_view(&key), bytes_of(nonce, sizeof(nonce)), &cipher));
	TRY(cipher_update(cipher, content->data, content->len));
	TRY(cipher_seal(cipher, buf_extend(content, CONTENT_TAG_OCTETS)));
	size_t header_len = ber_header(header, BER_OCTET_STRING, false, sizeof(nonce) + content->len);
	buf_put(&front, bytes_of(header, header_len));
	buf_put(&front, bytes_of(nonce, sizeof(nonce)));
	buf_insert(content, 0, buf_view(&front));
	buf_put(out_algorithm, BYTES(GCM_ALGORITHM));
	*out_key = secret_take(&key);
	return OK;
}

static FALLIBLE gcm_open(struct bytes algorithm, struct bytes key, struct buf *content)
{
	AUTO(cipher_free) struct cipher *cipher = NULL;
	struct ber_tlv sealed;

	if (!der_same_contents(algorithm, BYTES(GCM_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "its algorithm has parameters");
	TRY(ber_only(buf_view(content), &sealed));
	if (sealed.tag != BER_OCTET_STRING || sealed.constructed ||
	    sealed.contents.len < CONTENT_NONCE_OCTETS + CONTENT_TAG_OCTETS)
		return FAIL(ST_REFUSED, 0, "it is not a nonce, a ciphertext and a tag");
	TRY(cipher_new(CIPHER_DECRYPT, key, bytes_slice(sealed.contents, 0, CONTENT_NONCE_OCTETS),
		       &cipher));
	buf_consume(content, content->len - sealed.contents.len + CONTENT_NONCE_OCTETS);
	size_t len = content->len - CONTENT_TAG_OCTETS;
	TRY(cipher_update(cipher, content->data, len));
	TRY(cipher_open(cipher, bytes_of(content->data + len, CONTENT_TAG_OCTETS)));
	content->len = len;
	return OK;
}

static const struct seal_method seal = {
	.name = "AES-256-GCM",
	.oid = GCM_OID,
	.seal = gcm_seal,
	.open = gcm_open,
};

/* --- key transport: by the recipient's type of key --- */

static FALLIBLE transport_key_seal(const struct public_key *to, struct bytes plain,
				   struct buf *out_algorithm, struct buf *out_octets)
{
	struct bytes algorithm;

	TRY(transport_seal(to, plain, &algorithm, out_octets));
	buf_put(out_algorithm, algorithm);
	return OK;
}

static const struct transport_method transport = {
	.seal = transport_key_seal,
	.open = transport_open,
};

const struct suite suite_modern = {
	.name = "modern",
	.may_make = true,
	.numbered = true,
	.signature = &signature,
	.cic = &cic,
	.keyed_cic = &keyed_cic,
	.seal = &seal,
	.transport = &transport,
};
