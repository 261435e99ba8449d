/* SPDX-License-Identifier: Apache-2.0 */
/* What vouched for a message is kept with it: for evidence [lib/mhs/evidence.h]. */
#ifndef UA_VOUCHERS_H
#define UA_VOUCHERS_H

#include "lib/mhs/evidence.h"
#include "ua/home.h"

/* The certificates and revocation lists of a path that was verified just now. */
FALLIBLE vouchers_keep(struct home *home, int64_t message, const struct cert_path *path);

/* All that vouched for a message, and when they last did, put into evidence. */
FALLIBLE vouchers_add(struct home *home, int64_t message, struct evidence *io);

#endif
