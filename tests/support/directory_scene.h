/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory that says what is true of two domains [tests/support/pki.h]: the north certifies the
 * south, and the south bob.  Tests then put something else there, and look for him as the north does.
 */
#ifndef TESTS_SUPPORT_DIRECTORY_SCENE_H
#define TESTS_SUPPORT_DIRECTORY_SCENE_H

#include "lib/base/clock.h"
#include "lib/mhs/trust.h"
#include "tests/support/pki.h"
#include "tests/support/slapd.h"

#define SOUTH "CN=South CA,O=South,C=IT"
#define NORTH "CN=North CA,O=North,C=FR"
#define BOB "CN=Bob,O=South,C=IT"

void scene_put(const struct slapd *server, const struct pki *pki);

/* A list of an authority on which so many serial numbers are, none of them bob's; crl_free it. */
const struct crl *scene_list(const struct pki_party *ca, size_t count);
/* The same, in place of what the entry of a name has. */
void scene_put_list(const struct slapd *server, const char *name, const struct pki_party *ca, size_t count);

/* Whoever trusts the north, and asks a directory. */
struct trust *scene_trust(const struct slapd *server, const struct directory_config *config,
			  const struct pki *pki, const struct clock *clock);
FALLIBLE scene_find_bob(struct trust *trust, struct cert_path **out_path);

#endif
