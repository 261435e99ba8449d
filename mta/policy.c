/* SPDX-License-Identifier: Apache-2.0 */
/* What is retried, when it is given up, and what is then reported. */
#include "mta/policy.h"

#include "lib/mhs/diagnostics.h"

int64_t policy_retry_delay(const struct mta_settings *settings, int failures)
{
	int64_t delay = settings->retry_first;

	for (int i = 1; i < failures && delay < settings->retry_max; i++)
		delay *= 2;
	return delay < settings->retry_max ? delay : settings->retry_max;
}

time_t policy_expiry(const struct mta_settings *settings, enum queue_priority priority,
		     time_t arrived)
{
	const int64_t lives[QUEUE_PRIORITY_COUNT] = {
		[QUEUE_URGENT] = settings->expire_urgent,
		[QUEUE_NORMAL] = settings->expire_normal,
		[QUEUE_NON_URGENT] = settings->expire_non_urgent,
	};

	return arrived + lives[priority];
}

enum queue_priority policy_priority(enum priority priority)
{
	switch (priority) {
	case PRIORITY_URGENT:
		return QUEUE_URGENT;
	case PRIORITY_NON_URGENT:
		return QUEUE_NON_URGENT;
	case PRIORITY_NORMAL:
		break;
	}
	return QUEUE_NORMAL;
}

struct policy_verdict policy_failed(const struct status *failed)
{
	struct policy_verdict verdict = {
		.again = failed->kind == ST_LATER || failed->kind == ST_PEER,
		.reason = REASON_UNABLE_TO_TRANSFER,
		.diagnostic = DIAG_UNABLE_TO_COMPLETE_TRANSFER,
	};

	if (failed->kind == ST_REFUSED)
		verdict.diagnostic = DIAG_SECURE_MESSAGING_ERROR;
	else if (failed->kind == ST_NOT_FOUND)
		verdict.diagnostic = DIAG_UNRECOGNISED_OR_NAME;
	return verdict;
}
