/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password of an MTA's simple credentials: where the settings give it one, the MTA may
 * change it over the association on which it delivers [X.411 8.4.1.2], and it then counts
 * in the place of theirs.
 */
#ifndef MS_MTA_PASSWORD_H
#define MS_MTA_PASSWORD_H

#include "ms/caller.h"
#include "ms/ms.h"

/* Serves change-credentials, and confirms once the new one is durable. */
void mta_password_change(struct ms *ms, struct caller *caller, const struct peer *mta,
			 int32_t invoke_id, struct bytes argument);

/* The stored password that the MTA changed to, in the arena; empty where it did not. */
FALLIBLE mta_password_stored(struct db *db, const struct peer *mta, struct arena *arena,
			     struct bytes *out_stored);

#endif
