/* SPDX-License-Identifier: Apache-2.0 */
/* postern-dir serve: slapd-private, which is installed beside this program, with its options checked. */
#include "directory/cmd.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 32, PATH_OCTETS = 4096 };

const struct option_spec serve_options[] = {
	{ "port", "PORT", "Where it listens; any free port where nothing is said." },
	{ "listen", "ADDRESS", "On which address; 127.0.0.1 where nothing is said, another needs TLS." },
	{ "tls-certificate", "FILE", "PEM file of the server's certificate, for StartTLS and ldaps." },
	{ "tls-key", "FILE", "PEM file of its key." },
	{ "tls-ca", "FILE", "PEM file of who may vouch for clients." },
	{ "tls-port", "PORT", "Where it listens for ldaps; any free port where nothing is said." },
	{ "password-file", "FILE", "Whose first line lets cn=admin write over TLS; one is made where "
	  "nothing is said." },
	{ "writer", "NAME", "The subject of a client's TLS certificate that may write." },
	{ 0 }
};

/* Beside this program where it is installed, in the source tree where it is built. */
static FALLIBLE find_script(char out_path[PATH_OCTETS])
{
	static const char *const places[] = { "slapd-private", "../directory/slapd-private" };
	char self[PATH_OCTETS];
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	if (len < 0)
		return status_errno(errno, "cannot tell where postern-dir is");
	self[len] = '\0';
	const char *folder = dirname(self);

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(out_path, PATH_OCTETS, "%s/%s", folder, places[i]);
		if (!access(out_path, X_OK))
			return OK;
	}
	return FAIL(ST_USAGE, 0, "slapd-private is not beside postern-dir in %s: install both", folder);
}

/* --- what slapd-private is told --- */

struct args {
	const char *list[ARGS_MAX];
	size_t count;
};

static void args_add(struct args *args, const char *text)
{
	args->list[args->count++] = text;
}

static void args_option(struct args *args, const struct options *options, const char *from,
			const char *to)
{
	const char *value = options_value(options, from);

	if (value) {
		args_add(args, to);
		args_add(args, value);
	}
}

static FALLIBLE args_tls(struct args *args, const struct options *options)
{
	const char *cert = options_value(options, "tls-certificate");
	const char *key = options_value(options, "tls-key"), *ca = options_value(options, "tls-ca");

	if (!cert && !key && !ca) {
		if (options_has(options, "listen"))
			return FAIL(ST_USAGE, 0, "others are not served without TLS: "
				    "add --tls-certificate, --tls-key and --tls-ca");
		return OK;
	}
	if (!cert || !key || !ca)
		return FAIL(ST_USAGE, 0, "TLS needs --tls-certificate, --tls-key and --tls-ca together");
	args_add(args, "--tls");
	args_add(args, cert);
	args_add(args, key);
	args_add(args, ca);
	return OK;
}

static FALLIBLE args_of(const struct invocation *invocation, const char *script, struct args *args)
{
	static const char *const verbs[] = { "start", "stop", "status" };
	const char *verb = invocation->words[0];
	bool known = false;

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		known = known || !strcmp(verb, verbs[i]);
	if (!known)
		return FAIL(ST_USAGE, 0, "serve is start, stop or status, not \"%s\"", verb);
	args_add(args, script);
	args_add(args, verb);
	args_add(args, invocation->words[1]);
	if (strcmp(verb, "start") != 0)
		return OK;
	args_option(args, &invocation->options, "port", "--port");
	args_option(args, &invocation->options, "listen", "--listen");
	args_option(args, &invocation->options, "tls-port", "--tls-port");
	args_option(args, &invocation->options, "password-file", "--password-file");
	args_option(args, &invocation->options, "writer", "--writer");
	return args_tls(args, &invocation->options);
}

/* --- running it --- */

static FALLIBLE run(const struct args *args, int *out_exit)
{
	pid_t pid = fork();
	int state = 0;

	if (pid < 0)
		return status_errno(errno, "cannot run %s", args->list[0]);
	if (!pid) {
		if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
			execv(args->list[0], (char *const *)(uintptr_t)args->list);
		_exit(127);
	}
	while (waitpid(pid, &state, 0) < 0)
		if (errno != EINTR)
			return status_errno(errno, "cannot wait for %s", args->list[0]);
	*out_exit = WIFEXITED(state) ? WEXITSTATUS(state) : 128;
	return OK;
}

/* What clients need, as settings: the lines KEY=value that slapd-private left. */
static FALLIBLE tell_started(const struct invocation *invocation)
{
	AUTO(mem_free) char *path = mem_printf("%s/env", invocation->words[1]);
	AUTO(buf_free) struct buf text = { 0 };
	json_t *json = json_object();
	char *save = NULL;
	struct status *st = file_read(path, 65536, &text, NULL);

	if (st) {
		json_decref(json);
		return st;
	}
	buf_put_u8(&text, 0);
	for (char *line = strtok_r((char *)text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *equals = strchr(line, '=');

		if (!equals)
			continue;
		*equals = '\0';
		json_object_set_new(json, line, json_string(equals + 1));
	}
	if (invocation->json) {
		print_json(json);
		return OK;
	}
	const char *ldaps = json_string_value(json_object_get(json, "LDAPS"));

	printf("The directory is served.  Settings for you, who may write:\n    directory = %s\n"
	       "    directory-bind = external\nfor others, who may read:\n    directory = %s\n%s",
	       json_string_value(json_object_get(json, "LDAPI")),
	       ldaps ? ldaps : json_string_value(json_object_get(json, "LDAP")),
	       ldaps ? "    directory-ca = the PEM file of who vouches for its certificate\n" : "");
	json_decref(json);
	return OK;
}

static FALLIBLE is_running(const struct invocation *invocation, const char *script, bool *out_running)
{
	const struct args args = { .list = { script, "status", invocation->words[1] }, .count = 3 };
	int code = 0;

	TRY(run(&args, &code));
	*out_running = !code;
	return OK;
}

static FALLIBLE tell_status(const struct invocation *invocation, const char *script)
{
	bool running;

	TRY(is_running(invocation, script, &running));
	if (invocation->json)
		printf("{\"running\": %s}\n", running ? "true" : "false");
	else if (running)
		puts("It runs.");
	return running ? OK : FAIL(ST_NOT_FOUND, 0, "no directory is served from %s", invocation->words[1]);
}

static void tell_stopped(const struct invocation *invocation, bool was_running)
{
	if (invocation->json)
		printf("{\"running\": false, \"stopped\": %s}\n", was_running ? "true" : "false");
	else if (was_running)
		printf("It is stopped; what it has stays in %s.\n", invocation->words[1]);
	else
		printf("No directory was served from %s.\n", invocation->words[1]);
}

FALLIBLE cmd_serve(const struct invocation *invocation)
{
	const char *verb = invocation->words[0];
	char script[PATH_OCTETS];
	struct args args = { 0 };
	bool was_running = false;
	int code = 0;

	TRY(find_script(script));
	TRY(args_of(invocation, script, &args));
	if (!strcmp(verb, "status"))
		return tell_status(invocation, script);
	TRY(is_running(invocation, script, &was_running));
	TRY(run(&args, &code));
	if (code)
		return FAIL(ST_LATER, 0, "the directory in %s could not be %s: see above",
			    invocation->words[1], !strcmp(verb, "start") ? "started" : "stopped");
	if (!strcmp(verb, "start"))
		return tell_started(invocation);
	tell_stopped(invocation, was_running);
	return OK;
}
