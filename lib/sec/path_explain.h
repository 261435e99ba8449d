/* SPDX-License-Identifier: Apache-2.0 */
/* Why there is no path, for lib/sec/path_search.c. */
#ifndef LIB_SEC_PATH_EXPLAIN_H
#define LIB_SEC_PATH_EXPLAIN_H

#include "lib/sec/path_graph.h"

/* A path that fell: its links, from the certificate up, the anchor, and why. */
struct path_fallen {
	size_t *links;
	size_t count, anchor;
	struct status *why;
};

/*
 * The story of a search in which no path was accepted: each that was tried, and why it fell; then
 * the ways that led to no anchor, and where they ended.  ST_LATER where another time there might
 * be a path, otherwise ST_REFUSED.
 */
FALLIBLE path_explain(const struct path_graph *graph, const struct path_fallen *fallen, size_t count,
		      const struct cert *cert);

#endif
