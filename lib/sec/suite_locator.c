/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suite "locator-1989", to the letter of Mitchell, Rush and Walker: RSA on
 * the square-mod-n hash of X.509 (1988) Annex D, the same hash with the
 * signer's modulus as content integrity check, DES, RSA key transport.  Its
 * hash and its cipher are broken; docs/SUITES.md says what is a reconstruction.
 */
#include "lib/sec/suite.h"

#include "lib/sec/crypto_1989.h"
#include "lib/sec/der.h"
#include "lib/sec/sqmodn_rsa.h"

/* [X.509 (1988) Annex H] {joint-iso-itu-t ds(5) algorithm(8) ...}, parameter: the modulus's bits */
#define RSA_OID			"\x06\x04\x55\x08\x01\x01"
#define SQMODN_OID		"\x06\x04\x55\x08\x02\x01"
/* {iso(1) identified-organization(3) oiw(14) secsig(3) algorithm(2) 7}, parameter: the IV */
#define DES_CBC_OID		"\x06\x05\x2b\x0e\x03\x02\x07"

static void put_algorithm(struct buf *out, struct bytes oid, const struct public_key *key)
{
	size_t from = out->len;

	buf_put(out, oid);
	ber_put_integer(out, BER_INTEGER, sqmodn_bits(key));
	ber_wrap(out, from, BER_SEQUENCE);
}

/* --- signature --- */

/* Only user agents sign messages. */
static FALLIBLE signature_algorithm(const struct public_key *signer,
				    const struct suite_options *options, struct buf *out_algorithm)
{
	(void)options;
	return sqmodn_rsa_algorithm(signer, SCOPE_UA, out_algorithm);
}

static FALLIBLE sign(const struct private_key *signer, const struct suite_options *options,
		     const struct bytes *parts, size_t count, struct buf *out_signature)
{
	return sqmodn_rsa_sign(signer, options->sqmodn, parts, count, out_signature);
}

static FALLIBLE verify(const struct public_key *signer, const struct suite_options *options,
		       struct bytes algorithm, const struct bytes *parts, size_t count,
		       struct bytes signature)
{
	return sqmodn_rsa_verify(signer, SCOPE_UA, options->sqmodn, algorithm, parts, count, signature);
}

static const struct signature_method signature = {
	.algorithm = signature_algorithm,
	.sign = sign,
	.verify = verify,
};

/* --- content integrity check --- */

static FALLIBLE cic_value(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct buf *out_value)
{
	struct cic_input input;

	cic_input_init(&input, CIC_SEQUENCE, algorithm, content);
	return sqmodn_hash(signer, options->sqmodn, input.parts, CIC_INPUT_PARTS, out_value);
}

static FALLIBLE cic_make(const struct private_key *signer, const struct suite_options *options,
			 struct bytes content, struct buf *out_algorithm, struct buf *out_value)
{
	size_t from = out_algorithm->len;

	put_algorithm(out_algorithm, BYTES(SQMODN_OID), private_key_public(signer));
	return cic_value(private_key_public(signer), options,
			 bytes_slice(buf_view(out_algorithm), from, out_algorithm->len), content, out_value);
}

/* The modulus is the signer's own, and so is the check: a thief's modulus gives another. */
static FALLIBLE cic_check(const struct public_key *signer, const struct suite_options *options,
			  struct bytes algorithm, struct bytes content, struct bytes value)
{
	AUTO(buf_free) struct buf own = { 0 }, expected = { 0 };

	put_algorithm(&own, BYTES(SQMODN_OID), signer);
	if (!bytes_equal(buf_view(&own), algorithm))
		return FAIL(ST_REFUSED, 0, "the content integrity check was made by someone else "
			    "than the signer of the token");
	TRY(cic_value(signer, options, algorithm, content, &expected));
	if (!crypto_equal(buf_view(&expected), value))
		return FAIL(ST_REFUSED, 0, "the content is not the one that was signed, or its integrity "
			    "check was made by someone else");
	return OK;
}

static const char *const cic_oids[] = { "2.5.8.2.1", NULL };

static const struct cic_method cic = {
	.name = "square-mod-n with the signer's modulus",
	.oids = cic_oids,
	.make = cic_make,
	.check = cic_check,
};

/* --- seal --- */

static FALLIBLE des_seal(struct buf *content, struct secret *out_key, struct buf *out_algorithm)
{
	AUTO(secret_free) struct secret key = { 0 };
	uint8_t iv[DES_OCTETS];
	size_t from = out_algorithm->len;

	des_key_new(&key);
	crypto_random(iv, sizeof(iv));
	TRY(des_cbc_encrypt(secret_view(&key), bytes_of(iv, sizeof(iv)), content));
	buf_put(out_algorithm, BYTES(DES_CBC_OID));
	ber_put(out_algorithm, BER_OCTET_STRING, bytes_of(iv, sizeof(iv)));
	ber_wrap(out_algorithm, from, BER_SEQUENCE);
	*out_key = secret_take(&key);
	return OK;
}

static FALLIBLE des_open(struct bytes algorithm, struct bytes key, struct buf *content)
{
	struct ber_tlv whole, oid, iv;

	TRY(ber_only(algorithm, &whole));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_OID, "the algorithm", &oid));
	TRY(der_take(&left, BER_OCTET_STRING, "the initialization vector", &iv));
	TRY(der_end(left, "the algorithm identifier"));
	return des_cbc_decrypt(key, iv.contents, content);
}

static const struct seal_method seal = {
	.name = "DES-CBC",
	.oid = "1.3.14.3.2.7",
	.seal = des_seal,
	.open = des_open,
};

/* --- key transport --- */

static FALLIBLE transport_rsa_seal(const struct public_key *to, struct bytes plain,
				   struct buf *out_algorithm, struct buf *out_octets)
{
	TRY(rsa_seal(to, plain, out_octets));
	put_algorithm(out_algorithm, BYTES(RSA_OID), to);
	return OK;
}

static FALLIBLE transport_rsa_open(const struct private_key *key, struct bytes algorithm,
				   struct bytes octets, struct secret *out_plain)
{
	AUTO(buf_free) struct buf own = { 0 };

	put_algorithm(&own, BYTES(RSA_OID), private_key_public(key));
	/* Not ours: opened with nothing, so that the words stay the same. */
	return rsa_open(key, der_same_contents(buf_view(&own), algorithm) ? octets : bytes_none(),
			out_plain);
}

static const struct transport_method transport = {
	.seal = transport_rsa_seal,
	.open = transport_rsa_open,
};

static bool allowed(const struct suite_options *options)
{
	return options->allow_broken_1989;
}

const struct suite suite_locator_1989 = {
	.name = "locator-1989",
	.may_make = true,
	.numbered = true,
	.broken = "its hash and its cipher are broken: others can forge and read what it protects",
	.allowed_by = "allow-broken-1989",
	.allowed = allowed,
	.signature = &signature,
	.cic = &cic,
	.seal = &seal,
	.transport = &transport,
};
