/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content confidentiality [X.411 8.2.1.1.1.27]: the content is encrypted once,
 * with a fresh key, for all recipients.
 */
#ifndef LIB_SEC_SEAL_H
#define LIB_SEC_SEAL_H

#include "lib/sec/suite.h"

/* Seals content in place.  Appends the DER of the algorithm identifier. */
FALLIBLE seal_content(const struct suite *suite, struct buf *content,
		      struct secret *out_key, struct buf *out_algorithm);

/* Opens content in place.  ST_REFUSED "the sealed content was changed" and the content is
 * emptied, where it was; or where the algorithm is not the suite's. */
FALLIBLE seal_open(const struct suite *suite, struct bytes algorithm,
		   struct bytes key, struct buf *content);

#endif
