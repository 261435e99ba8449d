/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only door to libldap.  A request is sent asynchronously and its answers are taken
 * one by one before a deadline, so that neither a slow nor an abundant server can hold us.
 * What the environment or ldap.conf(5) say about TLS does not count: all is set here.
 */
#include "directory/ldap_link.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

enum {
	ENVELOPE_OCTETS = 256 * 1024,	/* of an answer, besides its values */
	PASSWORD_MAX = 512,
	MODS_MAX = 32,
};

struct ldap_link *ldap_link_new(const struct directory_config *config)
{
	struct ldap_link *link = mem_new(struct ldap_link);

	link->config = config;
	return link;
}

void ldap_link_close(struct ldap_link *link)
{
	if (link->ld)
		ldap_unbind_ext_s(link->ld, NULL, NULL);
	link->ld = NULL;
}

void ldap_link_free(struct ldap_link **link)
{
	if (!*link)
		return;
	ldap_link_close(*link);
	mem_free(link);
}

bool ldap_link_is_open(const struct ldap_link *link)
{
	return link->ld;
}

static enum status_kind kind_of_result(int result)
{
	switch (result) {
	case LDAP_NO_SUCH_OBJECT:
		return ST_NOT_FOUND;
	case LDAP_SERVER_DOWN: case LDAP_TIMEOUT: case LDAP_BUSY: case LDAP_UNAVAILABLE:
	case LDAP_TIMELIMIT_EXCEEDED: case LDAP_UNWILLING_TO_PERFORM: case LDAP_OTHER:
		return ST_LATER;
	case LDAP_CONNECT_ERROR: case LDAP_INVALID_CREDENTIALS: case LDAP_INSUFFICIENT_ACCESS:
	case LDAP_STRONG_AUTH_REQUIRED: case LDAP_CONFIDENTIALITY_REQUIRED:
	case LDAP_INAPPROPRIATE_AUTH: case LDAP_AUTH_METHOD_NOT_SUPPORTED:
		return ST_REFUSED;
	case LDAP_SIZELIMIT_EXCEEDED: case LDAP_ADMINLIMIT_EXCEEDED: case LDAP_DECODING_ERROR:
	case LDAP_PROTOCOL_ERROR:
		return ST_PEER;
	case LDAP_REFERRAL:
		return ST_NEVER;
	default:
		return ST_USAGE;
	}
}

static bool is_lost(int result)
{
	return result == LDAP_SERVER_DOWN || result == LDAP_TIMEOUT ||
	       result == LDAP_DECODING_ERROR || result == LDAP_CONNECT_ERROR;
}

/* Turns a result into a status; said is the server's own comment, or null. */
/* Turns a result into a status; said is the server's own comment, or null. */
static FALLIBLE result_status(int result, const char *said)
{
	if (result == LDAP_SUCCESS)
		return OK;
	if (said && *said)
		return FAIL(kind_of_result(result), result, "%s (%s)", ldap_err2string(result), said);
	return FAIL(kind_of_result(result), result, "%s", ldap_err2string(result));
}

FALLIBLE ldap_link_status(struct ldap_link *link, int result)
{
	char *said = NULL;

	if (result == LDAP_SUCCESS)
		return OK;
	ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);

	struct status *st = result_status(result, said);

	ldap_memfree(said);
	if (is_lost(result))
		ldap_link_close(link);
	return st;
}

/* --- connecting --- */

static FALLIBLE set_option(LDAP *ld, int option, const void *value, const char *what)
{
	if (ldap_set_option(ld, option, value) != LDAP_OPT_SUCCESS)
		return FAIL(ST_USAGE, 0, "the LDAP library does not accept %s", what);
	return OK;
}

static FALLIBLE set_tls(LDAP *ld, const struct directory_config *config)
{
	int demand = LDAP_OPT_X_TLS_DEMAND, client = 0, tls12 = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;

	TRY(set_option(ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand, "certificate checking"));
	TRY(set_option(ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &tls12, "TLS 1.2"));
	TRY(set_option(ld, LDAP_OPT_X_TLS_CACERTDIR, NULL, "the CA directory"));
	TRY(set_option(ld, LDAP_OPT_X_TLS_CACERTFILE, config->ca_file, "the CA file"));
	TRY(set_option(ld, LDAP_OPT_X_TLS_CERTFILE, config->cert_file, "the certificate file"));
	TRY(set_option(ld, LDAP_OPT_X_TLS_KEYFILE, config->key_file, "the key file"));
	if (ldap_set_option(ld, LDAP_OPT_X_TLS_NEWCTX, &client) != LDAP_OPT_SUCCESS)
		return FAIL(ST_REFUSED, 0, "cannot prepare TLS from CA file %s%s%s", config->ca_file,
			    config->cert_file ? " and certificate " : "",
			    config->cert_file ? config->cert_file : "");
	return OK;
}

