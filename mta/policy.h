/* SPDX-License-Identifier: Apache-2.0 */
/* What is retried, when it is given up, and what is then reported: decided here and nowhere else. */
#ifndef MTA_POLICY_H
#define MTA_POLICY_H

#include "lib/mhs/envelope.h"
#include "lib/store/queue.h"
#include "mta/settings.h"

#include <time.h>

/* Seconds to wait after so many failures in a row (1 is the first). */
int64_t policy_retry_delay(const struct mta_settings *settings, int failures);

/* When a message that arrived then is given up: after what the settings say, counted from the end of
 * its deferral, or at its latest-delivery-time if that is earlier [X.411 8.2.1.1.1.13]. */
time_t policy_expiry(const struct mta_settings *settings, const struct envelope *env,
		     time_t arrived);
/* The same for a report. */
time_t policy_report_expiry(const struct mta_settings *settings, time_t arrived);

enum queue_priority policy_priority(enum priority priority);

struct policy_verdict {
	bool again;		/* wait and try once more */
	int reason, diagnostic;	/* otherwise: of the non-delivery report */
};

/* What to do about a recipient whose transfer or delivery failed like this.  The diag of ST_NEVER is
 * a diagnostic, where it has one. */
struct policy_verdict policy_failed(const struct status *failed);

/* The error [X.411 8.3.1] of who takes delivery, "the store", as such a failure. */
__attribute__((returns_nonnull, warn_unused_result))
struct status *policy_refused(const char *who, int operation, int error, struct bytes parameter);

/* What has waited beyond its time, as such a failure. */
__attribute__((returns_nonnull, warn_unused_result))
struct status *policy_expired(void);

#endif
