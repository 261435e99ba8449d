/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations and errors of P3 and P7 [X.419 Annexes B, C].  Both protocols count in
 * one series, so a number means one thing; names in words are in lib/mhs/operations.c.
 *
 * X(symbol, number, name)
 */
#ifndef ASN1_MHS_OPERATIONS_H
#define ASN1_MHS_OPERATIONS_H

#define MHS_OPERATIONS(X)							\
	X(OP_REGISTER,			1,  "register")				\
	X(OP_CONTROL,			2,  "submission-control or delivery-control") \
	X(OP_MESSAGE_SUBMISSION,	3,  "message-submission")		\
	X(OP_PROBE_SUBMISSION,		4,  "probe-submission")			\
	X(OP_MESSAGE_DELIVERY,		5,  "message-delivery")			\
	X(OP_REPORT_DELIVERY,		6,  "report-delivery")			\
	X(OP_CANCEL_DEFERRED_DELIVERY,	7,  "cancel-deferred-delivery")		\
	X(OP_CHANGE_CREDENTIALS,	8,  "change-credentials")		\
	X(OP_SUMMARIZE,			20, "summarize")			\
	X(OP_LIST,			21, "list")				\
	X(OP_FETCH,			22, "fetch")				\
	X(OP_DELETE,			23, "delete")				\
	X(OP_REGISTER_MS,		24, "register-MS")			\
	X(OP_ALERT,			25, "alert")

/* X(symbol, number, name, words) */
#define MHS_ERRORS(X)								\
	X(ERR_CONTROL_VIOLATED,			1,  "control-violated",		\
	  "the control in force does not allow it")				\
	X(ERR_ORIGINATOR_INVALID,		2,  "originator-invalid",	\
	  "the originator is not one that may use this association")		\
	X(ERR_RECIPIENT_IMPROPERLY_SPECIFIED,	3,  "recipient-improperly-specified", \
	  "a recipient's name is malformed or incomplete")			\
	X(ERR_ELEMENT_OF_SERVICE_NOT_SUBSCRIBED, 4, "element-of-service-not-subscribed", \
	  "the user does not have the service that was asked for")		\
	X(ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED, 5,				\
	  "old-credentials-incorrectly-specified",				\
	  "the old credentials are wrong")					\
	X(ERR_NEW_CREDENTIALS_UNACCEPTABLE,	6,  "new-credentials-unacceptable", \
	  "the new credentials are not acceptable")				\
	X(ERR_MESSAGE_SUBMISSION_IDENTIFIER_INVALID, 7,				\
	  "message-submission-identifier-invalid",				\
	  "no message has this identifier")					\
	X(ERR_DEFERRED_DELIVERY_CANCELLATION_REJECTED, 8,			\
	  "deferred-delivery-cancellation-rejected",				\
	  "the message can no longer be cancelled")				\
	X(ERR_REGISTER_REJECTED,		10, "register-rejected",	\
	  "the registration is not accepted")					\
	X(ERR_INCONSISTENT_REQUEST,		11, "inconsistent-request",	\
	  "the request contradicts itself")					\
	X(ERR_SECURITY_ERROR,			12, "security-error",		\
	  "a security service refused it")					\
	X(ERR_UNSUPPORTED_CRITICAL_FUNCTION,	13, "unsupported-critical-function", \
	  "it asks for a critical function that is not supported")		\
	X(ERR_CONTROL_VIOLATES_REGISTRATION,	14, "control-violates-registration", \
	  "the control allows more than is registered")				\
	X(ERR_REMOTE_BIND_ERROR,		15, "remote-bind-error",	\
	  "the system behind this one could not be reached")			\
	X(ERR_ATTRIBUTE_ERROR,			21, "attribute-error",		\
	  "an attribute was asked for that there is not, or in a way it does not have") \
	X(ERR_AUTO_ACTION_REQUEST_ERROR,	22, "auto-action-request-error", \
	  "the automatic action is not available")				\
	X(ERR_DELETE_ERROR,			23, "delete-error",		\
	  "the entry may not be deleted")					\
	X(ERR_FETCH_RESTRICTION_ERROR,		24, "fetch-restriction-error",	\
	  "the entry is outside the restrictions of this association")		\
	X(ERR_RANGE_ERROR,			25, "range-error",		\
	  "the range ends before it begins")					\
	X(ERR_MS_SECURITY_ERROR,		26, "security-error",		\
	  "a security service of the message store refused it")			\
	X(ERR_SERVICE_ERROR,			27, "service-error",		\
	  "the message store cannot do it now")					\
	X(ERR_SEQUENCE_NUMBER_ERROR,		28, "sequence-number-error",	\
	  "no entry has this number")						\
	X(ERR_INVALID_PARAMETERS_ERROR,		29, "invalid-parameters-error",	\
	  "the parameters are not valid together")

#define MHS_OPERATION_ENUM(symbol, number, name)	symbol = (number),
enum mhs_operation { MHS_OPERATIONS(MHS_OPERATION_ENUM) };
#undef MHS_OPERATION_ENUM

#define MHS_ERROR_ENUM(symbol, number, name, words)	symbol = (number),
enum mhs_error { MHS_ERRORS(MHS_ERROR_ENUM) };
#undef MHS_ERROR_ENUM

#endif
