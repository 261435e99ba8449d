/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message token carries [X.411 Figure 2]: MessageTokenSignedData and
 * MessageTokenEncryptedData, for lib/sec/message.c.
 */
#ifndef LIB_SEC_MESSAGE_DATA_H
#define LIB_SEC_MESSAGE_DATA_H

#include "lib/sec/crypto.h"

/* Views are whole values under any tag, empty where absent. */
struct message_signed {
	struct bytes seal_algorithm;	/* content-confidentiality-algorithm-identifier */
	struct bytes cic;		/* content-integrity-check */
	struct bytes label;		/* message-security-label */
	bool proof_requested;
	bool has_sequence;
	uint64_t sequence;		/* below 2^63 */
};

void message_signed_encode(const struct message_signed *data, struct buf *out);
FALLIBLE message_signed_decode(struct bytes value, struct message_signed *out_data);

struct message_encrypted {
	struct bytes content_key, integrity_key;	/* octets */
	struct bytes cic, label;	/* as above */
	bool has_sequence;
	uint64_t sequence;
};

/* *out holds secrets then. */
void message_encrypted_encode(const struct message_encrypted *data, struct buf *out);
FALLIBLE message_encrypted_decode(struct bytes value, struct message_encrypted *out_data);

#endif
