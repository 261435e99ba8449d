/* SPDX-License-Identifier: Apache-2.0 */
/* Any number of authorities that certify each other, with a directory in memory that counts how
 * often it is asked. */
#ifndef TESTS_SUPPORT_MESH_H
#define TESTS_SUPPORT_MESH_H

#include "tests/support/pki.h"

struct mesh_node {
	struct pki_party party;
	struct cert_list entry;		/* the certificates in its crossCertificatePairs */
	struct crl_list crls;		/* made when they are first asked for */
	const struct cert *revoked;
};

struct mesh {
	struct mesh_node *nodes;
	size_t count;
	struct cert_source source;
	unsigned lookups;		/* entries asked for cross-certificates */
};

/* Authorities 0 to count - 1, strangers to each other. */
void mesh_make(struct mesh *mesh, size_t count);
void mesh_cleanup(struct mesh *mesh);

/* What one authority certifies of another; not in any entry.  cert_free it. */
const struct cert *mesh_cross(const struct mesh *mesh, size_t by, size_t of);
/* The same, in the entries of both. */
void mesh_certify(struct mesh *mesh, size_t by, size_t of);
/* Both ways. */
void mesh_pair(struct mesh *mesh, size_t a, size_t b);

/* A user of an authority; pki_party_free it. */
struct pki_party mesh_user(const struct mesh *mesh, size_t at);

/* A query that trusts one authority; the anchor has to live as long. */
struct path_query mesh_query(const struct mesh *mesh, size_t anchor);

#endif
