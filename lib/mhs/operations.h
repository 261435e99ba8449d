/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations and errors of P3 and P7 in words, and the codecs of what is not
 * lib/mhs/envelope.h's or delivery.h's: the types of arguments, results and
 * parameters, for asn_decode and asn_encode.
 */
#ifndef LIB_MHS_OPERATIONS_H
#define LIB_MHS_OPERATIONS_H

#include "asn1/mhs_operations.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct asn_TYPE_descriptor_s;

/* The types of an operation's argument and result; false for a number that is no operation. */
bool operation_types_find(int operation, const struct asn_TYPE_descriptor_s **out_argument,
			  const struct asn_TYPE_descriptor_s **out_result);
/* "fetch"; never null. */
const char *operation_name(int operation);

/* The type of an error's parameter: NULL's for those that have none. */
const struct asn_TYPE_descriptor_s *error_parameter_type(int error);
/* "security-error", "a security service refused it"; never null. */
const char *error_name(int error);
const char *error_words(int error);

/* What a peer's error says, as a failure.  Its kind is ST_LATER where waiting may help, ST_REFUSED
 * for security, ST_NOT_FOUND for an entry that is not there, ST_NEVER otherwise; diag is the
 * error's number; the words name the operation, the error, and what the parameter tells. */
__attribute__((returns_nonnull, warn_unused_result))
struct status *operation_failed(int operation, int error, struct bytes parameter);

/* Parameters of errors, one TLV each, appended. */
void error_null(struct buf *out);
void error_security(int security_problem, struct buf *out);
void error_recipients(const struct bytes *names, size_t count, struct buf *out);
void error_sequence_number(int64_t number, struct buf *out);
void error_service(int problem, struct buf *out);

/* The numbers of SecurityProblem that programs here send [X.411 8.2.2.8]. */
enum security_problem {
	SECURITY_AUTHENTICATION_PROBLEM = 1,
	SECURITY_AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE = 2,
	SECURITY_FORBIDDEN_USER_SECURITY_LABEL_REGISTER = 7,
	SECURITY_MANDATORY_PARAMETER_ABSENCE = 13,
	SECURITY_OPERATION_FAILURE = 14,
	SECURITY_POLICY_VIOLATION = 21,
	SECURITY_SERVICES_REFUSAL = 22,
	SECURITY_TOKEN_ERROR = 24,
	SECURITY_UNAUTHORISED_ORIGINATOR_NAME = 29,
	SECURITY_UNAUTHORISED_USER_NAME = 32,
};

#endif
