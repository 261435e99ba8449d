/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates [X.509 (1988) 7.2] and revocation lists, signed with sqMod-nWithRSA. */
#include "lib/sec/cert_1989.h"

#include "asn1/oid.h"
#include "lib/base/clock.h"
#include "lib/sec/der.h"
#include "lib/sec/sqmodn_rsa.h"

/* [X.509 (1988) Annex H] {joint-iso-itu-t ds(5) algorithm(8) encryptionAlgorithm(1) 1} */
#define RSA_OID		"\x06\x04\x55\x08\x01\x01"
#define RSA_TEXT	"2.5.8.1.1"
/* [RFC 8017 A.1] rsaEncryption with NULL: the same key as all others write it */
#define RSA_ALGORITHM	"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"

enum { SERIAL_MAX = 20 };

/* --- reading --- */

/* SIGNED [X.509 8.7]: what is signed, and how. */
struct signed_1989 {
	struct ber_tlv tbs;
	struct bytes algorithm, signature;
};

static FALLIBLE read_signed(struct bytes der, struct signed_1989 *out)
{
	struct ber_tlv whole, algorithm, bits;

	TRY(ber_only(der, &whole));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_SEQUENCE, "what is signed", &out->tbs));
	TRY(der_take(&left, BER_SEQUENCE, "the algorithm", &algorithm));
	TRY(der_take(&left, BER_BIT_STRING, "the signature", &bits));
	TRY(der_end(left, "what is signed"));
	TRY(der_get_bits(&bits, "the signature", &out->signature));
	out->algorithm = algorithm.whole;
	return OK;
}

bool cert_1989_is(struct bytes der)
{
	struct ber_tlv whole, algorithm;

	return ber_nth(der, 0, &whole) && ber_nth(whole.contents, 1, &algorithm) &&
	       oid_is(der_algorithm_oid(algorithm.whole), SQMODN_WITH_RSA);
}

/* The algorithm is signed along, so that nobody can say another outside. */
static FALLIBLE take_algorithm(struct bytes *left, const struct signed_1989 *outside)
{
	struct ber_tlv inside;

	TRY(der_take(left, BER_SEQUENCE, "the algorithm", &inside));
	if (!bytes_equal(inside.whole, outside->algorithm))
		return FAIL(ST_PEER, 0, "it names two algorithms for its signature");
	return OK;
}

/* The parts of version 1, and none of those that came later. */
static FALLIBLE read_parts(struct bytes der, struct ber_tlv *out_key)
{
	struct signed_1989 outside;
	struct ber_tlv part;

	TRY(read_signed(der, &outside));
	struct bytes left = outside.tbs.contents;
	if (der_take_optional(&left, BER_CONTEXT(0), &part))
		return FAIL(ST_PEER, 0, "it is signed with the square-mod-n hash of 1988, and says a "
			    "version, which there was only later");
	TRY(der_take(&left, BER_INTEGER, "the serial number", &part));
	TRY(take_algorithm(&left, &outside));
	TRY(der_take(&left, BER_SEQUENCE, "the issuer", &part));
	TRY(der_take(&left, BER_SEQUENCE, "the validity", &part));
	TRY(der_take(&left, BER_SEQUENCE, "the subject", &part));
	TRY(der_take(&left, BER_SEQUENCE, "the key", out_key));
	return der_end(left, "a certificate of 1988");
}

static FALLIBLE read_use(struct ber_tlv *spki, struct ber_tlv *out_bits, int64_t *out_size,
			 enum scope *out_scope)
{
	struct ber_tlv algorithm, oid;
	struct bytes left = spki->contents;

	TRY(der_take(&left, BER_SEQUENCE, "the algorithm of the key", &algorithm));
	TRY(der_take(&left, BER_BIT_STRING, "the key", out_bits));
	TRY(der_end(left, "the key"));
	left = algorithm.contents;
	TRY(der_take(&left, BER_OID, "the algorithm of the key", &oid));
	if (!oid_is(oid.contents, RSA_TEXT))
		return FAIL(ST_PEER, 0, "its key is for the algorithm %s, not for rsa",
			    oid_text(oid.contents).s);
	return sqmodn_parameters_get(left, out_size, out_scope);
}

