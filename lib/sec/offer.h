/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one authority gives another by hand, so that they certify each other: a file of PEM blocks.
 *
 *	CERTIFICATE		its own, whose fingerprint is read aloud
 *	CERTIFICATE		only in an answer: what it issued to the reader
 *	CERTIFICATE REQUEST	what it asks for [RFC 2986], signed with its key: basic, name and policy
 *				constraints that it is willing to be held to, and a description
 *				[X.520 5.6.1] for people
 */
#ifndef LIB_SEC_OFFER_H
#define LIB_SEC_OFFER_H

#include "lib/sec/issue.h"

enum { OFFER_DESCRIPTION_MAX = 1024 };	/* characters [X.520 Annex C, ub-description] */

struct offer {
	const struct cert *authority;
	const struct cert *issued;	/* null in an offer */
	struct cert_limits limits;	/* that it asks for */
	const char *description;	/* shown as it is: without control characters; null where none */
	struct arena *arena;
};

/* Writes the file.  issued and description may be null. */
FALLIBLE offer_save(const char *path, const struct cert *authority, const struct private_key *key,
		    const struct cert *issued, const struct cert_limits *limits,
		    const char *description);

/*
 * Reads what somebody has brought.  Its parts belong together, by name, key and signature:
 * ST_REFUSED otherwise.  Whose they are, only the fingerprint says.
 */
FALLIBLE offer_load(const char *path, struct offer **out_offer);
/* The same from the octets of such a file. */
FALLIBLE offer_decode(struct bytes pem, struct offer **out_offer);
void offer_free(struct offer **offer);

#endif
