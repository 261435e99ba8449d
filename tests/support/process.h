/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of ours, run by a test as what they are: processes. */
#ifndef TESTS_SUPPORT_PROCESS_H
#define TESTS_SUPPORT_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether this build carries a sanitizer: it is slow, and keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED false
#endif

struct process {
	pid_t pid;		/* 0: not running */
	const char *log;	/* where its standard error goes */
	char address[128];	/* the first that it listens at */
	int crash_at;		/* it dies before its n-th visible act [tests/crash/shim.c]; 0: never */
};

/* Starts a server of the build with a settings file, and waits until it says that it is ready.
 * The test fails, with the log, where it ends instead. */
void process_start(struct process *process, const char *program, const char *config,
		   const char *log);
/* Ends it by SIGTERM; the test fails unless it ends well. */
void process_stop(struct process *process);
/* Ends it by SIGKILL. */
void process_kill(struct process *process);

/* Whether it has ended by itself, or by its crash; then it is not running any more. */
bool process_is_gone(struct process *process);

/* Whether its log has these words. */
bool process_logged(const struct process *process, const char *words);
/* Prints the end of its log to standard error. */
void process_show_log(const struct process *process);

#endif
