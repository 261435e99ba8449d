/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table with chains under one lock, which is held for as long as a copy takes; and a list of
 * all items in the order of their use, so that making room costs the same however many there are. */
#include "lib/base/cache.h"

#include "lib/base/memory.h"
#include "lib/base/status.h"

#include <pthread.h>

enum { BUCKETS = 4096 };

struct item {
	struct item *next;		/* in its chain */
	struct item *newer, *older;	/* by use */
	struct buf key;
	void *value;
	size_t cost;
	time_t until;
};

struct cache {
	struct cache_options options;
	pthread_mutex_t lock;
	struct item *buckets[BUCKETS];
	struct item *newest, *oldest;
	size_t items, cost;
};

struct cache *cache_new(const struct cache_options *options)
{
	struct cache *cache = mem_new(struct cache);

	cache->options = *options;
	pthread_mutex_init(&cache->lock, NULL);
	return cache;
}

static void use_unlink(struct cache *cache, struct item *item)
{
	*(item->newer ? &item->newer->older : &cache->newest) = item->older;
	*(item->older ? &item->older->newer : &cache->oldest) = item->newer;
}

static void use_link(struct cache *cache, struct item *item)
{
	item->newer = NULL;
	item->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = item;
	cache->newest = item;
}

/* Takes the item, where there is one, out of its chain, and frees it. */
static void item_drop(struct cache *cache, struct item **at)
{
	struct item *item = *at;

	if (!item)
		return;
	*at = item->next;
	use_unlink(cache, item);
	cache->items--;
	cache->cost -= item->cost;
	cache->options.release(item->value);
	buf_free(&item->key);
	mem_free(&item);
}

void cache_free(struct cache **cache)
{
	if (!*cache)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while ((*cache)->buckets[i])
			item_drop(*cache, &(*cache)->buckets[i]);
	pthread_mutex_destroy(&(*cache)->lock);
	mem_free(cache);
}

/* FNV-1a. */
static size_t bucket_of(struct bytes key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
	return hash % BUCKETS;
}

/* Where the item of a key hangs, or the end of its chain. */
static struct item **item_at(struct cache *cache, struct bytes key)
{
	struct item **at = &cache->buckets[bucket_of(key)];

	while (*at && !bytes_equal(buf_view(&(*at)->key), key))
		at = &(*at)->next;
	return at;
}

bool cache_find(struct cache *cache, struct bytes key, time_t now,
		void (*take)(const void *value, void *arg), void *arg)
{
	pthread_mutex_lock(&cache->lock);

	struct item **at = item_at(cache, key);
	bool found = *at && now < (*at)->until;

	if (found) {
		take((*at)->value, arg);
		use_unlink(cache, *at);
		use_link(cache, *at);
	} else {
		item_drop(cache, at);
	}
	pthread_mutex_unlock(&cache->lock);
	return found;
}

static bool is_full(const struct cache *cache)
{
	return cache->items > cache->options.max_items ||
	       (cache->options.max_cost && cache->cost > cache->options.max_cost);
}

void cache_put(struct cache *cache, struct bytes key, void *value, size_t cost, time_t until)
{
	struct item *item = mem_new(struct item);

	item->key = buf_copy(key);
	item->value = value;
	item->cost = cost;
	item->until = until;
	pthread_mutex_lock(&cache->lock);

	struct item **at = item_at(cache, key);

	item_drop(cache, at);
	item->next = *at;
	*at = item;
	use_link(cache, item);
	cache->items++;
	cache->cost += cost;
	while (cache->oldest && is_full(cache))
		item_drop(cache, item_at(cache, buf_view(&cache->oldest->key)));
	pthread_mutex_unlock(&cache->lock);
}

void cache_forget(struct cache *cache, bool (*matches)(const void *value, void *arg), void *arg)
{
	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < BUCKETS; i++) {
		struct item **at = &cache->buckets[i];

		while (*at) {
			if (matches((*at)->value, arg))
				item_drop(cache, at);
			else
				at = &(*at)->next;
		}
	}
	pthread_mutex_unlock(&cache->lock);
}
