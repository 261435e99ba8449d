/* SPDX-License-Identifier: Apache-2.0 */
/* Passphrases that are asked for, on a terminal that the test holds the other end of. */
#include "lib/sec/passphrase.h"

#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The end of the terminal that the user sits at, and the program that asks. */
struct asked {
	int terminal;
	pid_t pid;
	struct buf seen;
};

/* What the program found out is its exit code: 0 for "octopus-ink", asked for twice. */
static int answer(void)
{
	AUTO(secret_free) struct secret got = { 0 };
	AUTO(status_free) struct status *failed = passphrase_choose("a test", &got);

	if (failed)
		status_print(stderr, "asked", failed);
	return failed ? status_exit_code(failed) : !crypto_equal(secret_view(&got), BYTES("octopus-ink"));
}

static void ask(struct asked *a)
{
	a->terminal = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(a->terminal >= 0 && grantpt(a->terminal) == 0 && unlockpt(a->terminal) == 0);
	char name[64];
	assert_int_equal(ptsname_r(a->terminal, name, sizeof(name)), 0);
	a->pid = fork();
	if (a->pid == 0) {
		setsid();
		int own = open(name, O_RDWR);

		_exit(own < 0 ? 99 : dup2(own, STDERR_FILENO) < 0 ? 98 : answer());
	}
}

/* Reads on until the words are on the screen. */
static void await(struct asked *a, const char *words)
{
	for (;;) {
		uint8_t octets[256];

		buf_put_u8(&a->seen, 0);
		a->seen.len--;
		if (strstr((const char *)a->seen.data, words))
			return;
		ssize_t got = read(a->terminal, octets, sizeof(octets));
		assert_true(got > 0);
		buf_put(&a->seen, bytes_of(octets, (size_t)got));
	}
}

static void type(const struct asked *a, const char *text)
{
	assert_int_equal(write(a->terminal, text, strlen(text)), strlen(text));
}

static int end(struct asked *a)
{
	int status = 0;

	assert_int_equal(waitpid(a->pid, &status, 0), a->pid);
	assert_null(strstr((const char *)a->seen.data, "octopus"));
	close(a->terminal);
	buf_free(&a->seen);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void it_is_not_shown(void **state)
{
	struct asked a = { 0 };

	(void)state;
	ask(&a);
	await(&a, "New passphrase for a test: ");
	type(&a, "octopus-ink\n");
	await(&a, "once more: ");
	type(&a, "octopus-ink\n");
	assert_int_equal(end(&a), 0);
}

static void two_that_differ_are_none(void **state)
{
	struct asked a = { 0 };

	(void)state;
	ask(&a);
	await(&a, "a test: ");
	type(&a, "octopus-ink\n");
	await(&a, "once more: ");
	type(&a, "octopus-inc\n");
	await(&a, "differ");
	assert_int_equal(end(&a), 64);
}

static void a_short_one_is_refused(void **state)
{
	struct asked a = { 0 };

	(void)state;
	ask(&a);
	await(&a, "a test: ");
	type(&a, "octo\n");
	await(&a, "too short: 8 are the least");
	assert_int_equal(end(&a), 64);
}

/* Whoever thinks better of it has a terminal that shows again what he types. */
static void the_terminal_is_given_back(void **state)
{
	struct asked a = { 0 };
	struct termios after;

	(void)state;
	ask(&a);
	await(&a, "a test: ");
	assert_true(tcgetattr(a.terminal, &after) == 0 && !(after.c_lflag & ECHO));
	type(&a, "octopus\003");
	int status;
	assert_int_equal(waitpid(a.pid, &status, 0), a.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(tcgetattr(a.terminal, &after) == 0 && after.c_lflag & ECHO);
	close(a.terminal);
	buf_free(&a.seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_not_shown),
		cmocka_unit_test(two_that_differ_are_none),
		cmocka_unit_test(a_short_one_is_refused),
		cmocka_unit_test(the_terminal_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
