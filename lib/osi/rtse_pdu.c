/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APDUs of reliable transfer, normal mode [X.228 9].  They are small
 * headers around what can be large, so they are read in place.
 */
#include "lib/osi/rtse_pdu.h"

#define TAG_RTORQ BER_CONTEXT(16)
#define TAG_RTOAC BER_CONTEXT(17)
#define TAG_RTORJ BER_CONTEXT(18)
#define TAG_RTAB BER_CONTEXT(22)

#define WINDOW_DEFAULT 3
#define UTC_TIME 23

/* A member that is a number from 0 on, or the default where it is absent. */
static FALLIBLE number_or(struct bytes set, uint32_t tag, const char *what, uint32_t absent,
			  uint32_t *out_number)
{
	struct ber_tlv tlv;
	int64_t value;

	*out_number = absent;
	if (!ber_find(set, tag, &tlv))
		return OK;
	TRY_DOING(ber_integer(&tlv, &value), "%s", what);
	if (value < 0 || value > INT32_MAX)
		return FAIL(ST_PEER, 0, "%s is %lld", what, (long long)value);
	*out_number = (uint32_t)value;
	return OK;
}

static FALLIBLE apdu_of(struct bytes in, uint32_t tag, const char *what, struct bytes *out_set)
{
	struct ber_tlv apdu;

	TRY_DOING(ber_only(in, &apdu), "%s", what);
	if (apdu.tag != tag || !apdu.constructed)
		return FAIL(ST_PEER, 0, "there is another value where %s belongs", what);
	*out_set = apdu.contents;
	return OK;
}

/* ConnectionData, in its own tag: open [0] (a primitive one is the absence of data), recover [1]. */
static void put_connection_data(struct buf *out, uint32_t tag, const struct rtse_open *open)
{
	size_t at = out->len;

	if (open->recovers) {
		ber_put_header(out, BER_CONTEXT(1), true, open->association.len);
		buf_put(out, open->association);
	} else {
		ber_put_header(out, BER_CONTEXT(0), open->user_data.len > 0, open->user_data.len);
		buf_put(out, open->user_data);
	}
	ber_wrap(out, at, tag);
}

static FALLIBLE get_connection_data(struct bytes set, uint32_t tag, struct rtse_open *open)
{
	struct ber_tlv outer, inner;

	TRY(ber_get(set, tag, "connection data", &outer));
	TRY_DOING(ber_only(outer.contents, &inner), "connection data");
	if (inner.tag == BER_CONTEXT(1) && inner.constructed) {
		open->recovers = true;
		open->association = inner.contents;
	} else if (inner.tag == BER_CONTEXT(0)) {
		open->user_data = inner.contents;
	} else {
		return FAIL(ST_PEER, 0, "connection data neither open nor recover");
	}
	return OK;
}

static void put_sizes(struct buf *out, const struct rtse_open *open)
{
	if (open->checkpoint_size != 0)
		ber_put_integer(out, BER_CONTEXT(0), open->checkpoint_size);
	if (open->window_size != WINDOW_DEFAULT)
		ber_put_integer(out, BER_CONTEXT(1), open->window_size);
}

static FALLIBLE get_sizes(struct bytes set, struct rtse_open *open)
{
	TRY(number_or(set, BER_CONTEXT(0), "checkpoint size", 0, &open->checkpoint_size));
	TRY(number_or(set, BER_CONTEXT(1), "window size", WINDOW_DEFAULT, &open->window_size));
	if (open->checkpoint_size > 0 && open->window_size == 0)
		return FAIL(ST_PEER, 0, "a window of no checkpoints");
	return OK;
}

void rtorq_encode(const struct rtse_open *open, struct buf *out)
{
	size_t at = out->len;

	put_sizes(out, open);
	if (open->two_way)
		ber_put_integer(out, BER_CONTEXT(2), 1);
	put_connection_data(out, BER_CONTEXT(3), open);
	ber_wrap(out, at, TAG_RTORQ);
}

FALLIBLE rtorq_decode(struct bytes in, struct rtse_open *out_open)
{
	struct bytes set;
	uint32_t mode;

	*out_open = (struct rtse_open){ 0 };
	TRY(apdu_of(in, TAG_RTORQ, "RTORQ", &set));
	TRY(get_sizes(set, out_open));
	TRY(number_or(set, BER_CONTEXT(2), "dialogue mode", 0, &mode));
	if (mode > 1)
		return FAIL(ST_PEER, 0, "dialogue mode is %u", mode);
	out_open->two_way = mode == 1;
	return get_connection_data(set, BER_CONTEXT(3), out_open);
}

void rtoac_encode(const struct rtse_open *open, struct buf *out)
{
	size_t at = out->len;

	put_sizes(out, open);
	put_connection_data(out, BER_CONTEXT(2), open);
	ber_wrap(out, at, TAG_RTOAC);
}

