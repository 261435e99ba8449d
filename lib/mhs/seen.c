/* SPDX-License-Identifier: Apache-2.0 */
/* The durable record of bind tokens, and of message tokens without numbers. */
#include "lib/mhs/seen.h"

#include "lib/base/memory.h"
#include "lib/store/nonce.h"

#include <pthread.h>
#include <stdlib.h>

enum { FORGET_AT_ONCE = 64 };	/* more than are recorded between two calls */

struct seen {
	struct seen_before before;
	const struct clock *clock;
	pthread_mutex_t lock;
	struct db *db;
};

static FALLIBLE record_within(void *data, struct bytes key_id, struct bytes once,
			      time_t forget_after, bool *out_new)
{
	const struct seen_within *within = data;
	AUTO(mem_free) char *scope = bytes_hex(key_id);
	struct status *st = nonce_remember(within->db, scope, once, forget_after);

	*out_new = !st;
	if (st && st->kind == ST_REFUSED)
		status_free(&st);
	TRY(st);
	return nonce_forget(within->db, within->now, FORGET_AT_ONCE, NULL);
}

struct seen_before seen_before_within(struct seen_within *within)
{
	return (struct seen_before){ within, record_within };
}

struct record {
	time_t now;
	struct bytes key_id, random;
	time_t until;
	bool is_new;
};

static FALLIBLE remember(struct db *db, void *arg)
{
	struct record *r = arg;
	struct seen_within within = { db, r->now };

	return record_within(&within, r->key_id, r->random, r->until, &r->is_new);
}

static FALLIBLE record(void *data, struct bytes key_id, struct bytes random, time_t forget_after,
		       bool *out_new)
{
	struct seen *seen = data;
	struct record r = { clock_now(seen->clock), key_id, random, forget_after, false };

	pthread_mutex_lock(&seen->lock);
	struct status *st = db_atomically(seen->db, remember, &r);
	pthread_mutex_unlock(&seen->lock);
	*out_new = !st && r.is_new;
	return st;
}

FALLIBLE seen_open(const char *path, const struct db_schema *schema, const struct clock *clock,
		   struct seen **out_seen)
{
	struct db *db = NULL;

	TRY(db_open(path, schema, DB_SHARED, &db));
	struct seen *seen = mem_new(struct seen);
	*seen = (struct seen){ .before = { seen, record }, .clock = clock, .db = db };
	pthread_mutex_init(&seen->lock, NULL);
	*out_seen = seen;
	return OK;
}

void seen_close(struct seen **seen)
{
	if (!*seen)
		return;
	db_close(&(*seen)->db);
	pthread_mutex_destroy(&(*seen)->lock);
	free(*seen);
	*seen = NULL;
}

const struct seen_before *seen_before_of(const struct seen *seen)
{
	return &seen->before;
}
