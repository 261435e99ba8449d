/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification paths [X.509 8, X.509 (1988) 7.6]: from an authority that we
 * trust, by way of cross-certificates, to the certificate of someone else.
 * Certificates and revocation lists come through a source; the time is passed
 * in.  A check that cannot be made (no revocation list) counts as failed.
 */
#ifndef LIB_SEC_PATH_H
#define LIB_SEC_PATH_H

#include "lib/base/meanwhile.h"
#include "lib/sec/found.h"
#include "lib/sec/sqmodn.h"

/*
 * Where certificates come from: the directory, by DER Name.  What is found is added to
 * the list, which owns it.  Finding nothing is OK, with nothing added; a failure says that
 * nobody could look.  Nothing that a source gives is believed before it was verified.
 */
struct cert_source {
	void *data;
	/* userCertificate of an entry. */
	FALLIBLE (*user_certs)(void *data, struct bytes name, struct found_list *out_certs);
	/* Both halves of the crossCertificatePairs of an authority's entry, and its own certificates. */
	FALLIBLE (*cross_certs)(void *data, struct bytes name, struct found_list *out_certs);
	/* Revocation lists of an authority's entry, complete ones and deltas. */
	FALLIBLE (*crls)(void *data, struct bytes name, struct crl_list *out_crls);
	/* These names may be asked for next: whoever can fetch them together does so now, and does the
	 * work (null: there is none) while he waits.  What cannot be had fails when it is asked for.
	 * May be null. */
	void (*expect)(void *data, const struct bytes *names, size_t count, struct meanwhile *work);
	/* *out_has: the entry of this name has this O/R address (DER).  Asked for certificates that
	 * cannot say so themselves, those of 1988.  May be null: then nobody can tell. */
	FALLIBLE (*has_address)(void *data, struct bytes name, struct bytes or_address, bool *out_has);
	/* When the oldest of what answered so far was fetched.  May be null: nobody can tell. */
	const time_t *as_of;
};

/* The limits where a query sets none. */
enum { PATH_MAX_CERTS = 8, PATH_MAX_LOOKUPS = 64, PATH_MAX_TRIED = 64 };

/* How far a path is looked for; 0: the default above. */
struct path_limits {
	unsigned certs;			/* of one path, the anchor's included */
	unsigned lookups;		/* entries of authorities that are asked for */
	unsigned tried;			/* paths that are judged, and certificates of one entry */
};

/* The initial values of path validation [X.509 10.1, RFC 5280 6.1.1]; all zero: nothing is asked
 * for beyond what the certificates themselves demand. */
struct path_policies {
	const char *const *acceptable;	/* dotted identifiers; none: any policy will do */
	size_t count;
	bool explicit_policy;		/* initial-explicit-policy */
	bool inhibit_mapping;		/* initial-policy-mapping-inhibit */
	bool inhibit_any;		/* initial-inhibit-any-policy */
};

/* The newest revocation list of an authority that was trusted before; all zero where none was. */
struct path_newest {
	uint64_t number;
	time_t made;
};

/* What a revocation list has to be, beyond being in date; all zero: nothing. */
struct path_freshness {
	int64_t max_age;		/* seconds since it was made */
	/* Of an authority (DER Name).  A list with a lower number, or, where one of the two has
	 * none, one that was made before, was put back by somebody.  May be null. */
	struct path_newest (*newest)(void *data, struct bytes issuer);
	void *data;
};

struct path_query {
	const struct cert *const *anchors;	/* authorities trusted from the beginning */
	size_t anchor_count;
	const struct cert_source *source;
	time_t now;
	enum scope scope;		/* what the certificate has to be for, */
	enum cert_use use;		/* and of it; an authority's is for certificates */
	/* Only for programs that judge certificates which are not Postern's: whatever it is for,
	 * and whatever its key is. */
	bool any_use;
	struct bytes name;		/* DER Name it has to have; empty: any */
	struct bytes or_address;	/* DER ORAddress it has to have; empty: any */
	/* How O/R addresses are compared; null: octet by octet. */
	bool (*same_or_address)(struct bytes a, struct bytes b);
	/* Whether an O/R address lies in a domain, which is one with fewer attributes.  Null: a
	 * path that is held to domains is refused, for nobody can tell. */
	bool (*or_address_within)(struct bytes domain, struct bytes address);
	struct path_policies policies;
	struct path_freshness freshness;
	struct path_limits limits;
	/* The setting allow-broken-1989: paths of certificates of 1988 alone are judged as well
	 * [lib/sec/path_1989.h], and how their hash is read. */
	bool allow_broken_1989;
	enum sqmodn_form sqmodn;
};

/* A path that was verified: from the certificate itself to the anchor. */
struct cert_path {
	struct cert_list chain;
	/* What it was judged by: the revocation lists, and certificates of those who sign lists and
	 * are not in the chain.  Whoever has all three can judge it again without a directory. */
	struct crl_list crls;
	struct cert_list crl_signers;
	time_t valid_until;	/* the earliest end of a certificate or revocation list in it */
	char *explanation;	/* a line for each step, for people */
	char **policies;	/* the user-constrained policy set, dotted */
	size_t policy_count;
	struct crl_list lists;	/* the revocation lists it rests on, each signed by its authority */
	unsigned lookups;	/* entries of authorities that were asked for */
	time_t as_of;		/* when the source had the oldest of it; 0 where it does not say */
};

/*
 * Finds and verifies a path to a certificate: the shortest of those that are acceptable.
 * ST_REFUSED says why there is none: "the certificate of CN=... was revoked on ...", "no path
 * from CN=... to CN=...", "CN=... has no revocation list"; where several paths were tried, each
 * is a cause with its own reason.  ST_LATER: the source could not be asked.
 */
FALLIBLE path_verify(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path);

/*
 * Finds a certificate for query->name in the source, and a path to it: of the entry's certificates
 * that verify the one that begins last, so that everybody finds the same, and a new one is used as
 * soon as it is there.  Of an authority (SCOPE_CA) those are looked at that others have issued to
 * it.  ST_NOT_FOUND: the entry has no certificate at all.  Where none verifies, each of the right
 * kind has its reason.
 */
FALLIBLE path_find(const struct path_query *query, struct cert_path **out_path);

/*
 * Which of somebody's certificates it was that he signed with: nothing that is signed says so.  An
 * attempt is made with each that verifies, once, until one succeeds.
 */
struct path_trial {
	FALLIBLE (*attempt)(void *arg, const struct cert_path *path);	/* null: any will do */
	void *arg;
	struct buf tried;		/* the fingerprints of those that failed */
	struct status *failed;		/* of the first attempt; null where none was made */
	bool refused;			/* with one of his certificates none was made: it was refused */
};
void path_trial_cleanup(struct path_trial *trial);

/* One attempt, unless it failed before with this certificate. */
FALLIBLE path_try(struct path_trial *trial, const struct cert_path *path);
/* path_find for a trial.  Where no attempt succeeds its failure is that of the first, and
 * the reason why others were not tried is the cause. */
FALLIBLE path_find_for(const struct path_query *query, struct path_trial *trial,
		       struct cert_path **out_path);

struct cert_path *cert_path_copy(const struct cert_path *path);
void cert_path_free(struct cert_path **path);

/* The certificate that the path is for; lives as long as the path. */
const struct cert *cert_path_leaf(const struct cert_path *path);

#endif
