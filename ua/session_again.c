/* SPDX-License-Identifier: Apache-2.0 */
/* The next association, after a link that broke. */
#include "ua/session_impl.h"

enum {
	WAIT_FIRST_MS = 1000,		/* before binding again; twice as long each time */
	WAIT_MAX_MS = 30000,
};

bool session_can_reopen(const struct session *s)
{
	return !s->link && !s->stop && s->home->settings->reliable;
}

static bool asked_to_stop(void *arg)
{
	return ((const struct session *)arg)->stop;
}

static int64_t wait_ms(int64_t tries)
{
	int64_t ms = WAIT_FIRST_MS;

	for (int64_t i = 1; i < tries && ms < WAIT_MAX_MS; i++)
		ms *= 2;
	return ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS;
}

static void tell_broken(const struct session *s, const struct invocation *invocation, int64_t ms)
{
	if (invocation->json)
		return;
	fprintf(stderr, "The link broke; %zu KB of what was under way need not be sent again. "
		"Binding again in %lld s.\n", s->passed / 1024, (long long)ms / 1000);
}

/* Waits, and binds; *out_failed says why it did not work. */
static FALLIBLE try_again(struct session *s, const struct invocation *invocation,
			  struct status **out_failed)
{
	int64_t ms = wait_ms(++s->tries);

	tell_broken(s, invocation, ms);
	if (loop_run_until(s->loop, asked_to_stop, s, ms))
		return FAIL(ST_LATER, 0, "stopped by a signal");
	*out_failed = session_bind(s);
	/* Who refuses us now does so the next time. */
	if (*out_failed && (*out_failed)->kind != ST_LATER)
		return TAKE(*out_failed);
	return OK;
}

FALLIBLE session_reopen(struct session *s, const struct invocation *invocation,
			const struct status *lost)
{
	AUTO(status_free) struct status *why = status_copy(lost);
	size_t passed = recoveries_passed(s->recoveries);

	if (passed != s->passed)
		s->tries = 0;
	s->passed = passed;
	while (s->tries < s->home->settings->reconnect) {
		struct status *failed = OK;

		TRY(try_again(s, invocation, &failed));
		if (!failed)
			return OK;
		status_free(&why);
		why = failed;
	}
	return TAKE(why);
}
