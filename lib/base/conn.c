/* SPDX-License-Identifier: Apache-2.0 */
/* Connections: octets in and out, back-pressure, and one end that is told once. */
#include "lib/base/conn_impl.h"

#include "lib/base/memory.h"

#include <netdb.h>
#include <stdlib.h>

enum { PARTS_MAX = 32, KEEPALIVE_SECONDS = 60 };

/* --- the end --- */

void conn_handle_closed(uv_handle_t *handle)
{
	struct conn *c = handle->data;

	if (--c->handles)
		return;
	if (c->callbacks)
		c->callbacks->closed(c->user, c, c->why);
	live_remove(&c->live);
	if (c->listener)
		listener_lost(c->listener);
	if (c->found)
		freeaddrinfo(c->found);
	address_cleanup(&c->target);
	status_free(&c->why);
	free(c->peer);
	free(c);
}

void conn_end(struct conn *c, struct status *why)
{
	if (c->state == CONN_ENDED) {
		status_drop(why);
		return;
	}
	if (c->state == CONN_CONNECTING)
		uv_cancel((uv_req_t *)&c->lookup);
	c->state = CONN_ENDED;
	c->why = why;
	uv_close((uv_handle_t *)&c->timer, conn_handle_closed);
	/* A handle that is being replaced for the next address is counted by its own callback. */
	if (c->uv.handle.data && !uv_is_closing(&c->uv.handle))
		uv_close(&c->uv.handle, conn_handle_closed);
}

static void live_end(struct live *live)
{
	conn_end((struct conn *)live, OK);
}

/* --- time --- */

static void time_over(uv_timer_t *timer)
{
	struct conn *c = timer->data;

	if (c->state == CONN_LINGERING)
		conn_end(c, OK);
	else if (c->state == CONN_FLUSHING)
		conn_end(c, FAIL(ST_LATER, 0, "%s does not take what was written", c->peer));
	else if (c->state == CONN_CONNECTING)
		conn_end(c, FAIL(ST_LATER, 0, "%s does not answer", c->peer));
	else
		conn_end(c, FAIL(ST_LATER, 0, "%s has been silent for %lld seconds", c->peer,
				 (long long)c->idle_ms / 1000));
}

void conn_time(struct conn *c, int64_t ms)
{
	if (c->state == CONN_ENDED)
		return;
	uv_timer_stop(&c->timer);
	if (ms > 0) {
		uv_update_time(c->timer.loop);
		uv_timer_start(&c->timer, time_over, (uint64_t)ms, 0);
	}
}

void conn_idle_limit(struct conn *conn, int64_t idle_ms)
{
	conn->idle_ms = idle_ms;
	if (conn->state == CONN_OPEN)
		conn_time(conn, idle_ms);
}

/* --- reading --- */

static void room_for_reading(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct conn *c = handle->data;

	(void)suggested;
	/* One room serves all: libuv reads and tells in one go. */
	*out = uv_buf_init(c->live.loop->read_room, READ_ROOM);
}

static void octets_came(uv_stream_t *stream, ssize_t n, const uv_buf_t *room)
{
	struct conn *c = stream->data;

	if (n == UV_EOF)
		conn_end(c, OK);
	else if (n < 0)
		conn_end(c, status_uv((int)n, "the connection to %s failed", c->peer));
	if (n <= 0 || c->state != CONN_OPEN)
		return;
	if (c->idle_ms)
		conn_time(c, c->idle_ms);
	c->callbacks->data(c->user, c, bytes_of(room->base, (size_t)n));
	/* Nobody can say what was said by those who are gone. */
	explicit_bzero(room->base, (size_t)n);
}

/* While it lingers, what still comes is read and dropped, so that the peer's end is seen. */
static void reading_decide(struct conn *c)
{
	bool wanted = c->state == CONN_LINGERING ||
		      (c->state == CONN_OPEN && c->callbacks && !c->pauses && !c->choked);

	if (wanted && !c->reading)
		uv_read_start(&c->uv.stream, room_for_reading, octets_came);
	else if (!wanted && c->reading && c->state != CONN_ENDED)
		uv_read_stop(&c->uv.stream);
	c->reading = wanted;
}

void conn_pause(struct conn *conn)
{
	conn->pauses++;
	reading_decide(conn);
}

void conn_resume(struct conn *conn)
{
	conn->pauses--;
	reading_decide(conn);
}

/* --- writing --- */

struct waiting {		/* octets that the network did not take at once */
	uv_write_t write;
	struct conn *conn;
	size_t len;
	uint8_t octets[];
};

static void shutdown_done(uv_shutdown_t *request, int error)
{
	struct conn *c = request->data;

	if (error == UV_ENOTCONN)
		conn_end(c, OK);	/* the peer was quicker */
	else if (error && error != UV_ECANCELED)
		conn_end(c, status_uv(error, "the connection to %s failed", c->peer));
}

/* All has left.  Closing with octets unread would reset the connection and could take from the
 * peer what it has not read yet: so the end is shown first, and the peer's awaited. */
static void linger(struct conn *c)
{
	c->state = CONN_LINGERING;
	c->shutdown.data = c;
	int error = uv_shutdown(&c->shutdown, &c->uv.stream, shutdown_done);
	if (error) {
		shutdown_done(&c->shutdown, error);
		return;
	}
	reading_decide(c);
	conn_time(c, CONN_LINGER_MS);
}

