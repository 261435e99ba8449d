/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations and errors in words, and the types they carry [X.419 Annexes B, C].
 */
#include "lib/mhs/operations.h"

#include "asn1/asn.h"
#include "lib/mhs/diagnostics.h"

#include <AlertArgument.h>
#include <AttributeError.h>
#include <AutoActionRequestError.h>
#include <CancelDeferredDeliveryArgument.h>
#include <ChangeCredentialsArgument.h>
#include <Controls.h>
#include <DeleteArgument.h>
#include <DeleteError.h>
#include <FetchArgument.h>
#include <FetchRestrictionError.h>
#include <FetchResult.h>
#include <ImproperlySpecifiedRecipients.h>
#include <ListArgument.h>
#include <ListResult.h>
#include <MessageDeliveryArgument.h>
#include <MessageDeliveryResult.h>
#include <MessageSubmissionArgument.h>
#include <MessageSubmissionResult.h>
#include <NULL.h>
#include <ProbeSubmissionArgument.h>
#include <ProbeSubmissionResult.h>
#include <RangeError.h>
#include <Register-MSArgument.h>
#include <RegisterArgument.h>
#include <ReportDeliveryArgument.h>
#include <SecurityProblem.h>
#include <SequenceNumberError.h>
#include <ServiceError.h>
#include <SummarizeArgument.h>
#include <SummarizeResult.h>
#include <Waiting.h>

static const struct {
	int number;
	const struct asn_TYPE_descriptor_s *argument, *result;
} operation_types[] = {
	{ OP_REGISTER, &asn_DEF_RegisterArgument, &asn_DEF_NULL },
	{ OP_CONTROL, &asn_DEF_Controls, &asn_DEF_Waiting },
	{ OP_MESSAGE_SUBMISSION, &asn_DEF_MessageSubmissionArgument,
	  &asn_DEF_MessageSubmissionResult },
	{ OP_PROBE_SUBMISSION, &asn_DEF_ProbeSubmissionArgument, &asn_DEF_ProbeSubmissionResult },
	{ OP_MESSAGE_DELIVERY, &asn_DEF_MessageDeliveryArgument, &asn_DEF_MessageDeliveryResult },
	{ OP_REPORT_DELIVERY, &asn_DEF_ReportDeliveryArgument, &asn_DEF_NULL },
	{ OP_CANCEL_DEFERRED_DELIVERY, &asn_DEF_CancelDeferredDeliveryArgument, &asn_DEF_NULL },
	{ OP_CHANGE_CREDENTIALS, &asn_DEF_ChangeCredentialsArgument, &asn_DEF_NULL },
	{ OP_SUMMARIZE, &asn_DEF_SummarizeArgument, &asn_DEF_SummarizeResult },
	{ OP_LIST, &asn_DEF_ListArgument, &asn_DEF_ListResult },
	{ OP_FETCH, &asn_DEF_FetchArgument, &asn_DEF_FetchResult },
	{ OP_DELETE, &asn_DEF_DeleteArgument, &asn_DEF_NULL },
	{ OP_REGISTER_MS, &asn_DEF_Register_MSArgument, &asn_DEF_NULL },
	{ OP_ALERT, &asn_DEF_AlertArgument, &asn_DEF_NULL },
};

static const struct {
	int number;
	const struct asn_TYPE_descriptor_s *parameter;
} error_types[] = {
	{ ERR_RECIPIENT_IMPROPERLY_SPECIFIED, &asn_DEF_ImproperlySpecifiedRecipients },
	{ ERR_SECURITY_ERROR, &asn_DEF_SecurityProblem },
	{ ERR_ATTRIBUTE_ERROR, &asn_DEF_AttributeError },
	{ ERR_AUTO_ACTION_REQUEST_ERROR, &asn_DEF_AutoActionRequestError },
	{ ERR_DELETE_ERROR, &asn_DEF_DeleteError },
	{ ERR_FETCH_RESTRICTION_ERROR, &asn_DEF_FetchRestrictionError },
	{ ERR_RANGE_ERROR, &asn_DEF_RangeError },
	{ ERR_MS_SECURITY_ERROR, &asn_DEF_SecurityProblem },
	{ ERR_SERVICE_ERROR, &asn_DEF_ServiceError },
	{ ERR_SEQUENCE_NUMBER_ERROR, &asn_DEF_SequenceNumberError },
};

