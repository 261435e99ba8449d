/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message that is delivered, and the policy of the mailbox: who signed it, whether it is
 * unchanged, for this user, and new.  What does not pass is refused, so that its sender
 * is told: unable-to-transfer, secure-messaging-error [docs/SUITES.md].
 */
#ifndef MS_CHECK_H
#define MS_CHECK_H

#include "lib/mhs/delivery.h"
#include "lib/sec/message.h"
#include "ms/ms.h"

struct checked {
	struct cert_path *path;		/* of whoever signed; null where nobody did */
	struct message_facts facts;	/* where somebody did */
};

/* On the worker pool: may ask the directory.  ST_LATER where it does not answer, any other
 * failure is a refusal.  Facts point into the delivery. */
FALLIBLE check_delivery(const struct ms *ms, const struct user *user,
			const struct delivery *delivery, struct checked *out_checked);
/* In the transaction that stores it: it is no repeat, and recorded.  ST_REFUSED. */
FALLIBLE check_repeat(const struct ms *ms, const struct checked *checked, struct db *db);
void checked_cleanup(struct checked *checked);

/* What was decided, for the audit log; why is null where it passed. */
void check_audit(const struct user *user, const struct delivery *delivery, const char *mts_id,
		 const struct status *why);

#endif
