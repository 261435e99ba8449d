/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suites, each with keys and options that it goes with: what is tested of every suite is
 * tested in each of these worlds.
 */
#ifndef TESTS_SUPPORT_WORLDS_H
#define TESTS_SUPPORT_WORLDS_H

#include "lib/sec/suite.h"

struct world {
	const char *name;
	const struct suite *suite;
	struct suite_options options;
	enum key_type signs, opens;	/* opens: where the suite seals */
};

/* Ends with one without a name.  Each suite has one at least. */
enum { WORLDS_MAX = 15 };
extern const struct world worlds[WORLDS_MAX + 1];

/* The first of a suite in which such keys sign. */
const struct world *world_of(const struct suite *suite, enum key_type signs);

/* A key of this type, made when it is first asked for; whoever asks gets the same, which stays. */
struct private_key *world_key(enum key_type type);

#endif
