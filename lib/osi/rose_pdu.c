/* SPDX-License-Identifier: Apache-2.0 */
/* The APDUs of remote operations [X.229 9]: small headers, read and written by hand. */
#include "lib/osi/rose.h"

const char *rose_problem_text(int problem)
{
	switch (problem) {
#define PROBLEM_TEXT(name, number, text) \
	case number:                     \
		return text;
		ROSE_PROBLEMS(PROBLEM_TEXT)
	default:
		return "a problem of no known number";
	}
}

static FALLIBLE mistyped(struct status *cause, const char *what)
{
	return status_new(cause, ST_PEER, ROSE_GENERAL_MISTYPED_APDU, "ROSE: %s", what);
}

/* The next member, which is an INTEGER of 32 bits. */
static FALLIBLE take_integer(struct bytes *left, const char *what, int32_t *out_value)
{
	struct ber_tlv tlv;
	struct status *st;
	int64_t value;

	st = ber_next(left, &tlv);
	if (!st && tlv.tag != BER_UNIVERSAL(BER_INTEGER))
		return mistyped(OK, what);
	if (!st)
		st = ber_integer(&tlv, &value);
	if (st)
		return mistyped(st, what);
	if (value < INT32_MIN || value > INT32_MAX)
		return mistyped(OK, what);
	*out_value = (int32_t)value;
	return OK;
}

/* An operation or error value.  One named by an object identifier is none of ours: has_value
 * stays false. */
static FALLIBLE take_value(struct bytes *left, struct rose_apdu *a)
{
	struct bytes from = *left;
	struct ber_tlv tlv;
	struct status *st = ber_next(left, &tlv);
	int32_t value;

	if (st)
		return mistyped(st, "there is no operation or error value");
	if (tlv.tag == BER_UNIVERSAL(BER_OID))
		return OK;
	TRY(take_integer(&from, "the operation or error value is no number", &value));
	a->value = value;
	a->has_value = true;
	return OK;
}

/* What is left is one value, or nothing. */
static FALLIBLE take_argument(struct bytes left, struct rose_apdu *a)
{
	struct ber_tlv tlv;
	struct status *st;

	if (left.len == 0)
		return OK;
	st = ber_only(left, &tlv);
	if (st)
		return mistyped(st, "there is more than one argument, result or parameter");
	a->argument = tlv.whole;
	return OK;
}

static FALLIBLE decode_invoke(struct bytes left, struct rose_apdu *a)
{
	struct bytes next;
	struct ber_tlv tlv;

	TRY(take_integer(&left, "the invoke identifier is no number", &a->invoke_id));
	a->has_invoke_id = true;
	next = left;
	if (next.len) {
		struct status *st = ber_next(&next, &tlv);

		if (st)
			return mistyped(st, "the invocation ends too early");
		if (tlv.tag == BER_CONTEXT(0)) {
			a->linked = true;
			left = next;
		}
	}
	TRY(take_value(&left, a));
	return take_argument(left, a);
}

static FALLIBLE decode_result(struct bytes left, struct rose_apdu *a)
{
	struct ber_tlv sequence;
	struct status *st;

	TRY(take_integer(&left, "the invoke identifier is no number", &a->invoke_id));
	a->has_invoke_id = true;
	if (left.len == 0)
		return OK;
	st = ber_only(left, &sequence);
	if (st || sequence.tag != BER_UNIVERSAL(BER_SEQUENCE))
		return mistyped(st, "the result is no sequence");
	left = sequence.contents;
	TRY(take_value(&left, a));
	return take_argument(left, a);
}

static FALLIBLE decode_error(struct bytes left, struct rose_apdu *a)
{
	TRY(take_integer(&left, "the invoke identifier is no number", &a->invoke_id));
	a->has_invoke_id = true;
	TRY(take_value(&left, a));
	return take_argument(left, a);
}

