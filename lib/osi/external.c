/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/osi/external.h"

#define OBJECT_DESCRIPTOR 7

struct bytes external_header(int context_id, size_t value_len, uint8_t header[EXTERNAL_HEADER_MAX])
{
	AUTO(buf_free) struct buf id = { 0 };
	uint8_t encoding[BER_HEADER_MAX];
	size_t encoding_len = ber_header(encoding, BER_CONTEXT(0), true, value_len);
	size_t at;

	ber_put_integer(&id, BER_UNIVERSAL(BER_INTEGER), context_id);
	at = ber_header(header, BER_UNIVERSAL(BER_EXTERNAL), true, id.len + encoding_len + value_len);
	memcpy(header + at, id.data, id.len);
	at += id.len;
	memcpy(header + at, encoding, encoding_len);
	return bytes_of(header, at + encoding_len);
}

/* single-ASN1-type holds the value, octet-aligned its octets. */
static FALLIBLE open_encoding(const struct ber_tlv *encoding, struct bytes *out_value)
{
	struct ber_tlv value;

	if (encoding->tag == BER_CONTEXT(1) && encoding->constructed)
		return FAIL(ST_PEER, 0, "an EXTERNAL whose octets are in segments");
	if (encoding->tag != BER_CONTEXT(0) && encoding->tag != BER_CONTEXT(1))
		return FAIL(ST_PEER, 0, "an EXTERNAL in an encoding that is not BER");
	TRY_DOING(ber_only(encoding->contents, &value), "EXTERNAL");
	*out_value = value.whole;
	return OK;
}

FALLIBLE external_open(struct bytes in, int *out_context_id, struct bytes *out_value)
{
	struct ber_tlv outer, member;
	struct bytes left;

	*out_context_id = -1;
	TRY_DOING(ber_only(in, &outer), "the APDU");
	*out_value = outer.whole;
	if (outer.tag != BER_UNIVERSAL(BER_EXTERNAL))
		return OK;
	left = outer.contents;
	TRY_DOING(ber_next(&left, &member), "EXTERNAL");
	if (member.tag == BER_UNIVERSAL(BER_OID))
		TRY_DOING(ber_next(&left, &member), "EXTERNAL");
	if (member.tag == BER_UNIVERSAL(BER_INTEGER)) {
		int64_t id;

		TRY_DOING(ber_integer(&member, &id), "presentation context of an EXTERNAL");
		if (id < 0 || id > INT32_MAX)
			return FAIL(ST_PEER, 0, "presentation context of an EXTERNAL is %lld",
				    (long long)id);
		*out_context_id = (int)id;
		TRY_DOING(ber_next(&left, &member), "EXTERNAL");
	}
	if (member.tag == BER_UNIVERSAL(OBJECT_DESCRIPTOR))
		TRY_DOING(ber_next(&left, &member), "EXTERNAL");
	if (left.len)
		return FAIL(ST_PEER, 0, "an EXTERNAL with octets behind its value");
	return open_encoding(&member, out_value);
}
