/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id-at-statementOfPossession [RFC 9883 3]:
 *	PrivateKeyPossessionStatement ::= SEQUENCE { signer IssuerAndSerialNumber, cert Certificate OPTIONAL }
 */
#include "lib/sec/possession.h"

#include "asn1/dn.h"
#include "lib/sec/der.h"

#define STATEMENT_OID "1.3.6.1.4.1.22112.2.1"

void possession_state(X509_REQ *request, const struct cert *certificate)
{
	AUTO(buf_free) struct buf statement = { 0 };

	buf_put(&statement, certificate->issuer);
	ber_put(&statement, BER_INTEGER, certificate->serial);
	ber_wrap(&statement, 0, BER_SEQUENCE);
	buf_put(&statement, certificate->der);
	ber_wrap(&statement, 0, BER_SEQUENCE);
	crypto_must(X509_REQ_add1_attr_by_txt(request, STATEMENT_OID, V_ASN1_SEQUENCE, statement.data,
					      (int)statement.len) == 1, "a statement of possession");
}

/* The octets of the only value of the only attribute; none where there is no attribute. */
static FALLIBLE find_statement(const X509_REQ *request, struct bytes *out_statement)
{
	AUTO(auto_ASN1_OBJECT) ASN1_OBJECT *type = OBJ_txt2obj(STATEMENT_OID, 1);
	int at = X509_REQ_get_attr_by_OBJ(request, type, -1);
	X509_ATTRIBUTE *attribute = at < 0 ? NULL : X509_REQ_get_attr(request, at);

	*out_statement = bytes_none();
	if (!attribute)
		return OK;

	const ASN1_STRING *value = X509_ATTRIBUTE_get0_data(attribute, 0, V_ASN1_SEQUENCE, NULL);

	if (X509_REQ_get_attr_by_OBJ(request, type, at) >= 0 || X509_ATTRIBUTE_count(attribute) != 1 ||
	    !value) {
		ERR_clear_error();
		return FAIL(ST_PEER, 0, "it states several times, or in no known form, who has its key");
	}
	*out_statement = bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
	return OK;
}

static FALLIBLE read_statement(struct bytes statement, struct bytes *out_issuer, struct bytes *out_serial,
			       const struct cert **out_certificate)
{
	struct ber_tlv whole, signer, issuer, serial, certificate;

	TRY(ber_check(statement, &ber_limits_default, NULL));
	TRY(ber_only(statement, &whole));
	struct bytes left = whole.contents;
	TRY(der_take(&left, BER_SEQUENCE, "the signer's certificate number", &signer));
	if (!left.len)
		return FAIL(ST_REFUSED, 0, "the certificate of the key that signed it is not in it");
	TRY(der_take(&left, BER_SEQUENCE, "the signer's certificate", &certificate));
	TRY(der_end(left, "the statement"));
	left = signer.contents;
	TRY(der_take(&left, BER_SEQUENCE, "the signer's issuer", &issuer));
	TRY(der_take(&left, BER_INTEGER, "the signer's serial number", &serial));
	TRY(der_end(left, "the signer's certificate number"));
	*out_issuer = issuer.whole;
	*out_serial = serial.contents;
	return cert_decode(certificate.whole, out_certificate);
}

/* [RFC 9883 3, 4] and for the name of whoever signed, in any case */
static FALLIBLE check(const X509_REQ *request, struct bytes issuer, struct bytes serial,
		      const struct cert *certificate)
{
	const uint8_t *name;
	size_t len;

	if (!dn_equal(issuer, certificate->issuer) || !bytes_equal(serial, certificate->serial))
		return FAIL(ST_REFUSED, 0, "it names another certificate than the one it brings along");
	TRY(cert_check_use(certificate, CERT_SIGNS));
	crypto_must(X509_NAME_get0_der(X509_REQ_get_subject_name(request), &name, &len) == 1,
		    "the DER of a name");
	if (!dn_equal(bytes_of(name, len), certificate->subject))
		return FAIL(ST_REFUSED, 0, "it is signed by %s, for somebody else",
			    certificate->subject_text);
	return OK;
}

FALLIBLE possession_read(const X509_REQ *request, const struct public_key *key,
			 const struct cert **out_certificate)
{
	bool signs = key->type != KEY_X25519;
	struct bytes statement, issuer, serial;
	AUTO(cert_free) const struct cert *certificate = NULL;

	TRY(find_statement(request, &statement));
	if (signs && statement.len)	/* [RFC 9883 6] */
		return FAIL(ST_REFUSED, 0, "its key can sign for itself, and somebody states that he has it");
	if (!signs && !statement.len)
		return FAIL(ST_REFUSED, 0, "its %s key cannot sign, and no certified key of the same holder "
			    "has signed for it", key_type_name(key->type));
	if (signs)
		return OK;
	TRY_DOING(read_statement(statement, &issuer, &serial, &certificate),
		  "the statement of who has its key cannot be read");
	TRY(check(request, issuer, serial, certificate));
	*out_certificate = TAKE(certificate);
	return OK;
}
