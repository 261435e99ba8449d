/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a message or probe is its originator's, by the check that anybody on
 * the way can make [X.411 8.2.1.1.1.29, 8.2.1.2.1.1]: judged before it is taken
 * on, as the setting check-origin says.
 */
#ifndef MTA_ORIGIN_H
#define MTA_ORIGIN_H

#include "lib/mhs/envelope.h"
#include "mta/mta.h"

/* ST_USAGE where the settings want origins checked, and there is no authority to check them by. */
FALLIBLE origin_can_be_judged(const struct mta *mta);

/* What has to be judged, and who is told. */
struct origin_question {
	struct mta *mta;
	struct envelope *env;		/* it and its arena are nobody else's until done is called */
	int64_t assoc;			/* for the audit */
	/* In the loop; not from within origin_judge.  Null: it may pass; ST_REFUSED: not; ST_LATER:
	 * nobody knows now.  Borrowed. */
	void (*done)(void *arg, const struct status *failed);
	void *arg;
};

/* Whether anything is to be judged; otherwise whatever comes may pass. */
bool origin_is_judged(const struct mta *mta);
/* The question is copied. */
void origin_judge(const struct origin_question *question);

#endif
