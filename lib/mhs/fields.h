/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elements of a SET or SEQUENCE whose components are told apart by their tags:
 * read by a table into views, so that what is passed on keeps its octets.
 */
#ifndef LIB_MHS_FIELDS_H
#define LIB_MHS_FIELDS_H

#include "asn1/ber.h"
#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>


/* One component: where it goes, and its name where it must be there. */
struct field {
	uint32_t tag;			/* FIELD_HOLDS(tag): it holds other values, and is constructed */
	struct ber_tlv *out;		/* zeroed where absent */
	const char *required;		/* null: optional */
};

/* Nobody has looked into a primitive value before [asn1/ber.h]: what stands there is not read. */
#define FIELD_HOLDS(tag)	((tag) | FIELD_HOLDING)
#define FIELD_HOLDING		(UINT32_C(1) << 28)	/* no tag has this bit: BER_TAG_NUMBER_MAX */

/* ST_PEER where a component is unknown, twice, primitive though it holds others, or missing; what
 * names the type in words. */
FALLIBLE fields_read(struct bytes contents, const char *what, const struct field *fields,
		     size_t count);

static inline bool field_is(const struct ber_tlv *tlv)
{
	return tlv->whole.len > 0;
}

/* The characters or octets of a string; joined in the arena where it came in segments. */
FALLIBLE field_string(struct arena *arena, const struct ber_tlv *tlv, struct bytes *out);
/* An optional one: empty where absent. */
FALLIBLE field_string_or_none(struct arena *arena, const struct ber_tlv *tlv, struct bytes *out);
/* A UTCTime; *out is kept where it is absent. */
FALLIBLE field_time(const struct ber_tlv *tlv, time_t *out);
/* An INTEGER or ENUMERATED from min to max; *out is kept where it is absent. */
FALLIBLE field_integer(const struct ber_tlv *tlv, const char *what, int64_t min, int64_t max,
		       int64_t *out);
/* Named bits, bit n as 1 << n; 0 where absent. */
FALLIBLE field_bits(const struct ber_tlv *tlv, uint32_t *out);
/* The value with the tag that it has where it is not implicitly tagged; empty where absent. */
struct bytes field_retag(struct arena *arena, const struct ber_tlv *tlv, uint32_t tag);

/* Writers, appended. */
void put_string(struct buf *out, uint32_t tag, struct bytes characters);
FALLIBLE put_time(struct buf *out, uint32_t tag, time_t t);
void put_bits(struct buf *out, uint32_t tag, uint32_t bits);
/* The same where the type's SIZE asks for a number of bits, zeros behind the last included. */
void put_bits_at_least(struct buf *out, uint32_t tag, uint32_t bits, unsigned least);
/* A TLV under an implicit tag of its own; nothing for an empty one. */
void put_retagged(struct buf *out, uint32_t tag, struct bytes tlv);

#endif
