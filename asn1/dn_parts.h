/* SPDX-License-Identifier: Apache-2.0 */
/* Inside asn1/dn*.c: a directory name taken apart. */
#ifndef ASN1_DN_PARTS_H
#define ASN1_DN_PARTS_H

#include "asn1/ber.h"
#include "asn1/dn.h"

enum {
	DN_MAX_PARTS = 128,

	DN_UTF8_STRING = 12,	/* universal tags of the string types [X.680 41] */
	DN_NUMERIC_STRING = 18,
	DN_PRINTABLE_STRING = 19,
	DN_TELETEX_STRING = 20,
	DN_IA5_STRING = 22,
	DN_VISIBLE_STRING = 26,
	DN_UNIVERSAL_STRING = 28,
	DN_BMP_STRING = 30,
};

/* An attribute type and value; views. */
struct dn_part {
	struct bytes type;	/* contents octets of the object identifier */
	struct ber_tlv value;
	size_t rdn;		/* which RDN it is in, counted from the root */
};

struct dn {
	struct dn_part parts[DN_MAX_PARTS];	/* those of one RDN beside one another */
	size_t count;
	size_t rdn_count;
};

/* Views into der.  ST_PEER where it is no Name within bounds. */
FALLIBLE dn_parse_der(struct bytes der, struct dn *out_dn);

/* Adds a part to the RDN that is the last so far, or begins the next one.  ST_USAGE where
 * the name becomes too long. */
FALLIBLE dn_add(struct dn *dn, bool begins_rdn, struct bytes type, struct ber_tlv value);

/* Appends the DER of a name. */
void dn_encode(const struct dn *dn, struct buf *out_der);

/* Appends the UTF-8 of a value of a string type; false (and out as before) for others, and
 * where the octets are not of that type. */
bool dn_value_utf8(const struct ber_tlv *value, struct buf *out);

/* The characters of PrintableString [X.680 41.4]. */
bool dn_is_printable(struct bytes text);

#endif
