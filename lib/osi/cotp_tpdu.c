/* SPDX-License-Identifier: Apache-2.0 */
/* The TPDUs of class 0 [X.224 13], read and written. */
#include "lib/osi/cotp_tpdu.h"

#include "lib/base/cursor.h"

enum {				/* parameter codes [X.224 13.3.4, 13.12] */
	PARAM_TPDU_SIZE = 0xc0,
	PARAM_CALLING = 0xc1,	/* in an ER: the invalid TPDU */
	PARAM_CALLED = 0xc2,
	PARAM_ALTERNATIVES = 0xc7,
	PARAM_PREFERRED_SIZE = 0xf0,
};

#define SIZE_CODE_MIN 7		/* 2^7 is 128 octets */
#define SIZE_CODE_MAX 13	/* 2^13 is 8192 octets */
#define PREFERRED_UNIT 128
#define SELECTOR_MAX 32
#define HEADER_MAX 254

static FALLIBLE decode_size(struct bytes value, struct tpdu *t)
{
	if (value.len != 1 || value.data[0] < SIZE_CODE_MIN || value.data[0] > SIZE_CODE_MAX)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the TPDU size parameter is not one of the sizes 128 to 8192");
	t->size = (size_t)1 << value.data[0];
	return OK;
}

static FALLIBLE decode_preferred_size(struct bytes value, struct tpdu *t)
{
	size_t units = 0;

	if (!value.len || value.len > 4)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the preferred maximum TPDU size has %zu octets, not 1 to 4", value.len);
	for (size_t i = 0; i < value.len; i++)
		units = units << 8 | value.data[i];
	if (!units)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the preferred maximum TPDU size is zero");
	t->preferred_size = units * PREFERRED_UNIT;
	return OK;
}

static FALLIBLE decode_selector(struct bytes value, const char *name, struct bytes *out)
{
	if (value.len > SELECTOR_MAX)
		return FAIL(ST_PEER, TPDU_REJECT_PARAMETER_VALUE,
			    "the %s T-selector has %zu octets, more than %d", name, value.len,
			    SELECTOR_MAX);
	*out = value;
	return OK;
}

static FALLIBLE decode_parameter(uint8_t code, struct bytes value, struct tpdu *t)
{
	switch (code) {
	case PARAM_TPDU_SIZE:
		return decode_size(value, t);
	case PARAM_PREFERRED_SIZE:
		return decode_preferred_size(value, t);
	case PARAM_CALLING:
		return decode_selector(value, "calling", &t->calling);
	case PARAM_CALLED:
		return decode_selector(value, "called", &t->called);
	case PARAM_ALTERNATIVES:
		for (size_t i = 0; i < value.len; i++)
			if (value.data[i] >> 4 <= 4)
				t->alternatives |= (uint8_t)(1 << (value.data[i] >> 4));
		return OK;
	}
	/* [X.224 13.2.3] Unknown in a CR is ignored.  In a CC it would be an error, but answering
	 * with what was not asked for harms nobody: it is ignored there too. */
	return OK;
}

static FALLIBLE decode_parameters(struct cursor *header, struct tpdu *t)
{
	while (cur_left(header)) {
		uint8_t code = cur_u8(header);
		struct bytes value = cur_take(header, cur_u8(header));

		TRY(cur_check(header, "a TPDU's parameter"));
		if (t->code != TPDU_ER)
			TRY(decode_parameter(code, value, t));
		else if (code == PARAM_CALLING)
			t->data = value;
	}
	return OK;
}

FALLIBLE tpdu_decode(struct bytes in, struct tpdu *out)
{
	struct cursor whole = cursor_over(in);
	struct cursor header = cursor_over(cur_take(&whole, cur_u8(&whole)));
	uint8_t code = cur_u8(&header);

	*out = (struct tpdu){ 0 };
	TRY(cur_check(&whole, "TPDU header"));
	TRY(cur_check(&header, "TPDU header"));
	if (in.data[0] > HEADER_MAX)
		return FAIL(ST_PEER, 0, "a TPDU header of 255 octets is reserved");
	out->code = code & 0xf0;
	switch (out->code) {
	case TPDU_CR:
	case TPDU_CC:
		out->dst_ref = cur_u16(&header);
		out->src_ref = cur_u16(&header);
		out->class_options = cur_u8(&header);
		break;
	case TPDU_DR:
		out->dst_ref = cur_u16(&header);
		out->src_ref = cur_u16(&header);
		out->reason = cur_u8(&header);
		break;
	case TPDU_ER:
		out->dst_ref = cur_u16(&header);
		out->reason = cur_u8(&header);
		break;
	case TPDU_DT:
		out->end = cur_u8(&header) & TPDU_DT_EOT;
		TRY(cur_check_end(&header, "the header of a DT TPDU"));
		out->data = cur_rest(&whole);
		return OK;
	default:
		return FAIL(ST_PEER, TPDU_REJECT_TPDU_TYPE, "TPDU code %02x is none of class 0", code);
	}
	TRY(cur_check(&header, "TPDU"));
	return decode_parameters(&header, out);
}

static void put_parameter(struct buf *out, uint8_t code, struct bytes value)
{
	buf_put_u8(out, code);
	buf_put_u8(out, (uint8_t)value.len);
	buf_put(out, value);
}

static void put_size(const struct tpdu *t, struct buf *out)
{
	uint8_t code = SIZE_CODE_MIN;

	while (code < SIZE_CODE_MAX && (size_t)2 << code <= t->size)
		code++;
	put_parameter(out, PARAM_TPDU_SIZE, bytes_of(&code, 1));
}

static void put_preferred_size(const struct tpdu *t, struct buf *out)
{
	size_t units = t->preferred_size / PREFERRED_UNIT;
	uint8_t value[2] = { (uint8_t)(units >> 8), (uint8_t)units };

	put_parameter(out, PARAM_PREFERRED_SIZE, bytes_of(value, sizeof value));
}

static void put_connect(const struct tpdu *t, struct buf *out)
{
	buf_put_u16(out, t->src_ref);
	buf_put_u8(out, t->class_options);
	if (t->size)
		put_size(t, out);
	if (t->calling.len)
		put_parameter(out, PARAM_CALLING, t->calling);
	if (t->called.len)
		put_parameter(out, PARAM_CALLED, t->called);
	if (t->preferred_size)
		put_preferred_size(t, out);
}

void tpdu_encode(const struct tpdu *t, struct buf *out)
{
	size_t start = out->len;

	buf_put_u8(out, 0);
	buf_put_u8(out, (uint8_t)t->code);
	if (t->code != TPDU_DT)
		buf_put_u16(out, t->dst_ref);
	switch (t->code) {
	case TPDU_CR:
	case TPDU_CC:
		put_connect(t, out);
		break;
	case TPDU_DR:
		buf_put_u16(out, t->src_ref);
		buf_put_u8(out, t->reason);
		break;
	case TPDU_ER:
		buf_put_u8(out, t->reason);
		put_parameter(out, PARAM_CALLING, t->data);
		break;
	case TPDU_DT:
		buf_put_u8(out, t->end ? TPDU_DT_EOT : 0);
		break;
	}
	out->data[start] = (uint8_t)(out->len - start - 1);
}
