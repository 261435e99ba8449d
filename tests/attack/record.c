/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record TARGET FILE: a wire tap.  Passes one connection on to the target and
 * keeps what the caller says, in turns: each time he speaks after the target
 * has, four octets of length are written, and what he said.  Where it listens is
 * printed, and the output closed.
 */
#include "lib/base/file.h"
#include "lib/base/loop.h"
#include "tests/support/stolen.h"

enum { CONNECT_MS = 5000 };

struct tap {
	struct loop *loop;
	const char *target;
	struct listener *listener;
	struct conn *caller, *callee;
	struct buf said;	/* the turns */
	size_t turn;		/* where the present one begins */
	bool listening;		/* the caller's turn goes on */
};

/* Writes the length of the turn that is over. */
static void end_turn(struct tap *tap)
{
	size_t len = tap->said.len - tap->turn - 4;

	for (int i = 0; i < 4; i++)
		tap->said.data[tap->turn + i] = (uint8_t)(len >> (24 - 8 * i));
	tap->listening = false;
}

static void caller_said(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	if (!tap->listening) {
		tap->turn = tap->said.len;
		buf_put_u32(&tap->said, 0);
		tap->listening = true;
	}
	buf_put(&tap->said, octets);
	conn_write(tap->callee, &octets, 1);
}

static void callee_said(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	if (tap->listening)
		end_turn(tap);
	if (tap->caller)
		conn_write(tap->caller, &octets, 1);
}

static void caller_closed(void *user, struct conn *conn, const struct status *why)
{
	struct tap *tap = user;

	(void)conn, (void)why;
	tap->caller = NULL;
	if (tap->callee)
		conn_close(tap->callee);
	else
		loop_stop(tap->loop);
}

static void callee_closed(void *user, struct conn *conn, const struct status *why)
{
	struct tap *tap = user;

	(void)conn, (void)why;
	tap->callee = NULL;
	if (tap->caller)
		conn_close(tap->caller);
	else
		loop_stop(tap->loop);
}

static void called(void *arg, struct conn *conn)
{
	static const struct conn_user caller = { .data = caller_said, .closed = caller_closed };
	static const struct conn_user callee = { .data = callee_said, .closed = callee_closed };
	struct tap *tap = arg;

	if (tap->caller || tap->callee)
		return;
	tap->caller = conn;
	tap->callee = conn_open(tap->loop, tap->target, CONNECT_MS, &callee, tap);
	conn_start(conn, &caller, tap);
}

static FALLIBLE run(char **words)
{
	struct tap tap = { .loop = loop_new(), .target = words[0] };
	struct status *failed = listener_open(tap.loop, "127.0.0.1:0", 1, called, &tap,
					      &tap.listener);

	if (!failed) {
		printf("%s\n", listener_address(tap.listener));
		fclose(stdout);
		loop_run(tap.loop);
		if (tap.listening)
			end_turn(&tap);
		failed = file_replace(words[1], 0600, buf_view(&tap.said));
	}
	listener_close(&tap.listener);
	loop_free(&tap.loop);
	buf_free(&tap.said);
	return failed;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 2, "record TARGET FILE", run);
}
