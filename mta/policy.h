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

/* When a message that arrived then is given up. */
time_t policy_expiry(const struct mta_settings *settings, enum queue_priority priority,
		     time_t arrived);

enum queue_priority policy_priority(enum priority priority);

struct policy_verdict {
	bool again;		/* wait and try once more */
	int reason, diagnostic;	/* otherwise: of the non-delivery report */
};

/* What to do about a recipient whose transfer or delivery failed like this. */
struct policy_verdict policy_failed(const struct status *failed);

#endif
