/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directory names: the DER Name of X.501 and the text of RFC 4514
 * ("CN=Alice Smith,O=Ministry,C=FR", the most specific part first).
 */
#ifndef ASN1_DN_H
#define ASN1_DN_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

enum {
	DN_MAX_OCTETS = 4096,	/* of a DER Name, and of a text */
	DN_MAX_RDNS = 64,
};

/*
 * The DER Name of a text.  Keywords (any case) or dotted object identifiers name
 * the attribute types; values may be escaped as RFC 4514 2.4 says ("\," "\2C") or
 * written "#hex" (RFC 4514 2.4, the value's BER).  A value becomes the string type
 * its attribute asks for (countryName, serialNumber: PrintableString; domainComponent,
 * mail: IA5String), otherwise PrintableString where its characters allow, or UTF8String.
 * The empty text is the empty name.  ST_USAGE says what is wrong and where.
 * Appends to out_der only on success.
 */
FALLIBLE dn_from_text(const char *text, struct buf *out_der);

/*
 * The text of a DER Name that may come from anywhere: ST_PEER where it is not one, is
 * over DN_MAX_OCTETS, or has octets behind its end.  Types without a keyword appear
 * dotted and with "#hex".  dn_from_text of the text names the same object again.
 * The caller frees *out_text.
 */
FALLIBLE dn_to_text(struct bytes der, char **out_text);

/*
 * Whether two DER Names name the same object [X.501 9.4]: the same RDNs in the same
 * order, values of string types compared without regard to case, string type and
 * redundant spaces, all others octet by octet.  False where either is not a Name.
 */
bool dn_equal(struct bytes a, struct bytes b);

/* As dn_equal, for texts; false where either is not a name. */
bool dn_text_equal(const char *a, const char *b);

/* Octets that are the same for names that are equal, and different for different ones: the key
 * of an index.  ST_PEER where der is no Name.  Appends. */
FALLIBLE dn_key(struct bytes der, struct buf *out_key);

/* One attribute of a name. */
struct dn_attribute {
	const char *type;	/* the keyword as RFC 4514 and slapd know it, or dotted */
	const char *value;	/* UTF-8, without escapes; null where it is no string */
};

/* The attributes of the most specific part of a name (one, but for "CN=a+SN=b"), in the
 * arena.  ST_USAGE where the text is no name or is empty. */
FALLIBLE dn_first(const char *text, struct arena *arena, struct dn_attribute **out_attributes,
		  size_t *out_count);

/* The text of the name above this one ("O=Ministry,C=FR" for the example), empty at the
 * top.  The caller frees *out_parent. */
FALLIBLE dn_parent(const char *text, char **out_parent);

#endif
