/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/mhs/trust_source.c: what outlives the process, for when the directory cannot be asked.
 * Trouble with it is logged, and as good as knowing nothing.
 */
#ifndef LIB_MHS_TRUST_KEPT_H
#define LIB_MHS_TRUST_KEPT_H

#include "lib/store/dircache.h"

/* kept may be null: nothing is. */
void trust_remember(struct dircache *kept, enum dircache_kind kind, struct bytes key,
		    const struct dircache_item *item);
/* What was said not longer ago than max_age seconds; the caller frees its octets. */
bool trust_recall(struct dircache *kept, enum dircache_kind kind, struct bytes key, time_t now,
		  int64_t max_age, struct dircache_item *out_item);
/* Logs and drops a failure, if it is one. */
void trust_kept_trouble(struct status *st);

/* DER Names. */
struct name_list {
	struct buf *items;
	size_t count;
};
void name_list_add(struct name_list *names, struct bytes name);
/* same: dn_equal, or bytes_equal for names that are spelled alike, which costs much less. */
bool name_list_has(const struct name_list *names, struct bytes name,
		   bool (*same)(struct bytes a, struct bytes b));
void name_list_free(struct name_list *names);
/* Each with its length before it. */
void name_list_pack(const struct name_list *names, struct buf *out);
void name_list_unpack(struct bytes octets, struct name_list *out_names);

#endif