static FALLIBLE set_options(LDAP *ld, const struct directory_config *config)
{
	int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER;
	struct timeval timeout = { .tv_sec = config->timeout };
	ber_len_t incoming = config->max_total + ENVELOPE_OCTETS;
	Sockbuf *socket = NULL;

	TRY(set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version, "version 3"));
	TRY(set_option(ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF, "no referrals"));
	TRY(set_option(ld, LDAP_OPT_DEREF, &never, "no aliases"));
	TRY(set_option(ld, LDAP_OPT_NETWORK_TIMEOUT, &timeout, "the timeout"));
	TRY(set_option(ld, LDAP_OPT_TIMEOUT, &timeout, "the timeout"));
	if (ldap_get_option(ld, LDAP_OPT_SOCKBUF, &socket) != LDAP_OPT_SUCCESS ||
	    ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &incoming) < 0)
		return FAIL(ST_USAGE, 0, "the LDAP library does not accept a size limit");
	if (config->ca_file)
		TRY(set_tls(ld, config));
	return OK;
}

/* The first line of the password file, which must be the owner's alone. */
static FALLIBLE password_read(const char *path, char *out_password, size_t size)
{
	FILE *f = fopen(path, "re");
	struct stat info;

	if (!f)
		return status_errno(errno, "cannot open the password file %s", path);
	setvbuf(f, NULL, _IONBF, 0);	/* no copy stays in a freed buffer */

	bool shared = fstat(fileno(f), &info) != 0 || (info.st_mode & 077);
	bool read = fgets(out_password, (int)size, f);

	fclose(f);
	if (shared)
		return FAIL(ST_REFUSED, 0, "the password file %s may be read by others: chmod 600 it",
			    path);
	/* An empty password would bind as nobody, and succeed [RFC 4513 5.1.2]. */
	if (!read || strcspn(out_password, "\r\n") == 0)
		return FAIL(ST_USAGE, 0, "the password file %s is empty", path);
	out_password[strcspn(out_password, "\r\n")] = '\0';
	return OK;
}

static FALLIBLE bind_simple(struct ldap_link *link)
{
	const struct directory_config *config = link->config;
	char password[PASSWORD_MAX] = "";
	struct status *st = password_read(config->password_file, password, sizeof password);

	if (!st) {
		struct berval cred = { strlen(password), password };

		st = ldap_link_status(link, ldap_sasl_bind_s(link->ld, config->bind_dn,
							     LDAP_SASL_SIMPLE, &cred, NULL, NULL,
							     NULL));
	}
	explicit_bzero(password, sizeof password);
	return st;
}

static FALLIBLE bind_external(struct ldap_link *link)
{
	struct berval none = { 0, "" };

	return ldap_link_status(link, ldap_sasl_bind_s(link->ld, NULL, "EXTERNAL", &none, NULL,
						       NULL, NULL));
}

/* A broken handshake and a server that is not there look alike in the result: libldap has
 * words of the TLS library only for the former. */
static FALLIBLE link_reach(struct ldap_link *link)
{
	int result = ldap_connect(link->ld);
	char *said = NULL;

	if (result == LDAP_SUCCESS)
		return OK;
	ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);

	bool tls = !strncasecmp(link->config->uri, "ldaps:", 6) && said && *said;
	struct status *st = tls ? FAIL(ST_REFUSED, result, "TLS failed (%s)", said)
				: result_status(result, said);

	ldap_memfree(said);
	return st;
}

static FALLIBLE link_secure_and_bind(struct ldap_link *link)
{
	const struct directory_config *config = link->config;

	TRY(set_options(link->ld, config));
	TRY(link_reach(link));
	if (config->start_tls)
		TRY_DOING(ldap_link_status(link, ldap_start_tls_s(link->ld, NULL, NULL)),
			  "StartTLS failed");
	switch (config->bind) {
	case DIRECTORY_SIMPLE:
		TRY_DOING(bind_simple(link), "cannot bind as %s", config->bind_dn);
		break;
	case DIRECTORY_EXTERNAL:
		TRY_DOING(bind_external(link), "cannot bind by SASL EXTERNAL");
		break;
	case DIRECTORY_ANONYMOUS:
		break;
	}
	return OK;
}

FALLIBLE ldap_link_open(struct ldap_link *link)
{
	const char *uri = link->config->uri;

	if (link->ld)
		return OK;
	if (ldap_initialize(&link->ld, uri) != LDAP_SUCCESS)
		return FAIL(ST_USAGE, 0, "%s is not the address of a directory: "
			    "ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH", uri);

	struct status *st = link_secure_and_bind(link);

	if (!st)
		return OK;
	ldap_link_close(link);
	return status_doing(st, "cannot use the directory %s", uri);
}

/* --- requests --- */

