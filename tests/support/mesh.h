/* SPDX-License-Identifier: Apache-2.0 */
/* Any number of authorities that certify each other, with a directory in memory that counts how
 * often it is asked. */
#ifndef TESTS_SUPPORT_MESH_H
#define TESTS_SUPPORT_MESH_H

#include "tests/support/pki.h"

struct mesh_node {
	struct buf name;		/* DER: "CN=CA number,O=Mesh,C=FR" */
	struct pki_party party;		/* by mesh_party */
	struct cert_list entry;		/* by mesh_entry */
	struct crl_list crls;		/* made when they are first asked for */
	const struct cert *revoked;
};

/* That one certifies another, which is in the entries of both. */
struct mesh_edge {
	size_t by, of;
	const struct cert *cert;	/* made when one of the entries is first asked for */
	bool in_by, in_of;		/* the entry has it, or had it */
};

struct mesh {
	struct mesh_node *nodes;
	size_t count;
	struct mesh_edge *edges;
	size_t edge_count;
	struct cert_source source;
	unsigned lookups;		/* entries asked for cross-certificates */
};

/* Authorities 0 to count - 1, strangers to each other. */
void mesh_make(struct mesh *mesh, size_t count);
void mesh_cleanup(struct mesh *mesh);

/* An authority, made when it is first asked for: where a test has freed it, with another key. */
struct pki_party *mesh_party(struct mesh *mesh, size_t at);

/* What one authority certifies of another; not in any entry.  cert_free it. */
const struct cert *mesh_cross(struct mesh *mesh, size_t by, size_t of);
/* The same, in the entries of both. */
void mesh_certify(struct mesh *mesh, size_t by, size_t of);
/* Both ways. */
void mesh_pair(struct mesh *mesh, size_t a, size_t b);
/* The certificates in the crossCertificatePairs of an authority, which a test may change. */
struct cert_list *mesh_entry(struct mesh *mesh, size_t at);

/* A user of an authority; pki_party_free it. */
struct pki_party mesh_user(struct mesh *mesh, size_t at);

/* A query that trusts one authority; the anchor has to live as long. */
struct path_query mesh_query(struct mesh *mesh, size_t anchor);

#endif
