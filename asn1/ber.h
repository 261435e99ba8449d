/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER as octets [X.209, X.690 8]: a reader that copies nothing, the check that
 * everything from a peer passes before asn1c's runtime sees it, the rewriting
 * of indefinite lengths, and headers for those who send parts.
 *
 * What is read stays where it arrived, so a signed part can be verified over
 * the very octets that were signed: look it up and take its `whole`.
 */
#ifndef ASN1_BER_H
#define ASN1_BER_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* A tag is its class and its number in one: compare it with tag == BER_CONTEXT(3). */
#define BER_UNIVERSAL(number)	((uint32_t)(number))
#define BER_APPLICATION(number)	(UINT32_C(1) << 30 | (uint32_t)(number))
#define BER_CONTEXT(number)	(UINT32_C(2) << 30 | (uint32_t)(number))
#define BER_PRIVATE(number)	(UINT32_C(3) << 30 | (uint32_t)(number))

enum {				/* the universal tags used by name here */
	BER_BOOLEAN = 1,
	BER_INTEGER = 2,
	BER_BIT_STRING = 3,
	BER_OCTET_STRING = 4,
	BER_NULL = 5,
	BER_OID = 6,
	BER_EXTERNAL = 8,
	BER_ENUMERATED = 10,
	BER_SEQUENCE = 16,
	BER_SET = 17,
	BER_UTC_TIME = 23,
};

enum {
	BER_TAG_NUMBER_MAX = (1 << 28) - 1,	/* wider tag numbers are refused */
	BER_HEADER_MAX = 5 + 9,			/* octets of the widest header */
	BER_DEPTH_MAX = 256,			/* what a limit may allow */
};

/* One value: tag, length, contents. */
struct ber_tlv {
	uint32_t tag;		/* BER_CONTEXT(n) and its like */
	bool constructed;
	bool indefinite;
	struct bytes whole;	/* from its identifier to its last octet, as it arrived */
	struct bytes contents;	/* without header and end-of-contents octets */
};

/* Bounds on what a peer may send [DESIGN 7]. */
struct ber_limits {
	unsigned depth;		/* values inside one another, to BER_DEPTH_MAX */
	size_t count;		/* values altogether */
};
extern const struct ber_limits ber_limits_default;

/*
 * Reads the value at the front of *left and moves *left behind it; nothing is
 * copied.  Only this value's own frame is checked (and, for an indefinite
 * length, the frames within): walk children with
 *
 *	struct bytes left = parent.contents;
 *	while (left.len) {
 *		TRY(ber_next(&left, &child));
 *		...
 *	}
 *
 * ST_PEER where there is no whole value, or end-of-contents octets instead of one.
 */
FALLIBLE ber_next(struct bytes *left, struct ber_tlv *out_tlv);

/* The one value that in consists of; ST_PEER where octets stand behind it. */
FALLIBLE ber_only(struct bytes in, struct ber_tlv *out_tlv);

/* The first value with this tag among the values in contents: "find" says false where it is
 * absent (or unreadable); "get" fails with ST_PEER "<what> is missing". */
bool ber_find(struct bytes contents, uint32_t tag, struct ber_tlv *out_tlv);
FALLIBLE ber_get(struct bytes contents, uint32_t tag, const char *what, struct ber_tlv *out_tlv);

/* The value at a place among the values in contents, from 0; false where there is none. */
bool ber_nth(struct bytes contents, size_t n, struct ber_tlv *out_tlv);

/* How many values there are; ST_PEER for more than max, which what names: "recipients". */
FALLIBLE ber_count(struct bytes contents, size_t max, const char *what, size_t *out_count);

/* The INTEGER (or implicitly tagged INTEGER) in a value's contents: 1 to 8 octets.
 * ST_PEER otherwise. */
FALLIBLE ber_integer(const struct ber_tlv *tlv, int64_t *out_value);

/* What ber_check learned. */
struct ber_shape {
	bool indefinite;	/* somewhere within */
	size_t count;		/* values */
	size_t constructed;	/* of these */
};

/*
 * That in is exactly one well-formed value: every length inside its parent, no
 * primitive value of indefinite length, no stray end-of-contents octets, tag
 * numbers up to BER_TAG_NUMBER_MAX, no empty INTEGER and its like under a universal
 * tag, within the limits.  Costs time per value, not per octet of contents, and no
 * memory.  ST_PEER otherwise.  out_shape may be null.
 */
FALLIBLE ber_check(struct bytes in, const struct ber_limits *limits, struct ber_shape *out_shape);

/*
 * The same value without indefinite lengths, appended to out.  A part that has
 * no indefinite length inside keeps its octets exactly.  Linear in the size of in.
 * Checks as ber_check does; out is as before where it fails.
 */
FALLIBLE ber_to_definite(struct bytes in, const struct ber_limits *limits, struct buf *out);

/*
 * The octets of a string that may be constructed of segments [X.690 8.7.3, 8.23.3], joined
 * and appended to out.  Segments are OCTET STRINGs or, as some send them, carry the
 * string's own tag.  ST_PEER otherwise.
 */
FALLIBLE ber_join(const struct ber_tlv *string, struct buf *out);

/* The same for a BIT STRING [X.690 8.6.4]: whole octets, and in *out_unused how many bits
 * of the last one are none.  ST_PEER where that is not 0 to 7. */
FALLIBLE ber_join_bits(const struct ber_tlv *string, struct buf *out, unsigned *out_unused);

/* A definite header; returns its length. */
size_t ber_header(uint8_t out[BER_HEADER_MAX], uint32_t tag, bool constructed, size_t contents_len);

void ber_put_header(struct buf *out, uint32_t tag, bool constructed, size_t contents_len);

/* A primitive value. */
void ber_put(struct buf *out, uint32_t tag, struct bytes contents);

/* The shortest INTEGER, under any tag. */
void ber_put_integer(struct buf *out, uint32_t tag, int64_t value);

/* What such a value takes: header and contents. */
size_t ber_size(uint32_t tag, size_t contents_len);

/* Makes what stands in the buffer from an offset on the contents of a constructed value. */
void ber_wrap(struct buf *out, size_t from, uint32_t tag);

#endif
