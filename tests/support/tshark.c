/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/tshark.h"

#include "tests/support/check.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 32 };

bool tshark_is_here(void)
{
	return access("/usr/bin/tshark", X_OK) == 0;
}

/* Runs it, and gives what it printed. */
static struct buf run(const char *const *arguments)
{
	posix_spawn_file_actions_t actions;
	struct buf out = { 0 };
	int ends[2], status;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawnp(&pid, "tshark", &actions, NULL, (char *const *)arguments,
				      environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	do {
		buf_reserve(&out, 65536);
		got = read(ends[0], out.data + out.len, 65536);
		out.len += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return out;
}

struct buf tshark_fields(const char *capture, const char *filter, const char *const *fields)
{
	const char *arguments[ARGUMENTS_MAX] = { "tshark", "-n", "-r", capture, "-d",
						 "tcp.port==102,tpkt", "-Y", filter, "-T", "fields" };
	size_t count = 10;

	for (; *fields; fields++) {
		assert_true(count + 3 < ARGUMENTS_MAX);
		arguments[count++] = "-e";
		arguments[count++] = *fields;
	}
	return run(arguments);
}

void tshark_check(const char *capture)
{
	static const char *const fields[] = { "frame.number", "frame.protocols",
					      "_ws.expert.message", NULL };
	/* Warnings and errors of its own: what it could not decode, and what it found malformed. */
	AUTO(buf_free) struct buf found = tshark_fields(capture,
		"_ws.malformed or _ws.expert.severity >= 0x600000", fields);

	if (found.len) {
		print_message("%.*s\n", (int)found.len, (const char *)found.data);
		fail_msg("tshark finds fault with %s", capture);
	}
}
