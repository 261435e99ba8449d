/* SPDX-License-Identifier: Apache-2.0 */
/* What loop.c, conn.c and listener.c know of one another; nobody else includes this. */
#ifndef LIB_BASE_LOOP_IMPL_H
#define LIB_BASE_LOOP_IMPL_H

#include "lib/base/loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

enum { READ_ROOM = 64 * 1024 };

/* A thing that the loop ends at shutdown: it lives in the loop's list until its handles are closed. */
struct live {
	struct live *next, *previous;
	struct loop *loop;
	void (*end)(struct live *live);		/* begins to close it; may be called again */
};

struct post {
	struct post *next;
	void (*run)(void *arg);
	void *arg;
};

struct loop {
	uv_loop_t uv;
	uv_async_t wake;
	struct live live;		/* the list's head */
	size_t jobs;			/* on the worker pool */
	struct soon *first_soon, **last_soon;
	bool shut;
	atomic_bool stop;

	pthread_mutex_t lock;		/* of the posts */
	struct post *first_post, **last_post;

	char read_room[READ_ROOM];	/* where every connection's octets arrive */
};

void live_add(struct live *live, struct loop *loop, void (*end)(struct live *live));
void live_remove(struct live *live);

/* The connection of a stream that listener.c has to accept. */
struct conn *conn_accept(struct loop *loop, uv_stream_t *server, struct listener *listener);
/* Whether conn_start has been called. */
bool conn_started(const struct conn *conn);
/* A connection that the listener counted has ended. */
void listener_lost(struct listener *listener);

/* The failure that a libuv error stands for. */
__attribute__((format(printf, 2, 3))) FALLIBLE status_uv(int error, const char *format, ...);

#endif
