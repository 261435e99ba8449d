/* SPDX-License-Identifier: Apache-2.0 */
/* One association with the user's message store. */
#include "ua/session.h"

#include "asn1/dn.h"
#include "asn1/mhs_operations.h"
#include "lib/base/memory.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/link.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/recoveries.h"
#include "lib/osi/rose.h"

#include <signal.h>

enum {
	ENVELOPE_ROOM = 16 << 20,	/* besides the content: recipients and extensions */
	KEEP_SECONDS = 24 * 3600,	/* what was cut off; it ends with the program in any case */
	WAIT_FIRST_MS = 1000,		/* before binding again; twice as long each time */
	WAIT_MAX_MS = 30000,
};

struct call {
	int32_t invoke_id;
	int operation;
	session_answer *answer;
	void *arg;
};

struct session {
	struct home *home;
	struct loop *loop;
	struct assoc_limits limits;
	struct link_env env;
	struct resume_settings resume;
	struct recoveries *recoveries;
	size_t passed;			/* by the last time that the link broke */
	int64_t tries;			/* to bind again, since there was progress */
	struct buf store_name;		/* DER Name, or empty */
	struct link *link;		/* null once it has ended */
	bool open, alerted, stop;
	struct status *why;		/* of its end */
	struct call *calls;		/* outstanding */
	size_t count;
};

/* --- what the link tells --- */

static bool take_call(struct session *s, int32_t invoke_id, struct call *out)
{
	for (size_t i = 0; i < s->count; i++) {
		if (s->calls[i].invoke_id != invoke_id)
			continue;
		*out = s->calls[i];
		s->calls[i] = s->calls[--s->count];
		return true;
	}
	return false;
}

static void on_opened(void *user, struct link *link)
{
	struct session *s = user;

	(void)link;
	s->open = true;
}

static void on_result(void *user, struct link *link, int32_t invoke_id, struct bytes result,
		      struct buf *apdu)
{
	struct call call;

	(void)link;
	((struct session *)user)->tries = 0;
	if (take_call(user, invoke_id, &call))
		call.answer(call.arg, result, apdu, OK);
}

static void on_error(void *user, struct link *link, int32_t invoke_id, int error,
		     struct bytes parameter, struct buf *apdu)
{
	struct call call;

	(void)link;
	if (!take_call(user, invoke_id, &call))
		return;
	AUTO(status_free) struct status *failed = operation_failed(call.operation, error, parameter);
	call.answer(call.arg, bytes_none(), apdu, failed);
}

static void on_reject(void *user, struct link *link, int32_t invoke_id, const struct status *why)
{
	struct call call;
	struct buf nothing = { 0 };

	(void)link;
	if (!take_call(user, invoke_id, &call))
		return;
	AUTO(status_free) struct status *failed =
		status_new(status_copy(why), ST_NEVER, 0, "the message store does not understand %s",
			   operation_name(call.operation));
	call.answer(call.arg, bytes_none(), &nothing, failed);
}

/* The store invokes nothing but alerts. */
static void on_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	struct session *s = user;
	const struct bytes null = BYTES("\x05\x00");
	struct status *failed;

	(void)argument;
	(void)apdu;
	if (operation == OP_ALERT) {
		s->alerted = true;
		failed = assoc_result_req(link_assoc(link), invoke_id, operation, &null, 1);
	} else {
		failed = assoc_reject_req(link_assoc(link), invoke_id,
					  ROSE_INVOKE_UNRECOGNIZED_OPERATION);
	}
	if (failed)
		link_abort(link, failed);
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct session *s = user;
	struct buf nothing = { 0 };

	(void)link;
	s->link = NULL;
	s->open = false;
	status_free(&s->why);
	s->why = why ? status_copy(why)
		     : FAIL(ST_LATER, 0, "the message store released the association");
	while (s->count) {
		struct call call = s->calls[--s->count];

		call.answer(call.arg, bytes_none(), &nothing, s->why);
	}
}

static const struct link_user session_user = {
	.invoke = on_invoke, .result = on_result, .error = on_error, .reject = on_reject,
	.closed = on_closed,
};

/* --- opening --- */

static bool opened_or_ended(void *arg)
{
	const struct session *s = arg;

	return s->open || !s->link;
}

static void set_env(struct session *s)
{
	const struct ua_settings *settings = s->home->settings;

	s->limits = assoc_limits_default;
	s->limits.apdu_max = (size_t)settings->content_max + ENVELOPE_ROOM;
	s->limits.invocations_max = (unsigned)settings->window;
	s->limits.checkpoint_size = (uint32_t)(settings->checkpoint / 1024);
	s->resume = (struct resume_settings){ .within = KEEP_SECONDS,
					      .memory = (int64_t)s->limits.apdu_max };
	s->recoveries = recoveries_new(s->loop, s->home->clock, &s->resume, s->limits.apdu_max);
	s->env = (struct link_env){
		.loop = s->loop,
		.clock = s->home->clock,
		.self = {
			.role = LINK_UA,
			.or_name = s->home->own_name,
			.keys = &s->home->site->keys,
		},
		.trust = s->home->site->trust,
		.limits = &s->limits,
		.recoveries = s->recoveries,
		.labels = &s->home->labels,
		.bind_timeout_ms = settings->answer_timeout * 1000,
		.idle_timeout_ms = settings->idle_timeout * 1000,
	};
}

