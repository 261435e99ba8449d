/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation lists that a chain needs, for lib/sec/path_judge.c. */
#ifndef LIB_SEC_PATH_LISTS_H
#define LIB_SEC_PATH_LISTS_H

#include "lib/sec/path.h"

struct path_lists {
	struct crl_list crls;
	struct cert_list signers;	/* certificates of those who sign lists and are not in the chain */
};

/* The lists of all authorities in the chain, and of those whom its certificates name as issuers
 * of their lists [RFC 5280 4.2.1.13]. */
FALLIBLE path_lists_gather(const struct path_query *query, const struct cert_list *chain,
			   struct path_lists *out_lists);
void path_lists_free(struct path_lists *lists);

/* The revocation list of an authority that is valid longest; null where there is none. */
const struct crl *path_list_of(const struct path_lists *lists, struct bytes issuer);

#endif
