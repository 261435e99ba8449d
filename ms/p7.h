/* SPDX-License-Identifier: Apache-2.0 */
/* P7 with a user agent [X.413]: one bound association of one user. */
#ifndef MS_P7_H
#define MS_P7_H

#include "ms/caller.h"
#include "ms/ms.h"
#include "ms/view.h"

struct p7 {
	struct ms *ms;
	struct user *user;
	struct caller *caller;
	struct view view;		/* what he is shown; lives as long as the link */
	struct bytes fetch_restrictions; /* that he bound with, or none; lives as long as the link */
	bool wants_alerts;		/* he registered auto-alert */
	int64_t alert_registration;
	struct buf alert_attributes;	/* OIDs, one TLV each, that an alert is to tell */
	struct p7 *next;		/* of the same user */
};

/* The user of a link that a user agent opened; user data is p7_new's. */
extern const struct link_user p7_user;

/* Ends with the link.  The claim is of one of the store's users. */
struct p7 *p7_new(struct ms *ms, struct link *link, const struct link_claim *claim);

/* One invocation as the operations below get it; views last as long as the call. */
struct request {
	struct p7 *session;
	int32_t invoke_id;
	int operation;
	struct bytes argument;
	struct buf *apdu;		/* in which it lies: may be taken */
};

/* Why an operation is refused: the error goes to the peer. */
struct refusal {
	int error;			/* of enum mhs_error; 0: none */
	struct buf parameter;
};

/*
 * The operations.  A failure is ST_PEER for an argument that is not what its type says, else
 * the store's own.  With *out_refusal set they answer nothing else; otherwise they
 * have answered, or will.
 */
FALLIBLE summarize(const struct request *request, struct refusal *out_refusal);
FALLIBLE list_entries(const struct request *request, struct refusal *out_refusal);
FALLIBLE fetch(const struct request *request, struct refusal *out_refusal);
FALLIBLE delete_entries(const struct request *request, struct refusal *out_refusal);
FALLIBLE register_ms(const struct request *request, struct refusal *out_refusal);
/* message-submission, probe-submission, cancel-deferred-delivery. */
FALLIBLE submit(const struct request *request, struct refusal *out_refusal);

/* Raises the status of entries (int32_t numbers, taken) after the answer that told of them. */
void p7_raise_status(struct p7 *session, struct buf numbers, int status);

/* Answers an operation that failed: rejected where the argument is at fault, otherwise a
 * service-error that says whether waiting may help. */
void p7_failed(struct caller *caller, int32_t invoke_id, int operation,
		    const struct status *why);

#endif
