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
	DEFAULT_MAX_LIST = 16 * 1024 * 1024,
	BESIDES_LISTS = 8 * 1024 * 1024,	/* what an answer may have of everything else */
	MAX_TOTAL_LIMIT = 256 * 1024 * 1024,
};

const struct attr_info attr_infos[DIRECTORY_ATTR_COUNT] = {
	[DIRECTORY_USER_CERTIFICATE] = { .name = "userCertificate;binary", .class = "pkiUser" },
	[DIRECTORY_CA_CERTIFICATE] = { .name = "cACertificate;binary", .class = "pkiCA" },
	[DIRECTORY_CROSS_PAIR] = { .name = "crossCertificatePair;binary", .class = "pkiCA",
				   .whole = true },
	[DIRECTORY_CRL] = { .name = "certificateRevocationList;binary", .class = "pkiCA",
			    .whole = true, .list = true },
	[DIRECTORY_ARL] = { .name = "authorityRevocationList;binary", .class = "pkiCA",
			    .whole = true, .list = true },
	[DIRECTORY_OR_ADDRESS] = { .name = "mhsORAddresses", .class = "mhsUser" },
	[DIRECTORY_CN] = { .name = "cn" },
	[DIRECTORY_MAIL] = { .name = "mail" },
	[DIRECTORY_MESSAGE_STORE] = { .name = "mhsMessageStoreDN", .class = "mhsUser" },
	[DIRECTORY_CONTENT_LENGTH] = { .name = "mhsMaximumContentLength", .class = "mhsUser" },
	[DIRECTORY_CONTENT_TYPES] = { .name = "mhsDeliverableContentTypes",
				       .class = "mhsUser" },
	[DIRECTORY_DL_MEMBERS] = { .name = "mhsDLMembers" },
	[DIRECTORY_DL_SUBMIT] = { .name = "mhsDLSubmitPermissions" },
	[DIRECTORY_ORGANIZATION] = { .name = "o" },
	[DIRECTORY_CLASS] = { .name = "objectClass" },
	[DIRECTORY_SMIME_CERTIFICATE] = { .name = "userSMIMECertificate", .whole = true },
	[DIRECTORY_BARE_CERTIFICATE] = { .name = "userCertificate" },
};

/* --- the handle --- */

static bool begins_with(const char *text, const char *start)
{
	return !strncasecmp(text, start, strlen(start));
}

static FALLIBLE config_check_tls(const struct directory_config *config, const char *uri)
{
	bool ldaps = begins_with(uri, "ldaps:");

	if (config->start_tls && !begins_with(uri, "ldap:"))
		return FAIL(ST_USAGE, 0, "StartTLS is for ldap:// only, not for %s", uri);
	if ((config->start_tls || ldaps) && !config->ca_file)
		return FAIL(ST_USAGE, 0, "TLS to %s needs a CA file to check the server with", uri);
	if (!config->cert_file != !config->key_file)
		return FAIL(ST_USAGE, 0, "a TLS certificate needs its key file, and the other way round");
	return OK;
}

static FALLIBLE config_check_bind(const struct directory_config *config, const char *uri)
{
	bool secret = config->start_tls || !begins_with(uri, "ldap:");

	switch (config->bind) {
	case DIRECTORY_ANONYMOUS:
		return OK;
	case DIRECTORY_SIMPLE:
		if (!config->bind_dn || !config->password_file)
			return FAIL(ST_USAGE, 0, "a simple bind needs a name and a password file");
		if (!secret)
			return FAIL(ST_USAGE, 0, "a password is not sent in the clear to %s: "
				    "use StartTLS, ldaps:// or ldapi://", uri);
		return OK;
	case DIRECTORY_EXTERNAL:
		if (!begins_with(uri, "ldapi:") && !config->cert_file)
			return FAIL(ST_USAGE, 0, "SASL EXTERNAL to %s needs a TLS certificate of ours",
				    uri);
		return OK;
	}
	return FAIL(ST_USAGE, 0, "there is no such way to bind");
}

static FALLIBLE server_check(const struct directory_config *config, const char *uri)
{
	if (!begins_with(uri, "ldap://") && !begins_with(uri, "ldaps://") && !begins_with(uri, "ldapi://"))
		return FAIL(ST_USAGE, 0, "%s is not the address of a directory: "
			    "ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH", uri);
	TRY(config_check_tls(config, uri));
	return config_check_bind(config, uri);
}

static FALLIBLE config_check(const struct directory *dir)
{
	if (dir->config.max_total > MAX_TOTAL_LIMIT)
		return FAIL(ST_USAGE, 0, "answers of more than %d octets are not possible",
			    MAX_TOTAL_LIMIT);
	for (size_t i = 0; i < dir->server_count; i++)
		TRY(server_check(&dir->config, dir->servers[i].uri));
	return OK;
}

#define OR_DEFAULT(member, value) ((member) = (member) ? (member) : (value))

FALLIBLE directory_new(const struct directory_config *config, struct directory **out_dir)
{
	AUTO(directory_free) struct directory *dir = mem_new(struct directory);

	dir->config = *config;
	OR_DEFAULT(dir->config.base, "");
	OR_DEFAULT(dir->config.timeout, DEFAULT_TIMEOUT);
	OR_DEFAULT(dir->config.max_entries, DEFAULT_MAX_ENTRIES);
	OR_DEFAULT(dir->config.max_values, DEFAULT_MAX_VALUES);
	OR_DEFAULT(dir->config.max_value, DEFAULT_MAX_VALUE);
	OR_DEFAULT(dir->config.max_list, DEFAULT_MAX_LIST);
	OR_DEFAULT(dir->config.max_total, dir->config.max_list + BESIDES_LISTS);
	TRY(servers_init(dir));
	TRY(config_check(dir));
	*out_dir = TAKE(dir);
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

	servers_cleanup(*dir);
	pipe_signal_release(before);
	mem_free(dir);
}

FALLIBLE directory_connect(struct directory *dir)
{
	sigset_t before = pipe_signal_hold();
	struct status *st = servers_open(dir);

	pipe_signal_release(before);
	return st;
}

/* A server that is busy, hangs or was lost may have company. */
static FALLIBLE run_held(struct directory *dir, directory_request *request, void *arg)
{
	for (;;) {
		bool waiting = ldap_link_is_open(dir->link);

		TRY(servers_open(dir));

		struct status *st = request(dir, arg);

		if (!st || st->kind != ST_LATER)
			return st;
		/* A connection that was idle may have been dead long before we used it. */
		if (!(waiting && !ldap_link_is_open(dir->link)) && !servers_leave(dir))
			return st;
		status_drop(st);
	}
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
