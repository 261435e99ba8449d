/* SPDX-License-Identifier: Apache-2.0 */
/* What conn.c and connect.c know of one another; nobody else includes this. */
#ifndef LIB_BASE_CONN_IMPL_H
#define LIB_BASE_CONN_IMPL_H

#include "lib/base/address.h"
#include "lib/base/loop_impl.h"

enum conn_state {
	CONN_CONNECTING,
	CONN_OPEN,
	CONN_FLUSHING,		/* closed here: what was written is still leaving */
	CONN_LINGERING,		/* it has left; the peer has not closed yet */
	CONN_ENDED,		/* its handles are closing */
};

struct conn {
	struct live live;
	union {
		uv_handle_t handle;
		uv_stream_t stream;
		uv_tcp_t tcp;
		uv_pipe_t pipe;
	} uv;
	uv_timer_t timer;		/* of connecting, idling, flushing or lingering, as the state says */
	unsigned handles;		/* that are not closed yet */
	enum conn_state state;

	const struct conn_user *callbacks;	/* null until conn_start */
	void *user;
	struct listener *listener;	/* null where it was opened here */
	char *peer;
	struct status *why;

	size_t queued;
	unsigned pauses;
	bool choked;			/* more than CONN_HIGH_WATER is queued */
	bool reading;
	int64_t idle_ms;

	struct address target;
	struct addrinfo *found, *next;	/* addresses of the target, and the one to be tried next */
	uv_getaddrinfo_t lookup;
	uv_connect_t connect;
	uv_shutdown_t shutdown;
};

/* A connection without a handle of the stream yet. */
struct conn *conn_new(struct loop *loop, enum conn_state state);
/* Begins the end; takes why, which may be null.  After the first time it does nothing. */
void conn_end(struct conn *c, struct status *why);
/* The stream is there: reading begins. */
void conn_opened(struct conn *c);
/* Starts the timer of the state anew; 0 stops it. */
void conn_time(struct conn *c, int64_t ms);
/* One of the handles is closed. */
void conn_handle_closed(uv_handle_t *handle);

#endif
