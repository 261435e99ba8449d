/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of certificates of 1988 [lib/sec/cert_1989.h], for lib/sec/path.c and
 * lib/sec/path_judge.c: what OpenSSL does for all others.
 */
#ifndef LIB_SEC_PATH_1989_H
#define LIB_SEC_PATH_1989_H

#include "lib/sec/path_judge.h"
#include "lib/sec/path_lists.h"

/* ST_REFUSED where the certificate is of 1988 and the query does not allow it. */
FALLIBLE path_1989_allowed(const struct path_query *query, const struct cert *cert);

/* Whether there is one in a chain. */
bool path_1989_concerns(const struct cert_list *chain);

/* All are of 1988, authorities vouch for each other and the last for the first, and none was
 * revoked; that they are in date was looked at. */
FALLIBLE path_1989_check(const struct path_query *query, const struct cert_list *chain,
			 const struct path_lists *lists, struct path_verdict *out_verdict);

#endif