FALLIBLE cert_1989_read(struct bytes der, struct public_key **out_key, enum scope *out_scope)
{
	AUTO(public_key_free) struct public_key *key = NULL;
	AUTO(buf_free) struct buf usual = { 0 };
	struct ber_tlv spki, bits;
	int64_t size;

	TRY(read_parts(der, &spki));
	TRY(read_use(&spki, &bits, &size, out_scope));
	buf_put(&usual, BYTES(RSA_ALGORITHM));
	buf_put(&usual, bits.whole);
	ber_wrap(&usual, 0, BER_SEQUENCE);
	TRY(public_key_decode(buf_view(&usual), &key));
	if (size != sqmodn_bits(key))
		return FAIL(ST_PEER, 0, "its key has %u bits, and says %lld", sqmodn_bits(key),
			    (long long)size);
	*out_key = TAKE(key);
	return OK;
}

bool cert_1989_is_authority(struct bytes spki)
{
	enum scope scope = SCOPE_NONE;
	struct ber_tlv whole, bits;
	int64_t size;
	struct status *odd = ber_only(spki, &whole);

	if (!odd)
		odd = read_use(&whole, &bits, &size, &scope);
	status_drop(odd);
	return !odd && scope == SCOPE_CA;
}

/* --- verifying --- */

static FALLIBLE check_signed(struct bytes der, const struct public_key *signer, enum sqmodn_form form)
{
	struct signed_1989 outside;

	TRY(read_signed(der, &outside));
	return sqmodn_rsa_verify(signer, SCOPE_CA, form, outside.algorithm, &outside.tbs.whole, 1,
				 outside.signature);
}

FALLIBLE cert_1989_check_signed(const struct cert *cert, const struct public_key *signer,
				enum sqmodn_form form)
{
	TRY_DOING(check_signed(cert->der, signer, form), "the certificate of %s was not signed by %s",
		  cert->subject_text, cert->issuer_text);
	return OK;
}

/* The form without a version and without extensions, as its entries are [RFC 1422 3.5.1]. */
static FALLIBLE check_list(struct bytes der)
{
	struct signed_1989 outside;
	struct ber_tlv part;

	TRY(read_signed(der, &outside));
	struct bytes left = outside.tbs.contents;
	TRY(take_algorithm(&left, &outside));
	TRY(der_take(&left, BER_SEQUENCE, "the issuer", &part));
	TRY(der_take(&left, BER_UTC_TIME, "the time of the list", &part));
	der_take_optional(&left, BER_UTC_TIME, &part);
	der_take_optional(&left, BER_SEQUENCE, &part);
	return der_end(left, "a revocation list of version 1");
}

FALLIBLE crl_1989_check_signed(const struct crl *crl, const struct public_key *signer,
			       enum sqmodn_form form)
{
	TRY_DOING(check_list(crl->der), "the revocation list of %s is of another form than its "
		  "certificates", crl->issuer_text);
	TRY_DOING(check_signed(crl->der, signer, form), "the revocation list of %s was not signed by it",
		  crl->issuer_text);
	return OK;
}

/* --- making --- */

/* The shortest INTEGER of a positive number. */
static void put_serial(struct buf *out, struct bytes number)
{
	AUTO(buf_free) struct buf shortest = { 0 };

	while (number.len > 1 && number.data[0] == 0)
		number = bytes_slice(number, 1, number.len);
	if (!number.len || number.data[0] & 0x80)
		buf_put_u8(&shortest, 0);
	buf_put(&shortest, number);
	ber_put(out, BER_INTEGER, buf_view(&shortest));
}

