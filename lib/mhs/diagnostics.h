/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a message was not delivered, in numbers and in words [X.411 8.3.1.2.1.11, .12].
 * A struct status carries the diagnostic; diagnostic_reason says which reason goes
 * with it.
 */
#ifndef LIB_MHS_DIAGNOSTICS_H
#define LIB_MHS_DIAGNOSTICS_H

enum non_delivery_reason {
	REASON_TRANSFER_FAILURE = 0,
	REASON_UNABLE_TO_TRANSFER = 1,
	REASON_CONVERSION_NOT_PERFORMED = 2,
	REASON_PHYSICAL_RENDITION_NOT_PERFORMED = 3,
	REASON_PHYSICAL_DELIVERY_NOT_PERFORMED = 4,
	REASON_RESTRICTED_DELIVERY = 5,
	REASON_DIRECTORY_OPERATION_UNSUCCESSFUL = 6,
	REASON_DEFERRED_DELIVERY_NOT_PERFORMED = 7,
	REASON_TRANSFER_FAILURE_FOR_SECURITY = 8,
};

/* Those that programs here make; every number has words. */
enum non_delivery_diagnostic {
	DIAG_NONE = -1,
	DIAG_UNRECOGNISED_OR_NAME = 0,
	DIAG_AMBIGUOUS_OR_NAME = 1,
	DIAG_MTS_CONGESTION = 2,
	DIAG_LOOP_DETECTED = 3,
	DIAG_RECIPIENT_UNAVAILABLE = 4,
	DIAG_MAXIMUM_TIME_EXPIRED = 5,
	DIAG_EITS_UNSUPPORTED = 6,
	DIAG_CONTENT_TOO_LONG = 7,
	DIAG_INVALID_ARGUMENTS = 11,
	DIAG_CONTENT_SYNTAX_ERROR = 12,
	DIAG_SIZE_CONSTRAINT_VIOLATION = 13,
	DIAG_PROTOCOL_VIOLATION = 14,
	DIAG_CONTENT_TYPE_NOT_SUPPORTED = 15,
	DIAG_TOO_MANY_RECIPIENTS = 16,
	DIAG_NO_BILATERAL_AGREEMENT = 17,
	DIAG_UNSUPPORTED_CRITICAL_FUNCTION = 18,
	DIAG_SECURE_MESSAGING_ERROR = 46,
	DIAG_UNABLE_TO_COMPLETE_TRANSFER = 48,
	DIAG_TRANSFER_ATTEMPTS_LIMIT_REACHED = 49,
};

/* The Recommendation's name and a sentence for a user; never null. */
const char *reason_name(int reason);
const char *reason_words(int reason);
const char *diagnostic_name(int diagnostic);
const char *diagnostic_words(int diagnostic);
/* X.411's words for a security-problem [8.2.2.8]. */
const char *security_problem_name(int problem);

/* The reason under which a diagnostic is reported. */
int diagnostic_reason(int diagnostic);

#endif
