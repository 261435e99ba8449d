/* SPDX-License-Identifier: Apache-2.0 */
/* Packets on a stream of octets [RFC 1006 6; RFC 2126 4.3]. */
#include "lib/osi/tpkt.h"

#include "lib/base/cursor.h"

#define TPKT_VERSION 3
#define TPKT_LENGTH_MIN 7	/* the header and the shortest TPDU [RFC 1006 6] */

void tpkt_reader_cleanup(struct tpkt_reader *r)
{
	buf_free(&r->held);
}

/* The whole packet's length; 0 where its header has not arrived whole. */
static FALLIBLE packet_length(struct bytes start, size_t *out_length)
{
	struct cursor c = cursor_over(start);

	*out_length = 0;
	if (start.len && start.data[0] != TPKT_VERSION)
		return FAIL(ST_PEER, 0, "octet %u where a TPKT of version 3 begins", start.data[0]);
	if (start.len < TPKT_HEADER)
		return OK;
	cur_u16(&c);
	*out_length = cur_u16(&c);
	if (*out_length < TPKT_LENGTH_MIN)
		return FAIL(ST_PEER, 0, "a TPKT of %zu octets is too short for a TPDU", *out_length);
	return OK;
}

/* Moves octets from the front into what is held, until that has len. */
static void hold(struct tpkt_reader *r, struct bytes *octets, size_t len)
{
	struct bytes piece = bytes_slice(*octets, 0, len - r->held.len);

	buf_put(&r->held, piece);
	*octets = bytes_slice(*octets, piece.len, octets->len);
}

FALLIBLE tpkt_next(struct tpkt_reader *r, struct bytes *octets, struct bytes *out_tpdu)
{
	size_t length;

	*out_tpdu = bytes_none();
	if (r->used)
		buf_clear(&r->held);
	r->used = false;

	if (!r->held.len) {
		TRY(packet_length(*octets, &length));
		if (length && length <= octets->len) {
			*out_tpdu = bytes_slice(*octets, TPKT_HEADER, length - TPKT_HEADER);
			*octets = bytes_slice(*octets, length, octets->len);
			return OK;
		}
	}
	if (r->held.len < TPKT_HEADER)
		hold(r, octets, TPKT_HEADER);
	TRY(packet_length(buf_view(&r->held), &length));
	if (!length)
		return OK;
	hold(r, octets, length);
	if (r->held.len == length) {
		*out_tpdu = bytes_slice(buf_view(&r->held), TPKT_HEADER, length);
		r->used = true;
	}
	return OK;
}

void tpkt_header(uint8_t header[TPKT_HEADER], size_t tpdu_len)
{
	size_t length = tpdu_len + TPKT_HEADER;

	header[0] = TPKT_VERSION;
	header[1] = 0;
	header[2] = (uint8_t)(length >> 8);
	header[3] = (uint8_t)length;
}
