/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For lib/sec/request.c: the statement that the holder of a certificate has another key as well, which
 * cannot sign [RFC 9883].  It names the certificate, and here always brings it along.
 */
#ifndef LIB_SEC_POSSESSION_H
#define LIB_SEC_POSSESSION_H

#include "lib/sec/cert.h"
#include "lib/sec/crypto_openssl.h"

/* Puts the statement into a request that is not signed yet. */
void possession_state(X509_REQ *request, const struct cert *certificate);

/*
 * The certificate that a request for this key names, null where the key signs itself.  ST_REFUSED for a
 * key that cannot sign and comes without a statement, for one that signs and comes with one, and where
 * the certificate is not the one that is named, cannot sign, or is somebody else's.
 */
FALLIBLE possession_read(const X509_REQ *request, const struct public_key *key,
			 const struct cert **out_certificate);

#endif
