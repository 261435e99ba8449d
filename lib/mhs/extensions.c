/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of extensions [X.411 9.2, Tables 27 and 28], and sets of fields.
 */
#include "lib/mhs/extensions.h"

#include "asn1/asn.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/fields.h"

#include <AlgorithmIdentifier.h>
#include <Certificates.h>
#include <ContentCorrelator.h>
#include <ConversionWithLossProhibited.h>
#include <DLExemptedRecipients.h>
#include <DLExpansionHistory.h>
#include <DLExpansionProhibited.h>
#include <ExtendedCertificates.h>
#include <InternalTraceInformation.h>
#include <ORAddress.h>
#include <ORName.h>
#include <OriginatorAndDLExpansionHistory.h>
#include <PhysicalDeliveryModes.h>
#include <PhysicalDeliveryReportRequest.h>
#include <PhysicalForwardingAddressRequest.h>
#include <PhysicalForwardingProhibited.h>
#include <PhysicalRenditionAttributes.h>
#include <ProofOfDeliveryRequest.h>
#include <ProofOfSubmissionRequest.h>
#include <RecipientNumberForAdvice.h>
#include <RecipientReassignmentProhibited.h>
#include <RedirectionHistory.h>
#include <RegisteredMailType.h>
#include <ReportingMTAName.h>
#include <RequestedDeliveryMethod.h>
#include <SecurityLabel.h>
#include <SequenceNumber.h>
#include <Signature.h>
#include <Token.h>
#include <TraceInformation.h>
#include <UTCTime.h>

#define SUB	EXT_IN_SUBMISSION
#define SUB_R	EXT_IN_SUBMISSION_RECIPIENT
#define TRA	EXT_IN_TRANSFER
#define TRA_R	EXT_IN_TRANSFER_RECIPIENT
#define DEL	EXT_IN_DELIVERY
#define REP	EXT_IN_REPORT
#define REP_R	EXT_IN_REPORT_RECIPIENT
#define RES	EXT_IN_RESULT
#define NONE	0
#define S	EXT_FOR_SUBMISSION
#define D	EXT_FOR_DELIVERY

#define EXT(number, name, type, criticality, where)	\
	{ number, name, criticality, where, &asn_DEF_##type }

/* 36 travels to a message store only; 37 and 38 in delivery are of 1999. */
static const struct ext_info table[] = {
	EXT(1, "recipient-reassignment-prohibited", RecipientReassignmentProhibited, D, SUB | TRA),
	EXT(2, "originator-requested-alternate-recipient", ORName, S, SUB_R | TRA_R),
	EXT(3, "dl-expansion-prohibited", DLExpansionProhibited, D, SUB | TRA),
	EXT(4, "conversion-with-loss-prohibited", ConversionWithLossProhibited, D, SUB | TRA | DEL),
	EXT(5, "latest-delivery-time", UTCTime, D, SUB | TRA),
	EXT(6, "requested-delivery-method", RequestedDeliveryMethod, NONE, SUB_R | TRA_R | DEL),
	EXT(7, "physical-forwarding-prohibited", PhysicalForwardingProhibited, D,
	    SUB_R | TRA_R | DEL),
	EXT(8, "physical-forwarding-address-request", PhysicalForwardingAddressRequest, D,
	    SUB_R | TRA_R | DEL),
	EXT(9, "physical-delivery-modes", PhysicalDeliveryModes, D, SUB_R | TRA_R | DEL),
	EXT(10, "registered-mail-type", RegisteredMailType, D, SUB_R | TRA_R | DEL),
	EXT(11, "recipient-number-for-advice", RecipientNumberForAdvice, D, SUB_R | TRA_R | DEL),
	EXT(12, "physical-rendition-attributes", PhysicalRenditionAttributes, D,
	    SUB_R | TRA_R | DEL),
	EXT(13, "originator-return-address", ORAddress, NONE, SUB | TRA | DEL),
	EXT(14, "physical-delivery-report-request", PhysicalDeliveryReportRequest, D,
	    SUB_R | TRA_R | DEL),
	EXT(15, "originator-certificate", Certificates, NONE, SUB | TRA | DEL),
	EXT(16, "message-token", Token, D, SUB_R | TRA_R | DEL),
	EXT(17, "content-confidentiality-algorithm-identifier", AlgorithmIdentifier, D,
	    SUB | TRA | DEL),
	EXT(18, "content-integrity-check", Signature, D, SUB_R | TRA_R | DEL),
	EXT(19, "message-origin-authentication-check", Signature, D, SUB | TRA | DEL),
	EXT(20, "message-security-label", SecurityLabel, D, SUB | TRA | DEL | REP),
	EXT(21, "proof-of-submission-request", ProofOfSubmissionRequest, S, SUB),
	EXT(22, "proof-of-delivery-request", ProofOfDeliveryRequest, D, SUB_R | TRA_R | DEL),
	EXT(23, "content-correlator", ContentCorrelator, NONE, SUB | TRA | REP),
	EXT(24, "probe-origin-authentication-check", Signature, D, SUB | TRA),
	EXT(25, "redirection-history", RedirectionHistory, NONE, TRA_R | DEL | REP | REP_R),
	EXT(26, "dl-expansion-history", DLExpansionHistory, NONE, TRA | DEL),
	EXT(27, "physical-forwarding-address", ORName, NONE, REP_R),
	EXT(28, "recipient-certificate", Certificates, NONE, SUB_R | TRA_R | DEL | REP_R),
	EXT(29, "proof-of-delivery", Signature, NONE, REP_R),
	EXT(30, "originator-and-DL-expansion-history", OriginatorAndDLExpansionHistory, NONE, REP),
	EXT(31, "reporting-DL-name", ORName, NONE, REP),
	EXT(32, "reporting-MTA-certificate", Certificates, D, REP),
	EXT(33, "report-origin-authentication-check", Signature, D, REP),
	EXT(34, "originating-MTA-certificate", Certificates, NONE, RES),
	EXT(35, "proof-of-submission", Signature, NONE, RES),
	EXT(36, "forwarding-request", SequenceNumber, NONE, SUB),
	EXT(37, "trace-information", TraceInformation, NONE, NONE),
	EXT(38, "internal-trace-information", InternalTraceInformation, NONE, TRA),
	EXT(39, "reporting-MTA-name", ReportingMTAName, NONE, REP),
	EXT(40, "multiple-originator-certificates", ExtendedCertificates, NONE, SUB | TRA | DEL),
	EXT(42, "dl-exempted-recipients", DLExemptedRecipients, NONE, SUB | TRA | DEL),
};

const struct ext_info *ext_info(int number)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}

