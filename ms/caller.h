/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Someone who asked over a link and waits for answers.  The link may end while
 * they are being made: answers then go nowhere.
 */
#ifndef MS_CALLER_H
#define MS_CALLER_H

#include "lib/mhs/link.h"

struct caller {
	struct link *link;	/* null once it has ended */
	bool lost;		/* it ended without a release: answers may not have arrived */
	unsigned owners;
};

/* Its first owner is the link's user. */
struct caller *caller_new(struct link *link);
/* One more owner, for an answer to come; each gives it back with caller_free. */
struct caller *caller_ref(struct caller *caller);
void caller_free(struct caller **caller);

/* The answers.  Parts are joined to one TLV on the wire. */
void caller_result(struct caller *caller, int32_t invoke_id, int operation,
		   const struct bytes *parts, size_t count);
/* A result that is NULL. */
void caller_result_null(struct caller *caller, int32_t invoke_id, int operation);
/* parameter is one TLV, or empty. */
void caller_error(struct caller *caller, int32_t invoke_id, int error, struct bytes parameter);
/* The argument is not what its type says, or the operation is none that is served here. */
void caller_reject(struct caller *caller, int32_t invoke_id, int problem,
		   const struct status *why);

#endif