static void waiting_left(uv_write_t *write, int error)
{
	struct waiting *w = write->data;
	struct conn *c = w->conn;

	c->queued -= w->len;
	free(w);
	if (c->state == CONN_ENDED)
		return;
	if (error) {
		conn_end(c, status_uv(error, "the connection to %s failed", c->peer));
		return;
	}
	if (c->choked && c->queued <= CONN_HIGH_WATER / 2) {
		c->choked = false;
		reading_decide(c);
	}
	if (c->queued)
		return;
	if (c->state == CONN_FLUSHING)
		linger(c);
	else if (c->callbacks && c->callbacks->drained)
		c->callbacks->drained(c->user, c);
}

/* Copies what is left of the parts behind the first skip octets. */
static void wait_to_leave(struct conn *c, const uv_buf_t *parts, unsigned count, size_t total,
			  size_t skip)
{
	struct waiting *w = mem_alloc(1, sizeof(*w) + total - skip);
	uint8_t *to = w->octets;

	for (unsigned i = 0; i < count; i++) {
		size_t gone = skip < parts[i].len ? skip : parts[i].len;

		if (parts[i].len > gone)
			memcpy(to, parts[i].base + gone, parts[i].len - gone);
		to += parts[i].len - gone;
		skip -= gone;
	}
	w->conn = c;
	w->len = (size_t)(to - w->octets);
	w->write.data = w;
	c->queued += w->len;
	uv_buf_t all = uv_buf_init((char *)w->octets, (unsigned)w->len);
	int error = uv_write(&w->write, &c->uv.stream, &all, 1, waiting_left);
	if (error)
		waiting_left(&w->write, error);
}

/* Straight into the network where nothing waits; copied only where it must wait. */
static void write_some(struct conn *c, const uv_buf_t *parts, unsigned count, size_t total)
{
	size_t taken = 0;

	if (!c->queued) {
		int n = uv_try_write(&c->uv.stream, parts, count);

		if (n < 0 && n != UV_EAGAIN) {
			conn_end(c, status_uv(n, "the connection to %s failed", c->peer));
			return;
		}
		taken = n > 0 ? (size_t)n : 0;
	}
	if (taken < total)
		wait_to_leave(c, parts, count, total, taken);
}

void conn_write(struct conn *conn, const struct bytes *parts, size_t count)
{
	uv_buf_t batch[PARTS_MAX];
	unsigned filled = 0;
	size_t total = 0;

	for (size_t i = 0; i < count && conn->state == CONN_OPEN; i++) {
		if (!parts[i].len)
			continue;
		batch[filled++] = (uv_buf_t){ .base = (char *)(uintptr_t)parts[i].data,
					      .len = parts[i].len };
		total += parts[i].len;
		if (filled == PARTS_MAX) {
			write_some(conn, batch, filled, total);
			filled = 0;
			total = 0;
		}
	}
	if (filled && conn->state == CONN_OPEN)
		write_some(conn, batch, filled, total);
	if (conn->queued > CONN_HIGH_WATER && !conn->choked) {
		conn->choked = true;
		reading_decide(conn);
	}
}

void conn_close(struct conn *conn)
{
	if (conn->state == CONN_CONNECTING)
		conn_end(conn, OK);
	if (conn->state != CONN_OPEN)
		return;
	conn->state = CONN_FLUSHING;
	if (!conn->queued) {
		linger(conn);
		return;
	}
	reading_decide(conn);
	conn_time(conn, CONN_FLUSH_MS);
}

void conn_abort(struct conn *conn)
{
	conn_end(conn, OK);
}

size_t conn_queued(const struct conn *conn)
{
	return conn->queued;
}

const char *conn_peer(const struct conn *conn)
{
	return conn->peer;
}

/* --- the beginning --- */

struct conn *conn_new(struct loop *loop, enum conn_state state)
{
	struct conn *c = mem_new(struct conn);

	c->state = state;
	uv_timer_init(&loop->uv, &c->timer);
	c->timer.data = c;
	c->handles = 1;
	live_add(&c->live, loop, live_end);
	return c;
}

void conn_opened(struct conn *c)
{
	c->state = CONN_OPEN;
	if (c->uv.handle.type == UV_TCP) {
		uv_tcp_nodelay(&c->uv.tcp, 1);
		uv_tcp_keepalive(&c->uv.tcp, 1, KEEPALIVE_SECONDS);
	}
	conn_time(c, c->idle_ms);
	reading_decide(c);
}

struct conn *conn_accept(struct loop *loop, uv_stream_t *server, struct listener *listener)
{
	struct conn *c = conn_new(loop, CONN_OPEN);
	struct sockaddr_storage sa = { 0 };
	int len = sizeof(sa);

	if (server->type == UV_TCP)
		uv_tcp_init(&loop->uv, &c->uv.tcp);
	else
		uv_pipe_init(&loop->uv, &c->uv.pipe, 0);
	c->uv.handle.data = c;
	c->handles++;
	c->listener = listener;
	int error = uv_accept(server, &c->uv.stream);
	if (!error && server->type == UV_TCP)
		uv_tcp_getpeername(&c->uv.tcp, (struct sockaddr *)&sa, &len);
	c->peer = mem_strdup(server->type == UV_TCP ? address_text((struct sockaddr *)&sa).s : "unix");
	if (error)
		conn_end(c, status_uv(error, "cannot accept the connection"));
	return c;
}

void conn_start(struct conn *conn, const struct conn_user *callbacks, void *user)
{
	conn->callbacks = callbacks;
	conn->user = user;
	if (conn->state == CONN_OPEN)
		conn_opened(conn);
}

bool conn_started(const struct conn *conn)
{
	return conn->callbacks != NULL;
}
