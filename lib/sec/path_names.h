/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name constraints on O/R addresses, for lib/sec/path_judge.c.  X.509 names the kind but not
 * the comparison: an address lies in a subtree when it has each attribute of it, equal, as an
 * address lies in a management domain [X.402 18.4].
 */
#ifndef LIB_SEC_PATH_NAMES_H
#define LIB_SEC_PATH_NAMES_H

#include "lib/sec/path.h"

/* All constraints of certificates that constrain O/R addresses, the other kinds among them too,
 * since OpenSSL stops at what it cannot compare.  *out_at: the certificate that fails. */
FALLIBLE path_names_check(const struct path_query *query, const struct cert_list *chain,
			  size_t *out_at);

#endif
