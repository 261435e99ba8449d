/* SPDX-License-Identifier: Apache-2.0 */
/* What tokens, checks and proofs have in common. */
#include "lib/sec/der.h"

void der_put_bits(struct buf *out, uint32_t tag, struct bytes octets)
{
	ber_put_header(out, tag, false, octets.len + 1);
	buf_put_u8(out, 0);	/* unused bits in the last octet */
	buf_put(out, octets);
}

FALLIBLE der_get_bits(const struct ber_tlv *tlv, const char *what, struct bytes *out_octets)
{
	if (tlv->constructed || tlv->contents.len == 0 || tlv->contents.data[0] != 0)
		return FAIL(ST_PEER, 0, "%s is no string of whole octets", what);
	*out_octets = bytes_slice(tlv->contents, 1, tlv->contents.len);
	return OK;
}

/* The contents of one TLV; false where it is none. */
static bool contents_of(struct bytes value, struct bytes *out_contents, bool *out_constructed)
{
	struct ber_tlv tlv;

	if (!ber_nth(value, 0, &tlv) || tlv.whole.len != value.len)
		return false;
	*out_contents = tlv.contents;
	*out_constructed = tlv.constructed;
	return true;
}

void der_put_as(struct buf *out, uint32_t tag, struct bytes value)
{
	struct bytes contents = bytes_none();
	bool constructed = true;

	(void)contents_of(value, &contents, &constructed);
	ber_put_header(out, tag, constructed, contents.len);
	buf_put(out, contents);
}

bool der_same_contents(struct bytes a, struct bytes b)
{
	struct bytes in_a, in_b;
	bool constructed_a, constructed_b;

	return contents_of(a, &in_a, &constructed_a) && contents_of(b, &in_b, &constructed_b) &&
		constructed_a == constructed_b && bytes_equal(in_a, in_b);
}

struct bytes der_algorithm_oid(struct bytes algorithm)
{
	struct bytes contents;
	struct ber_tlv oid;
	bool constructed;

	if (!contents_of(algorithm, &contents, &constructed) || !constructed ||
	    !ber_nth(contents, 0, &oid) || oid.tag != BER_OID)
		return bytes_none();
	return oid.contents;
}

bool der_take_optional(struct bytes *left, uint32_t tag, struct ber_tlv *out_tlv)
{
	struct ber_tlv tlv;

	if (!left->len || !ber_nth(*left, 0, &tlv) || tlv.tag != tag)
		return false;
	*left = bytes_slice(*left, tlv.whole.len, left->len);
	*out_tlv = tlv;
	return true;
}

FALLIBLE der_take(struct bytes *left, uint32_t tag, const char *what, struct ber_tlv *out_tlv)
{
	if (!der_take_optional(left, tag, out_tlv))
		return FAIL(ST_PEER, 0, "%s is missing", what);
	return OK;
}

FALLIBLE der_end(struct bytes left, const char *what)
{
	if (left.len)
		return FAIL(ST_PEER, 0, "%s has more in it than it should", what);
	return OK;
}

void der_put_signature(struct buf *out, struct bytes algorithm, struct bytes value)
{
	size_t from = out->len;

	buf_put(out, algorithm);
	der_put_bits(out, BER_BIT_STRING, value);
	ber_wrap(out, from, BER_SEQUENCE);
}

FALLIBLE der_get_signature(struct bytes signature, const char *what, struct bytes *out_algorithm,
			   struct bytes *out_value)
{
	struct bytes left;
	struct ber_tlv algorithm, value;
	bool constructed;

	if (!contents_of(signature, &left, &constructed) || !constructed)
		return FAIL(ST_PEER, 0, "%s is not one value", what);
	TRY(der_take(&left, BER_SEQUENCE, "the algorithm identifier", &algorithm));
	TRY(der_take(&left, BER_BIT_STRING, "the value", &value));
	TRY(der_get_bits(&value, what, out_value));
	TRY(der_end(left, what));
	*out_algorithm = algorithm.whole;
	return OK;
}
