/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of certificates and revocation lists by themselves, and the order of lists. */
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

static void put_part(struct buf *out, const X509_CRL *crl, int nid)
{
	X509_EXTENSION *extension = X509_CRL_get_ext(crl, X509_CRL_get_ext_by_NID(crl, nid, -1));
	const ASN1_OCTET_STRING *value = extension ? X509_EXTENSION_get_data(extension) : NULL;
	struct bytes octets = value ? bytes_of(ASN1_STRING_get0_data(value),
					       (size_t)ASN1_STRING_length(value)) : bytes_none();

	buf_put_u32(out, (uint32_t)octets.len);
	buf_put(out, octets);
}

void crl_line(const struct crl *crl, struct buf *out)
{
	const X509_CRL *list = crl_x509(crl);

	buf_put_u32(out, (uint32_t)crl->issuer.len);
	buf_put(out, crl->issuer);
	put_part(out, list, NID_authority_key_identifier);
	put_part(out, list, NID_issuing_distribution_point);
	buf_put_u8(out, X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0);
}

static ASN1_INTEGER *number_of(const struct crl *crl)
{
	return X509_CRL_get_ext_d2i(crl_x509(crl), NID_crl_number, NULL, NULL);
}

bool crl_is_older(const struct crl *a, const struct crl *b)
{
	ASN1_INTEGER *of_a = number_of(a), *of_b = number_of(b);
	int order = of_a && of_b ? ASN1_INTEGER_cmp(of_a, of_b) : 0;

	ASN1_INTEGER_free(of_a);
	ASN1_INTEGER_free(of_b);
	return order < 0 || (order == 0 && a->this_update < b->this_update);
}
