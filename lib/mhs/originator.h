/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose signature a message or probe has: certificates that may be its
 * originator's, those that it brings along [X.411 8.2.1.1.1.25] before the one
 * of the directory.  None is believed before a path to it was verified, for his
 * directory name and O/R address, as that of a user agent.
 */
#ifndef LIB_MHS_ORIGINATOR_H
#define LIB_MHS_ORIGINATOR_H

#include "lib/mhs/extensions.h"
#include "lib/mhs/trust.h"

/* What is signed is checked with a verified certificate. */
typedef FALLIBLE originator_attempt(void *arg, const struct cert_path *path);

/*
 * Calls attempt with one certificate after the other until it succeeds.  Otherwise the failure is
 * the first of attempt or, where no certificate could be verified, says why not.  originator is
 * an ORName TLV; the extensions are those of its message.
 */
FALLIBLE originator_check(struct trust *trust, struct arena *arena, struct bytes originator,
			  const struct ext_set *extensions, originator_attempt *attempt, void *arg);

#endif
