/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement on one certification path, for lib/sec/path_search.c. */
#ifndef LIB_SEC_PATH_JUDGE_H
#define LIB_SEC_PATH_JUDGE_H

#include "lib/sec/path.h"

struct path_verdict {
	struct cert_path *path;	/* where it was accepted: the caller's */
	struct status *why;	/* where it was not: the caller's */
	size_t at;		/* the certificate that failed */
	bool in_itself;		/* it would fail in any path from the same issuer */
};

/*
 * Judges a chain from the certificate itself to an anchor: signatures, dates, constraints,
 * policies, and for each certificate that it was not revoked.  The failure, ST_REFUSED, is in
 * words about the first certificate that fails; ST_LATER: a revocation list could not be asked
 * for.
 */
void path_judge(const struct path_query *query, const struct cert_list *chain,
		struct path_verdict *out_verdict);

#endif
