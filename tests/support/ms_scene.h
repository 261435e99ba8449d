/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message store as a process, and those who talk to it, played by the test:
 * its MTA, which delivers and takes what is submitted, and a user agent.
 */
#ifndef TESTS_SUPPORT_MS_SCENE_H
#define TESTS_SUPPORT_MS_SCENE_H

#include "lib/base/arena.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/link.h"
#include "lib/mhs/own_keys.h"
#include "tests/support/process.h"

#define DOMAIN "/PRMD=North/ADMD=Net/C=FR/"
#define ALICE "/S=Alice" DOMAIN
#define BOB "/S=Bob" DOMAIN

/* One of those who talk to the store. */
struct peer {
	struct link_env env;
	struct own_key own;
	struct own_keys keys;		/* of one, or none: with which he binds */
	struct link_expected expected;	/* what the store has to prove to him */
	struct bytes fetch_restrictions; /* that the user agent binds with, or none */
	struct link *link;		/* null: not bound */
	bool closed;
	int results, errors, rejects, alerts;
	int last_error;
	struct buf result, error;	/* the last, and the last error's parameter */
};

extern struct loop *loop;
extern struct arena *arena;
extern struct process store;
extern struct peer mta, ua;		/* the user agent is Bob's */
extern int submissions;			/* that the MTA took: it names the n-th "submitted-n" */
extern struct bytes submitted;		/* the last, as it came */
extern struct bytes what_bob_writes;	/* their content */

/* Opens the loop and the MTA's side.  The caller then writes the settings and starts. */
void scene_open(void);
/* Starts the store with its common settings and these. */
void scene_start(const char *settings);
void scene_close(void);

/* A file in the scratch folder that only its owner may read; returns its path. */
const char *scene_file(const char *name, const char *text);
/* "unix:..." in the scratch folder. */
const char *scene_socket(const char *name);

/* Binds, or is refused: then link stays null. */
void bind_mta(void);
void bind_ua(void);
/* Over RTSE, to an address that leads to the store. */
void bind_ua_reliably(const char *address);
/* Waits for the end of his link. */
void wait_for_end(struct peer *peer);

void wait_for(const int *value, int wanted, const char *what);
#define WAIT_FOR(field, wanted) wait_for(&(field), (wanted), #field)

void invoke(struct peer *peer, int operation, struct bytes head, struct bytes content);
/* Invokes and waits for the result. */
void ask(struct peer *peer, int operation, const struct buf *argument);
/* Invokes and waits for that error. */
void ask_in_vain(struct peer *peer, int operation, const struct buf *argument, int error);

/* ORName and MTSIdentifier, in the arena. */
struct bytes or_name(const char *text);
struct bytes identifier(const char *local);

/* A message from Alice; deliver_to does not wait.  With a proof where proof is asked for. */
void deliver_to(const char *local, const char *recipient, struct bytes content, bool proof);
void deliver(const char *local, struct bytes content);

#endif
