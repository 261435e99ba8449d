/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codes of non-delivery reports [X.411 8.3.1.2.1.11, .12] and of security
 * errors [X.411 8.2.2.8], in the words of the Recommendation and in plain ones.
 */
#include "lib/mhs/diagnostics.h"

#include <stddef.h>

struct code {
	const char *name;
	const char *words;	/* null: the name says it all */
};

static const struct code reasons[] = {
	[0] = { "transfer-failure", "a system failed on the way" },
	[1] = { "unable-to-transfer", "it cannot be passed on" },
	[2] = { "conversion-not-performed", "it could not be converted" },
	[3] = { "physical-rendition-not-performed", "it could not be printed" },
	[4] = { "physical-delivery-not-performed", "the post could not deliver it" },
	[5] = { "restricted-delivery", "the recipient does not accept it" },
	[6] = { "directory-operation-unsuccessful", "the directory could not be asked" },
	[7] = { "deferred-delivery-not-performed", "it could not be held until the time asked for" },
	[8] = { "transfer-failure-for-security-reason", "security did not let it pass" },
};

static const struct code diagnostics[] = {
	[0] = { "unrecognised-OR-name", "nobody has this address" },
	[1] = { "ambiguous-OR-name", "the address fits more than one recipient" },
	[2] = { "mts-congestion", "the system was overloaded" },
	[3] = { "loop-detected", "the message came back to where it had been" },
	[4] = { "recipient-unavailable", "the recipient's system could not take it" },
	[5] = { "maximum-time-expired", "it could not be delivered in the time allowed" },
	[6] = { "encoded-information-types-unsupported",
		"the recipient's system cannot take this kind of content" },
	[7] = { "content-too-long", "the content is too long for the recipient's system" },
	[8] = { "conversion-impractical", "the conversion makes no sense for this content" },
	[9] = { "implicit-conversion-prohibited",
		"a conversion was needed and had been prohibited" },
	[10] = { "implicit-conversion-not-subscribed",
		"a conversion was needed that the recipient does not have" },
	[11] = { "invalid-arguments", "an argument of the message is invalid" },
	[12] = { "content-syntax-error", "the content is malformed" },
	[13] = { "size-constraint-violation", "a value exceeds the bound that the standard sets" },
	[14] = { "protocol-violation", "a system broke the protocol" },
	[15] = { "content-type-not-supported",
		"the recipient's system cannot take this type of content" },
	[16] = { "too-many-recipients", "there are too many recipients" },
	[17] = { "no-bilateral-agreement", "the two domains have no agreement about this" },
	[18] = { "unsupported-critical-function",
		"it asks for a critical function that is not supported" },
	[19] = { "conversion-with-loss-prohibited",
		"a conversion would have lost information and had been prohibited" },
	[20] = { "line-too-long", NULL },
	[21] = { "page-split", NULL },
	[22] = { "pictorial-symbol-loss", NULL },
	[23] = { "punctuation-symbol-loss", NULL },
	[24] = { "alphabetic-character-loss", NULL },
	[25] = { "multiple-information-loss", NULL },
	[26] = { "recipient-reassignment-prohibited",
		"the recipient is now another, and that had been prohibited" },
	[27] = { "redirection-loop-detected", "the recipients are redirected in a circle" },
	[28] = { "dl-expansion-prohibited",
		"the recipient is a distribution list, which had been prohibited" },
	[29] = { "no-dl-submit-permission",
		"the originator may not send to this distribution list" },
	[30] = { "dl-expansion-failure", "the distribution list could not be expanded" },
	[31] = { "physical-rendition-attributes-not-supported", NULL },
	[32] = { "undeliverable-mail-physical-delivery-address-incorrect", NULL },
	[33] = { "undeliverable-mail-physical-delivery-office-incorrect-or-invalid", NULL },
	[34] = { "undeliverable-mail-physical-delivery-address-incomplete", NULL },
	[35] = { "undeliverable-mail-recipient-unknown", NULL },
	[36] = { "undeliverable-mail-recipient-deceased", NULL },
	[37] = { "undeliverable-mail-organization-expired", NULL },
	[38] = { "undeliverable-mail-recipient-refused-to-accept", NULL },
	[39] = { "undeliverable-mail-recipient-did-not-claim", NULL },
	[40] = { "undeliverable-mail-recipient-changed-address-permanently", NULL },
	[41] = { "undeliverable-mail-recipient-changed-address-temporarily", NULL },
	[42] = { "undeliverable-mail-recipient-changed-temporary-address", NULL },
	[43] = { "undeliverable-mail-new-address-unknown", NULL },
	[44] = { "undeliverable-mail-recipient-did-not-want-forwarding", NULL },
	[45] = { "undeliverable-mail-originator-prohibited-forwarding", NULL },
	[46] = { "secure-messaging-error", "a security service refused it" },
	[47] = { "unable-to-downgrade", "the next system is too old for it" },
	[48] = { "unable-to-complete-transfer", "the transfer could not be completed" },
	[49] = { "transfer-attempts-limit-reached", "all attempts to transfer it failed" },
	[50] = { "incorrect-notification-type", NULL },
	[51] = { "dl-expansion-prohibited-by-security-policy", NULL },
	[52] = { "forbidden-alternate-recipient", NULL },
	[53] = { "security-policy-violation", "the security policy does not allow it" },
	[54] = { "security-services-refusal", "the security services are refused" },
	[55] = { "unauthorised-dl-member", NULL },
	[56] = { "unauthorised-dl-name", NULL },
	[57] = { "unauthorised-originally-intended-recipient-name", NULL },
	[58] = { "unauthorised-originator-name", "the originator's name is not authorised" },
	[59] = { "unauthorised-recipient-name", "the recipient's name is not authorised" },
	[60] = { "unreliable-system", NULL },
	[61] = { "authentication-failure-on-subject-message",
		"the message could not be authenticated" },
	[62] = { "decryption-failed", "the message could not be decrypted" },
	[63] = { "decryption-key-unobtainable", "the key to decrypt it could not be had" },
	[64] = { "double-envelope-creation-failure", NULL },
	[65] = { "double-enveloping-message-restoring-failure", NULL },
	[66] = { "failure-of-proof-of-message", NULL },
	[67] = { "integrity-failure-on-subject-message", "the message was changed on its way" },
	[68] = { "invalid-security-label", "the security label is invalid" },
	[69] = { "key-failure", "a key failed" },
	[70] = { "mandatory-parameter-absence", "a mandatory parameter is missing" },
	[71] = { "operation-security-failure", NULL },
	[72] = { "repudiation-failure-of-message", NULL },
	[73] = { "security-context-failure", NULL },
	[74] = { "token-decryption-failed", "the token could not be decrypted" },
	[75] = { "token-error", "the token is wrong" },
	[76] = { "unknown-security-label", NULL },
	[77] = { "unsupported-algorithm-identifier", "an algorithm is not supported" },
	[78] = { "unsupported-security-policy", "the security policy is not supported" },
};

