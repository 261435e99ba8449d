/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate as a directory gave it, of which only the outside was read: who
 * certifies whom.  To decode a key costs a hundred times as much, and of the
 * hundreds of certificates in a large authority's entry a path needs one.
 * Nothing of it is verified.  Counted, and shared by threads.
 */
#ifndef LIB_SEC_FOUND_H
#define LIB_SEC_FOUND_H

#include "lib/sec/cert.h"

/* All views live as long as it. */
struct cert_found {
	struct bytes der;		/* as it arrived */
	struct bytes subject, issuer;	/* DER Names */
	/* Of these: two that differ are of different names. */
	uint64_t subject_hash, issuer_hash;
	struct bytes key;		/* SubjectPublicKeyInfo */
	struct bytes key_id;		/* subjectKeyIdentifier; empty where none */
	struct bytes issuer_key_id;	/* the authority's; empty where none */
	bool authority;			/* it says that it is a CA's */
};

/* ST_PEER where the octets have not the frame of a certificate. */
FALLIBLE cert_found_read(struct bytes der, const struct cert_found **out_found);
/* Of one that was decoded already. */
FALLIBLE cert_found_of(const struct cert *cert, const struct cert_found **out_found);
/* One more owner; each gives it back with cert_found_free. */
const struct cert_found *cert_found_ref(const struct cert_found *found);
void cert_found_free(const struct cert_found **found);

/* All of it, as cert_decode_foreign says; decoded once, and lives as long as it. */
FALLIBLE cert_found_decode(const struct cert_found *found, const struct cert **out_cert);

/* Whether two names of certificates are the same; their hashes, which tell most apart, are those
 * found with them. */
bool cert_found_same_name(struct bytes a, uint64_t a_hash, struct bytes b, uint64_t b_hash);
/* Whether one may have signed the other, by names and key identifiers. */
bool cert_found_issued(const struct cert_found *signer, const struct cert_found *signed_one);
/* Whether two are of one authority: the same name and key. */
bool cert_found_same_subject(const struct cert_found *a, const struct cert_found *b);

/* A list that owns what is on it. */
struct found_list {
	const struct cert_found **items;
	size_t count;
};

void found_list_add(struct found_list *list, const struct cert_found *found);
void found_list_free(struct found_list *list);

/* Adds those that can be decoded; fails, when that is done, with the first that cannot. */
FALLIBLE found_list_decode(const struct found_list *list, struct cert_list *out_certs);

#endif
