/* SPDX-License-Identifier: Apache-2.0 */
/* A link: an association over a real connection; the side that asks. */
#include "lib/mhs/link_impl.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/labels.h"
#include "lib/mhs/recoveries.h"

#include <stdlib.h>

void link_blame(struct link *link, struct status *why)
{
	if (link->why)
		status_free(&why);
	else
		link->why = why;
}

/* --- its end --- */

static void link_free(struct link *link)
{
	timer_free(&link->answer_timer);
	if (link->server)
		link_server_leave(link->server);
	assoc_free(&link->assoc);
	if (link->recovery)
		recoveries_give_back(link->env->recoveries, link->recovery);
	cert_free(&link->peer_cert);
	buf_free(&link->out);
	status_free(&link->why);
	arena_free(&link->arena);
	free(link->own_contexts);
	free(link);
}

void link_free_when_over(struct link *link)
{
	if (!link->connection_gone || link->work_running || link->flush.waiting)
		return;
	log_event(link->why ? LOG_LV_WARN : LOG_LV_INFO, "link ended", log_assoc(link->number),
		  log_text("peer", link->peer), log_why(link->why));
	if (link->user)
		link->user->closed(link->user_data, link, link->why);
	link_free(link);
}

/* --- what leaves --- */

/* An answer of several PDUs wakes the peer once. */
enum { GATHERED_MAX = 16 * 1024 };

static void send_gathered(struct link *link)
{
	const struct bytes all = buf_view(&link->out);

	if (all.len && !link->connection_gone)
		conn_write(link->conn, &all, 1);
	buf_clear(&link->out);
}

static void flush(void *arg)
{
	struct link *link = arg;

	send_gathered(link);
	link_free_when_over(link);
}

static void gather(struct link *link, const struct bytes *parts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_put(&link->out, parts[i]);
	link->flush.run = flush;
	link->flush.arg = link;
	loop_soon(link->env->loop, &link->flush);
}

static void net_write(void *net, const struct bytes *parts, size_t count)
{
	struct link *link = net;
	size_t len = link->out.len;

	if (link->connection_gone)
		return;
	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	if (len <= GATHERED_MAX) {
		gather(link, parts, count);
		return;
	}
	send_gathered(link);
	conn_write(link->conn, parts, count);
}

static void net_close(void *net)
{
	struct link *link = net;

	if (link->connection_gone)
		return;
	send_gathered(link);
	conn_close(link->conn);
}

/* The association is over, or never was: the connection has to go. */
static void link_end(struct link *link, struct status *why)
{
	link_blame(link, why);
	link->state = LINK_ENDING;
	timer_free(&link->answer_timer);
	net_close(link);
}

void link_abort(struct link *link, struct status *why)
{
	link_blame(link, why ? why : FAIL(ST_LATER, 0, "the association was aborted here"));
	if (link->state == LINK_OPEN || link->state == LINK_BINDING)
		assoc_abort_req(link->assoc);
	link_end(link, OK);
}

static void peer_too_slow(void *arg)
{
	struct link *link = arg;

	link_abort(link, FAIL(ST_LATER, 0, "%s did not answer within %lld ms", link->peer,
			      (long long)link->env->bind_timeout_ms));
}

void link_release(struct link *link)
{
	if (link->state != LINK_OPEN)
		return;
	link->state = LINK_ENDING;
	link->answer_timer = timer_new(link->env->loop, link->env->bind_timeout_ms, 0,
				       peer_too_slow, link);
	struct status *st = assoc_unbind_req(link->assoc);
	if (st)
		link_abort(link, st);
}

/* --- the connection beneath --- */

static const struct network link_network = { .write = net_write, .close = net_close };

static void argument_made(struct bind_work *work);

static void conn_connected(void *user, struct conn *conn)
{
	struct link *link = user;

	(void)conn;
	link->state = LINK_BINDING;
	timer_restart(link->answer_timer, link->env->bind_timeout_ms);
	conn_idle_limit(link->conn, link->env->idle_timeout_ms);
	link_work(link, BIND_MAKE_ARGUMENT, NULL, OK, argument_made);
}

static void conn_data(void *user, struct conn *conn, struct bytes octets)
{
	struct link *link = user;

	(void)conn;
	assoc_input(link->assoc, octets);
}

static void conn_closed(void *user, struct conn *conn, const struct status *why)
{
	struct link *link = user;

	(void)conn;
	link->connection_gone = true;
	timer_free(&link->answer_timer);
	if (link->state != LINK_ENDING) {
		if (link->state == LINK_CONNECTING)
			link_blame(link, why ? status_copy(why)
					     : FAIL(ST_LATER, 0, "the connection was closed"));
		else
			assoc_network_lost(link->assoc, why);
		link_blame(link, FAIL(ST_LATER, 0, "%s closed the connection", link->peer));
		link->state = LINK_ENDING;
	}
	link_free_when_over(link);
}

