/* SPDX-License-Identifier: Apache-2.0 */
/* The outside of a certificate [X.509 7], read in place. */
#include "lib/sec/found.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "lib/sec/der.h"

#include <ctype.h>
#include <stdatomic.h>

/* What stands behind a struct cert_found, which is its first member. */
struct found_object {
	struct cert_found facts;
	atomic_uint owners;
	struct buf der;
	_Atomic(const struct cert *) cert;	/* null until somebody wanted it */
};

static struct found_object *object_of(const struct cert_found *found)
{
	return (struct found_object *)(uintptr_t)found;
}

const struct cert_found *cert_found_ref(const struct cert_found *found)
{
	atomic_fetch_add(&object_of(found)->owners, 1);
	return found;
}

void cert_found_free(const struct cert_found **found)
{
	struct found_object *object = object_of(*found);

	*found = NULL;
	if (!object || atomic_fetch_sub(&object->owners, 1) > 1)
		return;
	const struct cert *cert = atomic_load(&object->cert);
	cert_free(&cert);
	buf_free(&object->der);
	mem_free(&object);
}

/* --- reading --- */

/* {joint-iso-itu-t ds(5) certificateExtension(29) ...}: the three that say how certificates hang
 * together [X.509 8.2.2.1, 8.2.2.2, 8.4.2.1]. */
#define AUTHORITY_KEY_OID	"\x55\x1d\x23"
#define SUBJECT_KEY_OID		"\x55\x1d\x0e"
#define BASIC_CONSTRAINTS_OID	"\x55\x1d\x13"

static FALLIBLE read_extension(struct bytes contents, struct cert_found *facts)
{
	struct ber_tlv oid, critical, value, inner, part;

	TRY(der_take(&contents, BER_OID, "an extension's identifier", &oid));
	der_take_optional(&contents, BER_BOOLEAN, &critical);
	TRY(der_take(&contents, BER_OCTET_STRING, "an extension's value", &value));
	if (bytes_equal(oid.contents, BYTES(SUBJECT_KEY_OID))) {
		TRY(ber_only(value.contents, &inner));
		facts->key_id = inner.contents;
	} else if (bytes_equal(oid.contents, BYTES(AUTHORITY_KEY_OID))) {
		TRY(ber_only(value.contents, &inner));
		if (ber_find(inner.contents, BER_CONTEXT(0), &part))
			facts->issuer_key_id = part.contents;
	} else if (bytes_equal(oid.contents, BYTES(BASIC_CONSTRAINTS_OID))) {
		TRY(ber_only(value.contents, &inner));
		facts->authority = ber_find(inner.contents, BER_BOOLEAN, &part) &&
				   part.contents.len == 1 && part.contents.data[0];
	}
	return OK;
}

static FALLIBLE read_extensions(struct bytes explicit, struct cert_found *facts)
{
	struct ber_tlv list, extension;

	TRY(ber_only(explicit, &list));
	struct bytes left = list.contents;
	while (left.len) {
		TRY(der_take(&left, BER_SEQUENCE, "an extension", &extension));
		TRY(read_extension(extension.contents, facts));
	}
	return OK;
}

/* Whether the octets below 128 of such a string stand for themselves. */
static bool is_plain(uint32_t tag)
{
	enum { UTF8 = 12, PRINTABLE = 19, TELETEX = 20, IA5 = 22 };

	return tag == UTF8 || tag == PRINTABLE || tag == TELETEX || tag == IA5;
}

/* FNV-1a over the letters and digits of an attribute's value: dn_equal minds neither case nor
 * spaces nor the kind of string.  What is not read adds nothing. */
static uint64_t hash_attribute(struct bytes contents)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	struct ber_tlv value;

	if (!ber_nth(contents, 1, &value) || !is_plain(value.tag))
		return hash;
	for (size_t i = 0; i < value.contents.len; i++) {
		const uint8_t octet = value.contents.data[i];

		if (isascii(octet) && isalnum(octet))
			hash = (hash ^ (uint64_t)tolower(octet)) * UINT64_C(0x100000001b3);
	}
	return hash;
}

/* The attributes of one RDN have no order; RDNs have. */
static uint64_t hash_name(struct bytes rdns)
{
	struct ber_tlv rdn, attribute;
	uint64_t hash = 0;

	while (der_take_optional(&rdns, BER_SET, &rdn)) {
		struct bytes left = rdn.contents;

		hash *= 31;
		while (der_take_optional(&left, BER_SEQUENCE, &attribute))
			hash += hash_attribute(attribute.contents);
	}
	return hash;
}

