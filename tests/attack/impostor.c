/* SPDX-License-Identifier: Apache-2.0 */
/*
 * impostor FILE: answers one connection with what record heard the target say,
 * turn by turn, whatever the caller says.  Where it listens is printed, and the
 * output closed; it ends with the connection.
 */
#include "lib/base/cursor.h"
#include "lib/base/file.h"
#include "lib/base/loop.h"
#include "tests/support/stolen.h"

enum { RECORD_MAX = 1 << 20 };

struct impostor {
	struct loop *loop;
	struct cursor record;
	bool called;
};

static void heard(void *user, struct conn *conn, struct bytes octets)
{
	struct impostor *impostor = user;
	struct bytes turn = cur_take(&impostor->record, cur_u32(&impostor->record));

	(void)octets;
	if (turn.len)
		conn_write(conn, &turn, 1);
}

static void closed(void *user, struct conn *conn, const struct status *why)
{
	struct impostor *impostor = user;

	(void)conn, (void)why;
	loop_stop(impostor->loop);
}

static void called(void *arg, struct conn *conn)
{
	static const struct conn_user user = { .data = heard, .closed = closed };
	struct impostor *impostor = arg;

	if (impostor->called)
		return;
	impostor->called = true;
	conn_start(conn, &user, impostor);
}

static FALLIBLE run(char **words)
{
	AUTO(buf_free) struct buf record = { 0 };
	struct impostor impostor = { 0 };
	struct listener *listener = NULL;

	TRY(file_read(words[0], RECORD_MAX, &record, NULL));
	impostor.loop = loop_new();
	impostor.record = cursor_over(buf_view(&record));
	struct status *failed = listener_open(impostor.loop, "127.0.0.1:0", 1, called, &impostor,
					      &listener);
	if (!failed) {
		printf("%s\n", listener_address(listener));
		fclose(stdout);
		loop_run(impostor.loop);
	}
	listener_close(&listener);
	loop_free(&impostor.loop);
	return failed;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 1, "impostor FILE", run);
}
