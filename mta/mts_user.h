/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users of the MTS, as X.411 calls whoever binds for P3: stores, and user agents.
 * The settings say who they are, and how far they may go; they themselves register
 * what they are to get, and change their passwords [X.411 8.4].
 */
#ifndef MTA_MTS_USER_H
#define MTA_MTS_USER_H

#include "lib/mhs/report.h"
#include "mta/mta.h"

struct mts_user {
	const char *name;		/* in the table of lib/store/registered.h */
	const struct peer *peer;	/* his line of the settings; null: a user agent without one */
};

struct mts_user mts_user_of_store(struct arena *arena, const struct peer *store);
struct mts_user mts_user_of_agent(const struct mta *mta, struct arena *arena,
				  const struct orname *name);

/* What he has to prove, and what his links may carry: what the settings say, which is there already,
 * but for what he registered in its place.  That lies in the arena. */
FALLIBLE mts_user_expect(const struct mta *mta, const struct mts_user *user, struct arena *arena,
			 struct link_expected *io_expected);

/* That labels which he registers (a SecurityContext; empty: none) are within what the settings allow
 * him.  ST_REFUSED in words. */
FALLIBLE mts_user_may_register(const struct mta *mta, const struct mts_user *user,
			       struct bytes labels);

/* That a recipient (an ORName TLV), and the store that serves him where he has one, want a message of
 * this length, content type and label; for a probe, that they would.  ST_NEVER with the diagnostic. */
FALLIBLE mts_user_takes(const struct mta *mta, const struct peer *to, struct bytes recipient,
			const struct envelope *env);

/* What reports call him to whom something is delivered: a store or a collector. */
enum mts_user_type mts_user_type(const struct peer *to);

#endif
