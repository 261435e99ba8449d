/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of suites [DESIGN 3]: which algorithms go together, and whether
 * they may be made or only checked.  A new suite is one entry in suite.c and
 * one file with the methods that nobody else has.
 */
#ifndef LIB_SEC_SUITE_H
#define LIB_SEC_SUITE_H

#include "lib/sec/crypto.h"

/* A way to compute the content integrity check [X.411 8.2.1.1.1.28]. */
struct cic_method {
	const char *name;
	const char *oid;	/* dotted */
	struct bytes algorithm;	/* DER AlgorithmIdentifier */
	/* Appends the check value of this signer for a content; algorithm is as it arrived. */
	void (*compute)(const struct public_key *signer, struct bytes algorithm,
			struct bytes content, struct buf *out_value);
	/* Whether a check value says that this signer made it. */
	bool (*is_of)(const struct public_key *signer, struct bytes value);
};

/* A way to seal content [X.411 8.2.1.1.1.27]. */
struct seal_method {
	const char *name;
	const char *oid;	/* dotted */
	size_t key_octets;
	/* Seals content in place with a fresh key, and says how. */
	FALLIBLE (*seal)(struct buf *content, struct secret *out_key, struct buf *out_algorithm);
	/* Opens content in place; ST_REFUSED where it was changed. */
	FALLIBLE (*open)(struct bytes algorithm, struct bytes key, struct buf *content);
};

struct suite {
	const char *name;
	bool may_make;		/* false: only what others made is checked */
	const struct cic_method *cic;
	const struct seal_method *seal;	/* null where the suite forbids sealing */
};

/* The suites that a program accepts: ends with null. */
extern const struct suite suite_modern;
extern const struct suite *const suites_default[];

/* ST_USAGE, naming the suites there are, where the name is none of them. */
FALLIBLE suite_from_text(const char *name, const struct suite **out_suite);

/* The accepted method that an AlgorithmIdentifier's DER names; ST_REFUSED "the content
 * integrity algorithm 1.2.3 is not accepted" where there is none. */
FALLIBLE suite_find_cic(const struct suite *const *accepted, struct bytes algorithm,
			const struct cic_method **out_method);
FALLIBLE suite_find_seal(const struct suite *const *accepted, struct bytes algorithm,
			 const struct seal_method **out_method);

#endif
