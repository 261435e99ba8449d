/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate for the same key, name, use and address again. */
#ifndef CA_RENEWAL_H
#define CA_RENEWAL_H

#include "ca/profile.h"
#include "ca/records.h"

struct renewal {
	const struct profiles *profiles;
	int days;		/* 0: as the profile says */
	bool supersede;		/* the old one is revoked */
	time_t now;
};

/* Issues it, in one transaction.  ST_USAGE, ST_REFUSED where the old one is an authority's, revoked or
 * suspended, or ended and its name, address or key are somebody else's since. */
FALLIBLE renewal_issue(struct authority *ca, const struct renewal *renewal, const struct record *old,
		       const struct cert **out_cert);

#endif
