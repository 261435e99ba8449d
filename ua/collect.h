/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user takes delivery himself [X.411 8.3.1]: what the MTA delivers over the association that he
 * opened is stored, durably, and then confirmed, with a proof signed by his own key where the
 * originator asks for one.
 */
#ifndef UA_COLLECT_H
#define UA_COLLECT_H

#include "lib/mhs/link.h"
#include "ua/arrival.h"

struct collecting {
	struct home *home;
	struct arrival_counts counts;
	int64_t answered;		/* deliveries, whatever became of them */
	struct status *failed;		/* nothing can be stored: what comes is put off */
};

/* A delivery; or it is rejected. */
void collect_invoke(struct collecting *c, struct link *link, int32_t invoke_id, int operation,
		    struct bytes argument);

#endif
