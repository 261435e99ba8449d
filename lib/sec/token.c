/* SPDX-License-Identifier: Apache-2.0 */
/* The asymmetric token [X.411 8.5.8]. */
#include "lib/sec/token.h"

#include "asn1/oid.h"
#include "lib/base/clock.h"
#include "lib/sec/der.h"

/* id-tok-asymmetricToken {joint-iso-itu-t mhs(6) mts(3) 6 0}, as [0] of a Token */
#define ASYMMETRIC_TOKEN	"\x80\x04\x56\x03\x06\x00"
#define ASYMMETRIC_TOKEN_OID	"2.6.3.6.0"

/* --- making --- */

static void put_data(struct buf *out, uint32_t tag, const struct token_data *data)
{
	size_t from = out->len;

	ber_put_integer(out, BER_CONTEXT(0), data->type);
	size_t value = out->len;
	buf_put(out, data->value);
	ber_wrap(out, value, BER_CONTEXT(1));
	ber_wrap(out, from, tag);
}

static FALLIBLE put_encrypted(struct buf *out, const struct suite *suite,
			      const struct token_plan *plan)
{
	AUTO(secret_buf_free) struct buf plain = { 0 };
	AUTO(buf_free) struct buf algorithm = { 0 }, encrypted = { 0 };

	if (!suite->transport)
		return FAIL(ST_USAGE, 0, "the suite %s has no encrypted data in tokens", suite->name);

	buf_reserve(&plain, plan->encrypted_data.value.len + 4 * BER_HEADER_MAX);
	put_data(&plain, BER_SEQUENCE, &plan->encrypted_data);
	TRY(suite->transport->seal(plan->encrypt_to, buf_view(&plain), &algorithm, &encrypted));
	der_put_as(out, BER_CONTEXT(1), buf_view(&algorithm));
	der_put_bits(out, BER_CONTEXT(2), buf_view(&encrypted));
	return OK;
}

FALLIBLE token_make(const struct token_plan *plan, const struct private_key *signer,
		    struct buf *out_token)
{
	const struct suite *suite = plan->suite ? plan->suite : &suite_modern;
	AUTO(buf_free) struct buf algorithm = { 0 }, token = { 0 }, signature = { 0 };
	struct time_text time;

	TRY(suite->signature->algorithm(private_key_public(signer), &plan->options, &algorithm));
	TRY(time_to_utctime(plan->time, &time));
	buf_put(&token, buf_view(&algorithm));
	buf_put(&token, plan->name);
	ber_put(&token, DER_UTC_TIME, bytes_text(time.s));
	if (plan->signed_data.type != TOKEN_DATA_NONE)
		put_data(&token, BER_CONTEXT(0), &plan->signed_data);
	if (plan->encrypted_data.type != TOKEN_DATA_NONE)
		TRY(put_encrypted(&token, suite, plan));
	ber_wrap(&token, 0, BER_SEQUENCE);
	const struct bytes tbs = buf_view(&token);
	TRY(suite->signature->sign(signer, &plan->options, &tbs, 1, &signature));
	buf_put(&token, buf_view(&algorithm));
	der_put_bits(&token, BER_BIT_STRING, buf_view(&signature));
	ber_wrap(&token, 0, BER_SEQUENCE);
	ber_wrap(&token, 0, BER_CONTEXT(1));
	buf_insert(&token, 0, BYTES(ASYMMETRIC_TOKEN));
	ber_wrap(&token, 0, BER_SEQUENCE);
	buf_put(out_token, buf_view(&token));
	return OK;
}

void token_name_mta(struct bytes domain, const char *mta_name, struct buf *out_name)
{
	enum { IA5_STRING = 22 };
	size_t from = out_name->len;

	buf_put(out_name, domain);
	ber_put(out_name, IA5_STRING, bytes_text(mta_name));
	ber_wrap(out_name, from, BER_CONTEXT(3));
}

/* --- reading --- */

static FALLIBLE read_data(const struct ber_tlv *data, struct token_data *out_data)
{
	struct bytes left = data->contents;
	struct ber_tlv type, value, inner;
	int64_t number;

	TRY(der_take(&left, BER_CONTEXT(0), "the type of the token's data", &type));
	TRY(der_take(&left, BER_CONTEXT(1), "the value of the token's data", &value));
	TRY(der_end(left, "the token's data"));
	TRY(ber_integer(&type, &number));
	if (number < TOKEN_DATA_BIND_SIGNED || number > TOKEN_DATA_BIND_ENCRYPTED)
		return FAIL(ST_PEER, 0, "the token has data of the unknown type %lld",
			    (long long)number);
	TRY(ber_only(value.contents, &inner));
	*out_data = (struct token_data){ (enum token_data_type)number, inner.whole };
	return OK;
}

