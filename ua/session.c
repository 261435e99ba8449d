/* SPDX-License-Identifier: Apache-2.0 */
/* One association with the user's message store, or his MTA. */
#include "ua/session_impl.h"

#include "asn1/dn.h"
#include "asn1/mhs_operations.h"
#include "lib/base/memory.h"
#include "lib/mhs/binds.h"
#include "lib/mhs/contexts.h"
#include "lib/mhs/operations.h"
#include "lib/osi/rose.h"

#include <signal.h>

enum {
	ENVELOPE_ROOM = 16 << 20,	/* besides the content: recipients and extensions */
	KEEP_SECONDS = 24 * 3600,	/* what was cut off; it ends with the program in any case */
	SILENCE_MS = 5000,		/* then an MTA has nothing more to deliver */
	STOP_MS = 1000,			/* for a release, once we are to stop */
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

static void begin_collecting(struct session *s)
{
	const struct messages_waiting *waiting = link_waiting(s->link);

	s->collecting.answered = 0;
	s->to_collect = waiting->told ? 0 : -1;
	for (int i = 0; i < WAITING_PRIORITIES && waiting->told; i++)
		s->to_collect += waiting->queues[i].messages;
}

static void on_opened(void *user, struct link *link)
{
	struct session *s = user;

	(void)link;
	s->open = true;
	begin_collecting(s);
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
		status_new(status_copy(why), ST_NEVER, 0, "%s does not understand %s",
			   ((struct session *)user)->home->server, operation_name(call.operation));
	call.answer(call.arg, bytes_none(), &nothing, failed);
}

/* An MTA delivers; a store invokes nothing but alerts. */
static void on_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	struct session *s = user;
	const struct bytes null = BYTES("\x05\x00");
	struct status *failed;

