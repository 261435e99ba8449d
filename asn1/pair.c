/* SPDX-License-Identifier: Apache-2.0 */
/* CertificatePair ::= SEQUENCE { forward [0] EXPLICIT Certificate OPTIONAL,
 *				  reverse [1] EXPLICIT Certificate OPTIONAL } */
#include "asn1/pair.h"

#include "asn1/ber.h"

/* A certificate in its explicit tag, as far as its frame goes. */
static FALLIBLE decode_half(const struct ber_tlv *half, struct bytes *out_cert)
{
	struct ber_tlv cert;

	if (!half->constructed)
		return FAIL(ST_PEER, 0, "half of a certificate pair holds no certificate");
	TRY_DOING(ber_only(half->contents, &cert), "half of a certificate pair");
	if (cert.tag != BER_SEQUENCE || !cert.constructed)
		return FAIL(ST_PEER, 0, "half of a certificate pair holds no certificate");
	*out_cert = cert.whole;
	return OK;
}

FALLIBLE pair_decode(struct bytes value, struct cert_pair *out_pair)
{
	struct ber_tlv pair;
	uint32_t last = 0;

	*out_pair = (struct cert_pair){ 0 };
	if (value.len > PAIR_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a certificate pair of %zu octets, more than %d", value.len,
			    PAIR_MAX_OCTETS);
	TRY_DOING(ber_only(value, &pair), "not a certificate pair");
	if (pair.tag != BER_SEQUENCE || !pair.constructed || !pair.contents.len)
		return FAIL(ST_PEER, 0, "not a certificate pair");
	while (pair.contents.len) {
		struct ber_tlv half;

		TRY_DOING(ber_next(&pair.contents, &half), "not a certificate pair");
		if ((half.tag != BER_CONTEXT(0) && half.tag != BER_CONTEXT(1)) || half.tag <= last)
			return FAIL(ST_PEER, 0, "a certificate pair has two halves, in order");
		last = half.tag;
		TRY(decode_half(&half, half.tag == BER_CONTEXT(0) ? &out_pair->forward
								  : &out_pair->reverse));
	}
	return OK;
}

static void encode_half(struct bytes cert, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	if (!cert.len)
		return;
	buf_put(out, cert);
	ber_wrap(out, from, tag);
}

FALLIBLE pair_encode(const struct cert_pair *pair, struct buf *out_der)
{
	size_t from = out_der->len;

	if (!pair->forward.len && !pair->reverse.len)
		return FAIL(ST_USAGE, 0, "a certificate pair needs at least one certificate");
	encode_half(pair->forward, BER_CONTEXT(0), out_der);
	encode_half(pair->reverse, BER_CONTEXT(1), out_der);
	ber_wrap(out_der, from, BER_SEQUENCE);
	return OK;
}