/* The type in its three forms: [0] IMPLICIT INTEGER, [3] IMPLICIT OBJECT IDENTIFIER, and, from MTAs
 * made before the standard was finished, [0] EXPLICIT INTEGER. */
static FALLIBLE read_number(const struct ber_tlv *type, int *out_number)
{
	struct ber_tlv integer = *type;
	int64_t number = EXT_PRIVATE;

	if (type->tag == BER_CONTEXT(3)) {
		*out_number = EXT_PRIVATE;
		return OK;
	}
	if (type->tag != BER_CONTEXT(0))
		return FAIL(ST_PEER, 0, "an extension has a type that is neither number nor identifier");
	if (type->constructed)
		TRY(ber_only(type->contents, &integer));
	TRY(field_integer(&integer, "number of an extension", 1, INT32_MAX, &number));
	*out_number = (int)number;
	return OK;
}

static FALLIBLE read_field(struct ber_tlv *tlv, struct ext_field *out_field)
{
	struct bytes left = tlv->contents;
	struct ber_tlv type, criticality, value;
	const struct field rest[] = {
		{ BER_CONTEXT(1), &criticality, NULL },
		{ BER_CONTEXT(2), &value, NULL },
	};

	if (tlv->tag != BER_SEQUENCE || !tlv->constructed)
		return FAIL(ST_PEER, 0, "an extension is no SEQUENCE");
	TRY_DOING(ber_next(&left, &type), "an extension has no type");
	TRY(fields_read(left, "extension", rest, 2));
	TRY(read_number(&type, &out_field->number));
	TRY(field_bits(&criticality, &out_field->criticality));
	out_field->value = bytes_none();
	if (field_is(&value)) {
		struct ber_tlv only;

		TRY_DOING(ber_only(value.contents, &only), "extension %d has no single value",
			  out_field->number);
		out_field->value = only.whole;
	}
	out_field->whole = tlv->whole;
	return OK;
}

FALLIBLE ext_decode(struct arena *arena, struct bytes contents, struct ext_set *out_set)
{
	struct bytes left = contents;
	struct ber_tlv tlv;
	size_t count = 0;

	while (left.len) {
		TRY(ber_next(&left, &tlv));
		if (++count > EXT_MAX)
			return FAIL(ST_PEER, 0, "there are more than %d extensions", EXT_MAX);
	}
	out_set->fields = arena_new_array(arena, struct ext_field, count ? count : 1);
	out_set->count = 0;
	while (contents.len) {
		struct ext_field *field = &out_set->fields[out_set->count];

		TRY(ber_next(&contents, &tlv));
		TRY(read_field(&tlv, field));
		if (field->number != EXT_PRIVATE && ext_find(out_set, field->number))
			return FAIL(ST_PEER, 0, "extension %d stands there twice", field->number);
		out_set->count++;
	}
	return OK;
}

