/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user agent's own store, so that everything but an exchange with the
 * message store, or the MTA, works without a network.  Several commands may use it at once:
 * each opens it DB_SHARED; what belongs together goes through db_atomically.
 * Sequence numbers lie in the same database: seqstate.h.
 */
#ifndef LIB_STORE_UASTORE_H
#define LIB_STORE_UASTORE_H

#include "lib/base/arena.h"
#include "lib/store/db.h"

#include <time.h>

extern const struct db_schema uastore_schema;

enum ua_folder { UA_INBOX, UA_OUTBOX, UA_SENT, UA_ANY_FOLDER = -1 };
enum ua_kind { UA_MESSAGE, UA_REPORT, UA_NOTIFICATION, UA_PROBE };

/* Of a message that was sent, and of each of its recipients. */
enum ua_state {
	UA_NONE,	/* it was received */
	UA_QUEUED,	/* written, not yet submitted */
	UA_SUBMITTED,	/* the MTS has it */
	UA_DELIVERED,	/* reported delivered (a message: to all) */
	UA_FAILED,	/* reported not delivered (a message: to any) */
};
extern const char *const ua_state_names[];	/* "none", "queued" ...; ends with null */

struct ua_message {
	int64_t id;		/* ours, shown to the user; given by uastore_add */
	enum ua_folder folder;
	enum ua_kind kind;
	enum ua_state state;
	bool read;
	int32_t ms_number;	/* the message store's sequence-number; 0: none */
	time_t date;		/* when it was received or written */
	time_t submitted;	/* 0: not yet */
	uint64_t octets;	/* of its content */
	/* Texts; those that there are none of are null. */
	const char *mts_id;	/* the MTS-identifier */
	const char *ipm_id;	/* the IPM identifier [X.420 7.1.1] */
	const char *originator, *recipients, *subject;
	const char *verdict;	/* one word: what checking said */
	const char *facts;	/* the whole of it, JSON */
	/* For uastore_add, of what the MTA itself delivered: by this it is known when it is delivered
	 * again, also where it was deleted since. */
	const char *delivery;
};

/* Stores a message; id is ignored.  *out_duplicate says that a received one with this ms_number or
 * MTS-identifier is there already, or was delivered before; nothing is stored then. */
FALLIBLE uastore_add(struct db *db, const struct ua_message *message, struct bytes envelope,
		     struct bytes content, int64_t *out_id, bool *out_duplicate);

/* One message, in the arena.  ST_NOT_FOUND "there is no message 7". */
FALLIBLE uastore_get(struct db *db, int64_t id, struct arena *arena,
		     struct ua_message *out_message);
/* The message that was sent with an MTS-identifier or, where that is null, an IPM identifier. */
FALLIBLE uastore_find_sent(struct db *db, const char *mts_id, const char *ipm_id,
			   int64_t *out_id);

/* Appends the octets to the buffers; either may be null. */
FALLIBLE uastore_read(struct db *db, int64_t id, struct buf *envelope, struct buf *content);

struct ua_select {
	int folder;		/* UA_ANY_FOLDER */
	bool unread;		/* only what was not read */
	int state;		/* of enum ua_state, -1: any */
	size_t max;		/* 0: all */
};
/* The newest first, except that the outbox is in the order of writing. */
FALLIBLE uastore_list(struct db *db, const struct ua_select *select,
		      void (*each)(void *arg, const struct ua_message *message), void *arg);

FALLIBLE uastore_set_read(struct db *db, int64_t id, bool read);
FALLIBLE uastore_set_verdict(struct db *db, int64_t id, const char *verdict, const char *facts);
/* What the heading says, once it can be read. */
FALLIBLE uastore_set_heading(struct db *db, int64_t id, enum ua_kind kind, const char *ipm_id,
			     const char *subject);
