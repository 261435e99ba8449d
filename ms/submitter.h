/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store's own association with its MTA, over which it passes on what users
 * submit [X.413 10, indirect submission].  It is opened when something waits,
 * and released when nothing did for a while.
 */
#ifndef MS_SUBMITTER_H
#define MS_SUBMITTER_H

#include "ms/caller.h"
#include "ms/ms.h"

struct submitter *submitter_new(struct ms *ms);
/* After the loop's end. */
void submitter_free(struct submitter **submitter);

/* Passes an operation of P3 on, and its outcome to the caller.  The argument lies in the APDU,
 * which is taken. */
void submitter_pass(struct submitter *submitter, struct caller *caller, int64_t mailbox,
		    int32_t invoke_id, int operation, struct bytes argument, struct buf *apdu);

#endif
