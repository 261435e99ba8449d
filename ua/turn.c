/* SPDX-License-Identifier: Apache-2.0 */
/* A lock on a file in the home. */
#include "ua/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 100 };

void turn_end(int *turn)
{
	if (*turn >= 0)
		close(*turn);
	*turn = -1;
}

static FALLIBLE try_lock(const char *path, int file, bool *out_mine)
{
	*out_mine = flock(file, LOCK_EX | LOCK_NB) == 0;
	return *out_mine || errno == EWOULDBLOCK ? OK : status_errno(errno, "cannot lock %s", path);
}

FALLIBLE turn_take(const struct home *home, struct session *session, int *out_turn)
{
	const char *path = home_file(home, "sync.lock");
	bool mine;

	*out_turn = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*out_turn < 0)
		return status_errno(errno, "cannot open %s", path);
	TRY(try_lock(path, *out_turn, &mine));
	if (!mine)
		fprintf(stderr, "Waiting: another postern-ua exchanges for %s.\n", home->path);
	while (!mine) {
		TRY(session_pause(session, LOOK_AGAIN_MS));
		TRY(try_lock(path, *out_turn, &mine));
	}
	return OK;
}
