/* SPDX-License-Identifier: Apache-2.0 */
/* What a certification authority makes [X.509 7, RFC 5280, RFC 2986]. */
#include "lib/sec/issue.h"

#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/crypto_openssl.h"
#include "lib/sec/der.h"
#include "lib/sec/limits_openssl.h"

static void add_key_usage(extension_list **list, const struct cert_plan *plan)
{
	enum { DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_ENCIPHERMENT, KEY_AGREEMENT = 4,
	       KEY_CERT_SIGN, CRL_SIGN };
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	bool ca = plan->scope == SCOPE_CA, seals = plan->scope == SCOPE_UA && !plan->signs_only;
	enum key_type type = plan->key->type;
	bool signs = !ca && type != KEY_X25519;

	crypto_must(bits && ASN1_BIT_STRING_set_bit(bits, KEY_CERT_SIGN, ca) == 1 &&
		    ASN1_BIT_STRING_set_bit(bits, CRL_SIGN, ca) == 1 &&
		    ASN1_BIT_STRING_set_bit(bits, DIGITAL_SIGNATURE, signs) == 1 &&
		    ASN1_BIT_STRING_set_bit(bits, NON_REPUDIATION, signs) == 1 &&
		    ASN1_BIT_STRING_set_bit(bits, KEY_ENCIPHERMENT,
					    seals && type == KEY_RSA) == 1 &&
		    ASN1_BIT_STRING_set_bit(bits, KEY_AGREEMENT,
					    seals && (type == KEY_P256 || type == KEY_X25519)) == 1,
		    "a key usage");
	crypto_add_extension(list, NID_key_usage, bits, true);
	ASN1_BIT_STRING_free(bits);
}

/* [RFC 7093 2, method 4] the identifier is our own: the hash of the whole key. */
static ASN1_OCTET_STRING *identifier(struct bytes key_id)
{
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();

	crypto_must(octets && ASN1_OCTET_STRING_set(octets, key_id.data, (int)key_id.len) == 1,
		    "a key identifier");
	return octets;
}

static void add_subject_key(extension_list **list, struct bytes key_id)
{
	ASN1_OCTET_STRING *octets = identifier(key_id);

	crypto_add_extension(list, NID_subject_key_identifier, octets, false);
	ASN1_OCTET_STRING_free(octets);
}

/* The identifier that the issuer's certificate gives its key; our own where it gives none. */
static void add_authority_key(extension_list **list, const struct cert *issuer, struct bytes key_id)
{
	const ASN1_OCTET_STRING *named = issuer ? X509_get0_subject_key_id(cert_x509(issuer)) : NULL;
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();

	crypto_must(authority != NULL, "a key identifier");
	authority->keyid = named ? ASN1_OCTET_STRING_dup(named) : identifier(key_id);
	crypto_add_extension(list, NID_authority_key_identifier, authority, false);
	AUTHORITY_KEYID_free(authority);
}

static void set_time(ASN1_TIME *at, time_t when)
{
	crypto_must(ASN1_TIME_set(at, when) != NULL, "a time");
}

static ASN1_INTEGER *integer(struct bytes octets)
{
	AUTO(auto_BIGNUM) BIGNUM *number = BN_bin2bn(octets.data, (int)octets.len, NULL);
	ASN1_INTEGER *made = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;

	crypto_must(made != NULL, "a number");
	return made;
}

/* --- certificates --- */

