/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and revocation lists of locator-1989: version 1 of X.509 (1988),
 * without extensions, signed with sqMod-nWithRSA.  Broken, as its hash is:
 * others can make them.  No other program verifies them, openssl neither.
 *
 * What a key is for stands in the parameters of its own AlgorithmIdentifier, as
 * Mitchell, Rush and Walker propose (5.2): rsa with SEQUENCE {keySize INTEGER,
 * scope ENUMERATED}.  There is no place for an O/R address: a name is bound to
 * one by the directory's entry alone.
 *
 * cert_decode and crl_decode read them, cert_issue and crl_issue make them (with
 * SQMODN_LENGTH) for an authority whose own certificate is one.
 */
#ifndef LIB_SEC_CERT_1989_H
#define LIB_SEC_CERT_1989_H

#include "lib/sec/issue.h"
#include "lib/sec/sqmodn.h"

/* What is said wherever one is made or believed. */
#define CERT_1989_BROKEN "signed with the square-mod-n hash of 1988, others can forge it"

/* Whether a certificate or list says that it is signed so; nothing else of it is looked at. */
bool cert_1989_is(struct bytes der);

/* The key and what it is for; ST_PEER unless the certificate has just the parts of version 1,
 * and its key the parameters. */
FALLIBLE cert_1989_read(struct bytes der, struct public_key **out_key, enum scope *out_scope);
/* Whether a SubjectPublicKeyInfo says that it is an authority's. */
bool cert_1989_is_authority(struct bytes spki);

/* ST_REFUSED unless the key signed it, as an authority's. */
FALLIBLE cert_1989_check_signed(const struct cert *cert, const struct public_key *signer,
				enum sqmodn_form form);
FALLIBLE crl_1989_check_signed(const struct crl *crl, const struct public_key *signer,
			       enum sqmodn_form form);

/* For lib/sec/issue.c, which has looked at the plan. */
FALLIBLE cert_1989_make(const struct cert *issuer, const struct private_key *key,
			const struct cert_plan *plan, const struct cert **out_cert);
FALLIBLE crl_1989_make(const struct cert *issuer, const struct private_key *key,
		       const struct crl_plan *plan, const struct crl **out_crl);

#endif
