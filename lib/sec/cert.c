/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: what they say [X.509 7]. */
#include "lib/sec/cert.h"

#include "asn1/ber.h"
#include "asn1/dn.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/crypto_openssl.h"

#include <stdatomic.h>

enum { SERIAL_MAX_OCTETS = 64 };

/* What stands behind a struct cert, which is its first member. */
struct cert_object {
	struct cert facts;
	atomic_uint owners;
	X509 *x509;
	struct public_key *key;
	struct arena *arena;	/* of all that facts points at */
};

static struct cert_object *object_of(const struct cert *cert)
{
	return (struct cert_object *)(uintptr_t)cert;
}

X509 *cert_x509(const struct cert *cert)
{
	return object_of(cert)->x509;
}

const struct cert *cert_ref(const struct cert *cert)
{
	atomic_fetch_add(&object_of(cert)->owners, 1);
	return cert;
}

void cert_free(const struct cert **cert)
{
	struct cert_object *object = object_of(*cert);

	*cert = NULL;
	if (!object || atomic_fetch_sub(&object->owners, 1) > 1)
		return;
	X509_free(object->x509);
	public_key_free(&object->key);
	arena_free(&object->arena);
	mem_free(&object);
}

static FALLIBLE read_name(struct arena *arena, X509_NAME *name, struct bytes *out_der,
			  const char **out_text)
{
	AUTO(mem_free) char *text = NULL;
	const uint8_t *der;
	size_t len;

	crypto_must(X509_NAME_get0_der(name, &der, &len) == 1, "the DER of a name");
	*out_der = arena_dup(arena, bytes_of(der, len));
	TRY(dn_to_text(*out_der, &text));
	*out_text = arena_strdup(arena, text);
	return OK;
}

static FALLIBLE read_serial(struct cert_object *object)
{
	enum { SHORT_HEADER = 2 };
	uint8_t der[SHORT_HEADER + SERIAL_MAX_OCTETS], *at = der;
	const ASN1_INTEGER *serial = X509_get0_serialNumber(object->x509);
	int len = i2d_ASN1_INTEGER(serial, NULL);

	if (len <= SHORT_HEADER || (size_t)len > sizeof(der))
		return FAIL(ST_PEER, 0, "its serial number has more than %d octets", SERIAL_MAX_OCTETS);
	i2d_ASN1_INTEGER(serial, &at);
	object->facts.serial = arena_dup(object->arena, bytes_of(der + SHORT_HEADER,
								 (size_t)len - SHORT_HEADER));
	AUTO(mem_free) char *text = bytes_hex(object->facts.serial);
	object->facts.serial_text = arena_strdup(object->arena, text);
	return OK;
}

static FALLIBLE read_key(struct cert_object *object)
{
	EVP_PKEY *pkey = X509_get_pubkey(object->x509);
	uint8_t *spki = NULL;

	if (!pkey)
		return crypto_failure(ST_PEER, "its key is of no known type");
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(object->x509), &spki);
	crypto_must(len > 0, "the DER of a key");
	struct status *failed = public_key_new(pkey, bytes_of(spki, (size_t)len), &object->key);
	OPENSSL_free(spki);
	object->facts.key = object->key;
	return failed;
}

/* [X.509 8.2.2.1, 9.4.2.1] a CA says so by basicConstraints, all others by a critical
 * extendedKeyUsage. */
static enum scope read_scope(X509 *x509)
{
	int critical = 0;
	AUTO(auto_BASIC_CONSTRAINTS) BASIC_CONSTRAINTS *basic =
		X509_get_ext_d2i(x509, NID_basic_constraints, NULL, NULL);
	AUTO(auto_EXTENDED_KEY_USAGE) EXTENDED_KEY_USAGE *usage =
		X509_get_ext_d2i(x509, NID_ext_key_usage, &critical, NULL);