const struct conn_user link_conn_user = {
	.connected = conn_connected,
	.data = conn_data,
	.closed = conn_closed,
};

/* --- open --- */

/* Who he is: nobody resumes what another transferred, nor a transfer to him as one from him. */
static void recovery_key(const struct link *link, struct buf *out)
{
	buf_put_u8(out, link->server ? 'i' : 'o');
	buf_put_u8(out, (uint8_t)link->peer_role);
	buf_put_text(out, link->context->oid);
	buf_put_u8(out, 0);
	if (link->peer_role == LINK_MTA) {
		buf_put_text(out, link->peer_mta_name ? link->peer_mta_name : "");
		buf_put_u8(out, 0);
		buf_put(out, link->peer_domain);
	} else {
		buf_put(out, link->peer_or_name);
	}
}

void link_open(struct link *link)
{
	AUTO(buf_free) struct buf key = { 0 };

	link->state = LINK_OPEN;
	timer_free(&link->answer_timer);
	log_event(LOG_LV_INFO, "link open", log_assoc(link->number), log_text("peer", link->peer),
		  log_text("context", link->context->name));
	if (!link->env->recoveries || !link->context->rtse)
		return;
	recovery_key(link, &key);
	link->recovery = recoveries_lend(link->env->recoveries, buf_view(&key));
	assoc_use_recovery(link->assoc, link->recovery);
}

/* --- the bind, as the side that asks --- */

/* A name for the association that none had before [X.228 SessionConnectionIdentifier]. */
static FALLIBLE name_association(const struct link *link, struct arena *arena,
				 struct assoc_address *out)
{
	uint8_t unique[16];
	struct time_text opened;
	AUTO(mem_free) char *reference = NULL;

	crypto_random(unique, sizeof(unique));
	reference = bytes_hex(bytes_of(unique, sizeof(unique)));
	TRY(time_to_utctime(clock_now(link->env->clock), &opened));
	out->reference = arena_dup(arena, bytes_text(reference));
	out->opened = arena_dup(arena, bytes_text(opened.s));
	return OK;
}

static void argument_made(struct bind_work *work)
{
	struct link *link = work->link;
	const struct assoc_address none = { 0 };
	struct assoc_address own = { 0 };
	struct status *st = TAKE(work->failed);

	if (st) {
		link_end(link, st);
		return;
	}
	if (link->context->rtse)
		st = name_association(link, link->arena, &own);
	/* Operations go both ways; transfers from us to the peer alone. */
	if (!st)
		st = assoc_bind_req(link->assoc, link->context, &own, &none, link->context->rose,
				    true, buf_view(&work->out));
	if (st)
		link_abort(link, st);
}

static void result_checked(struct bind_work *work)
{
	struct link *link = work->link;

	link_audit(link, work->failed, "authentication-error");
	if (work->failed) {
		link_abort(link, status_doing(TAKE(work->failed), "%s did not prove who it is",
					      link->peer));
		return;
	}
	link_open(link);
	link->opened(link->user_data, link);
}

static void bind_cnf(void *user, struct bytes result)
{
	struct link *link = user;
	struct bind peer;
	struct status *st = bind_result_decode(link->kind, result, link->arena, &peer);

	if (st)
		link_abort(link, st);
	else
		link_work(link, BIND_CHECK_RESULT, &peer, OK, result_checked);
}

static void bind_refused(void *user, struct bytes error, const struct status *why)
{
	struct link *link = user;
	struct status *cause = error.len ? bind_error_status(link->kind, error) : status_copy(why);

	link_end(link, status_doing(cause, "%s refused the association", link->peer));
}

/* --- what happens on an open link is its user's --- */

/* A peer may also answer what was never asked: that is nobody's business. */
#define FORWARD(name, ...)                                                              \
	do {                                                                            \
		if (link->user && link->user->name)                                     \
			link->user->name(link->user_data, link __VA_OPT__(, ) __VA_ARGS__); \
	} while (0)

static void invoke_ind(void *user, int32_t id, int operation, struct bytes argument,
		       struct buf *apdu)
{
	struct link *link = user;

	/* Before he has proved who he is, a peer has nothing to ask. */
	if (link->state == LINK_OPEN && link->user->invoke)
		FORWARD(invoke, id, operation, argument, apdu);
	else
		link_abort(link, FAIL(ST_PEER, 0, "%s invoked operation %d, which nobody serves here",
				      link->peer, operation));
}

static void result_ind(void *user, int32_t id, struct bytes result, struct buf *apdu)
{
	struct link *link = user;

	FORWARD(result, id, result, apdu);
}

