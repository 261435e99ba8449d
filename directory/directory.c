/* SPDX-License-Identifier: Apache-2.0 */
/* The handle: its configuration, and the connection that its requests are made over. */
#include "directory/handle.h"

#include "lib/base/memory.h"

#include <signal.h>
#include <strings.h>

enum {
	DEFAULT_TIMEOUT = 10,
	DEFAULT_MAX_ENTRIES = 100,
	DEFAULT_MAX_VALUES = 2048,
	DEFAULT_MAX_VALUE = 1024 * 1024,
	DEFAULT_MAX_TOTAL = 8 * 1024 * 1024,
	MAX_TOTAL_LIMIT = 256 * 1024 * 1024,
};

const struct attr_info attr_infos[DIRECTORY_ATTR_COUNT] = {
	[DIRECTORY_USER_CERTIFICATE] = { "userCertificate;binary", "pkiUser", false },
	[DIRECTORY_CA_CERTIFICATE] = { "cACertificate;binary", "pkiCA", false },
	[DIRECTORY_CROSS_PAIR] = { "crossCertificatePair;binary", "pkiCA", true },
	[DIRECTORY_CRL] = { "certificateRevocationList;binary", "pkiCA", true },
	[DIRECTORY_ARL] = { "authorityRevocationList;binary", "pkiCA", true },
	[DIRECTORY_OR_ADDRESS] = { "mhsORAddresses", "mhsUser", false },
	[DIRECTORY_CN] = { "cn", NULL, false },
	[DIRECTORY_MAIL] = { "mail", NULL, false },
};

/* --- the handle --- */

static bool begins_with(const char *text, const char *start)
{
	return !strncasecmp(text, start, strlen(start));
}

static FALLIBLE config_check_tls(const struct directory_config *config)
{
	bool ldaps = begins_with(config->uri, "ldaps:");

	if (config->start_tls && !begins_with(config->uri, "ldap:"))
		return FAIL(ST_USAGE, 0, "StartTLS is for ldap:// only, not for %s", config->uri);
	if ((config->start_tls || ldaps) && !config->ca_file)
		return FAIL(ST_USAGE, 0, "TLS to %s needs a CA file to check the server with",
			    config->uri);
	if (!config->cert_file != !config->key_file)
		return FAIL(ST_USAGE, 0, "a TLS certificate needs its key file, and the other way round");
	return OK;
}

static FALLIBLE config_check_bind(const struct directory_config *config)
{
	bool secret = config->start_tls || !begins_with(config->uri, "ldap:");

	switch (config->bind) {
	case DIRECTORY_ANONYMOUS:
		return OK;
	case DIRECTORY_SIMPLE:
		if (!config->bind_dn || !config->password_file)
			return FAIL(ST_USAGE, 0, "a simple bind needs a name and a password file");
		if (!secret)
			return FAIL(ST_USAGE, 0, "a password is not sent in the clear to %s: "
				    "use StartTLS, ldaps:// or ldapi://", config->uri);
		return OK;
	case DIRECTORY_EXTERNAL:
		if (!begins_with(config->uri, "ldapi:") && !config->cert_file)
			return FAIL(ST_USAGE, 0, "SASL EXTERNAL to %s needs a TLS certificate of ours",
				    config->uri);
		return OK;
	}
	return FAIL(ST_USAGE, 0, "there is no such way to bind");
}

static FALLIBLE config_check(const struct directory_config *config)
{
	if (!config->uri || !*config->uri)
		return FAIL(ST_USAGE, 0, "no directory is configured");
	if (!begins_with(config->uri, "ldap://") && !begins_with(config->uri, "ldaps://") &&
	    !begins_with(config->uri, "ldapi://"))
		return FAIL(ST_USAGE, 0, "%s is not the address of a directory: "
			    "ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH", config->uri);
	if (config->max_total > MAX_TOTAL_LIMIT)
		return FAIL(ST_USAGE, 0, "answers of more than %d octets are not possible",
			    MAX_TOTAL_LIMIT);
	TRY(config_check_tls(config));
	return config_check_bind(config);
}

#define OR_DEFAULT(member, value) ((member) = (member) ? (member) : (value))

FALLIBLE directory_new(const struct directory_config *config, struct directory **out_dir)
{
	TRY(config_check(config));

	struct directory *dir = mem_new(struct directory);

	dir->config = *config;
	OR_DEFAULT(dir->config.base, "");
	OR_DEFAULT(dir->config.timeout, DEFAULT_TIMEOUT);
	OR_DEFAULT(dir->config.max_entries, DEFAULT_MAX_ENTRIES);
	OR_DEFAULT(dir->config.max_values, DEFAULT_MAX_VALUES);
	OR_DEFAULT(dir->config.max_value, DEFAULT_MAX_VALUE);
	OR_DEFAULT(dir->config.max_total, DEFAULT_MAX_TOTAL);
	dir->link = ldap_link_new(&dir->config);
	*out_dir = dir;
	return OK;
}

/* libldap writes to connections that the server has closed: no SIGPIPE may come of it.  Gives
 * the thread's mask as it was. */
static sigset_t pipe_signal_hold(void)
{
	sigset_t pipe_signal, before;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	return before;
}

static void pipe_signal_release(sigset_t before)
{
	struct timespec at_once = { 0 };
	sigset_t pipe_signal;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	if (!sigismember(&before, SIGPIPE))
		sigtimedwait(&pipe_signal, NULL, &at_once);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void directory_free(struct directory **dir)
{
	if (!*dir)
		return;

	sigset_t before = pipe_signal_hold();

	ldap_link_free(&(*dir)->link);
	pipe_signal_release(before);
	mem_free(dir);
}

FALLIBLE directory_connect(struct directory *dir)
{
	sigset_t before = pipe_signal_hold();
	struct status *st = ldap_link_open(dir->link);

	pipe_signal_release(before);
	return st;
}

static FALLIBLE run_held(struct directory *dir, directory_request *request, void *arg)
{
	bool waiting = ldap_link_is_open(dir->link);

	TRY(ldap_link_open(dir->link));

	struct status *st = request(dir, arg);

	/* A connection that was idle may have been dead long before we used it. */
	if (st && st->kind == ST_LATER && waiting && !ldap_link_is_open(dir->link)) {
		status_drop(st);
		TRY(ldap_link_open(dir->link));
		st = request(dir, arg);
	}
	return st;
}

FALLIBLE directory_run(struct directory *dir, directory_request *request, void *arg)
{
	sigset_t before = pipe_signal_hold();
	struct status *st = run_held(dir, request, arg);

	pipe_signal_release(before);
	return st;
}

const char *directory_attr_name(enum directory_attr attr)
{
	return attr_infos[attr].name;
}