/* A store that has no password for him answers with an empty one. */
static void use_password(const struct home *home, struct link_expected *expected)
{
	expected->password = home->ms_password ? home->ms_password : "";
	expected->own_password = "";
	expected->own_password_file = home->password_file;
}

static FALLIBLE connect_and_bind(struct session *s)
{
	const struct ua_settings *settings = s->home->settings;
	struct link_target target = {
		.address = settings->ms,
		.context = settings->reliable ? &context_ms_reliable_access : &context_ms_access,
		.role = LINK_MS,
		.expected = { .scope = SCOPE_MS, .directory_name = buf_view(&s->store_name) },
		.connect_timeout_ms = settings->connect_timeout * 1000,
	};

	if (s->home->password_file)
		use_password(s->home, &target.expected);

	status_free(&s->why);
	s->link = link_connect(&s->env, &target, on_opened, &session_user, s);
	loop_run_until(s->loop, opened_or_ended, s, -1);
	/* A name or a socket that is not there now may be there later. */
	if (!s->open && s->why->kind == ST_NOT_FOUND)
		s->why = status_new(s->why, ST_LATER, 0, "it cannot be reached");
	if (!s->open)
		return TAKE(s->why);
	/* Without a name in the settings, any store will do that was certified for our domain. */
	return *settings->ms_name || s->home->password_file
		? OK : store_serves(link_peer_cert(s->link), s->home->own);
}

static bool ended(void *arg)
{
	const struct session *s = arg;

	return !s->link;
}

static void ask_to_stop(void *arg)
{
	struct session *s = arg;

	s->stop = true;
}

FALLIBLE session_open(struct home *home, struct session **out_session)
{
	AUTO(session_close) struct session *s = mem_new(struct session);

	s->home = home;
	s->loop = loop_new();
	if (!*home->settings->ms)
		return FAIL(ST_USAGE, 0, "which message store? Set \"ms\" in %s",
			    home_file(home, "ua.conf"));
	TRY_DOING(dn_from_text(home->settings->ms_name, &s->store_name), "setting ms-name");
	if (!*home->settings->ms_name)
		buf_free(&s->store_name);
	loop_signal(s->loop, SIGINT, ask_to_stop, s);
	loop_signal(s->loop, SIGTERM, ask_to_stop, s);
	set_env(s);
	s->calls = mem_new_array(struct call, (size_t)home->settings->window);
	TRY_DOING(connect_and_bind(s), "cannot bind to the message store at %s",
		  home->settings->ms);
	*out_session = TAKE(s);
	return OK;
}

void session_close(struct session **session)
{
	struct session *s = TAKE(*session);

	if (!s)
		return;
	if (s->link && s->open && !s->count)
		link_release(s->link);
	else if (s->link)
		link_abort(s->link, NULL);
	loop_run_until(s->loop, ended, s, -1);
	loop_shutdown(s->loop);
	recoveries_free(&s->recoveries);
	loop_free(&s->loop);
	status_free(&s->why);
	buf_free(&s->store_name);
	mem_free(&s->calls);
	mem_free(&s);
}

const char *session_peer(const struct session *session)
{
	const struct cert *cert = session->link ? link_peer_cert(session->link) : NULL;

	return cert ? cert->subject_text : session->home->settings->ms;
}

/* --- once more --- */

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
	*out_failed = connect_and_bind(s);
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

/* --- asking --- */

static FALLIBLE why_not_open(const struct session *s)
{
	if (s->stop)
		return FAIL(ST_LATER, 0, "stopped by a signal");
	return s->link ? OK : status_doing(status_copy(s->why), "the link with the message store ended");
}

static bool has_room(void *arg)
{
	const struct session *s = arg;

	return !s->link || s->stop || s->count < (size_t)s->home->settings->window;
}

FALLIBLE session_invoke(struct session *s, int operation, const struct bytes *parts, size_t count,
			session_answer *answer, void *arg)
{
	int32_t invoke_id;

	loop_run_until(s->loop, has_room, s, -1);
	TRY(why_not_open(s));
	TRY(assoc_invoke_req(link_assoc(s->link), operation, parts, count, &invoke_id));
	s->calls[s->count++] = (struct call){ invoke_id, operation, answer, arg };
	return OK;
}

static bool nothing_outstanding(void *arg)
{
	const struct session *s = arg;

	return !s->link || s->stop || !s->count;
}

FALLIBLE session_finish(struct session *s)
{
	loop_run_until(s->loop, nothing_outstanding, s, -1);
	if (s->stop && s->count) {
		link_abort(s->link, FAIL(ST_LATER, 0, "stopped by a signal"));
		loop_run_until(s->loop, ended, s, -1);
	}
	return why_not_open(s);
}

static bool alerted_or_over(void *arg)
{
	const struct session *s = arg;

	return !s->link || s->stop || s->alerted;
}

FALLIBLE session_watch(struct session *s, int64_t timeout_ms, bool *out_stop)
{
	loop_run_until(s->loop, alerted_or_over, s, timeout_ms);
	s->alerted = false;
	*out_stop = s->stop;
	return s->stop ? OK : why_not_open(s);
}