static void error_ind(void *user, int32_t id, int error, struct bytes parameter, struct buf *apdu)
{
	struct link *link = user;

	FORWARD(error, id, error, parameter, apdu);
}

static void reject_ind(void *user, int32_t id, const struct status *why)
{
	struct link *link = user;

	FORWARD(reject, id, why);
}

static void transfer_ind(void *user, struct bytes apdu, struct buf *octets)
{
	struct link *link = user;

	if (link->user && link->user->transfer)
		FORWARD(transfer, apdu, octets);
	else
		link_abort(link, FAIL(ST_PEER, 0, "%s transferred what nobody takes here", link->peer));
}

static void transfer_cnf(void *user, const struct status *failed)
{
	struct link *link = user;

	FORWARD(transferred, failed);
}

static void turn_ind(void *user)
{
	struct link *link = user;

	FORWARD(turn);
}

static void turn_please_ind(void *user)
{
	struct link *link = user;

	FORWARD(turn_please);
}

static void unbind_ind(void *user)
{
	struct link *link = user;
	struct status *st = assoc_unbind_rsp(link->assoc);

	link_end(link, st);
}

static void unbind_cnf(void *user)
{
	link_end(user, OK);
}

static void abort_ind(void *user, const struct status *why)
{
	link_end(user, status_copy(why));
}

static const struct assoc_user link_assoc_user = {
	.bind_ind = link_server_bind_ind,
	.bind_cnf = bind_cnf,
	.bind_refused = bind_refused,
	.invoke_ind = invoke_ind,
	.result_ind = result_ind,
	.error_ind = error_ind,
	.reject_ind = reject_ind,
	.transfer_ind = transfer_ind,
	.transfer_cnf = transfer_cnf,
	.turn_ind = turn_ind,
	.turn_please_ind = turn_please_ind,
	.unbind_ind = unbind_ind,
	.unbind_cnf = unbind_cnf,
	.abort_ind = abort_ind,
};

/* --- making --- */

struct link *link_new(const struct link_env *env, const struct app_context *const *contexts)
{
	static int64_t last_number;
	struct link *link = mem_new(struct link);

	link->env = env;
	link->number = ++last_number;
	link->arena = arena_new();
	link->peer = "someone";
	link->assoc = assoc_new(contexts, env->limits, &link_network, link, &link_assoc_user, link);
	link->answer_timer = timer_new(env->loop, env->bind_timeout_ms, 0, peer_too_slow, link);
	return link;
}

struct link *link_connect(const struct link_env *env, const struct link_target *target,
			  void (*opened)(void *user, struct link *link),
			  const struct link_user *user, void *user_data)
{
	const struct app_context **contexts = mem_new_array(const struct app_context *, 2);
	struct link *link = link_new(env, contexts);

	contexts[0] = target->context;
	link->own_contexts = contexts;
	link->context = target->context;
	link->kind = link_bind_kind(target->context);
	link->peer_role = target->role;
	link->peer_mta_name = target->mta_name ? arena_strdup(link->arena, target->mta_name) : NULL;
	link->peer_domain = arena_dup(link->arena, target->domain);
	link->peer_or_name = arena_dup(link->arena, target->or_name);
	link->fetch_restrictions = arena_dup(link->arena, target->fetch_restrictions);
	link->peer = arena_printf(link->arena, "%s at %s",
				  target->mta_name ? target->mta_name : "the message store",
				  target->address);
	link->expected = target->expected;
	link->expected.password_stored = arena_dup(link->arena, target->expected.password_stored);
	link->security_context = arena_dup(link->arena,
		labels_allowed(env->labels, target->expected.security_context));
	link->expected.security_context = link->security_context;
	link->opened = opened;
	link->user = user;
	link->user_data = user_data;
	crypto_random(link->random, sizeof(link->random));
	timer_restart(link->answer_timer, target->connect_timeout_ms + env->bind_timeout_ms);
	link->conn = conn_open(env->loop, target->address, target->connect_timeout_ms,
			       &link_conn_user, link);
	return link;
}

/* --- asking --- */

struct assoc *link_assoc(struct link *link)
{
	return link->assoc;
}

int64_t link_number(const struct link *link)
{
	return link->number;
}

const char *link_peer(const struct link *link)
{
	return link->peer;
}

const struct app_context *link_context(const struct link *link)
{
	return link->context;
}

const struct cert *link_peer_cert(const struct link *link)
{
	return link->peer_cert;
}

struct bytes link_security_context(const struct link *link)
{
	return link->security_context;
}

size_t link_queued(const struct link *link)
{
	return link->connection_gone ? 0 : link->out.len + conn_queued(link->conn);
}
