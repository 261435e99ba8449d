/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User data [X.226 8.4]: read where it arrived and sent in parts, since a value can be
 * a whole message.
 */
#include "lib/osi/presentation_pdu.h"

#include "asn1/ber.h"

void ppdu_values_cleanup(struct ppdu_values *values)
{
	buf_free(&values->joined);
}

/* The octets of an octet-aligned or arbitrary encoding, joined if they came in segments. */
static FALLIBLE take_octets(const struct ber_tlv *encoding, struct ppdu_values *values,
			    struct bytes *out_octets)
{
	size_t before = values->joined.len;
	unsigned unused = 0;

	if (encoding->tag == BER_CONTEXT(1) && !encoding->constructed) {
		*out_octets = encoding->contents;
		return OK;
	}
	/* Room once for all, so that views of what was joined before stay valid. */
	if (!values->joined.data)
		buf_reserve(&values->joined, values->room);
	if (encoding->tag == BER_CONTEXT(1))
		TRY(ber_join(encoding, &values->joined));
	else
		TRY(ber_join_bits(encoding, &values->joined, &unused));
	if (unused)
		return FAIL(ST_PEER, 0, "a presentation data value does not end with an octet");
	*out_octets = bytes_slice(buf_view(&values->joined), before, values->joined.len);
	return OK;
}

/* A PDV-list [X.226 8.4.2]. */
static FALLIBLE pdv_decode(const struct ber_tlv *pdv, struct ppdu_values *values)
{
	struct pres_value *value = &values->at[values->count];
	struct bytes left = pdv->contents;
	struct ber_tlv member, inner;
	int64_t context;

	TRY(ber_next(&left, &member));
	if (member.tag == BER_OID) {
		if (!bytes_equal(member.contents, BASIC_ENCODING))
			return FAIL(ST_PEER, 0, "user data are in a transfer syntax that was not agreed");
		TRY(ber_next(&left, &member));
	}
	if (pdv->tag != BER_SEQUENCE || member.tag != BER_INTEGER)
		return FAIL(ST_PEER, 0, "user data have no presentation context identifier");
	TRY(ber_integer(&member, &context));
	if (context < 1 || context > INT32_MAX)
		return FAIL(ST_PEER, 0, "user data are in presentation context %jd",
			    (intmax_t)context);
	value->context = (int)context;
	TRY(ber_only(left, &member));
	switch (member.tag) {
	case BER_CONTEXT(0):
		if (!member.constructed)
			return FAIL(ST_PEER, 0, "user data of a single type are no value");
		TRY(ber_only(member.contents, &inner));
		value->value = member.contents;
		break;
	case BER_CONTEXT(1):
	case BER_CONTEXT(2):
		TRY(take_octets(&member, values, &value->value));
		break;
	default:
		return FAIL(ST_PEER, 0, "user data are encoded in an unknown way");
	}
	values->count++;
	return OK;
}

FALLIBLE user_data_decode(struct bytes in, int sole_context, struct ppdu_values *out_values)
{
	struct ber_tlv data, pdv;

	*out_values = (struct ppdu_values){ .count = 0 };
	if (!in.len)
		return OK;
	TRY(ber_only(in, &data));
	if (data.tag == BER_APPLICATION(0)) {
		if (!sole_context)
			return FAIL(ST_PEER, 0, "simply encoded user data, but not one context");
		out_values->at[0].context = sole_context;
		out_values->at[0].value = data.contents;
		if (data.constructed) {
			TRY(ber_join(&data, &out_values->joined));
			out_values->at[0].value = buf_view(&out_values->joined);
		}
		out_values->count = 1;
		return OK;
	}
	if (data.tag != BER_APPLICATION(1) || !data.constructed)
		return FAIL(ST_PEER, 0, "neither simply nor fully encoded user data");
	out_values->room = data.contents.len;
	for (struct bytes left = data.contents; left.len; ) {
		if (out_values->count == PRES_VALUES_MAX)
			return FAIL(ST_PEER, 0, "more than %d values in user data", PRES_VALUES_MAX);
		TRY(ber_next(&left, &pdv));
		TRY(pdv_decode(&pdv, out_values));
	}
	return OK;
}

void user_data_header(int context, size_t value_len, struct buf *out)
{
	AUTO(buf_free) struct buf inner = { 0 };

	ber_put_integer(&inner, BER_INTEGER, context);
	ber_put_header(&inner, BER_CONTEXT(0), true, value_len);

	size_t pdv_len = inner.len + value_len;

	ber_put_header(out, BER_APPLICATION(1), true, ber_size(BER_SEQUENCE, pdv_len));
	ber_put_header(out, BER_SEQUENCE, true, pdv_len);
	buf_put(out, buf_view(&inner));
}

void user_data_encode(const struct pres_value *values, size_t count, struct buf *out)
{
	size_t data = out->len;

	if (!count)
		return;
	for (size_t i = 0; i < count; i++) {
		size_t pdv = out->len;

		ber_put_integer(out, BER_INTEGER, values[i].context);
		ber_put_header(out, BER_CONTEXT(0), true, values[i].value.len);
		buf_put(out, values[i].value);
		ber_wrap(out, pdv, BER_SEQUENCE);
	}
	ber_wrap(out, data, BER_APPLICATION(1));
}
