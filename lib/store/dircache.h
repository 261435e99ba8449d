/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the directory said, kept across restarts with the time it was said, and which revocation
 * lists were the newest that were trusted.  Octets are kept as they came: whoever uses them
 * verifies them each time.  Any number of threads and processes may use one file.
 */
#ifndef LIB_STORE_DIRCACHE_H
#define LIB_STORE_DIRCACHE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

struct dircache;

enum dircache_kind {
	DIRCACHE_ENTRY,		/* by the DER Name of an entry */
	DIRCACHE_ADDRESS,	/* by the text of an O/R address */
};

struct dircache_item {
	struct buf octets;
	time_t fetched;
	time_t ends;		/* when it has to be replaced at the latest, as it says itself; 0: never */
	bool absent;		/* that there was nothing is what is known */
};

/* Opens or makes the file, and drops what was fetched before a time. */
FALLIBLE dircache_open(const char *path, time_t oldest, struct dircache **out_cache);
void dircache_free(struct dircache **cache);

/* *out_found: whether anything is kept; the caller frees the octets of *out_item. */
FALLIBLE dircache_find(struct dircache *cache, enum dircache_kind kind, struct bytes key, time_t now,
		       struct dircache_item *out_item, bool *out_found);
/* In place of what there was. */
FALLIBLE dircache_put(struct dircache *cache, enum dircache_kind kind, struct bytes key,
		      const struct dircache_item *item);
/* One entry, and all that is known of addresses. */
FALLIBLE dircache_forget(struct dircache *cache, struct bytes entry);

/* Which entries are due: fetched before one time and used since another; those that end before a
 * third come first, then the oldest. */
struct dircache_due {
	time_t fetched_before, used_since, ends_before;
	int max;
};
FALLIBLE dircache_due(struct dircache *cache, const struct dircache_due *due,
		      void (*each)(void *arg, struct bytes key), void *arg);

struct dircache_summary {
	size_t entries;
	time_t oldest, newest;	/* fetched; 0 where there is none */
};
FALLIBLE dircache_summarize(struct dircache *cache, struct dircache_summary *out_summary);

/* The highest number of a revocation list, and the latest time that one was made. */
struct dircache_list {
	uint64_t number;	/* 0: none had one */
	time_t made;
};
/* All zero where no list of the authority (DER Name) was trusted yet. */
FALLIBLE dircache_newest_list(struct dircache *cache, struct bytes issuer,
			      struct dircache_list *out_list);
/* Remembers a list, as far as it is newer than what is remembered. */
FALLIBLE dircache_note_list(struct dircache *cache, struct bytes issuer,
			    const struct dircache_list *list);

#endif
