/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message store's entries [X.413 6]: per user, numbered in the order of
 * their creation, each with what a list needs apart from its content.
 *
 * Functions that change something run in a writer's job; the others on any
 * connection.  Times are passed in.  What a callback gets is borrowed.
 */
#ifndef LIB_STORE_MAILBOX_H
#define LIB_STORE_MAILBOX_H

#include "lib/base/arena.h"
#include "lib/store/db.h"

#include <time.h>

extern const struct db_schema mailbox_schema;

/* [X.413 9.4.1.12] entry-type; MAILBOX_SUBMITTED is what the user sent through the store. */
enum mailbox_kind { MAILBOX_MESSAGE, MAILBOX_REPORT, MAILBOX_RETURNED, MAILBOX_SUBMITTED };

/* [X.413 9.4.1.11] entry-status. */
enum mailbox_status { MAILBOX_NEW, MAILBOX_LISTED, MAILBOX_PROCESSED };

enum { MAILBOX_ANY = -1, MAILBOX_NUMBER_MAX = 0x7fffffff };

/* Finds a user by his O/R address as text; makes one where create.  ST_NOT_FOUND. */
FALLIBLE mailbox_user(struct db *db, const char *name, bool create, int64_t *out_user);

struct mailbox_entry {
	int32_t number;		/* the sequence-number; 0 in mailbox_add: the next one is given */
	enum mailbox_kind kind;
	enum mailbox_status status;
	int priority;		/* as X.411 numbers it: 0 normal, 1 non-urgent, 2 urgent */
	time_t created;		/* when it came into the store */
	const char *mts_id;	/* the MTS-identifier as text; of a report: its subject's */
	const char *originator;	/* O/R name as text; may be null */
	const char *content_type;	/* a number or dotted OID; may be null */
	uint64_t content_length;
	struct bytes attributes;	/* encoded once, for lists; the store does not look inside */
};

/*
 * Stores an entry, with a number above all before it: there are gaps, so that an old copy of the
 * store, when it is used again, goes on above what was given meanwhile.  *out_duplicate says that
 * identity ("M " and the MTS-identifier, say) was stored for the user before; *out_number is then
 * that entry's, which may be deleted by now.  ST_LATER where the user's numbers are used up.
 */
FALLIBLE mailbox_add(struct db *db, int64_t user, const char *identity,
		     const struct mailbox_entry *entry, struct bytes envelope,
		     struct bytes content, int32_t *out_number, bool *out_duplicate);

/* What entries are wanted; start from MAILBOX_SELECT_ALL. */
struct mailbox_select {
	int32_t from, to;		/* sequence-numbers, inclusive */
	int kind, status, priority;	/* MAILBOX_ANY */
	time_t created_from, created_to;	/* inclusive; created_to 0: no end */
	const char *mts_id, *originator, *content_type;	/* null: any */
	bool newest_first;
};
#define MAILBOX_SELECT_ALL                                                       \
	((struct mailbox_select){ .from = 1, .to = MAILBOX_NUMBER_MAX,           \
				  .kind = MAILBOX_ANY, .status = MAILBOX_ANY,    \
				  .priority = MAILBOX_ANY })

/* Calls each with every entry that is wanted, in order, until it returns false. */
FALLIBLE mailbox_scan(struct db *db, int64_t user, const struct mailbox_select *select,
		      bool (*each)(void *arg, const struct mailbox_entry *entry), void *arg);

/* One entry, in the arena.  ST_NOT_FOUND. */
FALLIBLE mailbox_get(struct db *db, int64_t user, int32_t number, struct arena *arena,
		     struct mailbox_entry *out_entry);

/* Appends the octets to the buffers; either may be null.  ST_NOT_FOUND. */
FALLIBLE mailbox_read(struct db *db, int64_t user, int32_t number,
		      struct buf *envelope, struct buf *content);

/* Raises the status of entries; one that is there already, or absent, is left alone. */
FALLIBLE mailbox_raise_status(struct db *db, int64_t user, const int32_t *numbers, size_t count,
			      enum mailbox_status status);

/* Deletes entries; what they were remains recognised as a duplicate. */
FALLIBLE mailbox_delete(struct db *db, int64_t user, const int32_t *numbers, size_t count,
			size_t *out_deleted);

/* Remembers who submitted a message, and tells it when its report comes.  ST_NOT_FOUND. */
FALLIBLE mailbox_submitted(struct db *db, int64_t user, const char *mts_id, time_t at);
FALLIBLE mailbox_submitter(struct db *db, const char *mts_id, int64_t *out_user);

/* Forgets at most max identities, and as many submissions, of before that time. */
FALLIBLE mailbox_forget(struct db *db, time_t before, size_t max, size_t *out_forgotten);

/* How many entries there are of each sort; the cost does not depend on how many. */
struct mailbox_count {
	enum mailbox_kind kind;
	enum mailbox_status status;
	int priority;
	const char *content_type;
	uint64_t entries;
};
FALLIBLE mailbox_counts(struct db *db, int64_t user,
			void (*each)(void *arg, const struct mailbox_count *count), void *arg);
/* The lowest and highest sequence-number that exists; 0 where there is none. */
FALLIBLE mailbox_span(struct db *db, int64_t user, int32_t *out_first, int32_t *out_last);

/* What the user registered under a name [X.413 8.7]; no octets: nothing. */
FALLIBLE mailbox_register(struct db *db, int64_t user, const char *name, struct bytes octets);
FALLIBLE mailbox_registered(struct db *db, int64_t user, const char *name, struct buf *out);

#endif
