/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop: connections, timers, jobs for the worker pool, signals.
 *
 * Everything belongs to the thread that runs the loop, except loop_post and
 * loop_stop, which any thread may call.  No callback is called from within the
 * function that asked for it.
 *
 * Addresses are text: "host:port", "[::1]:102", "*:102" for every interface,
 * port 0 for any that is free, or "unix:/path".  A host with several addresses
 * is listened to at the first, IPv4 before IPv6, and called at each in turn.
 */
#ifndef LIB_BASE_LOOP_H
#define LIB_BASE_LOOP_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct loop;
struct listener;
struct conn;
struct timer;

struct loop *loop_new(void);

/* Ends every connection, listener and timer, telling their users, and waits for jobs that
 * run.  Nothing can be started after it.  Called before what the callbacks use is freed. */
void loop_shutdown(struct loop *loop);
/* As loop_shutdown, and frees the loop. */
void loop_free(struct loop **loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Runs until done(arg) is true, which is asked after each round of events, or until the time
 * is over (-1: no limit).  Returns whether it became true.  For clients that wait for an answer. */
bool loop_run_until(struct loop *loop, bool (*done)(void *arg), void *arg, int64_t timeout_ms);

/* --- work and threads --- */

/* Runs job(arg) on the worker pool, then done(arg) in the loop. */
void loop_work(struct loop *loop, void (*job)(void *arg), void (*done)(void *arg), void *arg);
/* Any thread: run(arg) in the loop, in the order of posting. */
void loop_post(struct loop *loop, void (*run)(void *arg), void *arg);
/*
 * Something that is to be done once for however many reasons there are in a round of events: it
 * lies in what it is about, with run and arg set.  The loop's thread: run(arg) at the end of the
 * round, within it where it is asked for again.  It must stay where it is until then.
 */
struct soon {
	void (*run)(void *arg);
	void *arg;
	struct soon *next;		/* the loop's */
	bool waiting;
};
void loop_soon(struct loop *loop, struct soon *soon);
/* Calls run(arg) at each arrival of the signal, until the loop is freed. */
void loop_signal(struct loop *loop, int signum, void (*run)(void *arg), void *arg);

/* --- timers --- */

/* Calls fire(arg) after the time, and again each repeat_ms if that is not 0.  The caller frees. */
struct timer *timer_new(struct loop *loop, int64_t after_ms, int64_t repeat_ms,
			void (*fire)(void *arg), void *arg);
/* Starts the time anew. */
void timer_restart(struct timer *timer, int64_t after_ms);
/* Stops it and nulls it; also from within fire. */
void timer_free(struct timer **timer);

/* --- connections --- */

struct conn_user {
	/* An outgoing connection is there.  May be null. */
	void (*connected)(void *user, struct conn *conn);
	/* Octets have arrived; borrowed until it returns. */
	void (*data)(void *user, struct conn *conn, struct bytes octets);
	/* All that had to wait has left; not told where nothing had to (conn_queued is 0 after the
	 * write).  May be null. */
	void (*drained)(void *user, struct conn *conn);
	/* The end, told once and last: the peer closed, or it was closed here (why is null), or the
	 * network failed or could not be reached (why is borrowed).  The connection is freed after. */
	void (*closed)(void *user, struct conn *conn, const struct status *why);
};

/* Connects.  The answer is connected or, also for an address that makes no sense, closed. */
struct conn *conn_open(struct loop *loop, const char *address, int64_t timeout_ms,
		       const struct conn_user *callbacks, void *user);

/* Writes the parts in order; they are borrowed until it returns.  After the end it does nothing. */
void conn_write(struct conn *conn, const struct bytes *parts, size_t count);
/* Closes once all that was written has left, CONN_FLUSH_MS later at most; no more data is told. */
void conn_close(struct conn *conn);
/* Closes at once. */
void conn_abort(struct conn *conn);

/* Reading stops (the peer waits) until it is resumed as often as it was paused.  It stops by
 * itself while more than CONN_HIGH_WATER octets wait to leave. */
void conn_pause(struct conn *conn);
void conn_resume(struct conn *conn);

/* Ends it with ST_LATER when nothing arrives for so long; 0 is no limit, as at first. */
void conn_idle_limit(struct conn *conn, int64_t idle_ms);

/* Octets written and not yet taken by the network. */
size_t conn_queued(const struct conn *conn);
/* The other side, for people: "127.0.0.1:4711". */
const char *conn_peer(const struct conn *conn);

enum {
	CONN_HIGH_WATER = 1 << 20,
	CONN_FLUSH_MS = 30000,
	CONN_LINGER_MS = 1000,		/* then, for the peer to see the end before it is closed */
};

/* --- listeners --- */

/* Accepts connections.  accepted calls conn_start, or the connection is closed.  Where
 * connections_max are open, the next is closed at once and logged. */
FALLIBLE listener_open(struct loop *loop, const char *address, unsigned connections_max,
		       void (*accepted)(void *arg, struct conn *conn), void *arg,
		       struct listener **out_listener);
void conn_start(struct conn *conn, const struct conn_user *callbacks, void *user);
/* Where it listens, with the port that was found: "127.0.0.1:4711". */
const char *listener_address(const struct listener *listener);
/* Accepts no more; connections stay. */
void listener_close(struct listener **listener);

#endif
