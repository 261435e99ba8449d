/* SPDX-License-Identifier: Apache-2.0 */
/* One operation over an association of its own. */
#include "lib/mhs/errand.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/password_change.h"
#include "lib/mhs/password_file.h"
#include "lib/osi/rose.h"

struct going {
	const struct errand *errand;
	struct link *link;		/* null once it has ended */
	bool done;
	struct status *failed;
};

/* --- what the link tells --- */

/* The first reason is the one that counts. */
static void end(struct going *g, struct status *failed)
{
	if (g->done || g->failed)
		status_free(&failed);
	else
		g->failed = failed;
	g->done = g->done || !g->failed;
	if (g->link)
		link_release(g->link);
}

static void on_opened(void *user, struct link *link)
{
	struct going *g = user;
	int32_t invoke_id;

	if (!g->errand->operation) {
		end(g, OK);
		return;
	}
	struct status *st = assoc_invoke_req(link_assoc(link), g->errand->operation,
					     &g->errand->argument, 1, &invoke_id);
	if (st)
		link_abort(link, st);
}

static void on_result(void *user, struct link *link, int32_t invoke_id, struct bytes result,
		      struct buf *apdu)
{
	(void)link, (void)invoke_id, (void)result, (void)apdu;
	end(user, OK);
}

static void on_error(void *user, struct link *link, int32_t invoke_id, int error,
		     struct bytes parameter, struct buf *apdu)
{
	struct going *g = user;

	(void)link, (void)invoke_id, (void)apdu;
	end(g, operation_failed(g->errand->operation, error, parameter));
}

static void on_reject(void *user, struct link *link, int32_t invoke_id, const struct status *why)
{
	struct going *g = user;

	(void)link, (void)invoke_id;
	end(g, status_new(status_copy(why), ST_NEVER, 0, "%s does not serve %s", link_peer(link),
			  operation_name(g->errand->operation)));
}

/* A server that we bound to may have something to deliver: it is the server's, not ours. */
static void on_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	struct status *st = assoc_reject_req(link_assoc(link), invoke_id,
					     ROSE_INVOKE_UNRECOGNIZED_OPERATION);

	(void)user, (void)operation, (void)argument, (void)apdu;
	if (st)
		link_abort(link, st);
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct going *g = user;

	(void)link;
	g->link = NULL;
	end(g, why ? status_copy(why) : FAIL(ST_LATER, 0, "the association ended"));
}

static const struct link_user errand_user = {
	.invoke = on_invoke, .result = on_result, .error = on_error, .reject = on_reject,
	.closed = on_closed,
};

static bool over(void *arg)
{
	return !((const struct going *)arg)->link;
}

FALLIBLE errand_run(const struct errands *errands, const struct link_target *target,
		    const struct errand *errand)
{
	struct going g = { .errand = errand };

	g.link = link_connect(&errands->env, target, on_opened, &errand_user, &g);
	loop_run_until(errands->loop, over, &g, -1);
	/* A name or a socket that is not there now may be there later. */
	if (g.failed && g.failed->kind != ST_REFUSED && g.failed->kind != ST_NEVER)
		return status_new(g.failed, ST_LATER, 0, "%s did not answer",
				  target->mta_name ? target->mta_name : target->address);
	return g.failed;
}

/* --- a password --- */

struct password_errand {
	const struct errands *errands;
	const struct link_target *target;
};

static FALLIBLE bind_with(void *arg, const char *file)
{
	const struct password_errand *p = arg;
	struct link_target target = *p->target;

	target.expected.own_password_file = file;
	return errand_run(p->errands, &target, &(struct errand){ 0 });
}

static FALLIBLE ask_for_change(void *arg, struct bytes before, struct bytes after)
{
	const struct password_errand *p = arg;
	AUTO(secret_buf_free) struct buf argument = { 0 };

	password_change_argument(before, after, &argument);
	return errand_run(p->errands, p->target,
			  &(struct errand){ OP_CHANGE_CREDENTIALS, buf_view(&argument) });
}

FALLIBLE errand_password(const struct invocation *invocation, const struct errands *errands,
			 const struct link_target *target, const char *name)
{
	struct password_errand errand = { errands, target };
	const struct password_peer peer = {
		.name = name, .file = target->expected.own_password_file,
		.bind = bind_with, .change = ask_for_change, .arg = &errand,
	};

	if (!peer.file)
		return FAIL(ST_USAGE, 0, "%s gets no password from here: the settings have no "
			    "own-password-file for it", name);
	return password_change_run(invocation, &peer, bytes_none());
}

/* --- what it needs --- */

FALLIBLE errands_open(const struct daemon_settings *daemon, const char *log_name,
		      const struct site_settings *site, enum scope scope,
		      const struct label_settings *labels, int64_t bind_timeout_seconds,
		      struct errands **out_errands)
{
	AUTO(errands_free) struct errands *e = mem_new(struct errands);

	e->arena = arena_new();
	e->loop = loop_new();
	TRY(log_open(&(struct log_options){ .program = log_name, .path = daemon->log,
					    .audit_path = daemon->audit_log,
					    .level = (enum log_level)daemon->log_level,
					    .clock = &clock_real }));
	TRY(site_open(site, scope, &clock_real, &e->site));
	TRY(labels_open(e->arena, labels, &e->labels));
	e->env = (struct link_env){
		.loop = e->loop,
		.clock = &clock_real,
		.self = { .keys = &e->site->keys },
		.trust = e->site->trust,
		.limits = &assoc_limits_default,
		.labels = &e->labels,
		.bind_timeout_ms = bind_timeout_seconds * 1000,
		.idle_timeout_ms = bind_timeout_seconds * 1000,
	};
	*out_errands = TAKE(e);
	return OK;
}

void errands_free(struct errands **errands)
{
	struct errands *e = TAKE(*errands);

	if (!e)
		return;
	loop_shutdown(e->loop);
	site_free(&e->site);
	loop_free(&e->loop);
	arena_free(&e->arena);
	log_close();
	mem_free(&e);
}