void ext_encode(const struct ext_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->count; i++)
		buf_put(out, set->fields[i].whole);
}

void ext_put_set(const struct ext_set *set, uint32_t tag, struct buf *out)
{
	size_t from = out->len;

	if (!set->count)
		return;
	ext_encode(set, out);
	ber_wrap(out, from, tag);
}

const struct ext_field *ext_find(const struct ext_set *set, int number)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->fields[i].number == number)
			return &set->fields[i];
	return NULL;
}

struct bytes ext_value(const struct ext_set *set, int number)
{
	const struct ext_field *field = ext_find(set, number);

	return field ? field->value : bytes_none();
}

FALLIBLE ext_get(const struct ext_set *set, int number, void **out_value)
{
	const struct ext_field *field = ext_find(set, number);
	const struct ext_info *info = ext_info(number);

	*out_value = NULL;
	if (!field || !info)
		return OK;
	TRY_DOING(asn_decode(info->type, field->value, out_value), "cannot read %s", info->name);
	return OK;
}

long ext_long(const struct ext_set *set, int number, long absent)
{
	struct bytes value = ext_value(set, number);
	struct ber_tlv tlv;
	int64_t out = absent;
	struct status *st = value.len ? ber_only(value, &tlv) : OK;

	if (!st && value.len)
		st = ber_integer(&tlv, &out);
	status_drop(st);	/* what cannot be read counts as absent: it asks for nothing */
	return (long)out;
}

static void add_field(struct arena *arena, struct ext_set *set, const struct ext_field *field)
{
	struct ext_field *grown = arena_new_array(arena, struct ext_field, set->count + 1);

	if (set->count)
		memcpy(grown, set->fields, set->count * sizeof(*grown));
	grown[set->count++] = *field;
	set->fields = grown;
}

static void put(struct arena *arena, struct ext_set *set, int number, unsigned criticality,
		struct bytes value)
{
	AUTO(buf_free) struct buf out = { 0 };
	struct ext_field field = { .number = number, .criticality = criticality };
	size_t at;

	ber_put_integer(&out, BER_CONTEXT(0), number);
	if (field.criticality)
		put_bits(&out, BER_CONTEXT(1), field.criticality);
	at = out.len;
	buf_put(&out, value);
	ber_wrap(&out, at, BER_CONTEXT(2));
	ber_wrap(&out, 0, BER_SEQUENCE);

	field.whole = arena_dup(arena, buf_view(&out));
	field.value = bytes_slice(field.whole, field.whole.len - value.len, value.len);
	ext_remove(set, number);
	add_field(arena, set, &field);
}

void ext_put(struct arena *arena, struct ext_set *set, int number, struct bytes value)
{
	const struct ext_info *info = ext_info(number);

	put(arena, set, number, info ? info->criticality : 0, value);
}

void ext_put_uncritical(struct arena *arena, struct ext_set *set, int number, struct bytes value)
{
	put(arena, set, number, 0, value);
}

FALLIBLE ext_put_value(struct arena *arena, struct ext_set *set, int number, const void *value)
{
	AUTO(buf_free) struct buf der = { 0 };
	const struct ext_info *info = ext_info(number);

	if (!info)
		return FAIL(ST_USAGE, 0, "there is no extension %d", number);
	TRY(asn_encode(info->type, value, &der));
	ext_put(arena, set, number, buf_view(&der));
	return OK;
}

void ext_put_enumerated(struct arena *arena, struct ext_set *set, int number, long value)
{
	AUTO(buf_free) struct buf der = { 0 };

	ber_put_integer(&der, BER_ENUMERATED, value);
	ext_put(arena, set, number, buf_view(&der));
}

bool ext_remove(struct ext_set *set, int number)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->fields[i].number == number) {
			memmove(&set->fields[i], &set->fields[i + 1],
				(set->count - i - 1) * sizeof(*set->fields));
			set->count--;
			return true;
		}
	return false;
}

void ext_copy(struct arena *arena, struct ext_set *to, const struct ext_set *from, unsigned where)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct ext_info *info = ext_info(from->fields[i].number);

		if (!info || info->where & where)
			add_field(arena, to, &from->fields[i]);
	}
}

FALLIBLE ext_check_critical(const struct ext_set *set, unsigned stage)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->fields[i].criticality & stage && !ext_info(set->fields[i].number))
			return FAIL(ST_NEVER, DIAG_UNSUPPORTED_CRITICAL_FUNCTION,
				    "extension %d is critical and not known here",
				    set->fields[i].number);
	return OK;
}
