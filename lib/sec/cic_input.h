/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a content integrity check is computed over [X.411 8.2.1.1.1.28]: an
 * algorithm identifier and the content, in parts, so that the content is not
 * copied.
 */
#ifndef LIB_SEC_CIC_INPUT_H
#define LIB_SEC_CIC_INPUT_H

#include "asn1/ber.h"

/* Two readings of what is to be signed. */
enum cic_form {
	CIC_SEQUENCE,	/* the DER of SEQUENCE {algorithm, content OCTET STRING}, as X.411 has it */
	CIC_JOINED,	/* the DER of the algorithm, then the octets of the content */
};

/* hmacWithSHA256, with its parameters NULL [RFC 8018 B.1.2]: the checks of modern. */
#define HMAC_SHA256_OID		"1.2.840.113549.2.9"
#define HMAC_SHA256_ALGORITHM	"\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x09\x05\x00"

enum { CIC_INPUT_PARTS = 4 };

struct cic_input {
	uint8_t sequence[BER_HEADER_MAX], octets[BER_HEADER_MAX];
	struct bytes parts[CIC_INPUT_PARTS];	/* of which some may be empty */
};

/* Borrows both; the input must not be moved afterwards. */
void cic_input_init(struct cic_input *input, enum cic_form form, struct bytes algorithm,
		    struct bytes content);

#endif
