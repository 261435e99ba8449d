/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers to submissions, kept for users whose link breaks before they arrive.
 * Such a user submits the same once more, octet by octet, in his next
 * association: he gets the same answer, and the message goes out once.
 */
#ifndef MS_REPEATS_H
#define MS_REPEATS_H

#include "lib/base/clock.h"
#include "lib/sec/crypto.h"
#include "ms/caller.h"

struct repeats;

/* What makes two submissions the same. */
struct repeat_key {
	int64_t mailbox;
	int operation;
	uint8_t digest[HASH_OCTETS];	/* of the argument */
};

struct repeat_key repeat_key_of(int64_t mailbox, int operation, struct bytes argument);
bool repeat_key_equal(const struct repeat_key *a, const struct repeat_key *b);

/* Kept for so long; 0: not at all. */
struct repeats *repeats_new(const struct clock *clock, int64_t keep_seconds);
void repeats_free(struct repeats **repeats);

/* The answer that goes to the caller now: kept until his link was released in order, or for long
 * enough. */
void repeats_keep(struct repeats *repeats, const struct repeat_key *key, struct caller *caller,
		  struct bytes result);
/* The answer that the same submission got over another link, which was not released in order (it
 * may be lost and look open here still); borrowed until the next call. */
bool repeats_find(const struct repeats *repeats, const struct repeat_key *key,
		  const struct caller *caller, struct bytes *out_result);

#endif
