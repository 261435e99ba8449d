/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes of an MS entry: the general ones [X.413 11, Annex A; id-att 2.6.4.3.n] and those of
 * interpersonal messages that make an inbox listing [X.420 Annex C].
 */
#ifndef ASN1_MS_ATTRIBUTES_H
#define ASN1_MS_ATTRIBUTES_H

#include "lib/base/bytes.h"

struct asn_TYPE_descriptor_s;

/* One attribute type.  All are in the table from ms_attribute_find. */
struct ms_attribute {
	const char *name;		/* as X.413 and X.420 spell it */
	const char *oid;		/* dotted */
	const struct asn_TYPE_descriptor_s *type;	/* of one value */
	bool multi_valued;
};

#define ID_ATT(number)	"2.6.4.3." #number
#define ID_HAT(number)	"2.6.1.7." #number

#define ID_ATT_CHILD_SEQUENCE_NUMBERS		ID_ATT(0)
#define ID_ATT_CONTENT				ID_ATT(1)
#define ID_ATT_CONTENT_CORRELATOR		ID_ATT(3)
#define ID_ATT_CONTENT_IDENTIFIER		ID_ATT(4)
#define ID_ATT_CONTENT_LENGTH			ID_ATT(6)
#define ID_ATT_CONTENT_RETURNED			ID_ATT(7)
#define ID_ATT_CONTENT_TYPE			ID_ATT(8)
#define ID_ATT_CREATION_TIME			ID_ATT(11)
#define ID_ATT_RETRIEVAL_STATUS			ID_ATT(15)
#define ID_ATT_ENTRY_TYPE			ID_ATT(16)
#define ID_ATT_MESSAGE_DELIVERY_ENVELOPE	ID_ATT(18)
#define ID_ATT_MESSAGE_IDENTIFIER		ID_ATT(19)
#define ID_ATT_MESSAGE_DELIVERY_TIME		ID_ATT(20)
#define ID_ATT_MESSAGE_SECURITY_LABEL		ID_ATT(22)
#define ID_ATT_MESSAGE_SUBMISSION_TIME		ID_ATT(23)
#define ID_ATT_MESSAGE_TOKEN			ID_ATT(24)
#define ID_ATT_ORIGINATOR_NAME			ID_ATT(27)
#define ID_ATT_OTHER_RECIPIENT_NAMES		ID_ATT(28)
#define ID_ATT_PARENT_SEQUENCE_NUMBER		ID_ATT(29)
#define ID_ATT_PER_RECIPIENT_REPORT_DELIVERY_FIELDS ID_ATT(30)
#define ID_ATT_PRIORITY				ID_ATT(31)
#define ID_ATT_PROOF_OF_DELIVERY_REQUEST	ID_ATT(32)
#define ID_ATT_REPORT_DELIVERY_ENVELOPE		ID_ATT(34)
#define ID_ATT_SEQUENCE_NUMBER			ID_ATT(39)
#define ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER	ID_ATT(40)
#define ID_ATT_THIS_RECIPIENT_NAME		ID_ATT(41)
#define ID_HAT_HEADING				ID_HAT(0)
#define ID_HAT_THIS_IPM				ID_HAT(1)
#define ID_HAT_ORIGINATOR			ID_HAT(2)
#define ID_HAT_SUBJECT				ID_HAT(4)

/* The attribute with this identifier (contents octets), or null. */
const struct ms_attribute *ms_attribute_find(struct bytes oid);

/* Whether its values are character strings, of which parts can be asked for [X.413 Table 1]. */
bool ms_attribute_is_text(const struct ms_attribute *attribute);

/* All of them, in the order of their identifiers; *out_count says how many. */
const struct ms_attribute *ms_attributes_all(size_t *out_count);

#endif