static FALLIBLE check_plan(const struct cert *issuer, const struct private_key *key,
			   const struct cert_plan *plan)
{
	const struct public_key *signer = issuer ? issuer->key : plan->key;

	if (!bytes_equal(public_key_id(signer), public_key_id(key->public)))
		return FAIL(ST_USAGE, 0, "the private key is not the one of %s",
			    issuer ? issuer->subject_text : "the certificate that is to sign itself");
	if (issuer)
		TRY(cert_check_scope(issuer, SCOPE_CA));
	else if (plan->scope != SCOPE_CA)
		return FAIL(ST_USAGE, 0, "only an authority can vouch for itself");
	if (plan->scope == SCOPE_NONE)
		return FAIL(ST_USAGE, 0, "a certificate has to say what it is for: ua, ms, mta or ca");
	if (plan->limits && plan->scope != SCOPE_CA)
		return FAIL(ST_USAGE, 0, "only an authority can be held to a domain or a path length");
	if (plan->policies && plan->scope == SCOPE_CA)
		return FAIL(ST_USAGE, 0, "the policies of an authority are among what it is held to");
	if (plan->not_after <= plan->not_before)
		return FAIL(ST_USAGE, 0, "the certificate would end (%s) before it begins (%s)",
			    time_text(plan->not_after).s, time_text(plan->not_before).s);
	if (issuer && plan->not_after > issuer->not_after)
		return FAIL(ST_USAGE, 0, "the certificate would outlive the authority's own, which ends %s",
			    time_text(issuer->not_after).s);
	return OK;
}

static void set_serial(X509 *x509, struct bytes wanted)
{
	enum { SERIAL_OCTETS = 16 };	/* [RFC 5280 4.1.2.2] at most 20, and positive */
	uint8_t random[SERIAL_OCTETS];

	crypto_random(random, sizeof(random));
	random[0] = (uint8_t)((random[0] & 0x7f) | 0x40);
	ASN1_INTEGER *serial = integer(wanted.len ? wanted : bytes_of(random, sizeof(random)));
	crypto_must(X509_set_serialNumber(x509, serial) == 1, "a serial number");
	ASN1_INTEGER_free(serial);
}

FALLIBLE cert_issue(const struct cert *issuer, const struct private_key *key,
		    const struct cert_plan *plan, const struct cert **out_cert)
{
	AUTO(auto_X509) X509 *x509 = X509_new();
	AUTO(auto_X509_NAME) X509_NAME *subject = NULL;
	AUTO(auto_extensions) extension_list *extensions = NULL;
	AUTO(buf_free) struct buf der = { 0 };
	uint8_t *tbs = NULL;

	TRY(check_plan(issuer, key, plan));
	TRY(crypto_name(plan->subject, &subject));
	if (issuer ? issuer->form_1989 : plan->form_1989)
		return cert_1989_make(issuer, key, plan, out_cert);
	TRY(limits_put(&extensions, plan->scope == SCOPE_CA, plan->limits));
	TRY(policies_put(&extensions, plan->policies));
	add_key_usage(&extensions, plan);
	crypto_add_scope(&extensions, plan->scope);
	add_subject_key(&extensions, public_key_id(plan->key));
	add_authority_key(&extensions, issuer, public_key_id(key->public));
	if (plan->or_address.len)
		crypto_add_names(&extensions, plan->or_address, subject);
	crypto_must(x509 && X509_set_version(x509, X509_VERSION_3) == 1 &&
		    X509_set_subject_name(x509, subject) == 1 &&
		    X509_set_issuer_name(x509, issuer ? X509_get_subject_name(cert_x509(issuer)) :
					 subject) == 1 &&
		    X509_set_pubkey(x509, plan->key->pkey) == 1, "a certificate");
	set_serial(x509, plan->serial);
	set_time(X509_getm_notBefore(x509), plan->not_before);
	set_time(X509_getm_notAfter(x509), plan->not_after);
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++)
		crypto_must(X509_add_ext(x509, sk_X509_EXTENSION_value(extensions, i), -1) == 1,
			    "an extension");
	crypto_name_algorithm(key, X509_get0_tbs_sigalg(x509));
	int len = i2d_re_X509_tbs(x509, &tbs);
	TRY_DOING(crypto_sign_der(key, tbs, len, &der), "cannot sign the certificate");
	return cert_decode(buf_view(&der), out_cert);
}

/* --- revocation lists --- */

