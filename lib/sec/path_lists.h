/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation lists that a chain needs, for lib/sec/path_judge.c. */
#ifndef LIB_SEC_PATH_LISTS_H
#define LIB_SEC_PATH_LISTS_H

#include "lib/sec/path.h"

/* A list that was left out, as it is not fresh enough. */
struct path_stale {
	const struct crl *crl;
	struct status *why;
};

struct path_lists {
	struct crl_list crls;
	struct cert_list signers;	/* certificates of those who sign lists and are not in the chain */
	struct path_stale *stale;
	size_t stale_count;
};

/* The lists of all authorities in the chain, and of those whom its certificates name as issuers
 * of their lists [RFC 5280 4.2.1.13]. */
FALLIBLE path_lists_gather(const struct path_query *query, const struct cert_list *chain,
			   struct path_lists *out_lists);
void path_lists_free(struct path_lists *lists);

/* The revocation list of an authority that is valid longest; null where there is none. */
const struct crl *path_list_of(const struct path_lists *lists, struct bytes issuer);

/* Why an authority's lists were left out; null where none was. */
const struct status *path_list_stale(const struct path_lists *lists, struct bytes issuer);

/* The complete lists that an accepted chain rests on, each signed by the authority in it. */
void path_lists_used(const struct path_lists *lists, const struct cert_list *chain,
		     struct crl_list *out_used);

#endif
