/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Object identifiers [X.680 32; X.690 8.19]: dotted text, contents octets, and
 * asn1c's OBJECT_IDENTIFIER_t (which holds contents octets).  Arcs have up to
 * 128 bits, so that identifiers made from a UUID (2.25) fit.
 */
#ifndef ASN1_OID_H
#define ASN1_OID_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <OBJECT_IDENTIFIER.h>

enum {
	OID_MAX_OCTETS = 64,	/* of contents */
};

/* The contents octets of dotted text, appended.  ST_USAGE says what is wrong with it. */
FALLIBLE oid_from_text(const char *dotted, struct buf *out_contents);

/* A text by value, so that no thread shares it: printf("%s", oid_text(contents).s). */
struct oid_text {
	char s[4 * OID_MAX_OCTETS + 4];
};

/* The dotted text; the hexadecimal octets, ending in "?", of what is no object identifier. */
struct oid_text oid_text(struct bytes contents);

/* ST_PEER where these are not the contents octets of an object identifier. */
FALLIBLE oid_check(struct bytes contents);

/* Whether the contents octets are those of the dotted text; false where the text is no
 * identifier. */
bool oid_is(struct bytes contents, const char *dotted);

/* Gives the member the identifier in place of what it held. */
FALLIBLE oid_set(OBJECT_IDENTIFIER_t *oid, const char *dotted);

/* A new OBJECT_IDENTIFIER_t; dotted must be an identifier from our own tables. */
__attribute__((returns_nonnull)) OBJECT_IDENTIFIER_t *oid_new(const char *dotted);

static inline struct bytes oid_bytes(const OBJECT_IDENTIFIER_t *oid)
{
	return oid ? bytes_of(oid->buf, (size_t)oid->size) : bytes_none();
}

#endif
