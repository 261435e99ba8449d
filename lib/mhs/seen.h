/* SPDX-License-Identifier: Apache-2.0 */
/* The durable record of bind tokens [lib/sec/bind_token.h], and of message tokens without numbers
 * [lib/sec/message.h], in a store that has a nonce table. */
#ifndef LIB_MHS_SEEN_H
#define LIB_MHS_SEEN_H

#include "lib/base/clock.h"
#include "lib/sec/bind_token.h"
#include "lib/store/db.h"

struct seen;

/* A connection of its own to the store, so that any thread may record. */
FALLIBLE seen_open(const char *path, const struct db_schema *schema, const struct clock *clock,
		   struct seen **out_seen);
void seen_close(struct seen **seen);

/* For struct link_env; lives as long as the record. */
const struct seen_before *seen_before_of(const struct seen *seen);

/* The same within a transaction of the caller's: what is recorded and what is accepted are one. */
struct seen_within {
	struct db *db;
	time_t now;
};
/* Borrows it. */
struct seen_before seen_before_within(struct seen_within *within);

#endif
