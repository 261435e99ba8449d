/* SPDX-License-Identifier: Apache-2.0 */
/* The search for a certification path, for lib/sec/path.c. */
#ifndef LIB_SEC_PATH_SEARCH_H
#define LIB_SEC_PATH_SEARCH_H

#include "lib/sec/path.h"

/* The shortest acceptable path to a certificate, whatever it is for.  Fails as path_verify. */
FALLIBLE path_search(const struct path_query *query, const struct cert *cert,
		     struct cert_path **out_path);

#endif
