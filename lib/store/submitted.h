/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submissions whose answer may have been lost.  P3 has no way to say "I asked
 * you before": so what is submitted again, octet for octet, after the association
 * of the first time broke, is taken for the same [lib/store/submitted_schema.sql].
 */
#ifndef LIB_STORE_SUBMITTED_H
#define LIB_STORE_SUBMITTED_H

#include "lib/store/db.h"

#include <time.h>

enum { SUBMITTED_ID_MAX = 256 };	/* of an MTS-identifier as text, with its zero */

struct submitted {
	struct bytes digest;		/* borrowed */
	int64_t session;		/* the association's number, from 1 */
	char mts_id[SUBMITTED_ID_MAX];
	time_t at;
};

/* Records it; where it is the repetition of one that broke, nothing changes but its session, and
 * the identifier and time of the first are filled in. */
FALLIBLE submitted_add(struct db *db, struct submitted *io, bool *out_repeated);
/* The association was released in order, so the answers arrived; or it broke.  Session 0: all
 * that there were before this process began, which broke with it. */
FALLIBLE submitted_released(struct db *db, int64_t session);
FALLIBLE submitted_broke(struct db *db, int64_t session);
/* Forgets what is older. */
FALLIBLE submitted_forget(struct db *db, time_t before);

#endif
