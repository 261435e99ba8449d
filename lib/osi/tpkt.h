/* SPDX-License-Identifier: Apache-2.0 */
/* Packets on a stream of octets [RFC 1006 6; RFC 2126 4.3]: each holds one TPDU. */
#ifndef LIB_OSI_TPKT_H
#define LIB_OSI_TPKT_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#define TPKT_HEADER 4
#define TPKT_TPDU_MAX 65531	/* the packet's length has 16 bits and counts the header */

/* Cuts what arrived into packets; all zero is the start.  It holds at most one packet. */
struct tpkt_reader {
	struct buf held;	/* the beginning of a packet that has not arrived whole */
	bool used;		/* held was handed out and is to be forgotten */
};

void tpkt_reader_cleanup(struct tpkt_reader *r);

/*
 * The next TPDU, taken from the front of *octets.  A packet that lies whole in
 * *octets is not copied.  *out_tpdu is a view, valid until the next call or as long
 * as the octets; its data is null when more octets are needed (all of *octets
 * is then taken).  ST_PEER where the octets are no packet.
 */
FALLIBLE tpkt_next(struct tpkt_reader *r, struct bytes *octets, struct bytes *out_tpdu);

/* The header before a TPDU of this length, which is at most TPKT_TPDU_MAX. */
void tpkt_header(uint8_t header[TPKT_HEADER], size_t tpdu_len);

#endif