static struct timeval time_left(const struct timespec *deadline)
{
	struct timespec now;
	struct timeval left = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);

	int64_t micro = (deadline->tv_sec - now.tv_sec) * INT64_C(1000000) +
			(deadline->tv_nsec - now.tv_nsec) / 1000;

	if (micro > 0)
		left = (struct timeval){ micro / 1000000, micro % 1000000 };
	return left;
}

struct timespec ldap_link_deadline(const struct ldap_link *link)
{
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += link->config->timeout;
	return deadline;
}

FALLIBLE ldap_link_next(struct ldap_link *link, int id, const struct timespec *deadline,
			LDAPMessage **out_message)
{
	struct timeval left = time_left(deadline);
	int type = ldap_result(link->ld, id, LDAP_MSG_ONE, &left, out_message);
	int result = LDAP_SERVER_DOWN;

	if (type > 0)
		return OK;
	if (type == 0) {
		ldap_link_close(link);
		return FAIL(ST_LATER, LDAP_TIMEOUT, "no answer within %u seconds",
			    link->config->timeout);
	}
	ldap_get_option(link->ld, LDAP_OPT_RESULT_CODE, &result);
	return ldap_link_status(link, result);
}

FALLIBLE ldap_link_final(struct ldap_link *link, LDAPMessage *message)
{
	char *said = NULL;
	int result = LDAP_OTHER;
	int parsed = ldap_parse_result(link->ld, message, &result, NULL, &said, NULL, NULL, 1);
	struct status *st = result_status(parsed == LDAP_SUCCESS ? result : parsed, said);

	ldap_memfree(said);
	return st;
}

/* The result of a request that has one message for an answer. */
static FALLIBLE only_answer(struct ldap_link *link, int id)
{
	struct timespec deadline = ldap_link_deadline(link);
	LDAPMessage *message = NULL;

	TRY(ldap_link_next(link, id, &deadline, &message));
	return ldap_link_final(link, message);
}

/* Changes in libldap's form; the values stay borrowed. */
struct mod_list {
	LDAPMod mods[MODS_MAX];
	LDAPMod *list[MODS_MAX + 1];
};

static int mod_op(enum directory_op op)
{
	static const int ops[] = {
		[DIRECTORY_ADD] = LDAP_MOD_ADD,
		[DIRECTORY_REPLACE] = LDAP_MOD_REPLACE,
		[DIRECTORY_REMOVE] = LDAP_MOD_DELETE,
	};

	return ops[op] | LDAP_MOD_BVALUES;
}

static FALLIBLE mod_list_fill(struct mod_list *list, const struct ldap_mod *mods, size_t count,
			      struct arena *arena)
{
	if (count > MODS_MAX)
		return FAIL(ST_USAGE, 0, "more than %d attributes at once", MODS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct berval **values = arena_new_array(arena, struct berval *, mods[i].count + 1);

		for (size_t k = 0; k < mods[i].count; k++) {
			values[k] = arena_new_of(arena, struct berval);
			values[k]->bv_val = (char *)mods[i].values[k].data;
			values[k]->bv_len = mods[i].values[k].len;
		}
		list->mods[i].mod_op = mod_op(mods[i].op);
		list->mods[i].mod_type = (char *)mods[i].attr;
		list->mods[i].mod_bvalues = values;
		list->list[i] = &list->mods[i];
	}
	return OK;
}

FALLIBLE ldap_link_add(struct ldap_link *link, const char *name, const struct ldap_mod *attrs,
		       size_t count, bool *out_existed)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct mod_list list = { 0 };
	int id = 0;

	*out_existed = false;
	TRY(mod_list_fill(&list, attrs, count, arena));
	TRY(ldap_link_status(link, ldap_add_ext(link->ld, name, list.list, NULL, NULL, &id)));

	struct status *st = only_answer(link, id);

	if (st && st->diag == LDAP_ALREADY_EXISTS) {
		*out_existed = true;
		status_free(&st);
	}
	return st;
}

FALLIBLE ldap_link_modify(struct ldap_link *link, const char *name, const struct ldap_mod *mods,
			  size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	LDAPControl permissive = { .ldctl_oid = (char *)LDAP_CONTROL_X_PERMISSIVE_MODIFY,
				   .ldctl_iscritical = 1 };
	LDAPControl *controls[] = { &permissive, NULL };
	struct mod_list list = { 0 };
	int id = 0;

	TRY(mod_list_fill(&list, mods, count, arena));
	TRY(ldap_link_status(link, ldap_modify_ext(link->ld, name, list.list, controls, NULL, &id)));
	return only_answer(link, id);
}

FALLIBLE ldap_link_remove(struct ldap_link *link, const char *name, const char *attr,
			  struct bytes value)
{
	struct ldap_mod mod = { DIRECTORY_REMOVE, attr, &value, 1 };
	struct status *st = ldap_link_modify(link, name, &mod, 1);

	if (st && st->diag == LDAP_NO_SUCH_ATTRIBUTE)
		status_free(&st);
	return st;
}