static FALLIBLE put_time(struct buf *out, time_t when)
{
	struct time_text text;

	TRY(time_to_utctime(when, &text));
	ber_put(out, BER_UTC_TIME, bytes_text(text.s));
	return OK;
}

static FALLIBLE put_key(struct buf *out, const struct public_key *key, enum scope scope)
{
	struct ber_tlv spki, bits;
	size_t from = out->len;

	if (!sqmodn_bits(key))
		return FAIL(ST_USAGE, 0, "a certificate of 1988 is for an RSA key, not for one of type %s",
			    key_type_name(public_key_type(key)));
	TRY(ber_only(public_key_spki(key), &spki));
	TRY(ber_get(spki.contents, BER_BIT_STRING, "the key", &bits));
	buf_put(out, BYTES(RSA_OID));
	sqmodn_parameters_put(key, scope, out);
	ber_wrap(out, from, BER_SEQUENCE);
	buf_put(out, bits.whole);
	ber_wrap(out, from, BER_SEQUENCE);
	return OK;
}

/* Makes what stands in the buffer from an offset on SIGNED. */
static FALLIBLE sign(const struct private_key *key, struct bytes algorithm, struct buf *io)
{
	AUTO(buf_free) struct buf signature = { 0 };

	ber_wrap(io, 0, BER_SEQUENCE);
	const struct bytes tbs = buf_view(io);
	TRY(sqmodn_rsa_sign(key, SQMODN_LENGTH, &tbs, 1, &signature));
	buf_put(io, algorithm);
	der_put_bits(io, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(io, 0, BER_SEQUENCE);
	return OK;
}

FALLIBLE cert_1989_make(const struct cert *issuer, const struct private_key *key,
			const struct cert_plan *plan, const struct cert **out_cert)
{
	AUTO(buf_free) struct buf algorithm = { 0 }, der = { 0 };
	uint8_t random[SERIAL_MAX - 1];

	if (plan->limits)
		return FAIL(ST_USAGE, 0, "a certificate of 1988 cannot hold an authority to anything");
	crypto_random(random, sizeof random);
	TRY(sqmodn_rsa_algorithm(private_key_public(key), SCOPE_CA, &algorithm));
	put_serial(&der, plan->serial.len ? plan->serial : bytes_of(random, sizeof random));
	buf_put(&der, buf_view(&algorithm));
	buf_put(&der, issuer ? issuer->subject : plan->subject);
	size_t validity = der.len;
	TRY(put_time(&der, plan->not_before));
	TRY(put_time(&der, plan->not_after));
	ber_wrap(&der, validity, BER_SEQUENCE);
	buf_put(&der, plan->subject);
	TRY(put_key(&der, plan->key, plan->scope));
	TRY(sign(key, buf_view(&algorithm), &der));
	return cert_decode(buf_view(&der), out_cert);
}

static FALLIBLE put_revoked(struct buf *out, const struct revocation *revocation)
{
	size_t from = out->len;

	put_serial(out, revocation->serial);
	TRY(put_time(out, revocation->when));
	ber_wrap(out, from, BER_SEQUENCE);
	return OK;
}

FALLIBLE crl_1989_make(const struct cert *issuer, const struct private_key *key,
		       const struct crl_plan *plan, const struct crl **out_crl)
{
	AUTO(buf_free) struct buf algorithm = { 0 }, der = { 0 };

	TRY(sqmodn_rsa_algorithm(private_key_public(key), SCOPE_CA, &algorithm));
	buf_put(&der, buf_view(&algorithm));
	buf_put(&der, issuer->subject);
	TRY(put_time(&der, plan->this_update));
	TRY(put_time(&der, plan->next_update));
	size_t revoked = der.len;
	for (size_t i = 0; i < plan->count; i++)
		TRY(put_revoked(&der, &plan->revoked[i]));
	if (plan->count)
		ber_wrap(&der, revoked, BER_SEQUENCE);
	TRY(sign(key, buf_view(&algorithm), &der));
	return crl_decode(buf_view(&der), out_crl);
}
