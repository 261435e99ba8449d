/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fixed vectors: tests/vectors/NAME.txt with lines "key = hexadecimal", which
 * tests/vectors/judge.py made and checks without anything of ours.
 */
#ifndef TESTS_SUPPORT_VECTORS_H
#define TESTS_SUPPORT_VECTORS_H

#include "lib/sec/crypto.h"

struct vectors {
	char *text;
};

void vectors_load(const char *name, struct vectors *out_vectors);
void vectors_free(struct vectors *vectors);
/* Fails the test where there is none.  buf_free it. */
struct buf vector(const struct vectors *vectors, const char *key);

/* The key that everybody knows: tests/vectors/NAME-key.pem. */
struct private_key *vectors_key(const char *name);

#endif
