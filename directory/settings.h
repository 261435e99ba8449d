/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of every program that uses the directory: rows for its table, a struct in its
 * settings, and the configuration they make. */
#ifndef DIRECTORY_SETTINGS_H
#define DIRECTORY_SETTINGS_H

#include "directory/directory.h"
#include "lib/base/settings.h"

struct directory_settings {
	char *uri, *base;
	bool start_tls;
	char *ca_file, *cert_file, *key_file;
	int bind;			/* enum directory_bind */
	char *bind_dn, *password_file;
	int64_t timeout, referrals, list_max;
};

/* "anonymous", "simple", "external", null: by enum directory_bind. */
extern const char *const directory_bind_names[];

/* at is the offset of the struct directory_settings in the program's own. */
#define DIRECTORY_SETTINGS(at)								\
	{ "directory", SET_STR, (at) + offsetof(struct directory_settings, uri), "", 0, 0, \
	  "The directory: ldap://HOST:PORT, ldaps://HOST:PORT or ldapi://PATH (\"/\" as %2F); " \
	  "several with spaces between them, tried in turn.",				\
	  NULL },									\
	{ "directory-base", SET_STR, (at) + offsetof(struct directory_settings, base), "", 0, 0, \
	  "The directory name below which entries are looked for; empty is everywhere.", NULL }, \
	{ "directory-start-tls", SET_BOOL,						\
	  (at) + offsetof(struct directory_settings, start_tls), "no", 0, 0,		\
	  "Whether an ldap:// connection has to be secured by StartTLS.", NULL },	\
	{ "directory-ca", SET_STR, (at) + offsetof(struct directory_settings, ca_file), \
	  "", 0, 0, "PEM file of who may vouch for the directory's server over TLS.", NULL }, \
	{ "directory-certificate", SET_STR, (at) + offsetof(struct directory_settings, cert_file), \
	  "", 0, 0, "PEM file of our own TLS certificate, for an external bind.", NULL }, \
	{ "directory-key", SET_STR, (at) + offsetof(struct directory_settings, key_file), \
	  "", 0, 0, "PEM file of the key of directory-certificate.", NULL },		\
	{ "directory-bind", SET_ENUM, (at) + offsetof(struct directory_settings, bind),	\
	  "anonymous", 0, 0, "Who we are to the directory: nobody, a name with a password, " \
	  "or whom the Unix socket or the TLS certificate says.", directory_bind_names }, \
	{ "directory-bind-name", SET_STR, (at) + offsetof(struct directory_settings, bind_dn), \
	  "", 0, 0, "The directory name of a simple bind.", NULL },			\
	{ "directory-password-file", SET_STR,						\
	  (at) + offsetof(struct directory_settings, password_file), "", 0, 0,		\
	  "The file whose first line is the password of a simple bind.", NULL },	\
	{ "directory-timeout", SET_SECS, (at) + offsetof(struct directory_settings, timeout), \
	  "10s", 1, 600, "How long to wait for a connection, and for an answer.", NULL }, \
	{ "directory-referrals", SET_INT, (at) + offsetof(struct directory_settings, referrals), \
	  "3", 0, 8, "How many referrals may lead from one server to the next.", NULL }, \
	{ "directory-list-max", SET_SIZE, (at) + offsetof(struct directory_settings, list_max), \
	  "16M", 1024, 16 << 20, "How large a revocation list may be.", NULL }

/* The texts of the configuration are borrowed from the settings. */
struct directory_config directory_config_of(const struct directory_settings *settings);

/* Whether a directory is set at all. */
static inline bool directory_is_set(const struct directory_settings *settings)
{
	return *settings->uri;
}

#endif