	if (basic && basic->ca)
		return SCOPE_CA;
	return usage && critical == 1 ? crypto_scope(usage) : SCOPE_NONE;
}

/* [X.509 9.2.2.3] without a key usage a key may do what it can. */
static void read_key_usage(X509 *x509, struct cert *facts)
{
	uint32_t usage = X509_get_key_usage(x509);
	enum key_type type = facts->key ? public_key_type(facts->key) : KEY_ED25519;

	facts->signs = facts->key && type != KEY_X25519 &&
		       usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
	facts->seals = type != KEY_ED25519 &&
		       usage & (type == KEY_RSA ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT);
}

static void read_or_address(struct cert_object *object)
{
	AUTO(auto_GENERAL_NAMES) GENERAL_NAMES *names =
		X509_get_ext_d2i(object->x509, NID_subject_alt_name, NULL, NULL);
	AUTO(buf_free) struct buf address = { 0 };

	if (names)
		crypto_or_address(names, &address);
	object->facts.or_address = arena_dup(object->arena, buf_view(&address));
}

/* The key, and what it is for. */
static FALLIBLE read_use(struct cert_object *object, bool foreign)
{
	struct cert *facts = &object->facts;

	facts->form_1989 = cert_1989_is(facts->der);
	if (facts->form_1989) {
		TRY(cert_1989_read(facts->der, &object->key, &facts->scope));
		facts->key = object->key;
		facts->signs = facts->seals = true;
		return OK;
	}
	struct status *unknown = read_key(object);
	if (unknown && !foreign)
		return unknown;
	status_drop(unknown);
	facts->scope = read_scope(object->x509);
	read_key_usage(object->x509, facts);
	return OK;
}

static FALLIBLE read_facts(struct cert_object *object, bool foreign)
{
	struct cert *facts = &object->facts;
	X509 *x509 = object->x509;

	/* Makes OpenSSL read the extensions now, and say what it thinks of them. */
	X509_check_purpose(x509, -1, 0);
	if (X509_get_extension_flags(x509) & EXFLAG_INVALID)
		return crypto_failure(ST_PEER, "its extensions contradict X.509");
	TRY(read_name(object->arena, X509_get_subject_name(x509), &facts->subject,
		      &facts->subject_text));
	TRY(read_name(object->arena, X509_get_issuer_name(x509), &facts->issuer,
		      &facts->issuer_text));
	TRY(read_serial(object));
	TRY(read_use(object, foreign));
	TRY(crypto_time(X509_get0_notBefore(x509), &facts->not_before));
	TRY(crypto_time(X509_get0_notAfter(x509), &facts->not_after));
	read_or_address(object);
	ERR_clear_error();	/* what optional extensions that are absent or odd left behind */
	return OK;
}

static FALLIBLE decode(struct bytes der, bool foreign, const struct cert **out_cert)
{
	const uint8_t *at = der.data;
	uint8_t hash[HASH_OCTETS];

	if (der.len > CERT_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a certificate of %zu octets is too long", der.len);
	struct cert_object *object = mem_new(struct cert_object);
	AUTO(cert_free) const struct cert *cert = &object->facts;

	object->owners = 1;
	object->arena = arena_new();
	object->x509 = d2i_X509(NULL, &at, (long)der.len);
	if (!object->x509)
		return crypto_failure(ST_PEER, "not a certificate");
	if (at != der.data + der.len)
		return FAIL(ST_PEER, 0, "the certificate has octets behind its end");
	crypto_sha256(&der, 1, hash);
	object->facts.der = arena_dup(object->arena, der);
	object->facts.fingerprint = arena_dup(object->arena, bytes_of(hash, sizeof(hash)));
	TRY_DOING(read_facts(object, foreign), "cannot use the certificate");
	*out_cert = TAKE(cert);
	return OK;
}

FALLIBLE cert_decode(struct bytes der, const struct cert **out_cert)
{
	return decode(der, false, out_cert);
}

FALLIBLE cert_decode_foreign(struct bytes der, const struct cert **out_cert)
{
	return decode(der, true, out_cert);
}

FALLIBLE cert_load(const char *path, const struct cert **out_cert)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(crypto_pem_load(path, PEM_STRING_X509, CERT_MAX_OCTETS, &der));
	TRY_DOING(cert_decode(buf_view(&der), out_cert), "cannot read the certificate %s", path);
	return OK;
}