FALLIBLE rtoac_decode(struct bytes in, struct rtse_open *out_open)
{
	struct bytes set;

	*out_open = (struct rtse_open){ 0 };
	TRY(apdu_of(in, TAG_RTOAC, "RTOAC", &set));
	TRY(get_sizes(set, out_open));
	return get_connection_data(set, BER_CONTEXT(2), out_open);
}

void rtorj_encode(struct bytes user_data, struct buf *out)
{
	size_t at = out->len;

	if (user_data.len) {
		ber_put_header(out, BER_CONTEXT(1), true, user_data.len);
		buf_put(out, user_data);
	}
	ber_wrap(out, at, TAG_RTORJ);
}

FALLIBLE rtorj_decode(struct bytes in, struct bytes *out_user_data)
{
	struct bytes set;
	struct ber_tlv tlv;

	*out_user_data = bytes_none();
	TRY(apdu_of(in, TAG_RTORJ, "RTORJ", &set));
	if (ber_find(set, BER_CONTEXT(1), &tlv))
		*out_user_data = tlv.contents;
	return OK;
}

void rtab_encode(enum rtab_reason reason, struct buf *out)
{
	size_t at = out->len;

	ber_put_integer(out, BER_CONTEXT(0), reason);
	ber_wrap(out, at, TAG_RTAB);
}

FALLIBLE rtab_decode(struct bytes in, int *out_reason)
{
	struct bytes set;
	struct ber_tlv tlv;
	uint32_t reason;

	*out_reason = -1;
	TRY(apdu_of(in, TAG_RTAB, "RTAB", &set));
	if (!ber_find(set, BER_CONTEXT(0), &tlv))
		return OK;
	TRY(number_or(set, BER_CONTEXT(0), "abort reason", 0, &reason));
	*out_reason = (int)reason;
	return OK;
}

const char *rtab_reason_text(int reason)
{
#define ABORT_TEXT(name, number, text) [number] = text,
	static const char *const texts[] = { RTSE_ABORT_REASONS(ABORT_TEXT) };

	if (reason < 0 || (size_t)reason >= sizeof(texts) / sizeof(texts[0]))
		return "no reason given";
	return texts[reason];
}

void rttp_encode(int priority, struct buf *out)
{
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), priority);
}

FALLIBLE rttp_decode(struct bytes in, int *out_priority)
{
	struct ber_tlv tlv;
	int64_t value;

	TRY_DOING(ber_only(in, &tlv), "RTTP");
	if (tlv.tag != BER_UNIVERSAL(BER_INTEGER))
		return FAIL(ST_PEER, 0, "there is another value where RTTP belongs");
	TRY_DOING(ber_integer(&tlv, &value), "RTTP");
	if (value < 0 || value > INT32_MAX)
		return FAIL(ST_PEER, 0, "RTTP with priority %lld", (long long)value);
	*out_priority = (int)value;
	return OK;
}

struct bytes rttr_header(size_t segment_len, uint8_t header[RTTR_HEADER_MAX])
{
	size_t len = ber_header(header, BER_UNIVERSAL(BER_OCTET_STRING), false, segment_len);

	return bytes_of(header, len);
}

FALLIBLE rttr_append(struct bytes in, size_t max, struct buf *apdu, bool *out_fits)
{
	struct ber_tlv tlv;

	*out_fits = false;
	TRY_DOING(ber_only(in, &tlv), "RTTR");
	if (tlv.tag != BER_UNIVERSAL(BER_OCTET_STRING))
		return FAIL(ST_PEER, 0, "there is another value where RTTR belongs");
	/* What is joined is never longer than the contents. */
	if (apdu->len > max || tlv.contents.len > max - apdu->len)
		return OK;
	*out_fits = true;
	if (tlv.constructed)
		return ber_join(&tlv, apdu);
	buf_put(apdu, tlv.contents);
	return OK;
}

void activity_encode(uint32_t number, struct buf *out)
{
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), number);
}

void association_name_encode(struct bytes reference, struct bytes opened, struct buf *out)
{
	ber_put(out, BER_UNIVERSAL(BER_OCTET_STRING), reference);
	ber_put(out, BER_UNIVERSAL(UTC_TIME), opened);
}

FALLIBLE association_name_split(struct bytes name, struct bytes *out_user,
				struct bytes *out_common, struct bytes *out_additional)
{
	struct ber_tlv user, common;

	TRY_DOING(ber_next(&name, &user), "calling SS-user reference");
	TRY_DOING(ber_next(&name, &common), "common reference");
	*out_user = user.whole;
	*out_common = common.whole;
	*out_additional = name;
	return OK;
}
