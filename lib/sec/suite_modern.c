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

/* --- signature: the one that goes with the key --- */

static FALLIBLE signature_algorithm(const struct public_key *signer,
				    const struct suite_options *options, struct buf *out_algorithm)
{
	(void)options;
	buf_put(out_algorithm, crypto_signature_algorithm(public_key_type(signer)));
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
 * The signer's key identifier, and SHA-256 over it and the SEQUENCE of X.411: the check of one
 * signer is none of another's.
 */
static void cic_value(const struct public_key *signer, struct bytes algorithm, struct bytes content,
		      struct buf *out_value)
{
	struct cic_input input;
	struct bytes parts[1 + CIC_INPUT_PARTS] = { public_key_id(signer) };

	cic_input_init(&input, CIC_SEQUENCE, algorithm, content);
	memcpy(parts + 1, input.parts, sizeof(input.parts));
	buf_put(out_value, public_key_id(signer));
	crypto_sha256(parts, 1 + CIC_INPUT_PARTS, buf_extend(out_value, HASH_OCTETS));
}

static FALLIBLE cic_make(const struct private_key *signer, const struct suite_options *options,
			 struct bytes content, struct buf *out_algorithm, struct buf *out_value)
{
	(void)options;
	buf_put(out_algorithm, BYTES(CIC_ALGORITHM));
	cic_value(private_key_public(signer), BYTES(CIC_ALGORITHM), content, out_value);
	return OK;
}

static FALLIBLE cic_check(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct bytes value)
{
	AUTO(buf_free) struct buf expected = { 0 };
	struct bytes id = public_key_id(signer);

	(void)options;
	if (!bytes_equal(bytes_slice(value, 0, id.len), id))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else "
			    "than the signer of the token");
	cic_value(signer, algorithm, content, &expected);
	if (!crypto_equal(buf_view(&expected), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed");
	return OK;
}

static const char *const cic_oids[] = { CIC_OID, NULL };

static const struct cic_method cic = {
	.name = "SHA-256 bound to the signer",
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
	uint8_t nonce[CONTENT_NONCE_OCTETS], header[BER_HEADER_MAX + CONTENT_NONCE_OCTETS];

	crypto_random(key.data, key.len);
	crypto_random(nonce, sizeof(nonce));
	TRY(cipher_new(CIPHER_ENCRYPT, secret_view(&key), bytes_of(nonce, sizeof(nonce)), &cipher));
	TRY(cipher_update(cipher, content->data, content->len));
	TRY(cipher_seal(cipher, buf_extend(content, CONTENT_TAG_OCTETS)));
	size_t header_len = ber_header(header, BER_OCTET_STRING, false, sizeof(nonce) + content->len);
	memcpy(header + header_len, nonce, sizeof(nonce));
	buf_insert(content, 0, bytes_of(header, header_len + sizeof(nonce)));
	buf_put(out_algorithm, BYTES(GCM_ALGORITHM));
	*out_key = secret_take(&key);
	return OK;
}

static FALLIBLE gcm_open(struct bytes algorithm, struct bytes key, struct buf *content)
{
	AUTO(cipher_free) struct cipher *cipher = NULL;
	struct ber_tlv sealed;

	if (!der_same_contents(algorithm, BYTES(GCM_ALGORITHM)))
		return FAIL(ST_REFUSED, 0, "the algorithm has parameters");
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
	.signature = &signature,
	.cic = &cic,
	.keyed_cic = &keyed_cic,
	.seal = &seal,
	.transport = &transport,
};
