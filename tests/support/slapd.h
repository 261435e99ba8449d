/* SPDX-License-Identifier: Apache-2.0 */
/* A real directory server of a test's own, which counts the requests that it gets. */
#ifndef TESTS_SUPPORT_SLAPD_H
#define TESTS_SUPPORT_SLAPD_H

#include "directory/directory.h"
#include "lib/sec/cert.h"

struct slapd {
	char *folder;			/* its files and whatever else the test puts there */
	char *uri;			/* of its Unix socket */
	struct directory_config config;	/* whoever runs the test may write */
	struct directory_config over_tls;	/* after slapd_secure: anybody may read */
	char *tls_uri, *tls_ca;
	unsigned long questions;	/* of slapd_searches, which the server counts too */
};

/* Whether there is a slapd to start; says so in words where there is none. */
bool slapd_is_installed(void);

/* Makes a folder below the build tree and starts a server in it. */
void slapd_init(struct slapd *slapd);
/* Ends it, and removes the folder. */
void slapd_cleanup(struct slapd *slapd);

/* It serves over TLS as well, from its next start on: over_tls says how, anew after each. */
void slapd_secure(struct slapd *slapd);

void slapd_start(struct slapd *slapd);
void slapd_stop(const struct slapd *slapd);

/* Sends a signal to its process; after SIGSTOP it does nothing more, in none of its threads. */
void slapd_signal(const struct slapd *slapd, int signal);

/* Removes all entries; it must not be running. */
void slapd_empty(const struct slapd *slapd);
/* Puts LDIF into the database past the protocol; it must not be running either. */
void slapd_load(const struct slapd *slapd, const char *ldif);

/* Puts values in place of what an entry has of an attribute; it is made where it is absent. */
void slapd_put(const struct slapd *slapd, const char *name, enum directory_kind kind,
	       enum directory_attr attr, const struct bytes *values, size_t count);
/* The certificates of a user. */
void slapd_put_certs(const struct slapd *slapd, const char *name, const struct cert *const *certs,
		     size_t count);
/* The pairs of an authority, of which only what was issued to it is known. */
void slapd_put_pairs(const struct slapd *slapd, const char *name, const struct cert *const *certs,
		     size_t count);

/* The searches that it has answered since it was started, such questions not among them. */
unsigned long slapd_searches(struct slapd *slapd);

#endif
