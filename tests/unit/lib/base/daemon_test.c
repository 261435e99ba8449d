/* SPDX-License-Identifier: Apache-2.0 */
/* A server in a process of its own, started, asked and stopped as a script would. */
#include "lib/base/daemon.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

struct sample_settings {
	struct daemon_settings daemon;
	char *listen;
	bool broken;
};

static const struct setting sample_table[] = {
	DAEMON_SETTINGS,
	{ "listen", SET_STR, offsetof(struct sample_settings, listen), "127.0.0.1:0", 0, 0, "Where." },
	{ "broken", SET_BOOL, offsetof(struct sample_settings, broken), "no", 0, 0, "Whether." },
	{ 0 }
};

static void echo_data(void *user, struct conn *conn, struct bytes octets)
{
	/* One word makes the server give up. */
	if (bytes_equal(octets, BYTES("fail")))
		daemon_fail(user, FAIL(ST_LATER, 0, "the disk is full"));
	conn_write(conn, &octets, 1);
}

static void echo_closed(void *user, struct conn *conn, const struct status *why)
{
	(void)user;
	(void)conn;
	(void)why;
}

static const struct conn_user echo = { .data = echo_data, .closed = echo_closed };

static void accepted(void *arg, struct conn *conn)
{
	conn_start(conn, &echo, arg);
}

static FALLIBLE sample_open(struct daemon *d, void **io_state)
{
	const struct sample_settings *s = daemon_settings(d);
	struct listener *l;

	TRY(listener_open(daemon_loop(d), s->listen, 10, accepted, d, &l));
	daemon_announce(d, "listen", listener_address(l));
	*io_state = l;
	return OK;
}

static FALLIBLE sample_start(struct daemon *d, void **io_state)
{
	(void)io_state;
	if (((const struct sample_settings *)daemon_settings(d))->broken)
		return FAIL(ST_USAGE, 0, "it is broken");
	return OK;
}

static void sample_stop(struct daemon *d, void *state)
{
	(void)state;
	log_event(LOG_LV_INFO, "all done");
	daemon_finished(d);
}

static void sample_cleanup(struct daemon *d, void *state)
{
	struct listener *l = state;

	(void)d;
	listener_close(&l);
}

static const struct daemon_program sample = {
	.name = "sample", .log_name = "smp", .summary = "A sample.", .config = "/nowhere/sample.conf",
	.settings = sample_table, .settings_size = sizeof(struct sample_settings),
	.open = sample_open, .start = sample_start, .stop = sample_stop, .cleanup = sample_cleanup,
};

struct server {
	const char *log, *pid_file;
	pid_t pid;
	char *address;
};

static void server_start(struct server *s, const char *setting)
{
	int ends[2];

	s->log = scratch_path("log");
	s->pid_file = scratch_path("pid");
	AUTO(mem_free) char *log_setting = mem_printf("log=%s", s->log);
	assert_int_equal(pipe(ends), 0);
	s->pid = fork();
	if (s->pid == 0) {
		AUTO(mem_free) char *fd = mem_printf("%d", ends[1]);
		const char *argv[] = { "sample", "--set", log_setting, "--set", setting,
				       "--ready-fd", fd, "--pid-file", s->pid_file, NULL };

		close(ends[0]);
		_exit(daemon_main(&sample, 9, (char **)(uintptr_t)argv));
	}
	close(ends[1]);
	FILE *ready = fdopen(ends[0], "r");
	char line[128];
	if (fgets(line, sizeof(line), ready)) {
		line[strcspn(line, "\n")] = '\0';
		assert_memory_equal(line, "listen ", 7);
		s->address = mem_strdup(line + 7);
	}
	fclose(ready);
}

