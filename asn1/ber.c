/* SPDX-License-Identifier: Apache-2.0 */
/* Reading BER in place [X.690 8.1]. */
#include "asn1/ber.h"

#include "asn1/ber_frame.h"
#include "lib/base/cursor.h"

const struct ber_limits ber_limits_default = {
	.depth = 200,
	.count = 200000,
};

/* Identifier octets [X.690 8.1.2]. */
static FALLIBLE read_tag(struct cursor *c, struct ber_frame *frame)
{
	uint8_t first = cur_u8(c);
	uint32_t number = first & 0x1f;

	if (number == 0x1f) {
		uint8_t octet;

		number = 0;
		do {
			if (number > BER_TAG_NUMBER_MAX >> 7)
				return FAIL(ST_PEER, 0, "a tag number is too large");
			octet = cur_u8(c);
			if (number == 0 && octet == 0x80)
				return FAIL(ST_PEER, 0, "a tag number has leading zeros");
			number = number << 7 | (octet & 0x7f);
		} while (octet & 0x80);
		if (number < 0x1f)
			return FAIL(ST_PEER, 0, "a small tag number has the long form");
	}
	frame->tag = (uint32_t)(first >> 6) << 30 | number;
	frame->constructed = first & 0x20;
	return OK;
}

/* Length octets [X.690 8.1.3]. */
static FALLIBLE read_length(struct cursor *c, struct ber_frame *frame)
{
	uint8_t first = cur_u8(c);

	frame->indefinite = first == 0x80;
	frame->len = first;
	if (first == 0xff)
		return FAIL(ST_PEER, 0, "a length begins with the reserved octet FF");
	if (first < 0x80)
		return OK;
	frame->len = 0;
	for (struct bytes octets = cur_take(c, first & 0x7f); octets.len;
	     octets = bytes_slice(octets, 1, octets.len)) {
		if (frame->len > SIZE_MAX >> 8)
			return FAIL(ST_PEER, 0, "a length is too large");
		frame->len = frame->len << 8 | octets.data[0];
	}
	return OK;
}

FALLIBLE ber_read_frame(struct bytes in, struct ber_frame *out_frame)
{
	struct cursor c = cursor_over(in);

	TRY(read_tag(&c, out_frame));
	TRY(read_length(&c, out_frame));
	TRY(cur_check(&c, "a value's header"));
	out_frame->header = in.len - cur_left(&c);
	if (out_frame->tag == BER_UNIVERSAL(0))
		return FAIL(ST_PEER, 0, "end-of-contents octets stand where a value should");
	if (out_frame->indefinite && !out_frame->constructed)
		return FAIL(ST_PEER, 0, "a primitive value has an indefinite length");
	if (out_frame->len > cur_left(&c))
		return FAIL(ST_PEER, 0, "a value of %zu octets ends after %zu", out_frame->len,
			    cur_left(&c));
	return OK;
}

/* The octets before the end-of-contents octets that end an indefinite value. */
static FALLIBLE find_end_of_contents(struct bytes in, size_t *out_len)
{
	size_t pos = 0;
	unsigned open = 1;

	while (open) {
		struct bytes left = bytes_slice(in, pos, in.len);
		struct ber_frame frame;

		if (ber_at_end_of_contents(left)) {
			open--;
			pos += 2;
			continue;
		}
		TRY(ber_read_frame(left, &frame));
		pos += frame.header + frame.len;
		if (frame.indefinite && ++open > BER_DEPTH_MAX)
			return FAIL(ST_PEER, 0, "values lie too deep inside one another");
	}
	*out_len = pos - 2;
	return OK;
}

FALLIBLE ber_next(struct bytes *left, struct ber_tlv *out_tlv)
{
	struct ber_frame frame;
	size_t whole;

	TRY(ber_read_frame(*left, &frame));
	if (frame.indefinite) {
		TRY(find_end_of_contents(bytes_slice(*left, frame.header, left->len), &frame.len));
		whole = frame.header + frame.len + 2;
	} else {
		whole = frame.header + frame.len;
	}
	*out_tlv = (struct ber_tlv){
		.tag = frame.tag,
		.constructed = frame.constructed,
		.indefinite = frame.indefinite,
		.whole = bytes_slice(*left, 0, whole),
		.contents = bytes_slice(*left, frame.header, frame.len),
	};
	*left = bytes_slice(*left, whole, left->len);
	return OK;
}

