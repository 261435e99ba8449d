/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certified authority is held to: path length [X.509 9.4.2.1], names and O/R addresses
 * [X.509 9.4.2.2], policies and their mappings [X.509 8.2.2.6, 8.2.2.7].
 */
#ifndef LIB_SEC_LIMITS_H
#define LIB_SEC_LIMITS_H

#include "lib/base/arena.h"
#include "lib/sec/cert.h"

enum { LIMITS_MAX = 64 };	/* of each kind, where they are read */

/* One policy is worth another: dotted identifiers, of the issuer's domain and the subject's. */
struct cert_mapping {
	const char *issuer, *subject;
};

struct cert_limits {
	bool has_path_length;
	unsigned path_length;			/* how many authorities may follow it */
	const struct bytes *addresses;		/* DER ORAddresses: the domains of its users */
	size_t address_count;
	const struct bytes *names;		/* DER Names: the subtrees of its users */
	size_t name_count;
	const struct bytes *no_addresses;	/* the same: where they must not be */
	size_t no_address_count;
	const struct bytes *no_names;
	size_t no_name_count;
	const char *const *policies;		/* dotted; none: who demands one refuses it */
	size_t policy_count;
	const struct cert_mapping *mappings;
	size_t mapping_count;
};

enum { CERT_POLICIES_MAX = 8, CERT_POLICY_TEXT = 64 };

/* Under which policies the certificate of a user or a server is issued: dotted. */
struct cert_policies {
	size_t count;
	char oids[CERT_POLICIES_MAX][CERT_POLICY_TEXT];
};

/* What the certificate of an authority holds it to, in the arena.  ST_PEER where that cannot be
 * read, or is more than LIMITS_MAX: whoever does not understand it must not pass it on. */
FALLIBLE limits_of(const struct cert *cert, struct arena *arena, struct cert_limits *out_limits);

#endif
