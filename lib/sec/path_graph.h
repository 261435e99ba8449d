/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/sec/path_search.c: what is known of who certifies whom.  It grows from the certificate
 * upwards and from the anchors downwards, a level at a time, until the two meet.
 */
#ifndef LIB_SEC_PATH_GRAPH_H
#define LIB_SEC_PATH_GRAPH_H

#include "lib/sec/path.h"

/* One certificate that may stand in a path.  The first is the one a path is looked for. */
struct path_link {
	const struct cert *cert;
	unsigned long subject, issuer;	/* hashes of the names: different ones mean different names */
	unsigned below;		/* certificates from the first to this one, the shortest way; 0: none */
	unsigned above;		/* certificates from this one to below an anchor; 0: none */
	bool fallen;		/* it was found to be bad in itself */
};

/* A name that was asked for. */
struct path_asked {
	struct bytes name;
	unsigned long hash;
};

struct path_graph {
	const struct path_query *query;
	struct path_limits limits;	/* with defaults in place of zeros */
	struct path_link *links;
	size_t count;
	size_t *forged;			/* pairs (signer, signed): the signature is wrong */
	size_t forged_count;
	struct cert_list pool;		/* owns what was found */
	struct path_asked *asked;
	unsigned lookups;
	bool cut_short;			/* a limit ended the search */
	struct status *unasked;		/* why the source could not be asked */
};

/* The signer of a pair that is an anchor. */
#define PATH_ANCHOR(index) (SIZE_MAX - (index))

void path_graph_init(struct path_graph *graph, const struct path_query *query,
		     const struct cert *cert);
void path_graph_cleanup(struct path_graph *graph);

/* Asks the source for the entry that is nearest to either end; false where none is left. */
bool path_graph_grow(struct path_graph *graph);

/* Whether one link may have issued another, by their names and key identifiers. */
bool path_graph_issued(const struct path_graph *graph, size_t signer, size_t signed_one);
/* The same for an anchor. */
bool path_graph_anchored(const struct path_graph *graph, size_t anchor, size_t signed_one);

/* A certificate that is bad in itself, or a signature that its would-be signer did not make: no
 * path goes there again. */
void path_graph_fell(struct path_graph *graph, size_t link);
void path_graph_forged(struct path_graph *graph, size_t signer, size_t signed_one);

/* Whether two certificates are of one authority: the same name and key. */
bool path_same_authority(const struct cert *a, const struct cert *b);

#endif
