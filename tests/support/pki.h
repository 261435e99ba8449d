/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two domains with an authority each, which certify each other, and the people
 * and agents of these domains; and a source of certificates as the directory
 * would be.  Made once for a test program: keys are dear.
 */
#ifndef TESTS_SUPPORT_PKI_H
#define TESTS_SUPPORT_PKI_H

#include "lib/sec/issue.h"
#include "lib/sec/path.h"

enum {
	PKI_NOW = 1790000000,		/* a moment in September 2026 */
	PKI_YEAR = 365 * 24 * 3600,
};

/* Somebody with a key and a certificate. */
struct pki_party {
	struct private_key *key;
	const struct cert *cert;
};

struct pki {
	struct pki_party north, south;	/* the authorities, P-256 */
	struct pki_party alice, mallory;	/* users of the north: P-256 */
	struct pki_party bob;		/* a user of the south: P-256 */
	struct pki_party carol;		/* a user of the south: RSA */
	struct pki_party bob_ms;	/* bob's message store: Ed25519 */
	struct pki_party south_mta;
	/* What is published; a test may put others in their places. */
	struct cert_list users;
	struct cert_list cross;
	struct crl_list crls;
	struct cert_source source;
	struct status *unreachable;	/* where set, the source answers with a copy of it */
};

void pki_make(struct pki *pki);
void pki_cleanup(struct pki *pki);

/* A DER Name from text; buf_free it. */
struct buf pki_name(const char *text);

/* Somebody new, certified by an authority. */
struct pki_party pki_certify(const struct pki_party *ca, const char *name, enum scope scope,
			     enum key_type type, struct bytes or_address);
/* An authority of 1988, which certifies itself and then others in that form. */
struct pki_party pki_authority_1989(const char *name);
void pki_party_free(struct pki_party *party);

/* A certificate as a directory gives it. */
void pki_add_found(struct found_list *list, const struct cert *cert);

/* The revocation list of an authority, in place of the one it had; revoked may be null. */
void pki_publish_crl(struct pki *pki, const struct pki_party *ca, const struct cert *revoked,
		     time_t next_update);

/* A query to the source, trusting an authority, at PKI_NOW. */
struct path_query pki_query(const struct pki *pki, const struct pki_party *anchor, enum scope scope);

#endif
