/* SPDX-License-Identifier: Apache-2.0 */
/* A short list, the oldest answer first. */
#include "ms/repeats.h"

#include "lib/base/memory.h"

enum { ANSWERS_MAX = 1000 };

struct answer {
	struct answer *next;
	struct repeat_key key;
	struct caller *caller;		/* who got it */
	struct buf result;
	time_t until;
};

struct repeats {
	const struct clock *clock;
	int64_t keep_seconds;
	struct answer *first, **last;
	unsigned count;
};

struct repeat_key repeat_key_of(int64_t mailbox, int operation, struct bytes argument)
{
	struct repeat_key key = { .mailbox = mailbox, .operation = operation };

	crypto_sha256(&argument, 1, key.digest);
	return key;
}

bool repeat_key_equal(const struct repeat_key *a, const struct repeat_key *b)
{
	return a->mailbox == b->mailbox && a->operation == b->operation &&
	       memcmp(a->digest, b->digest, sizeof(a->digest)) == 0;
}

struct repeats *repeats_new(const struct clock *clock, int64_t keep_seconds)
{
	struct repeats *repeats = mem_new(struct repeats);

	repeats->clock = clock;
	repeats->keep_seconds = keep_seconds;
	repeats->last = &repeats->first;
	return repeats;
}

static void drop(struct repeats *repeats, struct answer **at)
{
	struct answer *a = *at;

	*at = a->next;
	if (repeats->last == &a->next)
		repeats->last = at;
	repeats->count--;
	caller_free(&a->caller);
	buf_free(&a->result);
	mem_free(&a);
}

void repeats_free(struct repeats **repeats)
{
	if (!*repeats)
		return;
	while ((*repeats)->first)
		drop(*repeats, &(*repeats)->first);
	mem_free(repeats);
}

/* He released his link, so all that he was told has arrived. */
static bool has_arrived(const struct answer *a)
{
	return !a->caller->link && !a->caller->lost;
}

static void tidy(struct repeats *repeats)
{
	time_t now = clock_now(repeats->clock);
	struct answer **at = &repeats->first;

	while (*at) {
		if (has_arrived(*at) || now >= (*at)->until || repeats->count > ANSWERS_MAX)
			drop(repeats, at);
		else
			at = &(*at)->next;
	}
}

void repeats_keep(struct repeats *repeats, const struct repeat_key *key, struct caller *caller,
		  struct bytes result)
{
	struct answer *a;

	if (!repeats->keep_seconds)
		return;
	a = mem_new(struct answer);
	a->key = *key;
	a->caller = caller_ref(caller);
	a->result = buf_copy(result);
	a->until = clock_now(repeats->clock) + repeats->keep_seconds;
	*repeats->last = a;
	repeats->last = &a->next;
	repeats->count++;
	tidy(repeats);
}

bool repeats_find(const struct repeats *repeats, const struct repeat_key *key,
		  const struct caller *caller, struct bytes *out_result)
{
	for (const struct answer *a = repeats->first; a; a = a->next) {
		if (a->caller != caller && !has_arrived(a) && repeat_key_equal(&a->key, key)) {
			*out_result = buf_view(&a->result);
			return true;
		}
	}
	return false;
}
