/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage for servers that run as processes: the test plays the stores and MTAs
 * around them, over real connections with simple credentials.  Everybody
 * listens at a socket in the scratch folder, under his name, and knows the same
 * password.
 */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "lib/mhs/binds.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/link.h"
#include "lib/mhs/report.h"
#include "tests/support/process.h"

enum { STAGE_TIMEOUT_MS = 20000 };

extern struct loop *stage_loop;
extern struct arena *stage_arena;
extern struct assoc_limits stage_limits;	/* what the played parties take */

/* For setups and teardowns. */
int stage_open(void **state);
int stage_close(void **state);

/* Where a party of that name listens; and a file in the scratch folder. */
const char *stage_socket(const char *name);
const char *stage_file(const char *name);
/* Writes a file that only its owner may read. */
void stage_write(const char *name, const char *text);
/* DER ORName of a text. */
struct bytes stage_or_name(const char *text);
/* Adds an identifier to a text of them; false where it stands there already. */
bool stage_is_new(struct arena *arena, const char **io_ids, const char *id);
/* Runs the loop until the value is at least that much; false when it takes too long. */
bool stage_wait(const int *value, int wanted);
/* The same, and fails with the log of the process that was waited for. */
#define STAGE_WAIT_FOR(process, field, wanted)                                         \
	do {                                                                           \
		if (!stage_wait(&(field), (wanted))) {                                 \
			process_show_log(process);                                     \
			fail_msg("%s is %d, not %d", #field, (field), (wanted));       \
		}                                                                      \
	} while (0)

/* Settings of an MTA in a domain with one store and one other MTA, and more lines. */
struct stage_mta {
	const char *name, *domain;
	const char *store;
	const char *other, *other_domain;
	const char *more;		/* may be null */
};
/* Starts it (or starts it again); its log is NAME.log. */
void stage_start_mta(struct process *process, const struct stage_mta *mta);

/* --- a store: takes deliveries from its MTA, and submits to it; or a user who has none --- */

enum store_answer { STORE_TAKES, STORE_IS_SILENT, STORE_PUTS_OFF, STORE_REFUSES };

struct store {
	struct link_env env;
	struct buf or_name;
	struct link_server *server;
	struct link *submitter;		/* our link to the MTA */
	struct messages_waiting waiting; /* told when we bound */
	enum store_answer answer;	/* to deliveries */
	struct arena *arena;		/* what was delivered and answered */
	struct delivery *delivered;
	struct report *report;
	int deliveries, reports, results, errors, rejects;
	int new_deliveries, new_reports;	/* but for those that came before */
	const char *delivered_ids, *reported_ids;
	int last_error;
	size_t largest;			/* content delivered, in octets */
	bool closed;
	struct status *why;		/* our link to the MTA ended */
};

void store_open(struct store *store, const char *name, const char *address);
/* A user agent, to which the MTA delivers over the association that it opened. */
void store_open_agent(struct store *store, const char *name, const char *address);
void store_close(struct store *store);
/* Binds to an MTA for submission; submitter stays null where it is refused. */
void store_connect(struct store *store, const char *mta, const char *password);
/* Releases that association, where there is one; or ends it as a failure of the network would. */
void store_leave(struct store *store);
void store_break(struct store *store);

/* What to submit or transfer: zero is a plain message. */
struct letter {
	const char *from;
	const char *const *to;
	size_t count;
	struct bytes content;
	uint32_t flags;			/* of each recipient, 0: reports on everything */
	time_t deferred_until;
	void (*more)(struct envelope *env);	/* changes it further; may be null */
};
void store_submit(struct store *store, const struct letter *letter);
/* Invokes another operation on its MTA. */
void store_invoke(struct store *store, int operation, struct bytes argument);

/* --- an MTA: transfers to another, and takes transfers --- */

struct relay {
	struct link_env env;
	const char *name;
	struct mta_identity *identity;
	struct buf domain;
	struct link_server *server;
	struct link *sender;
	struct arena *arena;
	struct envelope *taken;		/* the last message or probe */
	struct report *report;
	int messages, reports, confirmed, refused;
	bool busy;			/* a transfer is not confirmed yet */
	int new_messages;		/* but for those that came before */
	const char *taken_ids;
	bool closed;
};

void relay_open(struct relay *relay, const char *name, const char *domain);
void relay_close(struct relay *relay);
/* Binds to an MTA for transfer. */
void relay_connect(struct relay *relay, const char *mta);
/* The letter as this MTA would have it from a user of its domain; id names it. */
struct envelope *relay_envelope(struct relay *relay, const struct letter *letter, const char *id);
/* Once the transfer before it is confirmed. */
void relay_transfer(struct relay *relay, const struct envelope *env);

#endif
