/* SPDX-License-Identifier: Apache-2.0 */
/* sqMod-nWithRSA [X.509 (1988) Annex H]. */
#include "lib/sec/sqmodn_rsa.h"

#include "asn1/oid.h"
#include "lib/sec/crypto_1989.h"
#include "lib/sec/der.h"

/* {joint-iso-itu-t ds(5) algorithm(8) signatureAlgorithm(3) 1} */
#define SQMODN_WITH_RSA_OID	"\x06\x04\x55\x08\x03\x01"

void sqmodn_parameters_put(const struct public_key *key, enum scope scope, struct buf *out)
{
	size_t from = out->len;

	ber_put_integer(out, BER_INTEGER, sqmodn_bits(key));
	ber_put_integer(out, BER_ENUMERATED, scope);
	ber_wrap(out, from, BER_SEQUENCE);
}

FALLIBLE sqmodn_parameters_get(struct bytes parameters, int64_t *out_bits, enum scope *out_scope)
{
	struct ber_tlv whole, size, scope;
	int64_t purpose;

	TRY(der_take(&parameters, BER_SEQUENCE, "the algorithm's parameters", &whole));
	TRY(der_end(parameters, "the algorithm identifier"));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_INTEGER, "the size of the key", &size));
	TRY(der_take(&left, BER_ENUMERATED, "the key's scope of use", &scope));
	TRY(der_end(left, "the algorithm's parameters"));
	TRY(ber_integer(&size, out_bits));
	TRY(ber_integer(&scope, &purpose));
	*out_scope = purpose > SCOPE_NONE && purpose <= SCOPE_CA ? (enum scope)purpose : SCOPE_NONE;
	return OK;
}

FALLIBLE sqmodn_rsa_algorithm(const struct public_key *signer, enum scope scope, struct buf *out)
{
	size_t from = out->len;

	if (!sqmodn_bits(signer))
		return FAIL(ST_USAGE, 0, "the suite locator-1989 signs with an RSA key, not with one of "
			    "type %s", key_type_name(public_key_type(signer)));
	buf_put(out, BYTES(SQMODN_WITH_RSA_OID));
	sqmodn_parameters_put(signer, scope, out);
	ber_wrap(out, from, BER_SEQUENCE);
	return OK;
}

static FALLIBLE check_algorithm(struct bytes algorithm, const struct public_key *signer,
				enum scope wanted)
{
	struct ber_tlv whole, oid;
	enum scope scope;
	int64_t bits;

	TRY(ber_only(algorithm, &whole));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_OID, "the algorithm", &oid));
	if (!oid_is(oid.contents, SQMODN_WITH_RSA))
		return FAIL(ST_REFUSED, 0, "the signature algorithm %s is not that of the suite locator-1989",
			    oid_text(oid.contents).s);
	TRY(sqmodn_parameters_get(left, &bits, &scope));
	if (scope != wanted)
		return FAIL(ST_REFUSED, 0, "the signature says that its key is for %s, not for %s",
			    scope == SCOPE_NONE ? "something unknown" : scope_name(scope),
			    scope_name(wanted));
	if (bits != sqmodn_bits(signer))
		return FAIL(ST_REFUSED, 0, "the signature is of a key of %lld bits, the signer's is a "
			    "%s key of %u", (long long)bits, key_type_name(public_key_type(signer)),
			    sqmodn_bits(signer));
	return OK;
}

FALLIBLE sqmodn_rsa_sign(const struct private_key *signer, enum sqmodn_form form,
			 const struct bytes *parts, size_t count, struct buf *out_signature)
{
	AUTO(buf_free) struct buf hash = { 0 };

	TRY(sqmodn_hash(private_key_public(signer), form, parts, count, &hash));
	return rsa_raw_sign(signer, buf_view(&hash), out_signature);
}

FALLIBLE sqmodn_rsa_verify(const struct public_key *signer, enum scope scope, enum sqmodn_form form,
			   struct bytes algorithm, const struct bytes *parts, size_t count,
			   struct bytes signature)
{
	AUTO(buf_free) struct buf hash = { 0 }, signed_hash = { 0 };

	TRY(check_algorithm(algorithm, signer, scope));
	TRY(sqmodn_hash(signer, form, parts, count, &hash));
	TRY(rsa_raw_recover(signer, signature, &signed_hash));
	if (!crypto_equal(buf_view(&hash), buf_view(&signed_hash)))
		return FAIL(ST_REFUSED, 0, "the signature is wrong");
	return OK;
}