static void revoke(X509_CRL *list, const struct revocation *revocation)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_INTEGER *serial = integer(revocation->serial);
	ASN1_TIME *when = ASN1_TIME_set(NULL, revocation->when);

	crypto_must(entry && when && X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
		    X509_REVOKED_set_revocationDate(entry, when) == 1, "a revocation");
	if (revocation->reason != REVOKED_UNSPECIFIED) {	/* [RFC 5280 5.3.1] absent, then */
		ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

		crypto_must(reason && ASN1_ENUMERATED_set(reason, (long)revocation->reason) == 1 &&
			    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1,
			    "a reason");
		ASN1_ENUMERATED_free(reason);
	}
	if (revocation->invalid_since) {	/* [RFC 5280 5.3.2] */
		ASN1_GENERALIZEDTIME *since = ASN1_GENERALIZEDTIME_set(NULL, revocation->invalid_since);

		crypto_must(since && X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, since, 0, 0) == 1,
			    "an invalidity date");
		ASN1_GENERALIZEDTIME_free(since);
	}
	crypto_must(X509_CRL_add0_revoked(list, entry) == 1, "a revocation");
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(when);
}

/*
 * An empty list that names the algorithm it will be signed with.  OpenSSL sets that only by
 * signing, for which it would want the key itself; it can be read in, though.
 */
static X509_CRL *list_for(const struct private_key *key)
{
	AUTO(buf_free) struct buf der = { 0 };
	struct bytes algorithm = crypto_signature_algorithm(key->public->type);

	ber_put(&der, BER_INTEGER, BYTES("\x01"));
	buf_put(&der, algorithm);
	ber_put_header(&der, BER_SEQUENCE, true, 0);		/* the issuer */
	ber_put(&der, BER_UTC_TIME, BYTES("700101000000Z"));	/* this update */
	ber_wrap(&der, 0, BER_SEQUENCE);
	buf_put(&der, algorithm);
	ber_put(&der, BER_BIT_STRING, BYTES("\0"));
	ber_wrap(&der, 0, BER_SEQUENCE);
	const uint8_t *at = der.data;
	return d2i_X509_CRL(NULL, &at, (long)der.len);
}

FALLIBLE crl_issue(const struct cert *issuer, const struct private_key *key,
		   const struct crl_plan *plan, const struct crl **out_crl)
{
	AUTO(auto_X509_CRL) X509_CRL *list = list_for(key);
	AUTO(auto_extensions) extension_list *extensions = NULL;
	AUTO(auto_ASN1_INTEGER) ASN1_INTEGER *number = ASN1_INTEGER_new();
	AUTO(buf_free) struct buf der = { 0 };
	uint8_t *tbs = NULL;

	if (!bytes_equal(public_key_id(issuer->key), public_key_id(key->public)))
		return FAIL(ST_USAGE, 0, "the private key is not the one of %s", issuer->subject_text);
	if (plan->next_update <= plan->this_update)
		return FAIL(ST_USAGE, 0, "the next revocation list would be due before this one");
	if (issuer->form_1989)
		return crl_1989_make(issuer, key, plan, out_crl);
	crypto_must(list && number && ASN1_INTEGER_set_uint64(number, plan->number) == 1, "a list");
	crypto_add_extension(&extensions, NID_crl_number, number, false);
	add_authority_key(&extensions, issuer, public_key_id(key->public));
	ASN1_TIME *when = ASN1_TIME_set(NULL, plan->this_update);
	crypto_must(when && X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
		    X509_CRL_set_issuer_name(list, X509_get_subject_name(cert_x509(issuer))) == 1 &&
		    X509_CRL_set1_lastUpdate(list, when) == 1, "a revocation list");
	set_time(when, plan->next_update);
	crypto_must(X509_CRL_set1_nextUpdate(list, when) == 1, "a revocation list");
	ASN1_TIME_free(when);
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++)
		crypto_must(X509_CRL_add_ext(list, sk_X509_EXTENSION_value(extensions, i), -1) == 1,
			    "an extension");
	for (size_t i = 0; i < plan->count; i++)
		revoke(list, &plan->revoked[i]);
	X509_CRL_sort(list);
	int len = i2d_re_X509_CRL_tbs(list, &tbs);
	TRY_DOING(crypto_sign_der(key, tbs, len, &der), "cannot sign the revocation list");
	return crl_decode(buf_view(&der), out_crl);
}
