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

struct operation_info {
	int number;
	const char *name;
	const struct asn_TYPE_descriptor_s *argument, *result;
};
/* Null for a number that is no operation. */
const struct operation_info *operation_info(int operation);
/* "fetch"; "operation 99" is "unknown operation". */
const char *operation_name(int operation);

struct error_info {
	int number;
	const char *name, *words;
	const struct asn_TYPE_descriptor_s *parameter;
};
const struct error_info *error_info(int error);
const char *error_name(int error);

/* What a peer's error says, as a failure: its kind is ST_LATER where waiting may help,
 * ST_REFUSED for security, ST_NEVER otherwise; diag is the error's number; the words name the
 * operation, the error, and what the parameter tells. */
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
	SECURITY_MANDATORY_PARAMETER_ABSENCE = 13,
	SECURITY_OPERATION_FAILURE = 14,
	SECURITY_POLICY_VIOLATION = 21,
	SECURITY_SERVICES_REFUSAL = 22,
	SECURITY_TOKEN_ERROR = 24,
	SECURITY_UNAUTHORISED_ORIGINATOR_NAME = 29,
};

#endif