const char *operation_name(int operation)
{
	switch (operation) {
#define NAME(symbol, number, name) case symbol: return name;
	MHS_OPERATIONS(NAME)
#undef NAME
	default:
		return "unknown operation";
	}
}

const char *error_name(int error)
{
	switch (error) {
#define NAME(symbol, number, name, words) case symbol: return name;
	MHS_ERRORS(NAME)
#undef NAME
	default:
		return "unknown error";
	}
}

const char *error_words(int error)
{
	switch (error) {
#define WORDS(symbol, number, name, words) case symbol: return words;
	MHS_ERRORS(WORDS)
#undef WORDS
	default:
		return "the error is not one of the Recommendation's";
	}
}

bool operation_types_find(int operation, const struct asn_TYPE_descriptor_s **out_argument,
			  const struct asn_TYPE_descriptor_s **out_result)
{
	for (size_t i = 0; i < sizeof(operation_types) / sizeof(operation_types[0]); i++)
		if (operation_types[i].number == operation) {
			*out_argument = operation_types[i].argument;
			*out_result = operation_types[i].result;
			return true;
		}
	return false;
}

const struct asn_TYPE_descriptor_s *error_parameter_type(int error)
{
	for (size_t i = 0; i < sizeof(error_types) / sizeof(error_types[0]); i++)
		if (error_types[i].number == error)
			return error_types[i].parameter;
	return &asn_DEF_NULL;
}

static enum status_kind kind_of(int operation, int error)
{
	switch (error) {
	case ERR_SECURITY_ERROR:
	case ERR_MS_SECURITY_ERROR:
	case ERR_ORIGINATOR_INVALID:
		return ST_REFUSED;
	case ERR_CONTROL_VIOLATED:
		/* Who delivers holds a message until the control is lifted [X.411 8.3.2.1]; what may
		 * not be submitted is the user's to change. */
		return operation == OP_MESSAGE_SUBMISSION || operation == OP_PROBE_SUBMISSION
			? ST_NEVER : ST_LATER;
	case ERR_REMOTE_BIND_ERROR:
	case ERR_SERVICE_ERROR:
		return ST_LATER;
	case ERR_SEQUENCE_NUMBER_ERROR:
		return ST_NOT_FOUND;
	default:
		return ST_NEVER;
	}
}

/* What a security-error tells, or null. */
static const char *security_text(int error, struct bytes parameter)
{
	struct ber_tlv tlv;
	int64_t problem;
	struct status *st;

	if (error != ERR_SECURITY_ERROR && error != ERR_MS_SECURITY_ERROR)
		return NULL;
	st = ber_only(parameter, &tlv);
	if (!st)
		st = ber_integer(&tlv, &problem);
	if (st) {
		status_drop(st);
		return NULL;
	}
	return security_problem_name(problem < 0 || problem > 255 ? -1 : (int)problem);
}

struct status *operation_failed(int operation, int error, struct bytes parameter)
{
	const char *security = security_text(error, parameter);

	return FAIL(kind_of(operation, error), error, "%s was refused: %s (%s%s%s)", operation_name(operation),
		    error_words(error), error_name(error), security ? ", " : "",
		    security ? security : "");
}

/* --- parameters --- */

void error_null(struct buf *out)
{
	ber_put(out, BER_NULL, bytes_none());
}

void error_security(int security_problem, struct buf *out)
{
	ber_put_integer(out, BER_INTEGER, security_problem);
}

void error_recipients(const struct bytes *names, size_t count, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < count; i++)
		buf_put(out, names[i]);
	ber_wrap(out, from, BER_SEQUENCE);
}

/* An INTEGER under an explicit tag, as X.413's module has them. */
static void put_explicit(struct buf *out, unsigned tag, int64_t value)
{
	size_t from = out->len;

	ber_put_integer(out, BER_INTEGER, value);
	ber_wrap(out, from, BER_CONTEXT(tag));
}

void error_sequence_number(int64_t number, struct buf *out)
{
	size_t from = out->len;

	put_explicit(out, 0, 0);	/* no-such-entry */
	put_explicit(out, 1, number);
	ber_wrap(out, from, BER_SET);
	ber_wrap(out, from, BER_SET);
	ber_wrap(out, from, BER_CONTEXT(1));
	ber_wrap(out, from, BER_SET);
}

void error_service(int problem, struct buf *out)
{
	size_t from = out->len;

	put_explicit(out, 0, problem);
	ber_wrap(out, from, BER_SET);
}
