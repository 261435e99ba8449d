/* SPDX-License-Identifier: Apache-2.0 */
/*
 * O/R names [X.402 18; X.411 8.5.5]: an O/R address, a directory name, or both;
 * as text, as DER, compared, and matched against what a route names.
 *
 * Text is "/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/", or the same
 * separated by ";" without the outer slashes.  "\" before "/", ";", "=" or "\"
 * takes it as a character of the value.  Values are UTF-8 here; on the wire they
 * become printable, teletex or universal variants as their characters ask for.
 */
#ifndef LIB_MHS_ORNAME_H
#define LIB_MHS_ORNAME_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* Attributes, in the order in which the text has them.
 * X(symbol, key, other key or null, name of X.402, upper bound) */
#define OR_ATTRIBUTES(X)								\
	X(OR_GIVEN_NAME,	"G",	 NULL,	 "given-name",		 UB_UNIVERSAL_GIVEN_NAME_LENGTH) \
	X(OR_INITIALS,		"I",	 NULL,	 "initials",		 UB_UNIVERSAL_INITIALS_LENGTH) \
	X(OR_SURNAME,		"S",	 NULL,	 "surname",		 UB_UNIVERSAL_SURNAME_LENGTH) \
	X(OR_GENERATION,	"Q",	 "GQ",	 "generation-qualifier", UB_UNIVERSAL_GENERATION_QUALIFIER_LENGTH) \
	X(OR_COMMON_NAME,	"CN",	 NULL,	 "common-name",		 UB_COMMON_NAME_LENGTH)	\
	X(OR_X121,		"X.121", "X121", "network-address",	 UB_X121_ADDRESS_LENGTH) \
	X(OR_NUMERIC_USER_ID,	"N-ID",	 "UA-ID", "numeric-user-identifier", UB_NUMERIC_USER_ID_LENGTH) \
	X(OR_TERMINAL_ID,	"T-ID",	 NULL,	 "terminal-identifier",	 UB_TERMINAL_ID_LENGTH)	\
	X(OR_PDS_NAME,		"PD-SERVICE", NULL, "pds-name",		 UB_PDS_NAME_LENGTH)	\
	X(OR_PD_PERSON,		"PD-PN", NULL,	 "physical-delivery-personal-name", UB_PDS_PARAMETER_LENGTH) \
	X(OR_PD_ORGANIZATION,	"PD-O",	 NULL,	 "physical-delivery-organization-name", UB_PDS_PARAMETER_LENGTH) \
	X(OR_PD_STREET,		"PD-S",	 NULL,	 "street-address",	 UB_PDS_PARAMETER_LENGTH) \
	X(OR_PD_OFFICE,		"PD-OFFICE", NULL, "physical-delivery-office-name", UB_PDS_PARAMETER_LENGTH) \
	X(OR_PD_CODE,		"PD-CODE", NULL, "postal-code",		 UB_POSTAL_CODE_LENGTH)	\
	X(OR_PD_COUNTRY,	"PD-C",	 NULL,	 "physical-delivery-country-name", UB_COUNTRY_NAME_NUMERIC_LENGTH) \
	X(OR_UNIT4,		"OU4",	 NULL,	 "organizational-unit-name", UB_ORGANIZATIONAL_UNIT_NAME_LENGTH) \
	X(OR_UNIT3,		"OU3",	 NULL,	 "organizational-unit-name", UB_ORGANIZATIONAL_UNIT_NAME_LENGTH) \
	X(OR_UNIT2,		"OU2",	 NULL,	 "organizational-unit-name", UB_ORGANIZATIONAL_UNIT_NAME_LENGTH) \
	X(OR_UNIT1,		"OU1",	 "OU",	 "organizational-unit-name", UB_ORGANIZATIONAL_UNIT_NAME_LENGTH) \
	X(OR_ORGANIZATION,	"O",	 NULL,	 "organization-name",	 UB_ORGANIZATION_NAME_LENGTH) \
	X(OR_PRMD,		"PRMD",	 "P",	 "private-domain-name",	 UB_DOMAIN_NAME_LENGTH)	\
	X(OR_ADMD,		"ADMD",	 "A",	 "administration-domain-name", UB_DOMAIN_NAME_LENGTH) \
	X(OR_COUNTRY,		"C",	 NULL,	 "country-name",	 UB_COUNTRY_NAME_NUMERIC_LENGTH)

#define OR_ENUM(symbol, key, other, name, bound)	symbol,
enum or_attribute { OR_ATTRIBUTES(OR_ENUM) OR_ATTRIBUTE_COUNT };
#undef OR_ENUM

enum { OR_DDA_MAX = 4 };	/* ub-domain-defined-attributes */

struct or_dda {
	const char *type, *value;
};

/* A name; its strings live in an arena. */
struct orname {
	const char *value[OR_ATTRIBUTE_COUNT];	/* UTF-8; null where absent */
	struct or_dda dda[OR_DDA_MAX];
	size_t dda_count;
	struct bytes directory_name;		/* DER Name, or empty */
};

/* ST_USAGE says what is wrong with the text and where.  DN=... (RFC 4514, "\" before each
 * "/") gives the directory name. */
FALLIBLE orname_from_text(struct arena *arena, const char *text, struct orname **out_name);
/* The text, in the arena; of an absent address with a directory name: "/DN=.../". */
const char *orname_text(struct arena *arena, const struct orname *name);

/* One ORName TLV.  ST_PEER where it is none. */
FALLIBLE orname_decode(struct arena *arena, struct bytes tlv, struct orname **out_name);
/* ST_NEVER (diagnostic 11, invalid-arguments) where orname_check would fail. */
FALLIBLE orname_encode(const struct orname *name, struct buf *out);
/* From text to the ORName TLV at once, in the arena. */
FALLIBLE orname_tlv_from_text(struct arena *arena, const char *text, struct bytes *out_tlv);

/* The same for the ORAddress of a certificate's x400Address: no directory name. */
FALLIBLE oraddress_decode(struct arena *arena, struct bytes tlv, struct orname **out_name);
FALLIBLE oraddress_encode(const struct orname *name, struct buf *out);

/* The text of an ORName TLV for a log or a user, in the arena; of what is no O/R name,
 * "(malformed O/R name)". */
const char *orname_tlv_text(struct arena *arena, struct bytes tlv);

/* Whether the name has any attribute of an address. */
bool orname_has_address(const struct orname *name);

/* That the address is one of the forms of [X.402 18.5], each attribute within its bound and
 * repertoire.  ST_NEVER, diagnostic 11, with words naming the attribute. */
FALLIBLE orname_check(const struct orname *name);

/* Whether two addresses are the same [X.402 18.4]: without regard to case, redundant spaces and
 * variant.  Names without an address are compared by directory name. */
bool orname_equal(const struct orname *a, const struct orname *b);
/* The same for two ORName TLVs; false where either is none. */
bool orname_tlv_equal(struct bytes a, struct bytes b);

/* A text equal for equal names and different for different ones: the key of an index. */
const char *orname_key(struct arena *arena, const struct orname *name);

/* Whether each attribute of the pattern is in the name and equal: a route or a domain.  An ADMD
 * of a single space in the pattern matches any. */
bool orname_matches(const struct orname *pattern, const struct orname *name);
/* How many attributes a pattern has: the one with most is the nearest. */
unsigned orname_attribute_count(const struct orname *pattern);

#endif
