/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What OpenSSL alone needs for what a suite consists of: each operation in a context that is there
 * already, over as many octets as ours.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include "lib/sec/suite.h"

enum raw_operation { RAW_SIGN, RAW_SEAL, RAW_VERIFY, RAW_OPEN, RAW_OPERATIONS };

/* A suite with types of keys that it can use. */
struct world {
	const char *name;		/* of the keys */
	const struct suite *suite;
	struct suite_options options;
	enum key_type signer, recipient;
	bool square;			/* the integrity check is a hash of 1989, not a MAC */
	bool signed_check;		/* or a signature */
};

struct raw;

/* Contents have at most max octets. */
struct raw *raw_new(const struct world *world, size_t max);
void raw_free(struct raw **raw);

/* The octets of the content, and of what a token signs. */
void raw_set_sizes(struct raw *raw, size_t content, size_t signed_octets);

/* A message that is sealed is opened before the next. */
void raw_do(struct raw *raw, enum raw_operation operation);
/* The cipher of the content alone. */
void raw_crypt(struct raw *raw, bool encrypt);

#endif