/* Deletes it with its recipients.  What is in the message store is to be deleted there, too. */
FALLIBLE uastore_delete(struct db *db, int64_t id);
/* The numbers that are still to be deleted in the message store; and one that was. */
FALLIBLE uastore_deletions(struct db *db, void (*each)(void *arg, int32_t ms_number), void *arg);
FALLIBLE uastore_deleted(struct db *db, int32_t ms_number);
/* Whether the message store's entry was fetched before, also where it was deleted since. */
FALLIBLE uastore_has_number(struct db *db, int32_t ms_number, bool *out_has);

/* --- what was sent --- */

struct ua_recipient {
	int number;		/* from 1, as in the envelope */
	const char *address;	/* O/R name as text */
	const char *directory_name;	/* may be null */
	enum ua_state state;
	time_t at;		/* when that was so; delivery time */
	time_t read_at;		/* a receipt notification said so; 0: none */
	int reason, diagnostic;	/* of non-delivery, -1: none */
	const char *words;	/* why, for people; may be null */
	const char *proof;	/* what checking the proof of delivery said; may be null */
};

FALLIBLE uastore_add_recipient(struct db *db, int64_t message, const struct ua_recipient *r);
FALLIBLE uastore_recipients(struct db *db, int64_t message,
			    void (*each)(void *arg, const struct ua_recipient *r), void *arg);

/* The address that a directory name stood for was found. */
FALLIBLE uastore_set_address(struct db *db, int64_t message, int number, const char *address);

/* The octets to submit replace what was stored: sealing may happen long after writing. */
FALLIBLE uastore_set_octets(struct db *db, int64_t id, struct bytes envelope,
			    struct bytes content);
/* The MTS accepted it: outbox to sent. */
FALLIBLE uastore_submitted(struct db *db, int64_t id, const char *mts_id, time_t at);
/* It was refused for good, in words: it stays in the outbox, failed. */
FALLIBLE uastore_refused(struct db *db, int64_t id, const char *words, time_t at);

/* The octets of the answer to a submission whose proof is to be checked; and what checking it said,
 * null while it is to be checked again.  ST_NOT_FOUND where there is no answer. */
FALLIBLE uastore_set_result(struct db *db, int64_t id, struct bytes result);
FALLIBLE uastore_set_submission_proof(struct db *db, int64_t id, const char *proof);
/* Appends the answer's octets to result, and the proof in the arena: null where it is not checked.
 * result may be null. */
FALLIBLE uastore_result(struct db *db, int64_t id, struct arena *arena, struct buf *result,
			const char **out_proof);
/* The messages whose proof of submission is still to be checked. */
FALLIBLE uastore_unproved(struct db *db, void (*each)(void *arg, int64_t id), void *arg);

enum ua_proof { UA_SUBMISSION_PROOF, UA_DELIVERY_PROOF };
/* What checking said of each proof; null while it is to be checked. */
FALLIBLE uastore_proofs(struct db *db,
			void (*each)(void *arg, enum ua_proof of, const char *proof), void *arg);

/* What a report says of one recipient (by number and state, at, reason, diagnostic, words, proof);
 * the state of the message follows.  ST_NOT_FOUND. */
FALLIBLE uastore_report(struct db *db, int64_t message, const struct ua_recipient *result);
/* A receipt notification from a recipient, whose address is compared as text. */
FALLIBLE uastore_receipt(struct db *db, int64_t message, const char *address, time_t read_at);

/* --- the address book --- */

struct ua_name {
	const char *nickname;
	const char *address;		/* O/R name as text; may be null */
	const char *directory_name;	/* may be null */
};

FALLIBLE uastore_set_name(struct db *db, const struct ua_name *name);
FALLIBLE uastore_get_name(struct db *db, const char *nickname, struct arena *arena,
			  struct ua_name *out_name);
FALLIBLE uastore_delete_name(struct db *db, const char *nickname);
FALLIBLE uastore_names(struct db *db, void (*each)(void *arg, const struct ua_name *name),
		       void *arg);

/* --- how far the exchange with the message store has come --- */

/* A number kept under a name, such as "last-number"; 0 where it was never set. */
FALLIBLE uastore_set_number(struct db *db, const char *name, int64_t number);
FALLIBLE uastore_number(struct db *db, const char *name, int64_t *out_number);

#endif
