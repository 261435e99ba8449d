/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of certificates and revocation lists by themselves. */
#include "lib/sec/signed_by.h"

#include "lib/sec/crypto_openssl.h"

static EVP_PKEY *key_of(const struct cert *signer)
{
	return X509_get0_pubkey(cert_x509(signer));
}

bool cert_signed_by(const struct cert *cert, const struct cert *signer)
{
	EVP_PKEY *key = key_of(signer);
	bool holds = key && X509_verify(cert_x509(cert), key) == 1;

	ERR_clear_error();
	return holds;
}

bool crl_signed_by(const struct crl *crl, const struct cert *signer)
{
	EVP_PKEY *key = key_of(signer);
	bool holds = key && X509_CRL_verify(crl_x509(crl), key) == 1;

	ERR_clear_error();
	return holds;
}
