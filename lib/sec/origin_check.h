/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Message and probe origin authentication checks [X.411 8.2.1.1.1.29,
 * 8.2.1.2.1.1]: a signature of the originator that anybody on the way can check.
 * It is over the content as it travels, sealed where it is sealed: who can read
 * the content rests on the token instead, which says for whom and when.
 */
#ifndef LIB_SEC_ORIGIN_CHECK_H
#define LIB_SEC_ORIGIN_CHECK_H

#include "lib/sec/suite.h"

struct origin_facts {
	bool probe;
	struct bytes content;		/* as it travels; none of a probe */
	struct bytes content_identifier;	/* characters, or empty */
	struct bytes label;		/* message-security-label, one TLV, or empty */
};

/* Appends the DER of the check; a null suite is modern. */
FALLIBLE origin_check_make(const struct origin_facts *facts, const struct suite *suite,
			   const struct suite_options *options, const struct private_key *signer,
			   struct buf *out_check);

/* ST_REFUSED where the check is not for these facts and this key. */
FALLIBLE origin_check_verify(const struct origin_facts *facts, const struct suite *suite,
			     const struct suite_options *options, const struct public_key *signer,
			     struct bytes check);

#endif