	(void)apdu;
	if (s->home->mta) {
		s->alerted = true;
		collect_invoke(&s->collecting, link, invoke_id, operation, argument);
		return;
	}
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
		     : FAIL(ST_LATER, 0, "%s released the association", s->home->server);
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

static bool opened_or_over(void *arg)
{
	const struct session *s = arg;

	return s->open || !s->link || s->stop;
}

static bool over(void *arg)
{
	const struct session *s = arg;

	return !s->link || s->stop;
}

static bool ended(void *arg)
{
	const struct session *s = arg;

	return !s->link;
}

/* A peer that does not answer is not waited for by who wants to stop. */
static void stop_link(struct session *s)
{
	if (s->link)
		link_abort(s->link, FAIL(ST_LATER, 0, "stopped by a signal"));
	loop_run_until(s->loop, ended, s, -1);
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

/* A store that has no password for him answers with an empty one; an MTA has to have one. */
static void use_password(const struct home *home, struct link_expected *expected)
{
	if (!home->mta)
		expected->password = home->ms_password ? home->ms_password : "";
	expected->own_password = "";
	expected->own_password_file = home->password_file;
}

static struct link_target find_target(const struct session *s)
{
	const struct ua_settings *settings = s->home->settings;
	int64_t timeout_ms = settings->connect_timeout * 1000;

	if (s->home->mta)
		return peer_target(s->home->mta, settings->reliable ? &context_mts_reliable_access
								    : &context_mts_access,
				   timeout_ms);
	return (struct link_target){
		.address = settings->ms,
		.context = settings->reliable ? &context_ms_reliable_access : &context_ms_access,
		.role = LINK_MS,
		.expected = { .scope = SCOPE_MS, .directory_name = buf_view(&s->store_name) },
		.connect_timeout_ms = timeout_ms,
	};
}

/* Without a name in the settings, any store will do that was certified for our domain. */
static FALLIBLE check_store(const struct session *s)
{
	const struct home *home = s->home;

	return home->mta || *home->settings->ms_name || home->password_file
		? OK : store_serves(link_peer_cert(s->link), home->own);
}

FALLIBLE session_bind(struct session *s)
{
	struct link_target target = find_target(s);

	if (s->home->password_file)
		use_password(s->home, &target.expected);
	status_free(&s->why);
	s->link = link_connect(&s->env, &target, on_opened, &session_user, s);
	loop_run_until(s->loop, opened_or_over, s, -1);
	if (!s->open)
		stop_link(s);
	/* A name or a socket that is not there now may be there later. */
	if (!s->open && s->why->kind == ST_NOT_FOUND)
		s->why = status_new(s->why, ST_LATER, 0, "it cannot be reached");
	if (!s->open)
		return TAKE(s->why);
	return check_store(s);
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
	s->collecting.home = home;
	if (!*home->settings->ms && !home->mta)
		return FAIL(ST_USAGE, 0, "which message store, or which MTA? Set \"ms\" or \"mta\" in "
			    "%s", home_file(home, "ua.conf"));
	TRY_DOING(dn_from_text(home->settings->ms_name, &s->store_name), "setting ms-name");
	if (!*home->settings->ms_name)
		buf_free(&s->store_name);
	loop_signal(s->loop, SIGINT, ask_to_stop, s);
	loop_signal(s->loop, SIGTERM, ask_to_stop, s);
	set_env(s);
	s->calls = mem_new_array(struct call, (size_t)home->settings->window);
	TRY_DOING(session_bind(s), "cannot bind to %s", home->server);
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
	loop_run_until(s->loop, over, s, -1);
	loop_run_until(s->loop, ended, s, STOP_MS);
	stop_link(s);
	loop_shutdown(s->loop);
	recoveries_free(&s->recoveries);
	loop_free(&s->loop);
	status_free(&s->why);
	status_free(&s->collecting.failed);
	buf_free(&s->store_name);
	mem_free(&s->calls);
	mem_free(&s);
}

const char *session_peer(const struct session *session)
{
	const struct cert *cert = session->link ? link_peer_cert(session->link) : NULL;

	return cert ? cert->subject_text : session->home->server;
}

/* --- asking --- */

static FALLIBLE why_not_open(const struct session *s)
{
	if (s->stop)
		return FAIL(ST_LATER, 0, "stopped by a signal");
	return s->link ? OK : status_doing(status_copy(s->why), "the link with %s ended",
					   s->home->server);
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
	if (s->stop && s->count)
		stop_link(s);
	return why_not_open(s);
}

static void done(void *arg, struct bytes result, struct buf *apdu, const struct status *failed)
{
	struct status **st = arg;

	(void)result, (void)apdu;
	*st = status_copy(failed);
}

FALLIBLE session_ask(struct session *s, int operation, struct bytes argument)
{
	struct status *failed = OK;

	TRY(session_invoke(s, operation, &argument, 1, done, &failed));
	struct status *ended = session_finish(s);
	if (ended)
		status_free(&failed);
	return ended ? ended : failed;
}

/* --- what an MTA delivers --- */

static bool collected_or_over(void *arg)
{
	const struct session *s = arg;
	bool all = s->to_collect >= 0 && s->collecting.answered >= s->to_collect;

	return !s->link || s->stop || s->collecting.failed || all;
}

FALLIBLE session_collect(struct session *s)
{
	uint64_t heard = 0;

	/* Something large may take long to come. */
	while (!collected_or_over(s) && heard != link_heard(s->link)) {
		heard = link_heard(s->link);
		loop_run_until(s->loop, collected_or_over, s, SILENCE_MS);
	}
	TRY_DOING(TAKE(s->collecting.failed), "what waits at %s stays there", s->home->server);
	return why_not_open(s);
}

struct arrival_counts session_arrivals(struct session *s)
{
	struct arrival_counts counts = s->collecting.counts;

	s->collecting.counts = (struct arrival_counts){ 0 };
	return counts;
}

/* --- watching --- */

static FALLIBLE bind_anew(struct session *s)
{
	link_release(s->link);
	loop_run_until(s->loop, ended, s, -1);
	return session_bind(s);
}

static bool alerted_or_over(void *arg)
{
	const struct session *s = arg;

	return !s->link || s->stop || s->alerted;
}

FALLIBLE session_watch(struct session *s, int64_t timeout_ms, bool *out_stop)
{
	if (!loop_run_until(s->loop, alerted_or_over, s, timeout_ms) && s->home->mta)
		TRY(bind_anew(s));
	s->alerted = false;
	*out_stop = s->stop;
	return s->stop ? OK : why_not_open(s);
}

FALLIBLE session_pause(struct session *s, int64_t time_ms)
{
	loop_run_until(s->loop, over, s, time_ms);
	return why_not_open(s);
}