static FALLIBLE read_facts(struct cert_found *facts)
{
	struct ber_tlv whole, signed_part, skipped, issuer, subject, key, extensions;

	TRY(ber_only(facts->der, &whole));
	TRY(ber_next(&whole.contents, &signed_part));
	struct bytes left = signed_part.contents;
	der_take_optional(&left, BER_CONTEXT(0), &skipped);
	TRY(der_take(&left, BER_INTEGER, "the serial number", &skipped));
	TRY(der_take(&left, BER_SEQUENCE, "the algorithm", &skipped));
	TRY(der_take(&left, BER_SEQUENCE, "the issuer", &issuer));
	TRY(der_take(&left, BER_SEQUENCE, "the validity", &skipped));
	TRY(der_take(&left, BER_SEQUENCE, "the subject", &subject));
	TRY(der_take(&left, BER_SEQUENCE, "the key", &key));
	facts->issuer = issuer.whole;
	facts->subject = subject.whole;
	facts->key = key.whole;
	facts->authority = cert_1989_is(facts->der) && cert_1989_is_authority(key.whole);
	facts->issuer_hash = hash_name(issuer.contents);
	facts->subject_hash = hash_name(subject.contents);
	if (ber_find(left, BER_CONTEXT(3), &extensions))
		TRY(read_extensions(extensions.contents, facts));
	return OK;
}

FALLIBLE cert_found_read(struct bytes der, const struct cert_found **out_found)
{
	if (der.len > CERT_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a certificate of %zu octets is too long", der.len);

	struct found_object *object = mem_new(struct found_object);
	AUTO(cert_found_free) const struct cert_found *found = &object->facts;

	object->owners = 1;
	object->der = buf_copy(der);
	object->facts.der = buf_view(&object->der);
	TRY_DOING(read_facts(&object->facts), "not a certificate");
	*out_found = TAKE(found);
	return OK;
}

FALLIBLE cert_found_of(const struct cert *cert, const struct cert_found **out_found)
{
	TRY(cert_found_read(cert->der, out_found));
	atomic_store(&object_of(*out_found)->cert, cert_ref(cert));
	return OK;
}

FALLIBLE cert_found_decode(const struct cert_found *found, const struct cert **out_cert)
{
	struct found_object *object = object_of(found);
	const struct cert *known = atomic_load(&object->cert), *fresh = NULL;

	if (!known) {
		TRY(cert_decode_foreign(found->der, &fresh));
		if (atomic_compare_exchange_strong(&object->cert, &known, fresh))
			known = fresh;
		else	/* another thread was first */
			cert_free(&fresh);
	}
	*out_cert = known;
	return OK;
}

/* --- who certifies whom --- */

bool cert_found_same_name(struct bytes a, uint64_t a_hash, struct bytes b, uint64_t b_hash)
{
	return a_hash == b_hash && (bytes_equal(a, b) || dn_equal(a, b));
}

bool cert_found_issued(const struct cert_found *signer, const struct cert_found *signed_one)
{
	return cert_found_same_name(signer->subject, signer->subject_hash, signed_one->issuer,
				    signed_one->issuer_hash) &&
	       (!signer->key_id.len || !signed_one->issuer_key_id.len ||
		bytes_equal(signer->key_id, signed_one->issuer_key_id));
}

bool cert_found_same_subject(const struct cert_found *a, const struct cert_found *b)
{
	return cert_found_same_name(a->subject, a->subject_hash, b->subject, b->subject_hash) &&
	       bytes_equal(a->key, b->key);
}

void found_list_add(struct found_list *list, const struct cert_found *found)
{
	list->items = mem_grow(list->items, list->count + 1, sizeof(list->items[0]));
	list->items[list->count++] = cert_found_ref(found);
}

void found_list_free(struct found_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cert_found_free(&list->items[i]);
	mem_free(&list->items);
	list->count = 0;
}

FALLIBLE found_list_decode(const struct found_list *list, struct cert_list *out_certs)
{
	struct status *first = OK;

	for (size_t i = 0; i < list->count; i++) {
		const struct cert *cert = NULL;
		struct status *st = cert_found_decode(list->items[i], &cert);

		if (!st)
			cert_list_add(out_certs, cert);
		else if (!first)
			first = st;
		else
			status_drop(st);
	}
	return first;
}
