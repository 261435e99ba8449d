/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON Web Signature, compact [RFC 7515 3.1]: header "." payload "." signature.
 *
 * The header is compared with the one that the key's owner would write, so nobody can
 * talk a reader into another algorithm.
 */
#include "lib/sec/jws.h"

#include "lib/base/base64url.h"
#include "lib/base/memory.h"
#include "lib/sec/der.h"

enum { COORDINATE_OCTETS = 32 };	/* of P-256 */

static const char *algorithm_name(enum key_type type)
{
	static const char *const names[] = {
		[KEY_P256] = "ES256", [KEY_ED25519] = "EdDSA", [KEY_RSA] = "PS256",
	};

	return names[type];
}

static void put_header(struct buf *out, const struct public_key *key)
{
	AUTO(mem_free) char *id = bytes_hex(public_key_id(key));
	AUTO(mem_free) char *header = mem_printf("{\"alg\":\"%s\",\"kid\":\"%s\"}",
						 algorithm_name(public_key_type(key)), id);

	base64url_put(out, bytes_text(header));
}

/* --- ECDSA: two numbers of full length [RFC 7518 3.4], in DER elsewhere --- */

static FALLIBLE put_number(struct bytes *left, struct buf *out)
{
	static const uint8_t zeros[COORDINATE_OCTETS];
	struct ber_tlv tlv;

	TRY(der_take(left, BER_INTEGER, "half of the signature", &tlv));
	while (tlv.contents.len && !tlv.contents.data[0])
		tlv.contents = bytes_slice(tlv.contents, 1, tlv.contents.len);
	if (tlv.contents.len > COORDINATE_OCTETS)
		return FAIL(ST_PEER, 0, "half of the signature is too long");
	buf_put(out, bytes_of(zeros, COORDINATE_OCTETS - tlv.contents.len));
	buf_put(out, tlv.contents);
	return OK;
}

static FALLIBLE numbers_from_der(struct bytes der, struct buf *out)
{
	struct ber_tlv pair;

	TRY(ber_only(der, &pair));
	TRY(put_number(&pair.contents, out));
	return put_number(&pair.contents, out);
}

static void put_integer(struct buf *out, struct bytes number)
{
	AUTO(buf_free) struct buf contents = { 0 };

	while (number.len > 1 && !number.data[0])
		number = bytes_slice(number, 1, number.len);
	if (number.data[0] & 0x80)
		buf_put_u8(&contents, 0);
	buf_put(&contents, number);
	ber_put(out, BER_INTEGER, buf_view(&contents));
}

static FALLIBLE der_from_numbers(struct bytes numbers, struct buf *out)
{
	if (numbers.len != 2 * COORDINATE_OCTETS)
		return FAIL(ST_PEER, 0, "the signature of a line is too long or too short");
	put_integer(out, bytes_slice(numbers, 0, COORDINATE_OCTETS));
	put_integer(out, bytes_slice(numbers, COORDINATE_OCTETS, COORDINATE_OCTETS));
	ber_wrap(out, 0, BER_SEQUENCE);
	return OK;
}

/* --- lines --- */

FALLIBLE jws_sign(const struct private_key *key, struct bytes payload, struct buf *out_line)
{
	const struct public_key *public = private_key_public(key);
	AUTO(buf_free) struct buf line = { 0 };
	AUTO(buf_free) struct buf made = { 0 };
	AUTO(buf_free) struct buf numbers = { 0 };
	bool ecdsa = public_key_type(public) == KEY_P256;

	put_header(&line, public);
	buf_put_u8(&line, '.');
	base64url_put(&line, payload);
	struct bytes input = buf_view(&line);
	TRY(crypto_sign(key, &input, 1, &made));
	if (ecdsa)
		TRY(numbers_from_der(buf_view(&made), &numbers));
	buf_put_u8(&line, '.');
	base64url_put(&line, buf_view(ecdsa ? &numbers : &made));
	buf_put(out_line, buf_view(&line));
	return OK;
}

struct parts {
	struct bytes header, payload, signature;	/* in base64url */
	struct bytes input;		/* what is signed: header "." payload */
};

static FALLIBLE split(struct bytes line, struct parts *out)
{
	const uint8_t *dot = line.len ? memchr(line.data, '.', line.len) : NULL;
	const uint8_t *last = line.len ? memrchr(line.data, '.', line.len) : NULL;

	if (!dot || dot == last)
		return FAIL(ST_PEER, 0, "not a signed line");

	size_t first = (size_t)(dot - line.data), second = (size_t)(last - line.data);

	out->header = bytes_slice(line, 0, first);
	out->payload = bytes_slice(line, first + 1, second - first - 1);
	out->signature = bytes_slice(line, second + 1, line.len);
	out->input = bytes_slice(line, 0, second);
	return OK;
}

static bool header_is_of(struct bytes header, const struct public_key *key)
{
	AUTO(buf_free) struct buf wanted = { 0 };

	put_header(&wanted, key);
	return bytes_equal(header, buf_view(&wanted));
}

bool jws_is_by(struct bytes line, const struct public_key *key)
{
	struct parts parts;
	AUTO(status_free) struct status *odd = split(line, &parts);

	return !odd && header_is_of(parts.header, key);
}

FALLIBLE jws_payload(struct bytes line, struct buf *out_payload)
{
	struct parts parts;

	TRY(split(line, &parts));
	if (!base64url_get(parts.payload, out_payload))
		return FAIL(ST_PEER, 0, "not a signed line: what it says is not in base64url");
	return OK;
}

FALLIBLE jws_verify(struct bytes line, const struct public_key *key)
{
	AUTO(buf_free) struct buf signature = { 0 };
	AUTO(buf_free) struct buf der = { 0 };
	struct bytes algorithm = crypto_signature_algorithm(public_key_type(key));
	struct parts parts;

	TRY(split(line, &parts));
	if (!header_is_of(parts.header, key))
		return FAIL(ST_REFUSED, 0, "the line was signed with another key");
	if (!base64url_get(parts.signature, &signature))
		return FAIL(ST_PEER, 0, "the signature of a line is not in base64url");
	if (public_key_type(key) != KEY_P256)
		return crypto_verify(key, algorithm, &parts.input, 1, buf_view(&signature));
	TRY(der_from_numbers(buf_view(&signature), &der));
	return crypto_verify(key, algorithm, &parts.input, 1, buf_view(&der));
}
