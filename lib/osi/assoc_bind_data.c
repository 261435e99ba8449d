/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bind as it travels in A-ASSOCIATE's user information: argument, result
 * and error each in its own tag [X.229 8], and, with RTSE, that as the user
 * data of RTORQ, RTOAC and RTORJ [X.228 9].
 */
#include "lib/osi/assoc_internal.h"

static void put_tagged(enum bind_tag tag, struct bytes tlv, struct buf *out)
{
	ber_put_header(out, BER_CONTEXT(tag), true, tlv.len);
	buf_put(out, tlv);
}

void bind_data_encode(const struct assoc *a, enum bind_tag tag, struct bytes tlv, struct buf *out)
{
	AUTO(buf_free) struct buf tagged = { 0 };
	struct rtse_open open = a->terms;

	if (tlv.len)
		put_tagged(tag, tlv, &tagged);
	if (!a->context->rtse) {
		buf_put(out, buf_view(&tagged));
		return;
	}
	open.user_data = buf_view(&tagged);
	if (tag == BIND_ARGUMENT)
		rtorq_encode(&open, out);
	else if (tag == BIND_RESULT)
		rtoac_encode(&open, out);
	else
		rtorj_encode(open.user_data, out);
}

static FALLIBLE decode_rtse(enum bind_tag tag, struct bytes in, struct rtse_open *open,
			    struct bytes *out_data)
{
	if (tag == BIND_ERROR)
		return rtorj_decode(in, out_data);
	TRY(tag == BIND_ARGUMENT ? rtorq_decode(in, open) : rtoac_decode(in, open));
	*out_data = open->user_data;
	return OK;
}

FALLIBLE bind_data_decode(const struct assoc *a, enum bind_tag tag, struct bytes in,
			  struct rtse_open *open, struct bytes *out_tlv)
{
	struct bytes data = in;
	struct ber_tlv tagged;

	*out_tlv = bytes_none();
	if (a->context->rtse)
		TRY(decode_rtse(tag, in, open, &data));
	if (open->recovers)
		return OK;
	if (data.len == 0)
		return tag == BIND_ERROR ? OK : FAIL(ST_PEER, 0, "the peer sends no bind");
	TRY_DOING(ber_only(data, &tagged), "the bind cannot be read");
	if (tagged.tag != BER_CONTEXT(tag) || !tagged.constructed)
		return FAIL(ST_PEER, 0, "what stands where the bind belongs is none");
	*out_tlv = tagged.contents;
	return OK;
}