static FALLIBLE decode_reject(struct bytes left, struct rose_apdu *a)
{
	struct bytes from = left;
	struct ber_tlv tlv;
	int64_t number;
	struct status *st = ber_next(&left, &tlv);

	if (st)
		return mistyped(st, "the reject is empty");
	if (tlv.tag != BER_UNIVERSAL(BER_NULL)) {
		TRY(take_integer(&from, "the invoke identifier is no number", &a->invoke_id));
		a->has_invoke_id = true;
	}
	st = ber_only(left, &tlv);
	if (!st)
		st = ber_integer(&tlv, &number);
	if (st || tlv.tag < BER_CONTEXT(0) || tlv.tag > BER_CONTEXT(3) || number < 0 || number > 255)
		return mistyped(st, "the reject has no known problem");
	a->problem = (int)((tlv.tag - BER_CONTEXT(0)) << 8 | (uint32_t)number);
	return OK;
}

FALLIBLE rose_decode(struct bytes in, struct rose_apdu *out_apdu)
{
	struct ber_tlv tlv;
	struct status *st = ber_only(in, &tlv);

	*out_apdu = (struct rose_apdu){ 0 };
	if (st)
		return status_new(st, ST_PEER, ROSE_GENERAL_BADLY_STRUCTURED, "ROSE: %s",
				  rose_problem_text(ROSE_GENERAL_BADLY_STRUCTURED));
	if (!tlv.constructed || tlv.tag < BER_CONTEXT(ROSE_INVOKE) ||
	    tlv.tag > BER_CONTEXT(ROSE_REJECT))
		return FAIL(ST_PEER, ROSE_GENERAL_UNRECOGNIZED_APDU, "ROSE: %s",
			    rose_problem_text(ROSE_GENERAL_UNRECOGNIZED_APDU));
	out_apdu->kind = (enum rose_kind)(tlv.tag - BER_CONTEXT(0));
	switch (out_apdu->kind) {
	case ROSE_INVOKE:
		return decode_invoke(tlv.contents, out_apdu);
	case ROSE_RESULT:
		return decode_result(tlv.contents, out_apdu);
	case ROSE_ERROR:
		return decode_error(tlv.contents, out_apdu);
	default:
		return decode_reject(tlv.contents, out_apdu);
	}
}

/* The shortest INTEGER of 32 bits. */
static size_t put_integer(uint8_t *at, uint32_t tag, int32_t value)
{
	size_t octets = 1;
	size_t len;

	while (octets < 4 && (value >> (8 * octets - 1)) != 0 && (value >> (8 * octets - 1)) != -1)
		octets++;
	len = ber_header(at, tag, false, octets);
	for (size_t i = octets; i-- > 0;)
		at[len++] = (uint8_t)((uint32_t)value >> (8 * i));
	return len;
}

/* Puts a header in front of the octets at *from, of which len are there and more follow. */
static size_t wrap(uint8_t *octets, size_t len, uint32_t tag, size_t follow)
{
	uint8_t header[BER_HEADER_MAX];
	size_t header_len = ber_header(header, tag, true, len + follow);

	memmove(octets + header_len, octets, len);
	memcpy(octets, header, header_len);
	return header_len + len;
}

struct bytes rose_header(const struct rose_apdu *apdu, size_t argument_len,
			 uint8_t header[ROSE_HEADER_MAX])
{
	uint8_t inner[ROSE_HEADER_MAX];
	size_t len = 0, inner_len = 0;

	if (apdu->has_invoke_id)
		len = put_integer(header, BER_UNIVERSAL(BER_INTEGER), apdu->invoke_id);
	else
		len = ber_header(header, BER_UNIVERSAL(BER_NULL), false, 0);
	switch (apdu->kind) {
	case ROSE_INVOKE:
	case ROSE_ERROR:
		len += put_integer(header + len, BER_UNIVERSAL(BER_INTEGER), apdu->value);
		break;
	case ROSE_RESULT:
		if (argument_len == 0)
			break;
		inner_len = put_integer(inner, BER_UNIVERSAL(BER_INTEGER), apdu->value);
		inner_len = wrap(inner, inner_len, BER_UNIVERSAL(BER_SEQUENCE), argument_len);
		memcpy(header + len, inner, inner_len);
		len += inner_len;
		break;
	case ROSE_REJECT:
		len += put_integer(header + len, BER_CONTEXT(apdu->problem >> 8), apdu->problem & 0xff);
		break;
	}
	return bytes_of(header, wrap(header, len, BER_CONTEXT(apdu->kind), argument_len));
}
