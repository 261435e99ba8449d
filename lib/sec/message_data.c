/* SPDX-License-Identifier: Apache-2.0 */
/* MessageTokenSignedData and MessageTokenEncryptedData [X.411 Figure 2]. */
#include "lib/sec/message_data.h"

#include "lib/sec/der.h"

/* The members of both that are used, by their tags. */
enum {
	SEAL_ALGORITHM = 0,
	CONTENT_KEY = 0,
	CIC = 1,
	LABEL = 2,
	PROOF_REQUEST = 3,
	INTEGRITY_KEY = 3,
	SEQUENCE_NUMBER = 4,
};
enum { PROOF_REQUESTED = 1 };

void message_signed_encode(const struct message_signed *data, struct buf *out)
{
	size_t from = out->len;

	if (data->seal_algorithm.len)
		der_put_as(out, BER_CONTEXT(SEAL_ALGORITHM), data->seal_algorithm);
	if (data->cic.len)
		der_put_as(out, BER_CONTEXT(CIC), data->cic);
	if (data->label.len)
		der_put_as(out, BER_CONTEXT(LABEL), data->label);
	if (data->proof_requested)
		ber_put_integer(out, BER_CONTEXT(PROOF_REQUEST), PROOF_REQUESTED);
	if (data->has_sequence)
		ber_put_integer(out, BER_CONTEXT(SEQUENCE_NUMBER), (int64_t)data->sequence);
	ber_wrap(out, from, BER_SEQUENCE);
}

static FALLIBLE take_sequence(struct bytes *left, bool *out_has, uint64_t *out_number)
{
	struct ber_tlv part;
	int64_t number;

	*out_has = der_take_optional(left, BER_CONTEXT(SEQUENCE_NUMBER), &part);
	if (!*out_has)
		return OK;
	TRY(ber_integer(&part, &number));
	if (number < 0)
		return FAIL(ST_PEER, 0, "the message sequence number is negative");
	*out_number = (uint64_t)number;
	return OK;
}

FALLIBLE message_signed_decode(struct bytes value, struct message_signed *out_data)
{
	struct message_signed data = { 0 };
	struct ber_tlv whole, part;
	int64_t number;

	TRY(ber_only(value, &whole));
	struct bytes left = whole.contents;
	if (der_take_optional(&left, BER_CONTEXT(SEAL_ALGORITHM), &part))
		data.seal_algorithm = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(CIC), &part))
		data.cic = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(LABEL), &part))
		data.label = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(PROOF_REQUEST), &part)) {
		TRY(ber_integer(&part, &number));
		data.proof_requested = number == PROOF_REQUESTED;
	}
	TRY(take_sequence(&left, &data.has_sequence, &data.sequence));
	TRY(der_end(left, "the message token's signed data"));
	*out_data = data;
	return OK;
}

void message_encrypted_encode(const struct message_encrypted *data, struct buf *out)
{
	size_t from = out->len;

	/* At once: what is left behind when a buffer grows is not wiped. */
	buf_reserve(out, data->content_key.len + data->integrity_key.len + data->cic.len +
			 data->label.len + 8 * BER_HEADER_MAX);
	if (data->content_key.len)
		der_put_bits(out, BER_CONTEXT(CONTENT_KEY), data->content_key);
	if (data->cic.len)
		der_put_as(out, BER_CONTEXT(CIC), data->cic);
	if (data->label.len)
		der_put_as(out, BER_CONTEXT(LABEL), data->label);
	if (data->integrity_key.len)
		der_put_bits(out, BER_CONTEXT(INTEGRITY_KEY), data->integrity_key);
	if (data->has_sequence)
		ber_put_integer(out, BER_CONTEXT(SEQUENCE_NUMBER), (int64_t)data->sequence);
	ber_wrap(out, from, BER_SEQUENCE);
}

FALLIBLE message_encrypted_decode(struct bytes value, struct message_encrypted *out_data)
{
	struct message_encrypted data = { 0 };
	struct ber_tlv whole, part;

	TRY(ber_only(value, &whole));
	struct bytes left = whole.contents;
	if (der_take_optional(&left, BER_CONTEXT(CONTENT_KEY), &part))
		TRY(der_get_bits(&part, "the content key", &data.content_key));
	if (der_take_optional(&left, BER_CONTEXT(CIC), &part))
		data.cic = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(LABEL), &part))
		data.label = part.whole;
	if (der_take_optional(&left, BER_CONTEXT(INTEGRITY_KEY), &part))
		TRY(der_get_bits(&part, "the content integrity key", &data.integrity_key));
	TRY(take_sequence(&left, &data.has_sequence, &data.sequence));
	TRY(der_end(left, "the message token's encrypted data"));
	*out_data = data;
	return OK;
}
