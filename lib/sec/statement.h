/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks and proofs of X.411 are signatures over: the DER of a SEQUENCE
 * of an algorithm identifier and fields.  It does not travel: who signs and who
 * checks build it from the same octets, as they travelled.  The content is never
 * copied.
 *
 * Each service has a file of its own, with the fields in their order:
 * origin_check, content_check, report_check, proof, submission_proof.
 */
#ifndef LIB_SEC_STATEMENT_H
#define LIB_SEC_STATEMENT_H

#include "lib/sec/suite.h"

#include <time.h>

struct statement {
	const char *what;		/* "the proof of delivery": for the user */
	struct buf before, behind;	/* the fields, with the header of the content between them */
	bool has_content;
	struct bytes content;
};

void statement_free(struct statement *statement);

/* The next field: one DER TLV, or nothing where it is absent. */
void statement_put(struct statement *statement, struct bytes field);
void statement_put_integer(struct statement *statement, int64_t number);
FALLIBLE statement_put_time(struct statement *statement, time_t when);
/* ContentIdentifier [X.411 8.2.1.1.1.20], from its characters. */
void statement_put_identifier(struct statement *statement, struct bytes characters);
/* The content, as an OCTET STRING; once. */
void statement_put_content(struct statement *statement, struct bytes content);

/* Appends the DER of the SIGNATURE that this key makes in a suite; null: modern. */
FALLIBLE statement_sign(const struct statement *statement, const struct suite *suite,
			const struct suite_options *options, const struct private_key *signer,
			struct buf *out_signature);

/* ST_REFUSED where the signature is not this key's, or over something else. */
FALLIBLE statement_check(const struct statement *statement, const struct suite *suite,
			 const struct suite_options *options, const struct public_key *signer,
			 struct bytes signature);

#endif
