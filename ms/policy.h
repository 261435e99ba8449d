/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a mailbox takes: the setting policy, read once.
 *
 *	policy = ORADDRESS verify=SUITE[,SUITE...] [unsigned=pass|mark|refuse]
 *
 * The O/R address is a user's or a domain's; the first line that a user lies in counts.
 */
#ifndef MS_POLICY_H
#define MS_POLICY_H

#include "lib/mhs/orname.h"
#include "lib/mhs/suites.h"

struct policy {
	const struct orname *area;
	const struct suite *const *verify;	/* ends with null */
	enum unsigned_mail unsigned_;
};

struct policies {
	struct policy *list;
	size_t count;
};

/* In the arena.  ST_USAGE names the line that makes no sense; a suite that seals is none that a
 * store could check. */
FALLIBLE policies_read(struct arena *arena, const struct text_list *lines,
		       struct policies *out_policies);
/* Null where nothing is asked of what the user gets. */
const struct policy *policies_find(const struct policies *policies, const struct orname *user);

#endif
