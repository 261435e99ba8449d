/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of ours, run by a test. */
#include "tests/support/process.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void preload_crash(const char *build, int crash_at)
{
	char *folder = realpath(build, NULL);
	char *shim = mem_printf("%s/tests/crash.so", folder ? folder : build);
	char *at = mem_printf("%d", crash_at);

	setenv("LD_PRELOAD", shim, 1);
	setenv("POSTERN_CRASH_AT", at, 1);
	/* The sanitizer's runtime is content to come behind it. */
	setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
}

static void run(const char *program, const char *config, const char *log, int ready, int crash_at)
{
	const char *build = getenv("B") ? getenv("B") : "build";
	char *path = mem_printf("%s/%s", build, program);
	char *fd = mem_printf("%d", ready);
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	/* It does not outlive the test, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(out, STDERR_FILENO);
	if (crash_at)
		preload_crash(build, crash_at);
	execl(path, program, "--config", config, "--ready-fd", fd, (char *)NULL);
	_exit(127);
}

/* What it announces once it is ready: nothing where it ends instead. */
static bool read_ready(int fd, char *address, size_t size)
{
	FILE *ready = fdopen(fd, "r");
	char line[128] = "";
	bool said = fgets(line, sizeof(line), ready);

	line[strcspn(line, "\n")] = '\0';
	if (strncmp(line, "listen ", 7) == 0)
		snprintf(address, size, "%s", line + 7);
	fclose(ready);
	return said;
}

void process_start(struct process *process, const char *program, const char *config,
		   const char *log)
{
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	process->log = log;
	process->pid = fork();
	assert_true(process->pid >= 0);
	if (process->pid == 0) {
		close(ready[0]);
		run(program, config, log, ready[1], process->crash_at);
	}
	close(ready[1]);
	if (read_ready(ready[0], process->address, sizeof(process->address)))
		return;
	waitpid(process->pid, NULL, 0);
	process->pid = 0;
	process_show_log(process);
	fail_msg("%s did not start", program);
}

void process_stop(struct process *process)
{
	int status = 0;

	if (!process->pid)
		return;
	kill(process->pid, SIGTERM);
	waitpid(process->pid, &status, 0);
	process->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	process_show_log(process);
	fail_msg("a server ended badly: status %#x", (unsigned)status);
}

void process_kill(struct process *process)
{
	if (!process->pid)
		return;
	kill(process->pid, SIGKILL);
	waitpid(process->pid, NULL, 0);
	process->pid = 0;
}

bool process_is_gone(struct process *process)
{
	if (process->pid && waitpid(process->pid, NULL, WNOHANG) == process->pid)
		process->pid = 0;
	return !process->pid;
}

bool process_logged(const struct process *process, const char *words)
{
	char line[1000];
	FILE *log = fopen(process->log, "re");
	bool found = false;

	while (log && !found && fgets(line, sizeof(line), log))
		found = strstr(line, words) != NULL;
	if (log)
		fclose(log);
	return found;
}

void process_show_log(const struct process *process)
{
	char line[1000];
	FILE *log = fopen(process->log, "re");

	while (log && fgets(line, sizeof(line), log))
		fputs(line, stderr);
	if (log)
		fclose(log);
}