static int server_wait(struct server *s)
{
	int status;

	assert_int_equal(waitpid(s->pid, &status, 0), s->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static char *file_text(const char *path)
{
	struct buf all = { 0 };
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	for (int c; (c = fgetc(f)) != EOF; )
		buf_put_u8(&all, (uint8_t)c);
	fclose(f);
	buf_put_u8(&all, 0);
	return (char *)all.data;
}

struct asked {
	const char *word;
	bool answered, closed;
};

static void ask_connected(void *user, struct conn *conn)
{
	struct bytes word = bytes_text(((struct asked *)user)->word);

	conn_write(conn, &word, 1);
}

static void ask_data(void *user, struct conn *conn, struct bytes octets)
{
	(void)octets;
	((struct asked *)user)->answered = true;
	conn_close(conn);
}

static void ask_closed(void *user, struct conn *conn, const struct status *why)
{
	(void)conn;
	(void)why;
	((struct asked *)user)->closed = true;
}

static const struct conn_user ask_callbacks = {
	.connected = ask_connected, .data = ask_data, .closed = ask_closed,
};

static bool ask_over(void *arg)
{
	return ((struct asked *)arg)->closed;
}

static bool answers(struct server *s, const char *word)
{
	struct loop *loop = loop_new();
	struct asked asked = { .word = word };

	conn_open(loop, s->address, 10000, &ask_callbacks, &asked);
	assert_true(loop_run_until(loop, ask_over, &asked, 10000));
	loop_free(&loop);
	return asked.answered;
}

static void it_serves_until_it_is_asked_to_stop(void **state)
{
	(void)state;
	struct server s = { 0 };
	struct stat there;

	server_start(&s, "log-level=info");
	assert_non_null(s.address);
	assert_true(answers(&s, "hello"));
	AUTO(mem_free) char *pid = file_text(s.pid_file);
	assert_int_equal(strtol(pid, NULL, 10), s.pid);
	kill(s.pid, SIGTERM);
	assert_int_equal(server_wait(&s), 0);
	assert_int_equal(stat(s.pid_file, &there), -1);
	AUTO(mem_free) char *log = file_text(s.log);
	assert_non_null(strstr(log, " smp info  started pid="));
	assert_non_null(strstr(log, " smp info  all done\n"));
	mem_free(&s.address);
}

static void a_hangup_opens_the_log_again(void **state)
{
	(void)state;
	struct server s = { 0 };
	const char *old;

	server_start(&s, "log-level=info");
	old = scratch_path("log.old");
	assert_int_equal(rename(s.log, old), 0);
	kill(s.pid, SIGHUP);
	/* The signals are taken in their order, so the log is open again when it stops. */
	assert_true(answers(&s, "hello"));
	kill(s.pid, SIGINT);
	assert_int_equal(server_wait(&s), 0);
	AUTO(mem_free) char *log = file_text(s.log);
	assert_non_null(strstr(log, "log opened again"));
	mem_free(&s.address);
}

static void a_failure_ends_it_with_its_code(void **state)
{
	(void)state;
	struct server s = { 0 };

	server_start(&s, "log-level=info");
	answers(&s, "fail");
	assert_int_equal(server_wait(&s), EX_TEMPFAIL);
	AUTO(mem_free) char *log = file_text(s.log);
	assert_non_null(strstr(log, "smp error cannot go on why=\"the disk is full\""));
	mem_free(&s.address);
}

static void a_start_that_fails_says_nothing_of_being_ready(void **state)
{
	(void)state;
	struct server s = { 0 };

	server_start(&s, "broken=yes");
	assert_null(s.address);
	assert_int_equal(server_wait(&s), EX_USAGE);
	mem_free(&s.address);
}

static void only_root_becomes_another_user(void **state)
{
	(void)state;
	struct server s = { 0 };

	server_start(&s, "run-as=no-such-user");
	assert_null(s.address);
	assert_int_equal(server_wait(&s), EX_USAGE);
	AUTO(mem_free) char *log = file_text(s.log);
	assert_non_null(strstr(log, "there is no user \\\"no-such-user\\\""));
	mem_free(&s.address);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(it_serves_until_it_is_asked_to_stop),
		with_folder(a_hangup_opens_the_log_again),
		with_folder(a_failure_ends_it_with_its_code),
		with_folder(a_start_that_fails_says_nothing_of_being_ready),
		with_folder(only_root_becomes_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
