/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the evil operator of an MTA does: takes messages out of the queue of his
 * stopped MTA, and puts others in.  For the programs in tests/attack.
 */
#ifndef TESTS_SUPPORT_STOLEN_H
#define TESTS_SUPPORT_STOLEN_H

#include "lib/mhs/envelope.h"
#include "lib/store/db.h"

/* A message that waits in a queue. */
struct stolen {
	struct db *db;
	struct arena *arena;
	struct bytes octets;	/* as they lie in the queue, the content behind the envelope */
	struct envelope *env;	/* of a message */
	int64_t number;		/* in the queue */
	const char *next_hop;
};

/* Opens the queue of a stopped MTA and reads the newest message that waits in it. */
FALLIBLE stolen_open(const char *queue, struct stolen *out);
/* The newest that is older than it; what was read before stays readable. */
FALLIBLE stolen_go_back(struct stolen *stolen);
/* The same of reports, of which only the octets are read. */
FALLIBLE stolen_open_report(const char *queue, struct stolen *out);
FALLIBLE stolen_report_before(struct stolen *stolen);
/* It will not be sent any more. */
FALLIBLE stolen_drop(const struct stolen *stolen);
void stolen_close(struct stolen *stolen);

/* Puts a message into a queue as if it had come by itself. */
FALLIBLE queue_plant(struct db *db, const struct envelope *env, const char *next_hop);

/* Gives it an MTS-identifier that nobody has seen, of its originator's domain. */
FALLIBLE envelope_renumber(struct envelope *env);

/* The main of an attack: run gets the words behind the program's name, of which there must be as
 * many as the usage says. */
int attack_main(int argc, char **argv, int words, const char *usage,
		FALLIBLE (*run)(char **words));

#endif
