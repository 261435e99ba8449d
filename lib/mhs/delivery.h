/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message delivery [X.411 8.3.1.1]: what one recipient gets of a message.
 */
#ifndef LIB_MHS_DELIVERY_H
#define LIB_MHS_DELIVERY_H

#include "lib/mhs/envelope.h"

struct delivery {
	struct arena *arena;
	struct bytes id;		/* MTSIdentifier TLV */
	time_t time;
	struct bytes content_type;	/* TLV of a ContentType */
	struct bytes originator;	/* ORName TLVs */
	struct bytes this_recipient;
	struct bytes intended_recipient; /* empty: this one */
	struct bytes *other_recipients;
	size_t other_count;
	struct bytes eits;		/* TLVs, or empty */
	struct bytes converted_eits;
	enum priority priority;
	uint32_t flags;			/* IND_IMPLICIT_CONVERSION_PROHIBITED */
	time_t submission_time;
	struct bytes content_identifier;
	struct ext_set extensions;
	struct bytes content;
};

/* What is delivered of a transferred message to one of its recipients, at a time.  The others'
 * names are disclosed where the originator allowed it. */
FALLIBLE delivery_from_envelope(const struct envelope *env, size_t recipient, time_t now,
				struct delivery **out_delivery);

/* MessageDeliveryArgument: everything before the content's octets, then send delivery->content. */
FALLIBLE delivery_encode(const struct delivery *delivery, struct buf *out_head);
FALLIBLE delivery_decode(struct arena *arena, struct bytes argument, struct delivery **out_delivery);
/* MessageDeliveryEnvelope, the attribute of a stored message: as the argument, without content. */
FALLIBLE delivery_envelope_encode(const struct delivery *delivery, struct buf *out);
FALLIBLE delivery_envelope_decode(struct arena *arena, struct bytes in,
				  struct delivery **out_delivery);

/* What an MTA that was not told of its success delivers again is known by this, in the arena. */
const char *delivery_identity(struct arena *arena, const struct delivery *delivery);

/* MessageDeliveryResult: a proof (Signature TLV) and certificates (Certificates TLV), each may
 * be empty. */
struct delivery_result {
	struct bytes certificates, proof;
};
void delivery_result_encode(const struct delivery_result *result, struct buf *out);
/* The TLVs are made in the arena. */
FALLIBLE delivery_result_decode(struct arena *arena, struct bytes in,
				struct delivery_result *out_result);

#endif
