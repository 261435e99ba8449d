/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Extensions of envelopes and reports [X.411 9]: one table says what is known of
 * each; a field itself stays the octets that arrived, known or not.
 */
#ifndef LIB_MHS_EXTENSIONS_H
#define LIB_MHS_EXTENSIONS_H

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct asn_TYPE_descriptor_s;

enum ext_number {
	EXT_PRIVATE = 0,		/* named by an object identifier */
	EXT_RECIPIENT_REASSIGNMENT_PROHIBITED = 1,
	EXT_ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT = 2,
	EXT_DL_EXPANSION_PROHIBITED = 3,
	EXT_CONVERSION_WITH_LOSS_PROHIBITED = 4,
	EXT_LATEST_DELIVERY_TIME = 5,
	EXT_REQUESTED_DELIVERY_METHOD = 6,
	EXT_PHYSICAL_FORWARDING_PROHIBITED = 7,
	EXT_PHYSICAL_FORWARDING_ADDRESS_REQUEST = 8,
	EXT_PHYSICAL_DELIVERY_MODES = 9,
	EXT_REGISTERED_MAIL_TYPE = 10,
	EXT_RECIPIENT_NUMBER_FOR_ADVICE = 11,
	EXT_PHYSICAL_RENDITION_ATTRIBUTES = 12,
	EXT_ORIGINATOR_RETURN_ADDRESS = 13,
	EXT_PHYSICAL_DELIVERY_REPORT_REQUEST = 14,
	EXT_ORIGINATOR_CERTIFICATE = 15,
	EXT_MESSAGE_TOKEN = 16,
	EXT_CONTENT_CONFIDENTIALITY_ALGORITHM = 17,
	EXT_CONTENT_INTEGRITY_CHECK = 18,
	EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK = 19,
	EXT_MESSAGE_SECURITY_LABEL = 20,
	EXT_PROOF_OF_SUBMISSION_REQUEST = 21,
	EXT_PROOF_OF_DELIVERY_REQUEST = 22,
	EXT_CONTENT_CORRELATOR = 23,
	EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK = 24,
	EXT_REDIRECTION_HISTORY = 25,
	EXT_DL_EXPANSION_HISTORY = 26,
	EXT_PHYSICAL_FORWARDING_ADDRESS = 27,
	EXT_RECIPIENT_CERTIFICATE = 28,
	EXT_PROOF_OF_DELIVERY = 29,
	EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY = 30,
	EXT_REPORTING_DL_NAME = 31,
	EXT_REPORTING_MTA_CERTIFICATE = 32,
	EXT_REPORT_ORIGIN_AUTHENTICATION_CHECK = 33,
	EXT_ORIGINATING_MTA_CERTIFICATE = 34,
	EXT_PROOF_OF_SUBMISSION = 35,
	EXT_FORWARDING_REQUEST = 36,
	EXT_TRACE_INFORMATION = 37,
	EXT_INTERNAL_TRACE_INFORMATION = 38,
	EXT_REPORTING_MTA_NAME = 39,
	EXT_MULTIPLE_ORIGINATOR_CERTIFICATES = 40,
	EXT_DL_EXEMPTED_RECIPIENTS = 42,
};

/* Criticality [X.411 9.1]: bits as asn_bits has them. */
enum {
	EXT_FOR_SUBMISSION = 1 << 0,
	EXT_FOR_TRANSFER = 1 << 1,
	EXT_FOR_DELIVERY = 1 << 2,
};

/* Where an extension may stand [X.411 Tables 27, 28]; m: of the message, r: of a recipient. */
enum {
	EXT_IN_SUBMISSION = 1 << 0,
	EXT_IN_SUBMISSION_RECIPIENT = 1 << 1,
	EXT_IN_TRANSFER = 1 << 2,
	EXT_IN_TRANSFER_RECIPIENT = 1 << 3,
	EXT_IN_DELIVERY = 1 << 4,	/* either of these: a delivery is to one recipient */
	EXT_IN_REPORT = 1 << 5,
	EXT_IN_REPORT_RECIPIENT = 1 << 6,
	EXT_IN_RESULT = 1 << 7,		/* of a submission */
};

struct ext_info {
	int number;
	const char *name;		/* as X.411 spells it */
	unsigned criticality;		/* recommended */
	unsigned where;
	const struct asn_TYPE_descriptor_s *type;	/* of the value */
};

/* What is known of a number, or null. */
const struct ext_info *ext_info(int number);

/* One field.  Views lie in the octets it was decoded from, or in the set's arena. */
struct ext_field {
	int number;			/* EXT_PRIVATE where type is an object identifier */
	unsigned criticality;
	struct bytes value;		/* one TLV; empty is NULL by default */
	struct bytes whole;		/* the ExtensionField */
};

struct ext_set {
	struct ext_field *fields;
	size_t count;
};

enum { EXT_MAX = 256 };			/* fields in one set */

/* From the contents of a SET OF ExtensionField; the array is in the arena.  Takes the three
 * forms of type that are in use.  ST_PEER where a number appears twice. */
FALLIBLE ext_decode(struct arena *arena, struct bytes contents, struct ext_set *out_set);

/* The fields as they are, appended: contents of a SET OF under whatever tag.  Nothing for none. */
void ext_encode(const struct ext_set *set, struct buf *out);
/* The same under an implicit tag; nothing where the set is empty. */
void ext_put_set(const struct ext_set *set, uint32_t tag, struct buf *out);

const struct ext_field *ext_find(const struct ext_set *set, int number);
/* The value's TLV, empty where it is absent. */
struct bytes ext_value(const struct ext_set *set, int number);
/* The decoded value, of the type in the table; null where the extension is absent.  The
 * caller frees it with asn_free. */
FALLIBLE ext_get(const struct ext_set *set, int number, void **out_value);
/* The value of an ENUMERATED or INTEGER extension, or what stands for its absence. */
long ext_long(const struct ext_set *set, int number, long absent);

/* Adds or replaces; criticality as recommended; the value is copied to the arena. */
void ext_put(struct arena *arena, struct ext_set *set, int number, struct bytes value);
/* The same, critical for nothing, whatever is recommended. */
void ext_put_uncritical(struct arena *arena, struct ext_set *set, int number, struct bytes value);
/* As ext_put, from a value of the type in the table. */
FALLIBLE ext_put_value(struct arena *arena, struct ext_set *set, int number, const void *value);
/* The same for an ENUMERATED: requests and prohibitions. */
void ext_put_enumerated(struct arena *arena, struct ext_set *set, int number, long value);
bool ext_remove(struct ext_set *set, int number);

/* Adds the fields of from that may stand at a place; private and unknown ones may everywhere. */
void ext_copy(struct arena *arena, struct ext_set *to, const struct ext_set *from, unsigned where);

/* ST_NEVER, diagnostic 18 (unsupported-critical-function), naming the first field that is
 * critical for a stage (EXT_FOR_...) and not known here. */
FALLIBLE ext_check_critical(const struct ext_set *set, unsigned stage);

#endif
