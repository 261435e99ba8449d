/* SPDX-License-Identifier: Apache-2.0 */
/* The durable record of bind tokens. */
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

struct record {
	const char *scope;
	struct bytes random;
	time_t now, until;
	struct status *known;		/* the refusal, where it was there */
};

static FALLIBLE remember(struct db *db, void *arg)
{
	struct record *r = arg;
	struct status *st = nonce_remember(db, r->scope, r->random, r->until);

	if (st && st->kind == ST_REFUSED) {
		r->known = st;
		return OK;
	}
	TRY(st);
	return nonce_forget(db, r->now, FORGET_AT_ONCE, NULL);
}

static FALLIBLE record(void *data, struct bytes key_id, struct bytes random, time_t forget_after,
		       bool *out_new)
{
	struct seen *seen = data;
	AUTO(mem_free) char *scope = bytes_hex(key_id);
	struct record r = { scope, random, clock_now(seen->clock), forget_after, OK };

	pthread_mutex_lock(&seen->lock);
	struct status *st = db_atomically(seen->db, remember, &r);
	pthread_mutex_unlock(&seen->lock);
	*out_new = !st && !r.known;
	status_free(&r.known);
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
