/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of MS attributes [X.413 Table 1; X.420 Annex C].
 */
#include "asn1/ms_attributes.h"

#include "asn1/oid.h"

#include <AlgorithmIdentifier.h>
#include <BOOLEAN.h>
#include <Certificates.h>
#include <ContentCorrelator.h>
#include <ContentIdentifier.h>
#include <ConversionWithLossProhibited.h>
#include <DLExpansion.h>
#include <DeliveryFlags.h>
#include <EntryType.h>
#include <Heading.h>
#include <ImportanceField.h>
#include <MTSIdentifier.h>
#include <MessageDeliveryEnvelope.h>
#include <ORDescriptor.h>
#include <ORName.h>
#include <PerRecipientReportDeliveryFields.h>
#include <Priority.h>
#include <ProofOfDeliveryRequest.h>
#include <Redirection.h>
#include <ReportDeliveryEnvelope.h>
#include <RetrievalStatus.h>
#include <SecurityClassification.h>
#include <SecurityLabel.h>
#include <SensitivityField.h>
#include <SequenceNumber.h>
#include <Signature.h>
#include <TeletexString.h>
#include <Token.h>
#include <TraceInformationElement.h>
#include <UTCTime.h>

#define ATT(number, name, type, multi)	{ name, ID_ATT(number), &asn_DEF_##type, multi }
#define HAT(number, name, type, multi)	{ name, ID_HAT(number), &asn_DEF_##type, multi }

static const struct ms_attribute attributes[] = {
	ATT(0,  "child-sequence-numbers", SequenceNumber, true),
	ATT(1,  "content", OCTET_STRING, false),
	ATT(2,  "content-confidentiality-algorithm-identifier", AlgorithmIdentifier, false),
	ATT(3,  "content-correlator", ContentCorrelator, false),
	ATT(4,  "content-identifier", ContentIdentifier, false),
	ATT(5,  "content-integrity-check", Signature, false),
	ATT(6,  "content-length", INTEGER, false),
	ATT(7,  "content-returned", BOOLEAN, false),
	ATT(8,  "content-type", OBJECT_IDENTIFIER, false),
	ATT(9,  "conversion-with-loss-prohibited", ConversionWithLossProhibited, false),
	ATT(10, "converted-EITs", OBJECT_IDENTIFIER, true),
	ATT(11, "creation-time", UTCTime, false),
	ATT(12, "delivered-EITs", OBJECT_IDENTIFIER, true),
	ATT(13, "delivery-flags", DeliveryFlags, false),
	ATT(14, "dl-expansion-history", DLExpansion, true),
	ATT(15, "retrieval-status", RetrievalStatus, false),
	ATT(16, "entry-type", EntryType, false),
	ATT(17, "originally-intended-recipient-name", ORName, false),
	ATT(18, "message-delivery-envelope", MessageDeliveryEnvelope, false),
	ATT(19, "message-identifier", MTSIdentifier, false),
	ATT(20, "message-delivery-time", UTCTime, false),
	ATT(21, "message-origin-authentication-check", Signature, false),
	ATT(22, "message-security-label", SecurityLabel, false),
	ATT(23, "message-submission-time", UTCTime, false),
	ATT(24, "message-token", Token, false),
	ATT(25, "original-EITs", OBJECT_IDENTIFIER, true),
	ATT(26, "originator-certificate", Certificates, false),
	ATT(27, "originator-name", ORName, false),
	ATT(28, "other-recipient-names", ORName, true),
	ATT(29, "parent-sequence-number", SequenceNumber, false),
	ATT(30, "per-recipient-report-delivery-fields", PerRecipientReportDeliveryFields, true),
	ATT(31, "priority", Priority, false),
	ATT(32, "proof-of-delivery-request", ProofOfDeliveryRequest, false),
	ATT(33, "redirection-history", Redirection, true),
	ATT(34, "report-delivery-envelope", ReportDeliveryEnvelope, false),
	ATT(35, "reporting-DL-name", ORName, false),
	ATT(36, "reporting-MTA-certificate", Certificates, false),
	ATT(37, "report-origin-authentication-check", Signature, false),
	ATT(38, "security-classification", SecurityClassification, false),
	ATT(39, "sequence-number", SequenceNumber, false),
	ATT(40, "subject-submission-identifier", MTSIdentifier, false),
	ATT(41, "this-recipient-name", ORName, false),
	ATT(75, "trace-information", TraceInformationElement, true),
	HAT(0,  "heading", Heading, false),
	HAT(1,  "this-ipm", IPMIdentifier, false),
	HAT(2,  "originator", ORDescriptor, false),
	HAT(3,  "replied-to-IPM", IPMIdentifier, false),
	HAT(4,  "subject", TeletexString, false),
	HAT(5,  "expiry-time", UTCTime, false),
	HAT(6,  "reply-time", UTCTime, false),
	HAT(7,  "importance", ImportanceField, false),
	HAT(8,  "sensitivity", SensitivityField, false),
	HAT(9,  "auto-forwarded", BOOLEAN, false),
};

static const size_t attribute_count = sizeof(attributes) / sizeof(attributes[0]);

const struct ms_attribute *ms_attribute_find(struct bytes oid)
{
	for (size_t i = 0; i < attribute_count; i++)
		if (oid_is(oid, attributes[i].oid))
			return &attributes[i];
	return NULL;
}

bool ms_attribute_is_text(const struct ms_attribute *attribute)
{
	return attribute->type == &asn_DEF_ContentIdentifier ||
	       attribute->type == &asn_DEF_TeletexString;
}

const struct ms_attribute *ms_attributes_all(size_t *out_count)
{
	*out_count = attribute_count;
	return attributes;
}
