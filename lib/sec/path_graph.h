/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/sec/path_search.c: what is known of who certifies whom.  It grows from the certificate
 * upwards and from the anchors downwards, a level at a time, until the two meet.
 */
#ifndef LIB_SEC_PATH_GRAPH_H
#define LIB_SEC_PATH_GRAPH_H

#include "lib/sec/path_source.h"

/* One certificate that may stand in a path.  The first is the one a path is looked for. */
struct path_link {
	const struct cert_found *found;
	/* As they were before a link or a pair fell, until the graph grows: then ways seem shorter
	 * than they are. */
	unsigned below;		/* certificates from the first to this one, the shortest way; 0: none */
	unsigned above;		/* certificates from this one to below an anchor; 0: none */
	bool fallen;		/* it was found to be bad in itself */
};

/* A name that was asked for, or is to be. */
struct path_asked {
	struct bytes name;
	uint64_t hash;
};

struct path_graph {
	const struct path_query *query;
	struct path_limits limits;	/* with defaults in place of zeros */
	struct found_list anchors;	/* as the query has them */
	struct path_link *links;
	size_t count;
	size_t *forged;			/* pairs (signer, signed): the signature is wrong */
	size_t forged_count;
	bool stale;			/* the links are to be measured anew */
	struct found_list pool;		/* owns what was found */
	struct path_asked expected[PATH_EXPECTED];
	size_t expected_count;
	struct path_asked *asked;
	unsigned lookups;
	bool cut_short;			/* a limit ended the search */
	struct status *unasked;		/* why the source could not be asked */
};

/* The signer of a pair that is an anchor. */
#define PATH_ANCHOR(index) (SIZE_MAX - (index))

FALLIBLE path_graph_init(struct path_graph *graph, const struct path_query *query,
			 const struct cert *cert);
void path_graph_cleanup(struct path_graph *graph);

/*
 * Asks the source for the entry that is nearest to either end; false where none is left.  Those
 * that come next are expected with it, so that a level of the graph is one round trip.
 */
bool path_graph_grow(struct path_graph *graph);

/* Whether one link may have issued another, by their names and key identifiers. */
bool path_graph_issued(const struct path_graph *graph, size_t signer, size_t signed_one);
/* The same for an anchor. */
bool path_graph_anchored(const struct path_graph *graph, size_t anchor, size_t signed_one);

/* A certificate that is bad in itself, or a signature that its would-be signer did not make: no
 * path goes there again. */
void path_graph_fell(struct path_graph *graph, size_t link);
void path_graph_forged(struct path_graph *graph, size_t signer, size_t signed_one);

/* All of a link's certificate.  ST_REFUSED, and the link has fallen, where it cannot be used. */
FALLIBLE path_graph_cert(struct path_graph *graph, size_t link, const struct cert **out_cert);

#endif
