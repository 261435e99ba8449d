/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content integrity check [X.411 8.2.1.1.1.28], over the content before it is
 * sealed.  It depends on who signs [DESIGN 3, authorship]: a thief cannot carry
 * it into a token of his own.
 */
#ifndef LIB_SEC_CIC_H
#define LIB_SEC_CIC_H

#include "lib/sec/suite.h"

/* Appends the DER of the ContentIntegrityCheck that this signer makes. */
void cic_make(const struct suite *suite, const struct public_key *signer,
	      struct bytes content, struct buf *out_cic);

/*
 * Checks a ContentIntegrityCheck's DER against the content and the key that verified the
 * token it came in.  ST_REFUSED: "the content is not the one that was signed", or "the
 * content integrity check was made by someone else than the signer of the token".
 */
FALLIBLE cic_check(const struct suite *const *accepted, struct bytes cic,
		   const struct public_key *signer, struct bytes content);

#endif
