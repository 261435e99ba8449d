/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certification authority makes: certificates, also of itself and of
 * other authorities, and revocation lists; and the request that asks for one.
 * All verify with the openssl command alone.
 */
#ifndef LIB_SEC_ISSUE_H
#define LIB_SEC_ISSUE_H

#include "lib/sec/limits.h"

/* --- PKCS#10 --- */

struct cert_request {
	struct bytes der;
	struct bytes fingerprint;	/* SHA-256 of der */
	struct bytes subject;		/* DER Name */
	const char *subject_text;
	struct bytes or_address;	/* DER ORAddress, empty where it asks for none */
	enum scope scope;		/* SCOPE_NONE where it asks for none */
	const struct public_key *key;
	/* Of a key that cannot sign: the certificate of the one that signed the request for it, and
	 * whose holder states that he has both.  Not verified.  Null where the key signed itself. */
	const struct cert *voucher;
};

/* A request signed with the key; or_address may be empty.  Appends its DER. */
FALLIBLE cert_request_make(const struct private_key *key, struct bytes subject,
			   struct bytes or_address, enum scope scope, struct buf *out_der);
/* The same for a key that cannot sign, by a certified one of the same holder, who states that he has
 * it [RFC 9883]. */
FALLIBLE cert_request_make_stated(const struct public_key *key, const struct private_key *signer,
				  const struct cert *certificate, struct bytes or_address,
				  struct buf *out_der);
/* ST_PEER where it is none; ST_REFUSED where its own signature is wrong. */
FALLIBLE cert_request_decode(struct bytes der, struct cert_request **out_request);
/* PEM. */
FALLIBLE cert_request_load(const char *path, struct cert_request **out_request);
FALLIBLE cert_request_save(const char *path, struct bytes der);

/*
 * Whoever has a certificate and asks for one for another key proves it with the key he has: a
 * signed line (lib/sec/jws.h) whose payload is the request's DER, octet for octet.
 */
FALLIBLE request_proof_make(const struct private_key *old_key, struct bytes request, struct buf *out_line);
/* ST_REFUSED where another key made it, or for another request. */
FALLIBLE request_proof_check(struct bytes line, const struct public_key *old_key, struct bytes request);

void cert_request_free(struct cert_request **request);

/* --- certificates --- */

/* What the new certificate is to say. */
struct cert_plan {
	struct bytes subject;		/* DER Name */
	struct bytes or_address;	/* DER ORAddress, or empty */
	const struct public_key *key;
	enum scope scope;		/* SCOPE_CA for an authority */
	bool signs_only;		/* nothing is to be sealed for a UA's key, whatever its type */
	time_t not_before, not_after;
	struct bytes serial;		/* positive, at most 20 octets; empty: a random one */
	const struct cert_limits *limits;	/* of an authority; null: none */
	const struct cert_policies *policies;	/* of a user or a server; null: none */
	bool form_1989;			/* of what signs itself: broken [lib/sec/cert_1989.h] */
};

/*
 * Issues a certificate.  issuer is the authority's own certificate and key its private
 * key; for the authority's own (self-signed) certificate issuer is null and key is the
 * private half of plan->key.  A cross-certificate is one with the other authority's name
 * and key and SCOPE_CA.  ST_USAGE where the plan makes no sense: no name, an end before
 * the beginning or past the issuer's own, a key that is not the issuer's.
 *
 * An authority of 1988 issues certificates and lists of 1988, in which there is no O/R address.
 */
FALLIBLE cert_issue(const struct cert *issuer, const struct private_key *key,
		    const struct cert_plan *plan, const struct cert **out_cert);

/* --- revocation lists --- */

/* [X.509 11.2.1] */
enum revocation_reason {
	REVOKED_UNSPECIFIED = 0,
	REVOKED_KEY_COMPROMISE = 1,
	REVOKED_CA_COMPROMISE = 2,
	REVOKED_AFFILIATION_CHANGED = 3,
	REVOKED_SUPERSEDED = 4,
	REVOKED_CESSATION = 5,
	REVOKED_HOLD = 6,		/* suspended: the one that may be taken back */
	REVOKED_PRIVILEGE_WITHDRAWN = 9,
	REVOKED_AA_COMPROMISE = 10,
};

struct revocation {
	struct bytes serial;	/* as struct cert has it */
	time_t when;
	enum revocation_reason reason;
	time_t invalid_since;	/* when the key is thought to have been lost; 0 where nobody knows */
};

struct crl_plan {
	const struct revocation *revoked;
	size_t count;
	uint64_t number;		/* grows with each list of an authority */
	time_t this_update, next_update;
};

FALLIBLE crl_issue(const struct cert *issuer, const struct private_key *key,
		   const struct crl_plan *plan, const struct crl **out_crl);

#endif