/* [X.411 Figure 2] AsymmetricTokenData */
static FALLIBLE read_tbs(const struct ber_tlv *tbs, struct token *token)
{
	struct bytes left = tbs->contents;
	struct ber_tlv algorithm, name, time, part;

	TRY(der_take(&left, BER_SEQUENCE, "the signature algorithm", &algorithm));
	if (!bytes_equal(algorithm.whole, token->algorithm))
		return FAIL(ST_PEER, 0, "the token names two signature algorithms");
	if (!der_take_optional(&left, BER_APPLICATION(0), &name))
		TRY(der_take(&left, BER_CONTEXT(3), "the recipient's name", &name));
	token->name = name.whole;
	TRY(der_take(&left, DER_UTC_TIME, "the time", &time));
	TRY(time_from_utctime(time.contents, &token->time));
	if (der_take_optional(&left, BER_CONTEXT(0), &part))
		TRY(read_data(&part, &token->signed_data));
	if (der_take_optional(&left, BER_CONTEXT(1), &part))
		token->encryption_algorithm = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(2), &part))
		TRY(der_get_bits(&part, "the encrypted data", &token->encrypted));
	return der_end(left, "the token");
}

static FALLIBLE read_token(struct bytes octets, struct token *out_token)
{
	struct ber_tlv token, type, value, asymmetric, tbs, algorithm, signature;

	TRY(ber_only(octets, &token));
	if (token.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "it is not a SEQUENCE");
	struct bytes left = token.contents;
	TRY(der_take(&left, BER_CONTEXT(0), "its type", &type));
	if (!oid_is(type.contents, ASYMMETRIC_TOKEN_OID))
		return FAIL(ST_PEER, 0, "its type %s is not known here", oid_text(type.contents).s);
	TRY(der_take(&left, BER_CONTEXT(1), "its value", &value));
	TRY(der_end(left, "it"));
	TRY(ber_only(value.contents, &asymmetric));
	left = asymmetric.contents;
	TRY(der_take(&left, BER_SEQUENCE, "the signed part", &tbs));
	TRY(der_take(&left, BER_SEQUENCE, "the signature algorithm", &algorithm));
	TRY(der_take(&left, BER_BIT_STRING, "the signature", &signature));
	TRY(der_end(left, "it"));
	out_token->tbs = tbs.whole;
	out_token->algorithm = algorithm.whole;
	TRY(der_get_bits(&signature, "the signature", &out_token->signature));
	return read_tbs(&tbs, out_token);
}

FALLIBLE token_decode(struct bytes octets, struct token *out_token)
{
	*out_token = (struct token){ 0 };
	if (octets.len > TOKEN_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a token of %zu octets is too long", octets.len);
	TRY_DOING(ber_check(octets, &ber_limits_default, NULL), "the token cannot be read");
	TRY_DOING(read_token(octets, out_token), "the token cannot be read");
	return OK;
}

FALLIBLE token_verify_as(const struct token *token, const struct suite *suite,
			 const struct suite_options *options, const struct public_key *signer)
{
	return suite->signature->verify(signer, options, token->algorithm, &token->tbs, 1,
					token->signature);
}

FALLIBLE token_verify(const struct token *token, const struct public_key *signer)
{
	const struct suite_options none = { 0 };

	return token_verify_as(token, &suite_modern, &none, signer);
}

FALLIBLE token_open(const struct token *token, const struct suite *suite,
		    const struct private_key *key,
		    struct secret *out_plain, struct token_data *out_data)
{
	AUTO(secret_free) struct secret plain = { 0 };
	struct ber_tlv data;

	if (!token->encrypted.len)
		return FAIL(ST_REFUSED, 0, "the token has no encrypted data");
	if (!suite->transport)
		return FAIL(ST_REFUSED, 0, "the suite %s forbids encrypted data in the token", suite->name);
	TRY(suite->transport->open(key, token->encryption_algorithm, token->encrypted, &plain));
	TRY_DOING(ber_check(secret_view(&plain), &ber_limits_default, NULL),
		  "the token's encrypted data cannot be read");
	TRY(ber_only(secret_view(&plain), &data));
	TRY(read_data(&data, out_data));
	*out_plain = secret_take(&plain);
	return OK;
}
