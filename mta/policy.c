/* SPDX-License-Identifier: Apache-2.0 */
/* What is retried, when it is given up, and what is then reported. */
#include "mta/policy.h"

#include "lib/mhs/diagnostics.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"

int64_t policy_retry_delay(const struct mta_settings *settings, int failures)
{
	int64_t delay = settings->retry_first;

	for (int i = 1; i < failures && delay < settings->retry_max; i++)
		delay *= 2;
	return delay < settings->retry_max ? delay : settings->retry_max;
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

static int64_t life(const struct mta_settings *settings, enum queue_priority priority)
{
	const int64_t lives[QUEUE_PRIORITY_COUNT] = {
		[QUEUE_URGENT] = settings->expire_urgent,
		[QUEUE_NORMAL] = settings->expire_normal,
		[QUEUE_NON_URGENT] = settings->expire_non_urgent,
	};

	return lives[priority];
}

/* Zero where there is none, or none that can be read: then it sets no limit. */
static time_t latest_delivery_time(const struct envelope *env)
{
	struct bytes value = ext_value(&env->extensions, EXT_LATEST_DELIVERY_TIME);
	struct ber_tlv tlv;
	time_t latest = 0;
	struct status *st = value.len ? ber_only(value, &tlv) : OK;

	if (!st && value.len)
		st = field_time(&tlv, &latest);
	status_drop(st);
	return latest;
}

time_t policy_expiry(const struct mta_settings *settings, const struct envelope *env,
		     time_t arrived)
{
	time_t from = env->deferred_until > arrived ? env->deferred_until : arrived;
	time_t expiry = from + life(settings, policy_priority(env->priority));
	time_t latest = latest_delivery_time(env);

	return latest && latest < expiry ? latest : expiry;
}

time_t policy_report_expiry(const struct mta_settings *settings, time_t arrived)
{
	return arrived + life(settings, QUEUE_NORMAL);
}

struct policy_verdict policy_failed(const struct status *failed)
{
	struct policy_verdict verdict = {
		.again = failed->kind == ST_LATER || failed->kind == ST_PEER,
		.diagnostic = DIAG_UNABLE_TO_COMPLETE_TRANSFER,
	};

	if (failed->kind == ST_REFUSED)
		verdict.diagnostic = DIAG_SECURE_MESSAGING_ERROR;
	else if (failed->kind == ST_NOT_FOUND)
		verdict.diagnostic = DIAG_UNRECOGNISED_OR_NAME;
	else if (failed->kind == ST_NEVER && failed->diag > 0)
		verdict.diagnostic = failed->diag;
	verdict.reason = diagnostic_reason(verdict.diagnostic);
	return verdict;
}

static bool is_unknown_user(struct bytes parameter)
{
	struct ber_tlv tlv;
	int64_t problem = -1;
	struct status *st = ber_only(parameter, &tlv);

	if (!st)
		st = ber_integer(&tlv, &problem);
	status_drop(st);	/* then it is some other problem */
	return problem == SECURITY_UNAUTHORISED_USER_NAME;
}

struct status *policy_refused(const char *who, int operation, int error, struct bytes parameter)
{
	struct status *why = operation_failed(operation, error, parameter);

	switch (error) {
	case ERR_CONTROL_VIOLATED:
		return status_new(why, ST_LATER, 0, "%s holds deliveries back", who);
	case ERR_UNSUPPORTED_CRITICAL_FUNCTION:
		return status_new(why, ST_NEVER, DIAG_UNSUPPORTED_CRITICAL_FUNCTION,
				  "%s does not support a critical function", who);
	case ERR_SECURITY_ERROR:
		if (is_unknown_user(parameter))
			return status_new(why, ST_NOT_FOUND, 0, "%s has no such user", who);
		return status_new(why, ST_NEVER, DIAG_SECURE_MESSAGING_ERROR,
				  "%s refuses the message for want of security", who);
	default:
		return status_new(why, ST_NEVER, 0, "%s refuses the delivery", who);
	}
}

struct status *policy_expired(void)
{
	return FAIL(ST_NEVER, DIAG_MAXIMUM_TIME_EXPIRED, "it could not be delivered in time");
}
