/* SPDX-License-Identifier: Apache-2.0 */
/* Who has an O/R address. */
#include "lib/mhs/trust_addresses.h"

#include "asn1/dn.h"
#include "lib/base/cache.h"
#include "lib/base/memory.h"

enum { ADDRESSES_KEPT = 4096, OCTETS_KEPT = 64 * 1024 * 1024 };

struct trust_addresses {
	const struct trust_options *options;
	struct dircache *kept;			/* null: nothing outlives the process */
	struct trust_handles *handles;
	struct cache *names;			/* by the text of an O/R address: struct name_list */
};

static void name_list_release(void *value)
{
	name_list_free(value);
	mem_free(&value);
}

struct trust_addresses *trust_addresses_new(const struct trust_options *options,
					    struct dircache *kept, struct trust_handles *handles)
{
	struct trust_addresses *addresses = mem_new(struct trust_addresses);

	*addresses = (struct trust_addresses){
		.options = options,
		.kept = kept,
		.handles = handles,
		.names = cache_new(&(struct cache_options){ ADDRESSES_KEPT, OCTETS_KEPT,
							    name_list_release }),
	};
	return addresses;
}

void trust_addresses_free(struct trust_addresses **addresses)
{
	if (*addresses)
		cache_free(&(*addresses)->names);
	mem_free(addresses);
}

static time_t now_of(const struct trust_addresses *addresses)
{
	return clock_now(addresses->options->clock);
}

/* --- asking --- */

static void take_names(const void *value, void *arg)
{
	const struct name_list *names = value;

	for (size_t i = 0; i < names->count; i++)
		name_list_add(arg, buf_view(&names->items[i]));
}

static FALLIBLE ask_address(struct trust_addresses *addresses, const char *or_address,
			    struct arena *arena, struct directory_entries *out_entries)
{
	struct directory *dir;

	TRY(trust_handle_take(addresses->handles, &dir));

	struct status *st = directory_find(dir, DIRECTORY_OR_ADDRESS, or_address, arena, out_entries);

	trust_handle_give_back(addresses->handles, dir, st);
	return st;
}

static FALLIBLE names_fetch(struct trust_addresses *addresses, const char *or_address,
			    struct name_list *out_names)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entries entries = { 0 };
	struct status *st = ask_address(addresses, or_address, arena, &entries);

	if (st && st->kind == ST_NOT_FOUND)
		status_free(&st);
	for (size_t i = 0; !st && i < entries.count; i++) {
		AUTO(buf_free) struct buf name = { 0 };

		st = dn_from_text(entries.list[i].name, &name);
		if (!st)
			name_list_add(out_names, buf_view(&name));
	}
	return st;
}

static bool recall_names(struct trust_addresses *addresses, struct bytes key, struct name_list *out_names)
{
	struct dircache_item item;

	if (!trust_recall(addresses->kept, DIRCACHE_ADDRESS, key, now_of(addresses),
			  addresses->options->offline_seconds, &item))
		return false;
	name_list_unpack(buf_view(&item.octets), out_names);
	buf_free(&item.octets);
	return true;
}

static FALLIBLE names_get(struct trust_addresses *addresses, const char *or_address, struct name_list *names)
{
	struct bytes key = bytes_text(or_address);
	AUTO(buf_free) struct buf octets = { 0 };
	struct status *st;

	if (trust_handles_rest(addresses->handles) && recall_names(addresses, key, names))
		return OK;
	st = names_fetch(addresses, or_address, names);
	if (!st) {
		name_list_pack(names, &octets);
		trust_remember(addresses->kept, DIRCACHE_ADDRESS, key,
			       &(struct dircache_item){ octets, now_of(addresses), 0, !names->count });
	} else if (st->kind == ST_LATER &&
		   recall_names(addresses, key, names)) {
		status_free(&st);
	}
	return st;
}

FALLIBLE trust_addresses_find(struct trust_addresses *addresses, const char *or_address,
			      struct name_list *out_names)
{
	struct bytes key = bytes_text(or_address);

	if (cache_find(addresses->names, key, now_of(addresses), take_names, out_names))
		return OK;

	struct name_list *names = mem_new(struct name_list);
	struct status *st = names_get(addresses, or_address, names);

	if (st) {
		name_list_release(names);
		return st;
	}
	take_names(names, out_names);
	cache_put(addresses->names, key, names, DN_MAX_OCTETS * names->count,
		  now_of(addresses) + (names->count ? addresses->options->cache_seconds
						 : addresses->options->absent_seconds));
	return OK;
}

/* --- forgetting --- */

static bool names_have(const void *value, void *arg)
{
	const struct name_list *names = value;

	return !names->count || name_list_has(names, *(struct bytes *)arg, dn_equal);
}

void trust_addresses_forget(struct trust_addresses *addresses, struct bytes directory_name)
{
	cache_forget(addresses->names, names_have, &directory_name);
}
