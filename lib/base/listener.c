/* SPDX-License-Identifier: Apache-2.0 */
/* Listeners: where connections come in, and how many may. */
#include "lib/base/loop_impl.h"

#include "lib/base/address.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"

#include <netdb.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BACKLOG = 511 };

struct listener {
	struct live live;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	char *address;
	unsigned connections, connections_max;
	void (*accepted)(void *arg, struct conn *conn);
	void *arg;
	bool owned;		/* the caller still holds it */
	bool closed;		/* the loop does not any more */
};

/* It goes when nobody knows it: not the caller, not the loop, no connection. */
static void listener_free_if_unused(struct listener *l)
{
	if (l->owned || !l->closed || l->connections)
		return;
	free(l->address);
	free(l);
}

void listener_lost(struct listener *l)
{
	l->connections--;
	listener_free_if_unused(l);
}

static void listener_closed(uv_handle_t *handle)
{
	struct listener *l = handle->data;

	live_remove(&l->live);
	l->closed = true;
	listener_free_if_unused(l);
}

static void listener_end(struct live *live)
{
	struct listener *l = (struct listener *)live;

	if (!uv_is_closing(&l->uv.handle))
		uv_close(&l->uv.handle, listener_closed);
}

static void connection_came(uv_stream_t *server, int error)
{
	struct listener *l = server->data;

	if (error) {
		AUTO(status_free) struct status *st = status_uv(error, "cannot accept a connection");

		log_event(LOG_LV_WARN, "listener failed", log_text("at", l->address), log_why(st));
		return;
	}
	l->connections++;
	struct conn *c = conn_accept(l->live.loop, server, l);
	if (l->connections > l->connections_max)
		log_event(LOG_LV_WARN, "connection refused", log_text("at", l->address),
			  log_text("peer", conn_peer(c)), log_num("open", l->connections_max));
	else
		l->accepted(l->arg, c);
	if (!conn_started(c))
		conn_abort(c);
}

/* The first of a host's addresses, IPv4 before IPv6; every interface in both families. */
static FALLIBLE tcp_bind(struct listener *l, const struct address *a)
{
	const struct addrinfo hints = { .ai_family = a->host ? AF_UNSPEC : AF_INET6,
					.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
	struct addrinfo *found = NULL, *first;
	int error = getaddrinfo(a->host, a->port, &hints, &found);

	if (error)
		return FAIL(ST_USAGE, 0, "there is no address for the host \"%s\": %s",
			    a->host ? a->host : "*", gai_strerror(error));
	for (first = found; first->ai_next && first->ai_family != AF_INET; )
		first = first->ai_next;
	if (first->ai_family != AF_INET)
		first = found;
	error = uv_tcp_bind(&l->uv.tcp, first->ai_addr, 0);
	freeaddrinfo(found);
	return error ? status_uv(error, "cannot bind the address") : OK;
}

static FALLIBLE address_bind(struct listener *l, const struct address *a)
{
	if (!a->path)
		return tcp_bind(l, a);
	struct stat there;
	/* A socket left by a server that was killed is in the way of the next one. */
	if (lstat(a->path, &there) == 0 && S_ISSOCK(there.st_mode))
		unlink(a->path);
	int error = uv_pipe_bind(&l->uv.pipe, a->path);
	return error ? status_uv(error, "cannot bind the path") : OK;
}

static char *bound_address(struct listener *l, const struct address *a)
{
	struct sockaddr_storage sa = { 0 };
	int len = sizeof(sa);

	if (a->path)
		return mem_printf("unix:%s", a->path);
	uv_tcp_getsockname(&l->uv.tcp, (struct sockaddr *)&sa, &len);
	return mem_strdup(address_text((const struct sockaddr *)&sa).s);
}

static FALLIBLE listen_at(struct listener *l, const struct address *a)
{
	TRY(address_bind(l, a));
	int error = uv_listen(&l->uv.stream, BACKLOG, connection_came);
	if (error)
		return status_uv(error, "the address is not free");
	l->address = bound_address(l, a);
	return OK;
}

FALLIBLE listener_open(struct loop *loop, const char *address, unsigned connections_max,
		       void (*accepted)(void *arg, struct conn *conn), void *arg,
		       struct listener **out_listener)
{
	AUTO(address_cleanup) struct address a = { 0 };

	TRY(address_parse(address, &a));
	AUTO(listener_close) struct listener *l = mem_new(struct listener);
	l->connections_max = connections_max;
	l->accepted = accepted;
	l->arg = arg;
	l->owned = true;
	if (a.path)
		uv_pipe_init(&loop->uv, &l->uv.pipe, 0);
	else
		uv_tcp_init(&loop->uv, &l->uv.tcp);
	l->uv.handle.data = l;
	live_add(&l->live, loop, listener_end);
	TRY_DOING(listen_at(l, &a), "cannot listen at %s", address);
	*out_listener = TAKE(l);
	return OK;
}

const char *listener_address(const struct listener *listener)
{
	return listener->address;
}

void listener_close(struct listener **listener)
{
	struct listener *l = TAKE(*listener);

	if (!l)
		return;
	l->owned = false;
	if (l->closed)
		listener_free_if_unused(l);
	else
		listener_end(&l->live);
}
