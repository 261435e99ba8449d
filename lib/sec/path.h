/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certification paths [X.509 8, X.509 (1988) 7.6]: from an authority that we
 * trust, by way of cross-certificates, to the certificate of someone else.
 * Certificates and revocation lists come through a source; the time is passed
 * in.  A check that cannot be made (no revocation list) counts as failed.
 */
#ifndef LIB_SEC_PATH_H
#define LIB_SEC_PATH_H

#include "lib/sec/cert.h"

/*
 * Where certificates come from: the directory, by DER Name.  What is found is added to
 * the list, which owns it.  Finding nothing is OK, with nothing added; a failure says that
 * nobody could look.  Nothing that a source gives is believed before it was verified.
 */
struct cert_source {
	void *data;
	/* userCertificate of an entry. */
	FALLIBLE (*user_certs)(void *data, struct bytes name, struct cert_list *out_certs);
	/* Both halves of the crossCertificatePairs of an authority's entry. */
	FALLIBLE (*cross_certs)(void *data, struct bytes name, struct cert_list *out_certs);
	/* certificateRevocationList of an authority's entry. */
	FALLIBLE (*crls)(void *data, struct bytes name, struct crl_list *out_crls);
};

enum { PATH_MAX_CERTS = 8, PATH_MAX_LOOKUPS = 32 };

struct path_query {
	const struct cert *const *anchors;	/* authorities trusted from the beginning */
	size_t anchor_count;
	const struct cert_source *source;
	time_t now;
	enum scope scope;		/* what the certificate has to be for */
	struct bytes name;		/* DER Name it has to have; empty: any */
	struct bytes or_address;	/* DER ORAddress it has to have; empty: any */
	/* How O/R addresses are compared; null: octet by octet. */
	bool (*same_or_address)(struct bytes a, struct bytes b);
};

/* A path that was verified: from the certificate itself to the anchor. */
struct cert_path {
	struct cert_list chain;
	time_t valid_until;	/* the earliest end of a certificate or revocation list in it */
	char *explanation;	/* a line for each step, for people */
};

/*
 * Finds and verifies a path to a certificate.  ST_REFUSED says why there is none: "the
 * certificate of CN=... was revoked on ...", "no path from CN=... to CN=...", "CN=... has
 * no revocation list".  ST_LATER: the source could not be asked.
 */
FALLIBLE path_verify(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path);

/*
 * Finds a certificate for query->name in the source, and a path to it: the first of the
 * entry's certificates that verifies.  ST_NOT_FOUND: the entry has no certificate at all.
 */
FALLIBLE path_find(const struct path_query *query, struct cert_path **out_path);

void cert_path_free(struct cert_path **path);

/* The certificate that the path is for; lives as long as the path. */
const struct cert *cert_path_leaf(const struct cert_path *path);

#endif
