/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that are believed for a while, by a key of octets.  Bounded in number and in cost:
 * the ones that were used longest ago go first.  Any number of threads may use one cache.
 */
#ifndef LIB_BASE_CACHE_H
#define LIB_BASE_CACHE_H

#include "lib/base/bytes.h"

#include <time.h>

struct cache;

struct cache_options {
	size_t max_items;
	size_t max_cost;		/* of all items together; 0: it does not matter */
	void (*release)(void *value);	/* frees a value */
};

struct cache *cache_new(const struct cache_options *options);
void cache_free(struct cache **cache);

/* What is kept for the key, where it is to be believed at that time: take is called with it,
 * while no other thread can, and copies what is wanted.  False where there is nothing. */
bool cache_find(struct cache *cache, struct bytes key, time_t now,
		void (*take)(const void *value, void *arg), void *arg);

/* Keeps a value (which is the cache's from here on) until a time, in place of what there was. */
void cache_put(struct cache *cache, struct bytes key, void *value, size_t cost, time_t until);

/* Drops the values for which matches says so. */
void cache_forget(struct cache *cache, bool (*matches)(const void *value, void *arg), void *arg);

#endif
