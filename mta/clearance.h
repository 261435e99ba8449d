/* SPDX-License-Identifier: Apache-2.0 */
/* What may go over an association, by its security label [X.411 8.2.1.1.1.30]. */
#ifndef MTA_CLEARANCE_H
#define MTA_CLEARANCE_H

#include "lib/mhs/report.h"
#include "mta/mta.h"

/* That the security context in force covers the label of a message or probe.  ST_NEVER otherwise, for
 * its non-delivery report; decisions are audited under what. */
FALLIBLE clearance_check(const struct mta *mta, const struct link *link, const struct envelope *env,
			 const char *what);

/* A report goes wherever it has to, or nobody would learn of a refusal; the content that it returns
 * is left out where the context of who gets it does not cover the label. */
void clearance_hold_content(const struct mta *mta, const struct peer *to, struct report *report);

#endif
