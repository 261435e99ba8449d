/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The content integrity check as an extension of its own [X.411 8.2.1.1.1.28],
 * outside of a token: a signature of the originator over the content before it
 * is sealed.  The one inside a token is lib/sec/cic.h's: there the token's
 * signature says whose it is, here it has to be a signature itself.
 */
#ifndef LIB_SEC_CONTENT_CHECK_H
#define LIB_SEC_CONTENT_CHECK_H

#include "lib/sec/suite.h"

/* Appends the DER of the ContentIntegrityCheck; a null suite is modern. */
FALLIBLE content_check_make(struct bytes content, const struct suite *suite,
			    const struct suite_options *options, const struct private_key *signer,
			    struct buf *out_check);

/* ST_REFUSED where the check is not for this content and this key. */
FALLIBLE content_check_verify(struct bytes content, const struct suite *suite,
			      const struct suite_options *options, const struct public_key *signer,
			      struct bytes check);

#endif
