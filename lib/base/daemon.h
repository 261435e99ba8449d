/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The skeleton that the servers share: options, settings file, log, privilege,
 * signals, clean shutdown.  A server's main is a table of settings and
 *
 *	int main(int argc, char **argv) { return daemon_main(&mta, argc, argv); }
 */
#ifndef LIB_BASE_DAEMON_H
#define LIB_BASE_DAEMON_H

#include "lib/base/clock.h"
#include "lib/base/command.h"
#include "lib/base/log.h"
#include "lib/base/loop.h"
#include "lib/base/settings.h"

/* Settings that every server has: the first member of its own struct, and the first line
 * of its table: DAEMON_SETTINGS, */
struct daemon_settings {
	char *log, *audit_log, *user;
	int log_level;
	bool core_dumps;
};

#define DAEMON_SETTINGS                                                                           \
	{ "log", SET_STR, offsetof(struct daemon_settings, log), "", 0, 0,                        \
	  "File for the log; empty for standard error." },                                        \
	{ "log-level", SET_ENUM, offsetof(struct daemon_settings, log_level), "info", 0, 0,       \
	  "Events that are logged: error, warn, info, debug or octets, each with those before it.", \
	  log_level_names },                                                                      \
	{ "audit-log", SET_STR, offsetof(struct daemon_settings, audit_log), "", 0, 0,            \
	  "File for security decisions; empty for the log." },                                    \
	{ "run-as", SET_STR, offsetof(struct daemon_settings, user), "", 0, 0,                      \
	  "User to run as once the ports are open, where started as root; empty to stay." },    \
	{ "core-dumps", SET_BOOL, offsetof(struct daemon_settings, core_dumps), "no", 0, 0,         \
	  "Whether a crash may leave a core file, with what was in memory, and a debugger look in." }

struct daemon;

struct daemon_program {
	const char *name;		/* "postern-mta" */
	const char *log_name;		/* "mta": the first word of a log line */
	const char *summary;		/* one sentence, for --help */
	const char *config;		/* default settings file */
	const struct setting *settings;
	size_t settings_size;		/* of the struct, which begins with struct daemon_settings */
	/* What is done beside the server, with its settings: "postern-mta where".  One of their names
	 * as the first word runs the command, and no server.  Ends with a null name; may be null. */
	const struct command *commands;

	/* As the user it was started as, before privilege is dropped: opens listeners.  What is
	 * accepted waits for start.  May be null.  state is the daemon's own, to be allocated here or
	 * in start. */
	FALLIBLE (*open)(struct daemon *daemon, void **io_state);
	/* Unprivileged: opens stores, loads keys, begins to work. */
	FALLIBLE (*start)(struct daemon *daemon, void **io_state);
	/* SIGTERM or SIGINT: finish what is under way, then daemon_finished.  Null: stop at once.  It
	 * is stopped anyway DAEMON_STOP_MS later, or at the second signal. */
	void (*stop)(struct daemon *daemon, void *state);
	/* After the loop's end, when every connection has been told; also after a failed start.  state
	 * may be null.  May be null. */
	void (*cleanup)(struct daemon *daemon, void *state);
};

enum { DAEMON_STOP_MS = 10000 };

/* The whole life of the server; returns its exit code. */
int daemon_main(const struct daemon_program *program, int argc, char **argv);

struct loop *daemon_loop(const struct daemon *daemon);
const struct clock *daemon_clock(const struct daemon *daemon);
/* The program's own settings struct, filled. */
const void *daemon_settings(const struct daemon *daemon);

/* A line "name value" that --ready-file and --ready-fd get once the start has succeeded: how a
 * script learns the port.  "listen 127.0.0.1:4711". */
void daemon_announce(struct daemon *daemon, const char *name, const char *value);

/* From stop on: nothing is under way any more. */
void daemon_finished(struct daemon *daemon);
/* The server cannot go on: logs why, stops, and exits with the code of the failure.  Takes it. */
void daemon_fail(struct daemon *daemon, struct status *why);

#endif
