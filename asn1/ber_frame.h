/* SPDX-License-Identifier: Apache-2.0 */
/* Within the BER front end: identifier and length octets, read in one place. */
#ifndef ASN1_BER_FRAME_H
#define ASN1_BER_FRAME_H

#include "asn1/ber.h"

struct ber_frame {
	uint32_t tag;
	bool constructed;
	bool indefinite;
	size_t header;		/* identifier and length octets */
	size_t len;		/* of contents; 0 where indefinite */
};

static inline bool ber_at_end_of_contents(struct bytes in)
{
	return in.len >= 2 && in.data[0] == 0 && in.data[1] == 0;
}

/* Reads the frame at the front; a definite length lies within in. */
FALLIBLE ber_read_frame(struct bytes in, struct ber_frame *out_frame);

#endif
