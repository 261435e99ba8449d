/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MTA's durable queue: messages, probes and reports that it is responsible
 * for, what became of each recipient, and what happened when.
 *
 * Functions that change something run in a writer's job; the others on any
 * connection.  Times are passed in.  Texts that a callback gets are borrowed.
 */
#ifndef LIB_STORE_QUEUE_H
#define LIB_STORE_QUEUE_H

#include "lib/base/arena.h"
#include "lib/store/db.h"

#include <time.h>

extern const struct db_schema queue_schema;

enum queue_kind { QUEUE_MESSAGE, QUEUE_PROBE, QUEUE_REPORT };

/* In the order in which they leave; X.411 numbers them differently. */
enum queue_priority { QUEUE_URGENT, QUEUE_NORMAL, QUEUE_NON_URGENT, QUEUE_PRIORITY_COUNT };

enum queue_state {
	QUEUE_WAITING,		/* ours to deal with, from its due time on */
	QUEUE_TRANSFERRED,	/* another MTA is responsible now */
	QUEUE_DELIVERED,
	QUEUE_FAILED,
};
extern const char *const queue_state_names[];	/* "waiting" ...; ends with null */

/* A recipient whom this MTA is responsible for. */
struct queue_recipient {
	int number;		/* as originally specified, from 1 [X.411 12.2.1.1.1.7] */
	const char *address;	/* O/R name as text */
	const char *next_hop;	/* the MTA's own name for where it goes; null where state is final */
	enum queue_state state;
	time_t due;		/* not before this */
	int attempts;
	int reason, diagnostic;	/* of non-delivery, -1: none */
	const char *words;	/* why it waits or failed, for people; may be null */
};

struct queue_message {
	enum queue_kind kind;
	const char *mts_id;	/* the MTS-identifier as text */
	/* Copies of one message with different recipients may arrive apart; this names the copy, such
	 * as the numbers of its recipients.  Identifier and copy together are unique. */
	const char *copy;
	const char *originator;	/* O/R name as text */
	const char *source;	/* who handed it over, for the history */
	enum queue_priority priority;
	time_t arrived;
	time_t expires;		/* what waits then is not delivered any more; 0: never */
	struct bytes envelope, content;	/* as they arrived */
	const struct queue_recipient *recipients;
	size_t recipient_count;
};

/* Adds it; *out_duplicate says that identifier and copy were seen before: nothing is stored. */
FALLIBLE queue_add(struct db *db, const struct queue_message *message,
		   int64_t *out_id, bool *out_duplicate);

/* --- what is to be done --- */

/* One message for one next hop: its recipients that wait for it. */
struct queue_work {
	int64_t message;
	const char *mts_id;
	enum queue_kind kind;
	enum queue_priority priority;
	time_t expires;			/* 0: never */
	struct queue_recipient *recipients;
	size_t recipient_count;
};

/* What is under way.  It is only in memory: after a crash everything waits again. */
struct queue_taken;
struct queue_taken *queue_taken_new(void);
void queue_taken_free(struct queue_taken **taken);

/*
 * Takes at most max pieces of due work for a next hop, the urgent and then the oldest first, none
 * of which is under way.  They lie in the arena.  The cost does not depend on how much waits.
 */
FALLIBLE queue_take(struct db *db, struct queue_taken *taken, const char *next_hop, time_t now,
		    size_t max, struct arena *arena,
		    struct queue_work **out_work, size_t *out_count);
/* A copy that lies in another arena. */
struct queue_work *queue_work_copy(struct arena *arena, const struct queue_work *work);
/* It is no longer under way: its results are committed, or it was not tried. */
void queue_untake(struct queue_taken *taken, int64_t message, const char *next_hop);

/* Appends the octets to the buffers; either may be null. */
FALLIBLE queue_read(struct db *db, int64_t message, struct buf *envelope, struct buf *content);

/* Calls each with every next hop that something waits for. */
FALLIBLE queue_hops(struct db *db, void (*each)(void *arg, const char *next_hop), void *arg);
/* When the next work for it is due; -1: nothing waits. */
FALLIBLE queue_next_due(struct db *db, const char *next_hop, time_t *out_due);

/* How much is due for a next hop, by priority, and not expired. */
struct queue_waiting {
	int64_t messages, octets;
};
FALLIBLE queue_waiting(struct db *db, const char *next_hop, time_t now,
		       struct queue_waiting out_waiting[QUEUE_PRIORITY_COUNT]);

/* --- what became of it --- */

struct queue_result {
	int64_t message;
	int number;			/* the recipient */
	enum queue_state state;		/* QUEUE_WAITING: again, at due */
	time_t due;
	const char *next_hop;		/* null: as before */
	int reason, diagnostic;		/* -1: none */
	const char *words;		/* may be null */
};

/* Stores what became of a recipient, and notes it in the history.  The octets of a message go
 * when its last recipient waits no more.  ST_USAGE where the recipient was final already. */
FALLIBLE queue_mark(struct db *db, const struct queue_result *result, time_t now);

/* Takes at most max pieces of work whose message has expired, for all next hops together, the
 * earliest first, none of which is under way. */
FALLIBLE queue_expired(struct db *db, struct queue_taken *taken, time_t now, size_t max,
		       struct arena *arena, struct queue_work **out_work, size_t *out_count);

/* Removes at most max finished messages with their history, and then at most max identifiers that
 * need not be recognised any more. */
FALLIBLE queue_clean(struct db *db, time_t finished_before, time_t seen_before, size_t max,
		     size_t *out_removed);

/* --- where is my message? --- */

struct queue_filter {
	const char *mts_id;		/* null: any */
	const char *address;		/* of a recipient; null: any */
	int state;			/* of enum queue_state, -1: any */
	time_t since;			/* arrived then or later */
	size_t max;
};

struct queue_entry {
	int64_t message;
	const char *mts_id, *originator;
	enum queue_kind kind;
	time_t arrived;
	uint64_t octets;
	struct queue_recipient recipient;
};

/* The newest first. */
FALLIBLE queue_find(struct db *db, const struct queue_filter *filter,
		    void (*each)(void *arg, const struct queue_entry *entry), void *arg);

struct queue_event {
	time_t at;
	int number;			/* of the recipient; 0: the whole message */
	const char *what;		/* "arrived", "transferred", ... */
	const char *words;		/* may be null */
};

FALLIBLE queue_note(struct db *db, int64_t message, const struct queue_event *event);
FALLIBLE queue_history(struct db *db, int64_t message,
		       void (*each)(void *arg, const struct queue_event *event), void *arg);

#endif
