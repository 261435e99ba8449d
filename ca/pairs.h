/* SPDX-License-Identifier: Apache-2.0 */
/*
 * This authority and the others, in pairs: what each has issued to this one, and what this one has
 * issued to it; and which of it has to be made anew, because it has ended, or because another key has
 * followed the one that it is for.
 */
#ifndef CA_PAIRS_H
#define CA_PAIRS_H

#include "ca/authority.h"
#include "lib/base/arena.h"

/* Which key of this authority another one certifies. */
enum pair_key {
	PAIR_KEY_CURRENT,
	PAIR_KEY_FORMER,	/* one that is kept, and leads on to the current one */
	PAIR_KEY_DESTROYED,	/* one that makes no more lists: soon it leads nowhere */
};

struct pair {
	const char *other;		/* RFC 4514, in the arena */
	const struct cert *received;	/* what it issued to this authority; null: nothing that is known */
	const struct cert *issued;	/* what this authority issued to it; null: nothing, or revoked */
	enum pair_key key;		/* of received */
};

struct pairs {
	struct pair *list;
	size_t count;
};

/* By name.  Halves that have ended are there as well, where there is no better one. */
FALLIBLE pairs_load(struct authority *ca, time_t now, struct arena *arena, struct pairs *out_pairs);
void pairs_cleanup(struct pairs *pairs);

/* A half that counts: null where there is none, or it has ended. */
const struct cert *pair_half(const struct cert *half, time_t now);

/* What is to be done about a pair, and why, also where what was received ends before soon, which is
 * now or later; null: nothing. */
const char *pair_to_renew(const struct pair *pair, time_t now, time_t soon);

#endif
