/* SPDX-License-Identifier: Apache-2.0 */
/* What is retried, when it is given up, and what is then reported. */
#include "mta/policy.h"

#include "lib/mhs/diagnostics.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "tests/support/check.h"

static const struct mta_settings settings = {
	.retry_first = 30, .retry_max = 1800,
	.expire_urgent = 100, .expire_normal = 200, .expire_non_urgent = 300,
};

static void waits_double_up_to_the_longest(void **state)
{
	(void)state;
	assert_int_equal(policy_retry_delay(&settings, 1), 30);
	assert_int_equal(policy_retry_delay(&settings, 2), 60);
	assert_int_equal(policy_retry_delay(&settings, 6), 960);
	assert_int_equal(policy_retry_delay(&settings, 7), 1800);
	assert_int_equal(policy_retry_delay(&settings, 2000000000), 1800);
}

static void messages_expire_by_priority_deferral_and_wish(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf latest = { 0 };
	struct envelope *env = envelope_new(arena);

	(void)state;
	assert_int_equal(policy_expiry(&settings, env, 1000), 1200);
	env->priority = PRIORITY_URGENT;
	assert_int_equal(policy_expiry(&settings, env, 1000), 1100);
	env->priority = PRIORITY_NON_URGENT;
	assert_int_equal(policy_expiry(&settings, env, 1000), 1300);
	env->deferred_until = 5000;
	assert_int_equal(policy_expiry(&settings, env, 1000), 5300);
	assert_ok(put_time(&latest, BER_UTC_TIME, 5100));
	ext_put(arena, &env->extensions, EXT_LATEST_DELIVERY_TIME, buf_view(&latest));
	assert_int_equal(policy_expiry(&settings, env, 1000), 5100);
	env->deferred_until = 0;
	assert_int_equal(policy_expiry(&settings, env, 1000), 1300);
	/* What cannot be read sets no limit. */
	ext_put(arena, &env->extensions, EXT_LATEST_DELIVERY_TIME, BYTES("\x05\x00"));
	assert_int_equal(policy_expiry(&settings, env, 1000), 1300);
}

static const struct {
	enum status_kind kind;
	int diag;
	bool again;
	int reason, diagnostic;
} failures[] = {
	{ ST_LATER, 0, true, REASON_TRANSFER_FAILURE, DIAG_UNABLE_TO_COMPLETE_TRANSFER },
	{ ST_PEER, 0, true, REASON_TRANSFER_FAILURE, DIAG_UNABLE_TO_COMPLETE_TRANSFER },
	{ ST_NEVER, 0, false, REASON_TRANSFER_FAILURE, DIAG_UNABLE_TO_COMPLETE_TRANSFER },
	{ ST_NEVER, DIAG_MAXIMUM_TIME_EXPIRED, false, REASON_UNABLE_TO_TRANSFER,
	  DIAG_MAXIMUM_TIME_EXPIRED },
	/* What a store refuses is not the transfer's failure, but the message's. */
	{ ST_NEVER, DIAG_SECURE_MESSAGING_ERROR, false, REASON_UNABLE_TO_TRANSFER,
	  DIAG_SECURE_MESSAGING_ERROR },
	{ ST_NOT_FOUND, 0, false, REASON_UNABLE_TO_TRANSFER, DIAG_UNRECOGNISED_OR_NAME },
	{ ST_REFUSED, 0, false, REASON_UNABLE_TO_TRANSFER, DIAG_SECURE_MESSAGING_ERROR },
};

static void every_failure_has_a_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		AUTO(status_free) struct status *st = FAIL(failures[i].kind, failures[i].diag, "why");
		const struct policy_verdict verdict = policy_failed(st);

		assert_int_equal(verdict.again, failures[i].again);
		if (verdict.again)
			continue;
		assert_int_equal(verdict.reason, failures[i].reason);
		assert_int_equal(verdict.diagnostic, failures[i].diagnostic);
	}
}

static const struct { int error, problem; bool again; int diagnostic; const char *words; } errors[] = {
	{ ERR_CONTROL_VIOLATED, -1, true, 0, "holds deliveries back" },
	{ ERR_UNSUPPORTED_CRITICAL_FUNCTION, -1, false, DIAG_UNSUPPORTED_CRITICAL_FUNCTION,
	  "a critical function" },
	{ ERR_SECURITY_ERROR, SECURITY_UNAUTHORISED_USER_NAME, false, DIAG_UNRECOGNISED_OR_NAME,
	  "has no such user" },
	{ ERR_SECURITY_ERROR, SECURITY_TOKEN_ERROR, false, DIAG_SECURE_MESSAGING_ERROR, "security" },
	{ ERR_SECURITY_ERROR, -1, false, DIAG_SECURE_MESSAGING_ERROR, "security" },
	/* Its number is no diagnostic. */
	{ ERR_RECIPIENT_IMPROPERLY_SPECIFIED, -1, false, DIAG_UNABLE_TO_COMPLETE_TRANSFER,
	  "refuses the delivery" },
};

static void every_error_of_a_store_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		AUTO(buf_free) struct buf parameter = { 0 };

		if (errors[i].problem >= 0)
			error_security(errors[i].problem, &parameter);
		else
			error_null(&parameter);
		struct status *st = policy_refused("the store", OP_MESSAGE_DELIVERY, errors[i].error,
						   buf_view(&parameter));
		const struct policy_verdict verdict = policy_failed(st);
		assert_int_equal(verdict.again, errors[i].again);
		if (!verdict.again)
			assert_int_equal(verdict.diagnostic, errors[i].diagnostic);
		assert_fails(st, errors[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_the_longest),
		cmocka_unit_test(messages_expire_by_priority_deferral_and_wish),
		cmocka_unit_test(every_failure_has_a_verdict),
		cmocka_unit_test(every_error_of_a_store_is_understood),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
