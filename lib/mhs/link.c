/* SPDX-License-Identifier: Apache-2.0 */
/* A link: an association over a real connection. */
#include "lib/mhs/link_impl.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
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
	link_early_free(link);
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

void link_end(struct link *link, struct status *why)
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

static void conn_connected(void *user, struct conn *conn)
{
	struct link *link = user;

	(void)conn;
	link->state = LINK_BINDING;
	timer_restart(link->answer_timer, link->env->bind_timeout_ms);
	conn_idle_limit(link->conn, link->env->idle_timeout_ms);
	link_bind(link);
}

static void conn_data(void *user, struct conn *conn, struct bytes octets)
{
	struct link *link = user;

	(void)conn;
	link->heard += octets.len;
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

	bool checking = link->state == LINK_BINDING && link->work_running && !link->server;

	/* Before he has proved who he is, a peer is not answered. */
	if (checking && link->user->invoke)
		link_early_add(link, id, operation, argument, apdu);
	else if (link->state == LINK_OPEN && link->user->invoke)
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
	.bind_cnf = link_bind_cnf,
	.bind_refused = link_bind_refused,
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

void link_tell_waiting(struct link *link, const struct messages_waiting *waiting)
{
	link->waiting = *waiting;
}

const struct messages_waiting *link_waiting(const struct link *link)
{
	return &link->waiting;
}

uint64_t link_heard(const struct link *link)
{
	return link->heard;
}

size_t link_queued(const struct link *link)
{
	return link->connection_gone ? 0 : link->out.len + conn_queued(link->conn);
}