FALLIBLE ber_only(struct bytes in, struct ber_tlv *out_tlv)
{
	TRY(ber_next(&in, out_tlv));
	if (in.len)
		return FAIL(ST_PEER, 0, "%zu octets stand behind the value", in.len);
	return OK;
}

bool ber_find(struct bytes contents, uint32_t tag, struct ber_tlv *out_tlv)
{
	while (contents.len) {
		struct status *unreadable = ber_next(&contents, out_tlv);

		if (unreadable) {
			status_free(&unreadable);
			return false;
		}
		if (out_tlv->tag == tag)
			return true;
	}
	return false;
}

FALLIBLE ber_get(struct bytes contents, uint32_t tag, const char *what, struct ber_tlv *out_tlv)
{
	if (!ber_find(contents, tag, out_tlv))
		return FAIL(ST_PEER, 0, "%s is missing", what);
	return OK;
}

bool ber_nth(struct bytes contents, size_t n, struct ber_tlv *out_tlv)
{
	for (size_t i = 0; contents.len; i++) {
		struct status *unreadable = ber_next(&contents, out_tlv);

		if (unreadable) {
			status_free(&unreadable);
			return false;
		}
		if (i == n)
			return true;
	}
	return false;
}

FALLIBLE ber_count(struct bytes contents, size_t max, const char *what, size_t *out_count)
{
	struct ber_tlv tlv;
	size_t count;

	for (count = 0; contents.len; count++) {
		TRY(ber_next(&contents, &tlv));
		if (count == max)
			return FAIL(ST_PEER, 0, "there are more than %zu %s", max, what);
	}
	*out_count = count;
	return OK;
}

FALLIBLE ber_integer(const struct ber_tlv *tlv, int64_t *out_value)
{
	struct bytes octets = tlv->contents;

	if (tlv->constructed || octets.len < 1 || octets.len > 8)
		return FAIL(ST_PEER, 0, "an INTEGER of %zu octets", octets.len);
	uint64_t value = octets.data[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < octets.len; i++)
		value = value << 8 | octets.data[i];
	*out_value = (int64_t)value;
	return OK;
}

/* What a walk over the segments of a string collects. */
struct joining {
	uint32_t tag, own_tag;	/* segments have one of these */
	bool bits;
	unsigned unused;	/* of the last segment of a BIT STRING */
	struct buf *out;
};

static FALLIBLE join_segment(struct joining *j, struct bytes octets)
{
	if (j->bits) {
		if (j->unused)
			return FAIL(ST_PEER, 0, "a BIT STRING has unused bits before its end");
		if (!octets.len || octets.data[0] > 7 || (octets.data[0] && octets.len == 1))
			return FAIL(ST_PEER, 0, "a BIT STRING has no proper count of unused bits");
		j->unused = octets.data[0];
		octets = bytes_slice(octets, 1, octets.len);
	}
	buf_put(j->out, octets);
	return OK;
}

static FALLIBLE join_segments(struct joining *j, struct bytes contents, unsigned depth)
{
	struct ber_tlv segment;

	if (depth > ber_limits_default.depth)
		return FAIL(ST_PEER, 0, "the segments of a string lie too deep");
	while (contents.len) {
		TRY(ber_next(&contents, &segment));
		if (segment.tag != j->tag && segment.tag != j->own_tag)
			return FAIL(ST_PEER, 0, "a string has a segment of another type");
		if (segment.constructed)
			TRY(join_segments(j, segment.contents, depth + 1));
		else
			TRY(join_segment(j, segment.contents));
	}
	return OK;
}

static FALLIBLE join(struct joining *j, const struct ber_tlv *string)
{
	size_t before = j->out->len;
	struct status *st = string->constructed ? join_segments(j, string->contents, 0)
						: join_segment(j, string->contents);

	if (st)
		j->out->len = before;
	return st;
}

FALLIBLE ber_join(const struct ber_tlv *string, struct buf *out)
{
	struct joining j = { .tag = BER_OCTET_STRING, .own_tag = string->tag, .out = out };

	return join(&j, string);
}

FALLIBLE ber_join_bits(const struct ber_tlv *string, struct buf *out, unsigned *out_unused)
{
	struct joining j = {
		.tag = BER_BIT_STRING, .own_tag = string->tag, .bits = true, .out = out,
	};

	TRY(join(&j, string));
	*out_unused = j.unused;
	return OK;
}
