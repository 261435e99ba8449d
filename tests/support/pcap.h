/* SPDX-License-Identifier: Apache-2.0 */
/* TCP payloads of a capture, for tests that replay what others sent. */
#ifndef TESTS_SUPPORT_PCAP_H
#define TESTS_SUPPORT_PCAP_H

#include "lib/base/bytes.h"

struct pcap_segment {
	bool from_initiator;	/* by the one who opened the connection: its first SYN */
	struct bytes payload;	/* view into the capture */
};

struct pcap {
	struct buf file;
	struct pcap_segment *segments;	/* in the order of the capture, those with payload */
	size_t count;
};

/*
 * Reads a classic pcap file, gzipped or not, from the captures among the outside data:
 * ${POSTERN_DATA:-../shared/data}/captures/NAME.  False where it is absent, after saying so.
 */
bool pcap_open(const char *name, struct pcap *out);
void pcap_close(struct pcap *p);

/* All that one side sent, joined.  buf_free it. */
struct buf pcap_stream(const struct pcap *p, bool from_initiator);

#endif
