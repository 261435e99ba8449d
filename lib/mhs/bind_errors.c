/* SPDX-License-Identifier: Apache-2.0 */
/* Why a bind is refused [X.411 8.1.2.1.3, 12.1.1.1.3; X.413 7.1.4]. */
#include "lib/mhs/binds.h"

#include "asn1/asn.h"

#include <BindProblem.h>
#include <MSBindError.h>
#include <MTSBindError.h>

ASN_CLEANUP(MSBindError)

/* One row per problem: its number in an MTS- or MTA-bind, and in an MS-bind. */
static const struct {
	enum bind_problem problem;
	long mts, ms;
	const char *words;
} problems[] = {
	{ BIND_BUSY, MTSBindError_busy, BindProblem_unable_to_establish_association,
	  "the peer is busy" },
	{ BIND_AUTHENTICATION_ERROR, MTSBindError_authentication_error,
	  BindProblem_authentication_error, "the peer does not accept our credentials" },
	{ BIND_UNACCEPTABLE_DIALOGUE_MODE, MTSBindError_unacceptable_dialogue_mode,
	  BindProblem_unable_to_establish_association, "the peer does not accept the dialogue mode" },
	{ BIND_UNACCEPTABLE_SECURITY_CONTEXT, MTSBindError_unacceptable_security_context,
	  BindProblem_unacceptable_security_context, "the peer does not accept the security context" },
};

enum { PROBLEM_COUNT = sizeof(problems) / sizeof(problems[0]) };

FALLIBLE bind_error_encode(enum bind_kind kind, enum bind_problem problem, struct buf *out)
{
	if (kind == BIND_MS) {
		AUTO(MSBindError_cleanup) MSBindError_t *error = asn_new(MSBindError_t);

		error->present = MSBindError_PR_unqualified_error;
		error->choice.unqualified_error = problems[problem].ms;
		return asn_encode(&asn_DEF_MSBindError, error, out);
	}
	MTSBindError_t code = problems[problem].mts;
	return asn_encode(&asn_DEF_MTSBindError, &code, out);
}

static FALLIBLE bind_error_number(enum bind_kind kind, struct bytes error, long *out_number)
{
	if (kind == BIND_MS) {
		AUTO(MSBindError_cleanup) MSBindError_t *value = NULL;

		TRY(asn_decode(&asn_DEF_MSBindError, error, (void **)&value));
		*out_number = value->present == MSBindError_PR_unqualified_error
			? value->choice.unqualified_error
			: value->choice.qualified_error.bind_problem;
		return OK;
	}
	MTSBindError_t *value = NULL;
	TRY(asn_decode(&asn_DEF_MTSBindError, error, (void **)&value));
	*out_number = *value;
	asn_free(&asn_DEF_MTSBindError, &value);
	return OK;
}

struct status *bind_error_status(enum bind_kind kind, struct bytes error)
{
	long number = 0;
	struct status *unreadable = bind_error_number(kind, error, &number);

	if (unreadable)
		return status_doing(unreadable, "the peer refused the bind and did not say why");
	for (size_t i = 0; i < PROBLEM_COUNT; i++)
		if (number == (kind == BIND_MS ? problems[i].ms : problems[i].mts))
			return FAIL(problems[i].problem == BIND_BUSY ? ST_LATER : ST_REFUSED,
				    (int)number, "%s", problems[i].words);
	return FAIL(ST_REFUSED, (int)number, "the peer refused the bind with problem %ld", number);
}