static const char *const security_problems[] = {
	[0] = "assembly-instructions-conflict-with-security-services",
	[1] = "authentication-problem",
	[2] = "authentication-failure-on-subject-message",
	[3] = "confidentiality-association-problem",
	[4] = "decryption-failed",
	[5] = "decryption-key-unobtainable",
	[6] = "failure-of-proof-of-message",
	[7] = "forbidden-user-security-label-register",
	[8] = "incompatible-change-with-original-security-context",
	[9] = "integrity-failure-on-subject-message",
	[10] = "invalid-security-label",
	[11] = "invalid-security-label-update",
	[12] = "key-failure",
	[13] = "mandatory-parameter-absence",
	[14] = "operation-security-failure",
	[15] = "redirection-prohibited",
	[16] = "refused-alternate-recipient-name",
	[17] = "repudiation-failure-of-message",
	[18] = "responder-credentials-checking-problem",
	[19] = "security-context-failure",
	[20] = "security-context-problem",
	[21] = "security-policy-violation",
	[22] = "security-services-refusal",
	[23] = "token-decryption-failed",
	[24] = "token-error",
	[25] = "unable-to-aggregate-security-labels",
	[26] = "unauthorised-dl-name",
	[27] = "unauthorised-entry-class",
	[28] = "unauthorised-originally-intended-recipient-name",
	[29] = "unauthorised-originator-name",
	[30] = "unauthorised-recipient-name",
	[31] = "unauthorised-security-label-update",
	[32] = "unauthorised-user-name",
	[33] = "unknown-security-label",
	[34] = "unsupported-algorithm-identifier",
	[35] = "unsupported-security-policy",
};

static const struct code unknown = { "unknown code", "the code is not one of the Recommendation's" };
static const struct code none = { "no diagnostic", "nothing more is said" };

static const struct code *code_of(const struct code *table, size_t count, int value)
{
	return value >= 0 && (size_t)value < count && table[value].name ? &table[value] : &unknown;
}

static const struct code *reason_of(int reason)
{
	return code_of(reasons, sizeof(reasons) / sizeof(reasons[0]), reason);
}

static const struct code *diagnostic_of(int diagnostic)
{
	if (diagnostic == DIAG_NONE)
		return &none;
	return code_of(diagnostics, sizeof(diagnostics) / sizeof(diagnostics[0]), diagnostic);
}

static const char *words_of(const struct code *code)
{
	return code->words ? code->words : code->name;
}

const char *reason_name(int reason)
{
	return reason_of(reason)->name;
}

const char *reason_words(int reason)
{
	return words_of(reason_of(reason));
}

const char *diagnostic_name(int diagnostic)
{
	return diagnostic_of(diagnostic)->name;
}

const char *diagnostic_words(int diagnostic)
{
	return words_of(diagnostic_of(diagnostic));
}

const char *security_problem_name(int problem)
{
	size_t count = sizeof(security_problems) / sizeof(security_problems[0]);

	return problem >= 0 && (size_t)problem < count ? security_problems[problem] : "unknown problem";
}

int diagnostic_reason(int diagnostic)
{
	switch (diagnostic) {
	case DIAG_MTS_CONGESTION:
	case DIAG_UNABLE_TO_COMPLETE_TRANSFER:
	case DIAG_TRANSFER_ATTEMPTS_LIMIT_REACHED:
	case DIAG_RECIPIENT_UNAVAILABLE:
		return REASON_TRANSFER_FAILURE;
	default:
		return REASON_UNABLE_TO_TRANSFER;
	}
}
