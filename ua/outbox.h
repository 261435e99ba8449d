/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outbox: messages are made ready (addresses, certificates, sequence
 * numbers, tokens) and submitted [X.411 8.2.1.1].  What is submitted is stored
 * first, so that a message whose submission was cut off is submitted again
 * with the same numbers: its recipient then sees that it is the same.
 */
#ifndef UA_OUTBOX_H
#define UA_OUTBOX_H

#include "ua/session.h"

struct outbox_counts {
	size_t sent, refused, waiting;
	struct status *why;		/* the first that is waiting: why; freed by the caller */
};

/* Makes one message ready, durably; nothing where it is ready.  Afterwards its envelope holds the
 * submission's head and, where it is sealed, the sealed content.  ST_LATER: the directory cannot
 * be asked now; others: it can never be sent so.  home is unlocked where the message is signed. */
FALLIBLE outbox_prepare(struct home *home, int64_t id);

/* Makes ready and submits whatever is queued.  A message that is refused for good stays in the
 * outbox, failed, with the reason.  Failures are the link's and the store's own. */
FALLIBLE outbox_send(struct home *home, struct session *session,
		     const struct invocation *invocation, struct outbox_counts *counts);

#endif
