/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new in the message store comes home [X.413 8.3, 8.4]: each entry is
 * stored, durably, as it arrives, so that a link that breaks loses nothing.
 */
#ifndef UA_FETCH_H
#define UA_FETCH_H

#include "ua/session.h"

struct fetch_counts {
	size_t messages, reports;
	size_t unreadable;		/* left in the store: their envelopes make no sense */
};

/* Fetches whatever is not here yet.  Failures are the link's and the store's own. */
FALLIBLE fetch_new(struct home *home, struct session *session,
		   const struct invocation *invocation, struct fetch_counts *counts);

/* Deletes in the message store what was deleted here. */
FALLIBLE fetch_delete(struct home *home, struct session *session);

/* Asks to be alerted of new entries from now on. */
FALLIBLE fetch_register_alert(struct session *session);
/* Changes the password that the user binds with; the old one has to be right. */
FALLIBLE fetch_change_password(struct session *session, struct bytes before, struct bytes after);
/* Registers the labels (a SecurityContext TLV) of what the user wants to get. */
FALLIBLE fetch_register_labels(struct session *session, struct bytes labels);

#endif
