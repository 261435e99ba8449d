/* SPDX-License-Identifier: Apache-2.0 */
/* Outgoing connections: the name is looked up, and its addresses are tried in turn. */
#include "lib/base/conn_impl.h"

#include "lib/base/memory.h"

#include <netdb.h>
#include <stdlib.h>

static void try_next(struct conn *c);

/* The handle of a failed attempt is closed: the next address gets a new one. */
static void attempt_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (c->state == CONN_ENDED) {
		conn_handle_closed(handle);
		return;
	}
	c->handles--;
	c->uv.handle.data = NULL;
	try_next(c);
}

static void attempt_done(uv_connect_t *request, int error)
{
	struct conn *c = request->data;

	if (c->state == CONN_ENDED)
		return;
	if (!error) {
		conn_opened(c);
		if (c->callbacks->connected)
			c->callbacks->connected(c->user, c);
		return;
	}
	if (!c->next) {
		conn_end(c, status_uv(error, "cannot connect to %s", c->peer));
		return;
	}
	uv_close(&c->uv.handle, attempt_closed);
}

static void handle_begin(struct conn *c)
{
	if (c->target.path)
		uv_pipe_init(&c->live.loop->uv, &c->uv.pipe, 0);
	else
		uv_tcp_init(&c->live.loop->uv, &c->uv.tcp);
	c->uv.handle.data = c;
	c->handles++;
	c->connect.data = c;
}

static void try_next(struct conn *c)
{
	struct addrinfo *address = c->next;

	c->next = address->ai_next;
	handle_begin(c);
	int error = uv_tcp_connect(&c->connect, &c->uv.tcp, address->ai_addr, attempt_done);
	if (error)
		attempt_done(&c->connect, error);
}

static void lookup_done(uv_getaddrinfo_t *request, int error, struct addrinfo *found)
{
	struct conn *c = request->data;

	c->found = found;
	if (c->state == CONN_ENDED) {
		/* The connection waited only for this to be over. */
		conn_handle_closed((uv_handle_t *)&c->timer);
		return;
	}
	c->handles--;
	if (error) {
		conn_end(c, status_uv(error, "cannot find the host of %s", c->peer));
		return;
	}
	c->next = found;
	try_next(c);
}

/* Numbers need no lookup, and no place on the worker pool. */
static bool is_numeric(struct conn *c, const char *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

	return getaddrinfo(host, c->target.port, &hints, &c->found) == 0;
}

static void begin(struct conn *c)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *host = c->target.host ? c->target.host : "localhost";

	if (c->target.path) {
		handle_begin(c);
		uv_pipe_connect(&c->connect, &c->uv.pipe, c->target.path, attempt_done);
		return;
	}
	if (is_numeric(c, host)) {
		c->next = c->found;
		try_next(c);
		return;
	}
	c->lookup.data = c;
	int error = uv_getaddrinfo(&c->live.loop->uv, &c->lookup, lookup_done, host, c->target.port,
				   &hints);
	if (error)
		conn_end(c, status_uv(error, "cannot find the host of %s", c->peer));
	else
		c->handles++;	/* the lookup counts, since it holds the connection */
}

struct conn *conn_open(struct loop *loop, const char *address, int64_t timeout_ms,
		       const struct conn_user *callbacks, void *user)
{
	struct conn *c = conn_new(loop, CONN_CONNECTING);

	c->callbacks = callbacks;
	c->user = user;
	c->peer = mem_strdup(address);
	struct status *st = address_parse(address, &c->target);
	if (st) {
		conn_end(c, st);
		return c;
	}
	conn_time(c, timeout_ms);
	begin(c);
	return c;
}
