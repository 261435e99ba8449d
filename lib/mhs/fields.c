/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading components by tag, and writing them.
 */
#include "lib/mhs/fields.h"

#include "asn1/asn.h"
#include "lib/base/clock.h"

#include <assert.h>

FALLIBLE fields_read(struct bytes contents, const char *what, const struct field *fields,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		*fields[i].out = (struct ber_tlv){ 0 };

	while (contents.len) {
		struct ber_tlv tlv;
		size_t i = 0;

		TRY_DOING(ber_next(&contents, &tlv), "cannot read a %s", what);
		while (i < count && (fields[i].tag & ~FIELD_HOLDING) != tlv.tag)
			i++;
		if (i == count)
			return FAIL(ST_PEER, 0, "the %s has an element with the unknown tag %u:%u",
				    what, (unsigned)(tlv.tag >> 30),
				    (unsigned)(tlv.tag & BER_TAG_NUMBER_MAX));
		if (field_is(fields[i].out))
			return FAIL(ST_PEER, 0, "the %s has an element twice (tag %u:%u)", what,
				    (unsigned)(tlv.tag >> 30),
				    (unsigned)(tlv.tag & BER_TAG_NUMBER_MAX));
		if (fields[i].tag & FIELD_HOLDING && !tlv.constructed)
			return FAIL(ST_PEER, 0, "the %s has an element that holds none (tag %u:%u)", what,
				    (unsigned)(tlv.tag >> 30),
				    (unsigned)(tlv.tag & BER_TAG_NUMBER_MAX));
		*fields[i].out = tlv;
	}
	for (size_t i = 0; i < count; i++)
		if (fields[i].required && !field_is(fields[i].out))
			return FAIL(ST_PEER, 0, "the %s has no %s", what, fields[i].required);
	return OK;
}

FALLIBLE field_string(struct arena *arena, const struct ber_tlv *tlv, struct bytes *out)
{
	AUTO(buf_free) struct buf joined = { 0 };

	if (!tlv->constructed) {
		*out = tlv->contents;
		return OK;
	}
	TRY(ber_join(tlv, &joined));
	*out = arena_dup(arena, buf_view(&joined));
	return OK;
}

FALLIBLE field_string_or_none(struct arena *arena, const struct ber_tlv *tlv, struct bytes *out)
{
	*out = bytes_none();
	return field_is(tlv) ? field_string(arena, tlv, out) : OK;
}

FALLIBLE field_time(const struct ber_tlv *tlv, time_t *out)
{
	AUTO(buf_free) struct buf joined = { 0 };

	if (!field_is(tlv))
		return OK;
	TRY(ber_join(tlv, &joined));
	return time_from_utctime(buf_view(&joined), out);
}

FALLIBLE field_integer(const struct ber_tlv *tlv, const char *what, int64_t min, int64_t max,
		       int64_t *out)
{
	int64_t value;

	if (!field_is(tlv))
		return OK;
	TRY_DOING(ber_integer(tlv, &value), "cannot read the %s", what);
	if (value < min || value > max)
		return FAIL(ST_PEER, 0, "the %s is %lld, not %lld to %lld", what, (long long)value,
			    (long long)min, (long long)max);
	*out = value;
	return OK;
}

FALLIBLE field_bits(const struct ber_tlv *tlv, uint32_t *out)
{
	AUTO(buf_free) struct buf universal = { 0 };
	BIT_STRING_t *bits = NULL;

	*out = 0;
	if (!field_is(tlv))
		return OK;
	ber_put_header(&universal, BER_BIT_STRING, tlv->constructed, tlv->contents.len);
	buf_put(&universal, tlv->contents);
	TRY(asn_decode(&asn_DEF_BIT_STRING, buf_view(&universal), (void **)&bits));
	*out = asn_bits(bits);
	asn_free(&asn_DEF_BIT_STRING, &bits);
	return OK;
}

struct bytes field_retag(struct arena *arena, const struct ber_tlv *tlv, uint32_t tag)
{
	AUTO(buf_free) struct buf out = { 0 };

	if (!field_is(tlv))
		return bytes_none();
	if (tlv->tag == tag)
		return tlv->whole;
	ber_put_header(&out, tag, tlv->constructed, tlv->contents.len);
	buf_put(&out, tlv->contents);
	return arena_dup(arena, buf_view(&out));
}

void put_string(struct buf *out, uint32_t tag, struct bytes characters)
{
	if (characters.len)
		ber_put(out, tag, characters);
}

FALLIBLE put_time(struct buf *out, uint32_t tag, time_t t)
{
	struct time_text text;

	TRY(time_to_utctime(t, &text));
	ber_put(out, tag, bytes_text(text.s));
	return OK;
}

void put_bits(struct buf *out, uint32_t tag, uint32_t bits)
{
	put_bits_at_least(out, tag, bits, 0);
}

void put_bits_at_least(struct buf *out, uint32_t tag, uint32_t bits, unsigned least)
{
	uint8_t octets[5] = { 0 };
	unsigned set = bits ? 32 - (unsigned)__builtin_clz(bits) : 0;
	unsigned used = set > least ? set : least;
	size_t len = (used + 7) / 8;

	for (unsigned n = 0; n < used; n++)
		if (bits & UINT32_C(1) << n)
			octets[1 + n / 8] |= (uint8_t)(0x80 >> n % 8);
	octets[0] = (uint8_t)(8 * len - used);
	ber_put(out, tag, bytes_of(octets, 1 + len));
}

void put_retagged(struct buf *out, uint32_t tag, struct bytes tlv)
{
	struct bytes left = tlv;
	struct ber_tlv read;

	if (!tlv.len)
		return;
	/* Only TLVs that were decoded or made here come this far. */
	status_drop(ber_next(&left, &read));
	assert(!left.len);
	ber_put_header(out, tag, read.constructed, read.contents.len);
	buf_put(out, read.contents);
}
