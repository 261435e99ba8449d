/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record TARGET FILE: a wire tap.  Passes one connection on to the target and
 * keeps what both say, in turns: each time one speaks after the other has, four
 * octets of length are written, and what he said.  The caller's turns are for
 * replay, in FILE, the target's for impostor, in FILE.answers.  Where it listens
 * is printed, and the output closed.
 */
#include "lib/base/file.h"
#include "lib/base/loop.h"
#include "lib/base/memory.h"
#include "tests/support/stolen.h"

enum { CONNECT_MS = 5000 };

struct voice {
	struct buf said;	/* the turns */
	size_t turn;		/* where the present one begins */
	bool speaks;		/* it goes on */
};

struct tap {
	struct loop *loop;
	const char *target;
	struct listener *listener;
	struct conn *caller, *callee;
	struct voice callers, callees;
};

/* Writes the length of the turn that is over, if one is. */
static void end_turn(struct voice *voice)
{
	size_t len = voice->said.len - voice->turn - 4;

	for (int i = 0; voice->speaks && i < 4; i++)
		voice->said.data[voice->turn + i] = (uint8_t)(len >> (24 - 8 * i));
	voice->speaks = false;
}

static void say(struct voice *voice, struct voice *other, struct bytes octets)
{
	end_turn(other);
	if (!voice->speaks) {
		voice->turn = voice->said.len;
		buf_put_u32(&voice->said, 0);
		voice->speaks = true;
	}
	buf_put(&voice->said, octets);
}

static void caller_said(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	say(&tap->callers, &tap->callees, octets);
	conn_write(tap->callee, &octets, 1);
}

static void callee_said(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	say(&tap->callees, &tap->callers, octets);
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

static FALLIBLE keep(struct voice *voice, const char *path)
{
	end_turn(voice);
	return file_replace(path, 0600, buf_view(&voice->said));
}

static FALLIBLE keep_all(struct tap *tap, const char *path)
{
	AUTO(mem_free) char *answers = mem_printf("%s.answers", path);

	TRY(keep(&tap->callees, answers));
	return keep(&tap->callers, path);
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
		failed = keep_all(&tap, words[1]);
	}
	listener_close(&tap.listener);
	loop_free(&tap.loop);
	buf_free(&tap.callers.said);
	buf_free(&tap.callees.said);
	return failed;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 2, "record TARGET FILE", run);
}
