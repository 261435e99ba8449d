/* SPDX-License-Identifier: Apache-2.0 */
/* The judgement on one certification path, for lib/sec/path.c. */
#ifndef LIB_SEC_PATH_JUDGE_H
#define LIB_SEC_PATH_JUDGE_H

#include "lib/sec/path.h"

/*
 * Verifies a chain from the certificate itself to an anchor: signatures, dates, constraints,
 * and for each certificate that it was not revoked.  ST_REFUSED in words about the first
 * certificate that fails.
 */
FALLIBLE path_judge(const struct path_query *query, const struct cert_list *chain,
		    struct cert_path **out_path);

#endif
