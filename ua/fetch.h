/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is new in the message store comes home [X.413 8.3, 8.4]: each entry is
 * stored, durably, as it arrives, so that a link that breaks loses nothing.
 */
#ifndef UA_FETCH_H
#define UA_FETCH_H

#include "ua/session.h"

/* Fetches whatever is not here yet.  Failures are the link's and the store's own. */
FALLIBLE fetch_new(struct home *home, struct session *session,
		   const struct invocation *invocation, struct arrival_counts *counts);

/* Deletes in the message store what was deleted here. */
FALLIBLE fetch_delete(struct home *home, struct session *session);

/* Asks to be alerted of new entries from now on. */
FALLIBLE fetch_register_alert(struct session *session);

#endif
