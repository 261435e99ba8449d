/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What envelope.c and p1.c share: the fields that submission and transfer have
 * under the same tags.
 */
#ifndef LIB_MHS_ENVELOPE_PARTS_H
#define LIB_MHS_ENVELOPE_PARTS_H

#include "asn1/bounds.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/fields.h"

struct envelope_fields {
	struct ber_tlv originator, eits, content_type, content_type_oid, content_identifier;
	struct ber_tlv priority, indicators, deferred, extensions;
};

#define ENVELOPE_COMMON_FIELDS(f)					\
	{ BER_APPLICATION(0), &(f).originator, "originator-name" },	\
	{ BER_APPLICATION(5), &(f).eits, NULL },			\
	{ BER_APPLICATION(6), &(f).content_type, NULL },		\
	{ BER_OID, &(f).content_type_oid, NULL },			\
	{ BER_APPLICATION(10), &(f).content_identifier, NULL },		\
	{ BER_APPLICATION(7), &(f).priority, NULL },			\
	{ BER_APPLICATION(8), &(f).indicators, NULL },			\
	{ BER_CONTEXT(0), &(f).deferred, NULL }

FALLIBLE envelope_read_fields(const struct envelope_fields *f, struct envelope *env);
/* ST_NEVER over RECIPIENTS_MAX, ST_PEER for none, and for one that has another tag. */
FALLIBLE envelope_count_recipients(struct bytes list, uint32_t tag, size_t *out_count);
/* All of them, numbered from 1 where read does not say otherwise. */
FALLIBLE envelope_read_recipients(struct envelope *env, struct bytes list,
				  FALLIBLE (*read)(struct arena *arena, struct bytes contents,
						   struct recipient *out));
FALLIBLE envelope_explicit_conversion(const struct ber_tlv *tlv, int *out);
/* The content, which is the last of what is left. */
FALLIBLE envelope_content(struct envelope *env, struct bytes *left);

/* Writers: content type, originator, identifier, EITs, priority, indicators. */
FALLIBLE envelope_put_fields(const struct envelope *env, struct buf *out);
/* [0]: deferred-delivery-time of a message, content-length of a probe. */
FALLIBLE envelope_put_deferred(const struct envelope *env, struct buf *out);
/* Wraps the envelope that starts at from, and the header of the content behind it, in a value
 * whose last octets are the content's, which are not put. */
void envelope_put_content(const struct envelope *env, size_t from, uint32_t tag, struct buf *out);

#endif
