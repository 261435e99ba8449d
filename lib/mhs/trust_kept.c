/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives the process. */
#include "lib/mhs/trust_kept.h"

#include "lib/base/cursor.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"

void trust_kept_trouble(struct status *st)
{
	if (st)
		log_event(LOG_LV_WARN, "directory cache", log_why(st));
	status_drop(st);
}

void trust_remember(struct dircache *kept, enum dircache_kind kind, struct bytes key,
		    const struct dircache_item *item)
{
	if (kept)
		trust_kept_trouble(dircache_put(kept, kind, key, item));
}

bool trust_recall(struct dircache *kept, enum dircache_kind kind, struct bytes key, time_t now,
		  int64_t max_age, struct dircache_item *out_item)
{
	bool found = false;

	*out_item = (struct dircache_item){ 0 };
	if (!kept)
		return false;
	trust_kept_trouble(dircache_find(kept, kind, key, now, out_item, &found));

	int64_t age = now - out_item->fetched;

	if (found && age >= 0 && age <= max_age)
		return true;
	buf_free(&out_item->octets);
	return false;
}

/* --- names --- */

void name_list_free(struct name_list *names)
{
	for (size_t i = 0; i < names->count; i++)
		buf_free(&names->items[i]);
	mem_free(&names->items);
	names->count = 0;
}

void name_list_add(struct name_list *names, struct bytes name)
{
	names->items = mem_grow(names->items, names->count + 1, sizeof *names->items);
	names->items[names->count++] = buf_copy(name);
}

bool name_list_has(const struct name_list *names, struct bytes name,
		   bool (*same)(struct bytes a, struct bytes b))
{
	for (size_t i = 0; i < names->count; i++)
		if (same(buf_view(&names->items[i]), name))
			return true;
	return false;
}

void name_list_pack(const struct name_list *names, struct buf *out)
{
	for (size_t i = 0; i < names->count; i++) {
		buf_put_u32(out, (uint32_t)names->items[i].len);
		buf_put(out, buf_view(&names->items[i]));
	}
}

void name_list_unpack(struct bytes octets, struct name_list *out_names)
{
	struct cursor at = cursor_over(octets);
	struct status *st = OK;

	while (!st && cur_left(&at)) {
		struct bytes name = cur_take(&at, cur_u32(&at));

		st = cur_check(&at, "what is kept of an O/R address");
		if (!st)
			name_list_add(out_names, name);
	}
	trust_kept_trouble(st);
}
