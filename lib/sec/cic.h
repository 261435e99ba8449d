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
FALLIBLE cic_make(const struct suite *suite, const struct suite_options *options,
		  const struct private_key *signer, struct bytes content, struct buf *out_cic);

/* The parts of a ContentIntegrityCheck's DER. */
struct cic {
	struct bytes algorithm;
	struct bytes value;
};
FALLIBLE cic_decode(struct bytes octets, struct cic *out_cic);

/*
 * Checks it against the content and the key that verified the token it came in.  ST_REFUSED:
 * "the content is not the one that was signed", or "the content integrity check was made by
 * someone else than the signer of the token" where the suite can tell.
 */
FALLIBLE cic_check(const struct suite *suite, const struct suite_options *options,
		   const struct cic *cic, const struct public_key *signer, struct bytes content);

/* The same with a fresh content-integrity-key, in a suite that has such checks. */
void cic_make_keyed(const struct suite *suite, const struct public_key *signer,
		    struct bytes content, struct secret *out_key, struct buf *out_cic);
/* ST_REFUSED as above, and where the suite has no such checks. */
FALLIBLE cic_check_keyed(const struct suite *suite, const struct cic *cic,
			 const struct public_key *signer, struct bytes key, struct bytes content);

#endif
