/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists: what they say [X.509 7.3]. */
#include "lib/sec/cert.h"

#include "asn1/ber.h"
#include "asn1/dn.h"
#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/crypto_openssl.h"

#include <stdatomic.h>

/* What stands behind a struct crl, which is its first member. */
struct crl_object {
	struct crl facts;
	atomic_uint owners;
	X509_CRL *list;
	struct buf der;
	char *issuer_text;
};

static struct crl_object *object_of(const struct crl *crl)
{
	return (struct crl_object *)(uintptr_t)crl;
}

X509_CRL *crl_x509(const struct crl *crl)
{
	return object_of(crl)->list;
}

const struct crl *crl_ref(const struct crl *crl)
{
	atomic_fetch_add(&object_of(crl)->owners, 1);
	return crl;
}

void crl_free(const struct crl **crl)
{
	struct crl_object *object = object_of(*crl);

	*crl = NULL;
	if (!object || atomic_fetch_sub(&object->owners, 1) > 1)
		return;
	X509_CRL_free(object->list);
	buf_free(&object->der);
	mem_free(&object->issuer_text);
	mem_free(&object);
}

/* [RFC 5280 5.2.3] */
static uint64_t read_number(const X509_CRL *list)
{
	AUTO(auto_ASN1_INTEGER) ASN1_INTEGER *number =
		X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
	uint64_t value = 0;

	if (!number || ASN1_INTEGER_get_uint64(&value, number) != 1)
		value = 0;
	ERR_clear_error();	/* what an extension that is absent or odd left behind */
	return value;
}

static FALLIBLE read_facts(struct crl_object *object)
{
	struct crl *facts = &object->facts;
	const uint8_t *name;
	size_t len;
	int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(object->list));

	crypto_must(X509_NAME_get0_der(X509_CRL_get_issuer(object->list), &name, &len) == 1,
		    "the DER of a name");
	facts->issuer = bytes_of(name, len);	/* lives in the list */
	TRY(dn_to_text(facts->issuer, &object->issuer_text));
	facts->issuer_text = object->issuer_text;
	TRY(crypto_time(X509_CRL_get0_lastUpdate(object->list), &facts->this_update));
	if (X509_CRL_get0_nextUpdate(object->list))
		TRY(crypto_time(X509_CRL_get0_nextUpdate(object->list), &facts->next_update));
	facts->number = read_number(object->list);
	facts->revoked_count = count > 0 ? (size_t)count : 0;
	/* [RFC 5280 5.2.4, 5.2.5] */
	facts->complete = X509_CRL_get_ext_by_NID(object->list, NID_delta_crl, -1) < 0 &&
			  X509_CRL_get_ext_by_NID(object->list, NID_issuing_distribution_point, -1) < 0;
	return OK;
}

FALLIBLE crl_decode(struct bytes der, const struct crl **out_crl)
{
	const uint8_t *at = der.data;

	if (der.len > CRL_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a revocation list of %zu octets is too long", der.len);
	struct crl_object *object = mem_new(struct crl_object);
	AUTO(crl_free) const struct crl *crl = &object->facts;

	object->owners = 1;
	object->list = d2i_X509_CRL(NULL, &at, (long)der.len);
	if (!object->list)
		return crypto_failure(ST_PEER, "not a revocation list");
	if (at != der.data + der.len)
		return FAIL(ST_PEER, 0, "the revocation list has octets behind its end");
	object->der = buf_copy(der);
	object->facts.der = buf_view(&object->der);
	TRY_DOING(read_facts(object), "cannot use the revocation list");
	*out_crl = TAKE(crl);
	return OK;
}

FALLIBLE crl_load(const char *path, const struct crl **out_crl)
{
	AUTO(buf_free) struct buf der = { 0 };

	TRY(crypto_pem_load(path, PEM_STRING_X509_CRL, CRL_MAX_OCTETS, &der));
	TRY_DOING(crl_decode(buf_view(&der), out_crl), "cannot read the revocation list %s", path);
	return OK;
}

FALLIBLE crl_save(const char *path, const struct crl *crl)
{
	return crypto_pem_save(path, PEM_STRING_X509_CRL, crl->der);
}

FALLIBLE crl_list_save(const char *path, const struct crl_list *list)
{
	AUTO(buf_free) struct buf pem = { 0 };

	for (size_t i = 0; i < list->count; i++)
		pem_put(PEM_STRING_X509_CRL, list->items[i]->der, &pem);
	return file_replace(path, 0644, buf_view(&pem));
}

bool crl_find(const struct crl *crl, struct bytes serial, time_t *out_when)
{
	AUTO(buf_free) struct buf der = { 0 };
	AUTO(auto_ASN1_INTEGER) ASN1_INTEGER *number = NULL;
	X509_REVOKED *entry = NULL;

	if (serial.len == 0 || serial.len > 127)
		return false;
	buf_put_u8(&der, V_ASN1_INTEGER);
	buf_put_u8(&der, (uint8_t)serial.len);
	buf_put(&der, serial);
	const uint8_t *at = der.data;
	number = d2i_ASN1_INTEGER(NULL, &at, (long)der.len);
	if (!number || X509_CRL_get0_by_serial(crl_x509(crl), &entry, number) != 1)
		return false;
	struct status *odd = crypto_time(X509_REVOKED_get0_revocationDate(entry), out_when);
	if (odd) {	/* revoked it is, whatever the date says */
		*out_when = crl->this_update;
		status_free(&odd);
	}
	return true;
}

FALLIBLE crl_check_signed(const struct crl *crl, const struct cert *issuer)
{
	if (!dn_equal(crl->issuer, issuer->subject))
		return FAIL(ST_REFUSED, 0, "the revocation list is from %s, not from %s", crl->issuer_text,
			    issuer->subject_text);
	if (X509_CRL_verify(crl_x509(crl), issuer->key->pkey) != 1)
		return crypto_failure(ST_REFUSED, "the revocation list of %s was not signed by it",
				      crl->issuer_text);
	return OK;
}

FALLIBLE crl_nth(const struct crl *crl, size_t i, struct buf *out_serial, time_t *out_when,
		 int *out_reason)
{
	X509_REVOKED *entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl_x509(crl)), (int)i);
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	uint8_t *der = NULL;
	int len = i2d_ASN1_INTEGER(X509_REVOKED_get0_serialNumber(entry), &der);
	struct ber_tlv serial;

	*out_reason = reason ? (int)ASN1_ENUMERATED_get(reason) : 0;
	ASN1_ENUMERATED_free(reason);
	crypto_must(len > 0, "the DER of a number");
	struct status *st = ber_only(bytes_of(der, (size_t)len), &serial);
	if (!st)
		buf_put(out_serial, serial.contents);
	OPENSSL_free(der);
	TRY(st);
	return crypto_time(X509_REVOKED_get0_revocationDate(entry), out_when);
}

void crl_list_add(struct crl_list *list, const struct crl *crl)
{
	list->items = mem_grow(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = crl_ref(crl);
}

void crl_list_free(struct crl_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		crl_free(&list->items[i]);
	mem_free(&list->items);
	list->count = 0;
}
