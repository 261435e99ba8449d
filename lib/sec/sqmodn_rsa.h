/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature sqMod-nWithRSA of X.509 (1988) Annex H: RSA on the bare
 * square-mod-n hash.  Beside the size of the key its parameters say what the
 * key is for, as Mitchell, Rush and Walker propose (5.2): SEQUENCE
 * {keyAndBlockSize INTEGER, scope ENUMERATED}.  It is broken, as the hash is.
 */
#ifndef LIB_SEC_SQMODN_RSA_H
#define LIB_SEC_SQMODN_RSA_H

#include "lib/sec/scope.h"
#include "lib/sec/sqmodn.h"

#define SQMODN_WITH_RSA	"2.5.8.3.1"

/* Appends SEQUENCE {size, scope}: the size of the key in bits, and what it is for. */
void sqmodn_parameters_put(const struct public_key *key, enum scope scope, struct buf *out);
/* From the value that stands behind the identifier; ST_PEER where it is none.  A scope that is
 * not known is SCOPE_NONE. */
FALLIBLE sqmodn_parameters_get(struct bytes parameters, int64_t *out_bits, enum scope *out_scope);

/* Appends the AlgorithmIdentifier of a signer of this scope; ST_USAGE where his key is no RSA key. */
FALLIBLE sqmodn_rsa_algorithm(const struct public_key *signer, enum scope scope, struct buf *out);

FALLIBLE sqmodn_rsa_sign(const struct private_key *signer, enum sqmodn_form form,
			 const struct bytes *parts, size_t count, struct buf *out_signature);
/* ST_REFUSED where the algorithm is not that of this key and scope, or the signature is wrong. */
FALLIBLE sqmodn_rsa_verify(const struct public_key *signer, enum scope scope, enum sqmodn_form form,
			   struct bytes algorithm, const struct bytes *parts, size_t count,
			   struct bytes signature);

#endif
