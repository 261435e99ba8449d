/* SPDX-License-Identifier: Apache-2.0 */
/* The skeleton that the servers share. */
#include "lib/base/daemon.h"

#include "lib/base/config.h"
#include "lib/base/memory.h"
#include "lib/base/privilege.h"
#include "lib/base/ready.h"
#include "lib/base/version.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct daemon {
	const struct daemon_program *program;
	struct loop *loop;
	void *settings;
	void *state;
	struct buf announced;		/* lines of "name value" */
	struct timer *stop_limit;
	bool stopping;
	struct status *failure;
};

static const struct option_spec daemon_options[] = {
	{ "ready-file", "FILE", "Write where it listens to this file once it is ready." },
	{ "ready-fd", "NUMBER", "Write the same to this open file, and close it." },
	{ "pid-file", "FILE", "Write the process number to this file; removed at the end." },
	{ 0 }
};

struct loop *daemon_loop(const struct daemon *daemon)
{
	return daemon->loop;
}

const struct clock *daemon_clock(const struct daemon *daemon)
{
	(void)daemon;
	return &clock_real;
}

const void *daemon_settings(const struct daemon *daemon)
{
	return daemon->settings;
}

void daemon_announce(struct daemon *daemon, const char *name, const char *value)
{
	buf_printf(&daemon->announced, "%s %s\n", name, value);
}

/* --- the end --- */

void daemon_finished(struct daemon *daemon)
{
	loop_stop(daemon->loop);
}

void daemon_fail(struct daemon *daemon, struct status *why)
{
	log_event(LOG_LV_ERROR, "cannot go on", log_why(why));
	if (daemon->failure)
		status_drop(why);
	else
		daemon->failure = why;
	loop_stop(daemon->loop);
}

static void stop_took_too_long(void *arg)
{
	struct daemon *d = arg;

	log_event(LOG_LV_WARN, "stopped with work under way");
	loop_stop(d->loop);
}

static void stop_asked(void *arg)
{
	struct daemon *d = arg;

	if (d->stopping || !d->program->stop) {
		loop_stop(d->loop);
		return;
	}
	d->stopping = true;
	log_event(LOG_LV_INFO, "stopping");
	d->stop_limit = timer_new(d->loop, DAEMON_STOP_MS, 0, stop_took_too_long, d);
	d->program->stop(d, d->state);
}

static void reopen_asked(void *arg)
{
	(void)arg;
	AUTO(status_free) struct status *st = log_reopen();

	if (st)
		log_event(LOG_LV_ERROR, "the log stays as it was", log_why(st));
	else
		log_event(LOG_LV_INFO, "log opened again");
}

/* --- the life --- */

static FALLIBLE serve(struct daemon *d, const struct options *o)
{
	const struct daemon_settings *s = d->settings;

	if (d->program->open)
		TRY(d->program->open(d, &d->state));
	TRY(privilege_drop(s->user));
	if (!s->core_dumps)
		TRY(privilege_hide());
	TRY(d->program->start(d, &d->state));
	loop_signal(d->loop, SIGTERM, stop_asked, d);
	loop_signal(d->loop, SIGINT, stop_asked, d);
	loop_signal(d->loop, SIGHUP, reopen_asked, d);
	TRY(ready_tell(options_value(o, "ready-file"), options_value(o, "ready-fd"),
		       buf_view(&d->announced)));
	log_event(LOG_LV_INFO, "started", log_num("pid", getpid()));
	loop_run(d->loop);
	return TAKE(d->failure);
}

static FALLIBLE live(const struct daemon_program *p, void *settings, const struct options *o)
{
	const struct daemon_settings *s = settings;
	struct daemon d = { .program = p, .settings = settings };
	const char *pid_file = options_value(o, "pid-file");

	TRY(log_open(&(struct log_options){ .program = p->log_name, .path = s->log,
					    .audit_path = s->audit_log,
					    .level = (enum log_level)s->log_level }));
	TRY(pid_file_write(pid_file));
	d.loop = loop_new();
	struct status *st = serve(&d, o);
	loop_shutdown(d.loop);
	if (p->cleanup)
		p->cleanup(&d, d.state);
	timer_free(&d.stop_limit);
	loop_free(&d.loop);
	buf_free(&d.announced);
	status_free(&d.failure);
	pid_file_remove(pid_file);
	log_event(LOG_LV_INFO, "stopped", log_why(st));
	log_close();
	return st;
}

static void help(const struct daemon_program *p)
{
	printf("%s\n\nUsage: %s [OPTIONS]\n\nIt runs in the foreground until SIGTERM or SIGINT.\n\n",
	       p->summary, p->name);
	if (p->commands)
		printf("Usage: %s COMMAND [OPTIONS] [WORDS]\n\nCommands:\n", p->name);
	for (const struct command *c = p->commands; c && c->name; c++)
		printf("  %-24s%s\n", c->name, c->summary);
	printf("%sOptions:\n", p->commands ? "\n" : "");
	options_help(config_options, stdout);
	options_help(daemon_options, stdout);
	options_help(common_options, stdout);
	printf("\nThe settings are read from %s unless --config names another file.\n", p->config);
}

static FALLIBLE configured(const struct daemon_program *p, struct options *o, void *settings)
{
	TRY(config_load(o, p->config, p->settings, settings));
	if (options_has(o, "show-settings")) {
		settings_show(p->settings, settings, stdout, options_has(o, "json"));
		return OK;
	}
	return live(p, settings, o);
}

static bool is_command(const struct daemon_program *p, const char *word)
{
	for (const struct command *c = p->commands; c && c->name; c++)
		if (strcmp(c->name, word) == 0)
			return true;
	return false;
}

static FALLIBLE run(const struct daemon_program *p, struct options *o, int argc, char **argv)
{
	const struct option_spec *const tables[] = { config_options, daemon_options, common_options, NULL };

	TRY(options_parse(o, tables, false, &argc, &argv));
	if (o->word_count && is_command(p, o->words[0]))
		return FAIL(ST_USAGE, 0, "the command stands before its options: %s %s ...", p->name,
			    o->words[0]);
	if (o->word_count)
		return FAIL(ST_USAGE, 0, "\"%s\" is no option; --help lists them", o->words[0]);
	if (options_has(o, "help")) {
		help(p);
		return OK;
	}
	if (options_has(o, "version")) {
		printf("%s %s\n", p->name, POSTERN_VERSION);
		return OK;
	}
	AUTO(mem_free) void *settings = mem_alloc(1, p->settings_size);
	struct status *st = configured(p, o, settings);
	settings_cleanup(p->settings, settings);
	return st;
}

static int command_of(const struct daemon_program *p, int argc, char **argv)
{
	const struct command_program program = {
		.name = p->name,
		.summary = p->summary,
		.commands = p->commands,
		.settings = p->settings,
		.settings_size = p->settings_size,
		.config = p->config,
	};

	return command_main(&program, argc, argv);
}

int daemon_main(const struct daemon_program *program, int argc, char **argv)
{
	if (argc > 1 && is_command(program, argv[1]))
		return command_of(program, argc, argv);

	struct options o = { 0 };
	AUTO(status_free) struct status *st = run(program, &o, argc - 1, argv + 1);

	if (st)
		status_print(stderr, program->name, st);
	options_cleanup(&o);
	return status_exit_code(st);
}
