/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom we trust: our own authority, and from there whatever certification path
 * the directory offers [lib/sec/path.h].  What was fetched and verified is
 * cached, and can be told with its age.
 *
 * Calls may block on the directory: they belong on the worker pool, and any
 * number of threads may make them at once.
 */
#ifndef LIB_MHS_TRUST_H
#define LIB_MHS_TRUST_H

#include "directory/directory.h"
#include "lib/base/clock.h"
#include "lib/base/settings.h"
#include "lib/sec/path.h"

struct trust;

struct trust_options {
	const char *anchor;			/* PEM file of our own authority */
	const struct directory_config *directory;	/* null: what is presented must do */
	const struct clock *clock;
	int64_t cache_seconds;			/* how long what was found is believed; 0: 300, -1: not at all */
	int64_t absent_seconds;			/* how long what was not found; 0: 30 */
	const char *kept;			/* file for what was found, beyond the process; null: none */
	int64_t offline_seconds;		/* how old it may be where the directory cannot be asked */
	int64_t list_seconds;			/* how old a revocation list may be; 0: as it says itself */
	struct path_limits limits;		/* how far paths are looked for; 0: the defaults */
	bool allow_broken_1989;			/* certificates of 1988 as well [lib/sec/cert_1989.h] */
	/* Dotted: one of them has to run through the whole path; null, or none: whatever it says. */
	const struct text_list *policies;
};

/* Texts and the configuration are borrowed for the life of the trust. */
FALLIBLE trust_open(const struct trust_options *options, struct trust **out_trust);
void trust_free(struct trust **trust);

/* What a certificate has to be. */
struct trust_wanted {
	enum scope scope;
	enum cert_use use;
	struct bytes directory_name;	/* DER Name; empty: any */
	struct bytes or_address;	/* DER ORAddress; empty: any */
};

/*
 * Verifies a certificate that somebody presents.  Failures are those of path_verify.
 *
 * Where a certificate is refused, here and below, what is remembered of the entries that it was
 * judged by is fetched anew, at most every absent_seconds for a name, and it is judged once more:
 * an authority may have a new key, new pairs or a new list, a person a new certificate.
 */
FALLIBLE trust_verify(struct trust *trust, const struct trust_wanted *wanted,
		      const struct cert *cert, struct cert_path **out_path);

/*
 * Finds the certificate in the directory, by directory name or, where that is empty, by the
 * entry that has the O/R address, and verifies it.  Failures are those of path_find.
 */
FALLIBLE trust_find(struct trust *trust, const struct trust_wanted *wanted,
		    struct cert_path **out_path);

/* The same for a trial with each of his certificates.  Failures are those of path_find_for. */
FALLIBLE trust_find_for(struct trust *trust, const struct trust_wanted *wanted,
			struct path_trial *trial, struct cert_path **out_path);

/* Asks the directory again for what is in use, before it is too old; that it cannot be asked now
 * is no failure. */
void trust_refresh(struct trust *trust);

/* That a message store speaks for an O/R name: its certificate's O/R address is the domain in which
 * the name lies.  ST_REFUSED. */
struct orname;
FALLIBLE store_serves(const struct cert *store, const struct orname *name);

/* What a path is asked for where policies are required, which it borrows.  ST_USAGE where one is no object
 * identifier. */
FALLIBLE trust_policies(const struct text_list *required, struct path_policies *out_policies);

/* How names of people are compared, put into a query of one's own. */
void trust_compare_names(struct path_query *io_query);

/* Forgets what was found for a name, so that the next question asks the directory. */
void trust_forget(struct trust *trust, struct bytes directory_name);

#endif