FALLIBLE cert_save(const char *path, const struct cert *cert)
{
	return crypto_pem_save(path, PEM_STRING_X509, cert->der);
}

FALLIBLE cert_check_scope(const struct cert *cert, enum scope wanted)
{
	if (cert->scope == wanted)
		return OK;
	if (cert->scope == SCOPE_NONE)
		return FAIL(ST_REFUSED, 0, "the certificate of %s does not say what it is for; "
			    "one for %s is needed", cert->subject_text, scope_name(wanted));
	return FAIL(ST_REFUSED, 0, "the certificate of %s is for %s, not for %s", cert->subject_text,
		    scope_name(cert->scope), scope_name(wanted));
}

FALLIBLE cert_check_use(const struct cert *cert, enum cert_use use)
{
	const char *type = cert->key ? key_type_name(public_key_type(cert->key)) : "unknown";

	if (use == CERT_SIGNS && !cert->signs)
		return FAIL(ST_REFUSED, 0, "the %s key of %s is certified for sealing, not for signatures",
			    type, cert->subject_text);
	if (use == CERT_SEALS && !cert->seals)
		return FAIL(ST_REFUSED, 0, "the %s key of %s is certified for signatures, and nothing can be "
			    "sealed for it", type, cert->subject_text);
	return OK;
}

FALLIBLE cert_check_dates(const struct cert *cert, time_t now)
{
	if (now < cert->not_before)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is not valid before %s",
			    cert->subject_text, time_text(cert->not_before).s);
	if (now > cert->not_after)
		return FAIL(ST_REFUSED, 0, "the certificate of %s expired on %s", cert->subject_text,
			    time_text(cert->not_after).s);
	return OK;
}

FALLIBLE cert_check_signed(const struct cert *cert, const struct cert *issuer)
{
	if (!dn_equal(cert->issuer, issuer->subject))
		return FAIL(ST_REFUSED, 0, "the certificate of %s is from %s, not from %s",
			    cert->subject_text, cert->issuer_text, issuer->subject_text);
	if (cert->form_1989)
		return FAIL(ST_REFUSED, 0, "the certificate of %s is signed with the square-mod-n hash of "
			    "1988, which counts for nothing here", cert->subject_text);
	if (X509_verify(cert_x509(cert), issuer->key->pkey) != 1)
		return crypto_failure(ST_REFUSED, "the certificate of %s was not signed by %s",
				      cert->subject_text, issuer->subject_text);
	return OK;
}

void certificates_put(const struct cert *cert, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, cert->der);
	ber_wrap(out, from, BER_SEQUENCE);
}

FALLIBLE certificates_first(struct bytes certificates, const char *whose,
			    const struct cert **out_cert)
{
	struct ber_tlv sequence, first;

	if (!certificates.len)
		return FAIL(ST_REFUSED, 0, "the certificate of the %s is missing", whose);
	TRY(ber_only(certificates, &sequence));
	if (!ber_nth(sequence.contents, 0, &first))
		return FAIL(ST_PEER, 0, "the certificates of the %s are empty", whose);
	TRY_DOING(cert_decode(first.whole, out_cert), "cannot read the certificate of the %s", whose);
	return OK;
}

void cert_list_add(struct cert_list *list, const struct cert *cert)
{
	list->items = mem_grow(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = cert_ref(cert);
}

void cert_list_free(struct cert_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cert_free(&list->items[i]);
	mem_free(&list->items);
	list->count = 0;
}
