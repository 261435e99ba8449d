/* SPDX-License-Identifier: Apache-2.0 */
/* A mesh of authorities as LDIF, for a real directory server. */
#ifndef TESTS_SUPPORT_MESH_LDIF_H
#define TESTS_SUPPORT_MESH_LDIF_H

#include "tests/support/mesh.h"

#include <stdio.h>

/* The entries of all authorities, with those above them: pairs and revocation lists. */
void mesh_ldif(struct mesh *mesh, FILE *to);
/* The entry of a user of the mesh. */
void mesh_ldif_user(const struct cert *user, FILE *to);

#endif
