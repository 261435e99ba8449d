/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connecting, TLS and the bind.  What the environment or ldap.conf(5) say about TLS does not
 * count: all is set here, and what cannot be checked is refused.
 */
#include "directory/ldap_link.h"

#include <errno.h>
#include <sys/stat.h>

enum {
	ENVELOPE_OCTETS = 256 * 1024,	/* of an answer, besides its values */
	PASSWORD_MAX = 512,
};

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
	if (link->patience.over || result == LDAP_TIMEOUT)
		return ldap_link_late(link);
	ldap_get_option(link->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);

	bool tls = !strncasecmp(link->uri, "ldaps:", 6) && said && *said;
	struct status *st = tls ? FAIL(ST_REFUSED, result, "TLS failed (%s)", said)
				: ldap_result_status(result, said);

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
	const char *uri = link->uri;

	if (link->ld)
		return OK;
	if (ldap_initialize(&link->ld, uri) != LDAP_SUCCESS)
		return FAIL(ST_USAGE, 0, "%s is not the address of a directory: "
			    "ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH", uri);
	if (!ldap_patience_begin(&link->patience, link->ld, link->config->timeout)) {
		ldap_link_close(link);
		return FAIL(ST_USAGE, 0, "the LDAP library does not accept a deadline");
	}

	struct status *st = link_secure_and_bind(link);

	if (!st)
		return OK;
	ldap_link_close(link);
	return status_doing(st, "cannot use the directory %s", uri);
}
