/* SPDX-License-Identifier: Apache-2.0 */
/* The TPDUs of class 0 [X.224 13], read and written. */
#ifndef LIB_OSI_COTP_TPDU_H
#define LIB_OSI_COTP_TPDU_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* TPDU codes; in CR and CC the low half is the credit, which class 0 does not use. */
enum tpdu_code {
	TPDU_CR = 0xe0,
	TPDU_CC = 0xd0,
	TPDU_DR = 0x80,
	TPDU_DT = 0xf0,
	TPDU_ER = 0x70,
};

/* Reject causes of an ER TPDU [X.224 13.12]. */
enum tpdu_reject {
	TPDU_REJECT_UNSPECIFIED = 0,
	TPDU_REJECT_PARAMETER_CODE = 1,
	TPDU_REJECT_TPDU_TYPE = 2,
	TPDU_REJECT_PARAMETER_VALUE = 3,
};

#define TPDU_DT_HEADER 3
#define TPDU_DT_EOT 0x80	/* the TSDU ends here */
#define TPDU_SIZE_NONE 0

struct tpdu {
	enum tpdu_code code;
	uint16_t dst_ref, src_ref;
	uint8_t class_options;		/* CR and CC: the class is the high half */
	uint8_t alternatives;		/* CR: a set of classes, bit n for class n */
	uint8_t reason;			/* DR: enum cotp_reason; ER: enum tpdu_reject */
	bool end;			/* DT: the last of a TSDU */
	/* T-selectors; none is absent. */
	struct bytes calling, called;
	size_t size;			/* TPDU size parameter in octets, or TPDU_SIZE_NONE */
	size_t preferred_size;		/* preferred maximum TPDU size in octets, or none */
	struct bytes data;		/* DT: user data.  ER: the TPDU that was rejected */
};

/* Views into in.  ST_PEER, and the diag is the reject cause for an ER TPDU. */
FALLIBLE tpdu_decode(struct bytes in, struct tpdu *out);

/* Appends a TPDU; a DT without its user data. */
void tpdu_encode(const struct tpdu *tpdu, struct buf *out);

#endif
