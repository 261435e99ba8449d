/* SPDX-License-Identifier: Apache-2.0 */
/* Alert [X.413 8.7]: a bound user learns of a new entry. */
#ifndef MS_ALERT_H
#define MS_ALERT_H

#include "lib/store/mailbox.h"
#include "ms/users.h"

struct p7;

/* Tells every bound session of the user that registered for it. */
void alert_sessions(const struct user *user, const struct mailbox_entry *entry);

/* Reads what the user registered; nothing is none. */
FALLIBLE alert_load(struct p7 *session);

#endif
