/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote operations [X.219, X.229]: invocations in both directions, several
 * outstanding, each answered by a result, an error or a reject.  Linked
 * operations are refused.  Arguments and results are never copied here: out
 * they go as parts behind a small header, in they are views.
 */
#ifndef LIB_OSI_ROSE_H
#define LIB_OSI_ROSE_H

#include "asn1/ber.h"
#include "lib/base/bytes.h"
#include "lib/base/status.h"

/* --- APDUs [X.229 9] --- */

enum rose_kind {
	ROSE_INVOKE = 1,	/* ROIV, RORS, ROER, RORJ: the numbers are their tags */
	ROSE_RESULT = 2,
	ROSE_ERROR = 3,
	ROSE_REJECT = 4,
};

/* Why an APDU is rejected: the kind of problem times 256, and its number in that kind. */
#define ROSE_PROBLEMS(X)                                                               \
	X(GENERAL_UNRECOGNIZED_APDU, 0x000, "the APDU is of no known kind")            \
	X(GENERAL_MISTYPED_APDU, 0x001, "the APDU is not as its type says")            \
	X(GENERAL_BADLY_STRUCTURED, 0x002, "the APDU is badly structured")             \
	X(INVOKE_DUPLICATE, 0x100, "the invoke identifier is in use")                  \
	X(INVOKE_UNRECOGNIZED_OPERATION, 0x101, "the operation is not known")          \
	X(INVOKE_MISTYPED_ARGUMENT, 0x102, "the argument is not as its type says")     \
	X(INVOKE_RESOURCE_LIMITATION, 0x103, "too many operations are outstanding")    \
	X(INVOKE_INITIATOR_RELEASING, 0x104, "the association is being released")      \
	X(INVOKE_UNRECOGNIZED_LINKED, 0x105, "linked operations are not known")        \
	X(INVOKE_LINKED_UNEXPECTED, 0x106, "the operation has no linked operations")   \
	X(INVOKE_UNEXPECTED_CHILD, 0x107, "it is no linked operation of its parent")   \
	X(RESULT_UNRECOGNIZED_INVOCATION, 0x200, "the result is of no invocation")     \
	X(RESULT_UNEXPECTED, 0x201, "the operation reports no result")                 \
	X(RESULT_MISTYPED, 0x202, "the result is not as its type says")                \
	X(ERROR_UNRECOGNIZED_INVOCATION, 0x300, "the error is of no invocation")       \
	X(ERROR_UNEXPECTED, 0x301, "the operation reports no error")                   \
	X(ERROR_UNRECOGNIZED, 0x302, "the error is not known")                         \
	X(ERROR_NOT_OF_OPERATION, 0x303, "the error is not one of this operation")     \
	X(ERROR_MISTYPED_PARAMETER, 0x304, "the parameter is not as its type says")

#define ROSE_ENUM_PROBLEM(name, number, text) ROSE_##name = (number),
enum rose_problem { ROSE_PROBLEMS(ROSE_ENUM_PROBLEM) };

/* In words; never null. */
const char *rose_problem_text(int problem);

struct rose_apdu {
	enum rose_kind kind;
	bool has_invoke_id;		/* false: a reject that names none */
	int32_t invoke_id;
	bool linked;			/* an invoke that names a parent */
	bool has_value;			/* there is an operation or error value */
	int value;
	struct bytes argument;		/* or result, or parameter: one TLV, or empty; borrowed */
	int problem;			/* of a reject */
};

/* ST_PEER; diag is the enum rose_problem to reject it with. */
FALLIBLE rose_decode(struct bytes in, struct rose_apdu *out_apdu);

/* What stands before argument_len octets of argument, result or parameter (all of a reject). */
#define ROSE_HEADER_MAX 48
struct bytes rose_header(const struct rose_apdu *apdu, size_t argument_len,
			 uint8_t header[ROSE_HEADER_MAX]);

/* --- the machine [X.229 7] --- */

struct rose;

/* Operation classes [X.219]. */
enum rose_class {
	ROSE_NOT_AN_OPERATION = 0,	/* of this application context */
	ROSE_SYNCHRONOUS = 1,		/* reports both; nothing else runs meanwhile */
	ROSE_ASYNCHRONOUS = 2,		/* reports both */
	ROSE_FAILURE_ONLY = 3,
	ROSE_SUCCESS_ONLY = 4,
	ROSE_NO_REPORT = 5,
};

struct rose_service {
	/* Sends an APDU.  operation says for what, -1 where that is not known. */
	FALLIBLE (*apdu_req)(void *below, int operation, const struct bytes *parts, size_t count);
	/* The class of an operation in this application context. */
	enum rose_class (*class_of)(void *below, int operation);
};

struct rose_user {
	/* Answer with rose_result_req, rose_error_req or rose_reject_req (classes 1 to 4). */
	void (*invoke_ind)(void *user, int32_t invoke_id, int operation, struct bytes argument);
	void (*result_ind)(void *user, int32_t invoke_id, int operation, struct bytes result);
	void (*error_ind)(void *user, int32_t invoke_id, int error, struct bytes parameter);
	/* The invocation, or the answer to one, was rejected: by the peer, or its answer here.
	 * invoke_id is -1 where it is not known.  why is borrowed; its diag the enum rose_problem. */
	void (*reject_ind)(void *user, int32_t invoke_id, const struct status *why);
};

/* outstanding_max bounds the invocations not yet answered, in each direction. */
struct rose *rose_new(unsigned outstanding_max, const struct rose_service *service, void *below,
		      const struct rose_user *user, void *user_data);
void rose_free(struct rose **rose);

/* Whether the peer still owes the answer to this one. */
bool rose_awaits(const struct rose *r, int32_t invoke_id);
/* Invocations not yet answered: by the peer, by the user here. */
unsigned rose_awaited(const struct rose *r);
unsigned rose_owed(const struct rose *r);

/* ST_USAGE where the operation is none of this context, ST_LATER where too many are outstanding. */
FALLIBLE rose_invoke_req(struct rose *r, int operation, const struct bytes *parts, size_t count,
			 int32_t *out_invoke_id);
/* The same under an identifier that is chosen, to repeat an invocation octet by octet. */
FALLIBLE rose_invoke_again_req(struct rose *r, int32_t invoke_id, int operation,
			       const struct bytes *parts, size_t count);
/* Without parts: a result that carries nothing. */
FALLIBLE rose_result_req(struct rose *r, int32_t invoke_id, const struct bytes *parts, size_t count);
FALLIBLE rose_error_req(struct rose *r, int32_t invoke_id, int error, struct bytes parameter);
FALLIBLE rose_reject_req(struct rose *r, int32_t invoke_id, enum rose_problem problem);

/* An APDU from the peer.  What is wrong with it is rejected, not returned: a failure is the
 * layer's below. */
FALLIBLE rose_apdu_ind(struct rose *r, struct bytes apdu);

#endif
