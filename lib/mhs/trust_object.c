/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one name. */
#include "lib/mhs/trust_object.h"

#include "asn1/dn.h"
#include "lib/base/cursor.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"

/* What a value takes in memory, for each of its octets, as tests/scenario/directory_flood_test.c
 * measures it: the entries of a list and the parts of a certificate are objects of their own. */
enum { DECODED_TIMES = 9, READ_TIMES = 2 };

/* What a packed value is. */
enum packed { PACKED_CERT = 'u', PACKED_AUTHORITY = 'c', PACKED_PAIR = 'x', PACKED_CRL = 'r' };

static void pack(struct buf *out, enum packed what, struct bytes octets)
{
	if (!octets.len)
		return;
	buf_put_u8(out, (uint8_t)what);
	buf_put_u32(out, (uint32_t)octets.len);
	buf_put(out, octets);
}

static void pack_all(struct buf *out, enum packed what, const struct directory_values *values)
{
	for (size_t i = 0; i < values->count; i++)
		pack(out, what, values->list[i]);
}

void trust_values_pack(const struct directory_entry *entry, struct buf *out)
{
	pack_all(out, PACKED_CERT, &entry->values[DIRECTORY_USER_CERTIFICATE]);
	pack_all(out, PACKED_AUTHORITY, &entry->values[DIRECTORY_CA_CERTIFICATE]);
	for (size_t i = 0; i < entry->pairs.count; i++) {
		pack(out, PACKED_PAIR, entry->pairs.list[i].forward);
		pack(out, PACKED_PAIR, entry->pairs.list[i].reverse);
	}
	pack_all(out, PACKED_CRL, &entry->values[DIRECTORY_CRL]);
}

static void skipped(struct trust_object *object, const char *what, struct status *why)
{
	AUTO(mem_free) char *name = NULL;
	struct status *st = dn_to_text(buf_view(&object->name), &name);

	log_event(LOG_LV_WARN, "directory value skipped", log_text("name", name),
		  log_text("attribute", what), log_why(why));
	status_drop(st);
	status_drop(why);
}

static void keep_cert(struct trust_object *object, const char *what, struct bytes der,
		      struct found_list *among)
{
	AUTO(cert_found_free) const struct cert_found *found = NULL;
	struct status *st = cert_found_read(der, &found);

	if (st)
		skipped(object, what, st);
	else
		found_list_add(among, found);
}

static void keep_crl(struct trust_object *object, struct bytes der)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct status *st = crl_decode(der, &crl);

	if (st) {
		skipped(object, "certificateRevocationList", st);
		return;
	}
	crl_list_add(&object->crls, crl);
	object->memory += DECODED_TIMES * der.len;
	if (crl->next_update && (!object->ends || crl->next_update < object->ends))
		object->ends = crl->next_update;
}

static void keep(struct trust_object *object, enum packed what, struct bytes octets)
{
	switch (what) {
	case PACKED_CERT:
		keep_cert(object, "userCertificate", octets, &object->certs);
		object->memory += DECODED_TIMES * octets.len;
		break;
	case PACKED_AUTHORITY:
		keep_cert(object, "cACertificate", octets, &object->cross);
		object->memory += READ_TIMES * octets.len;
		break;
	case PACKED_PAIR:
		keep_cert(object, "crossCertificatePair", octets, &object->cross);
		object->memory += READ_TIMES * octets.len;
		break;
	case PACKED_CRL:
		keep_crl(object, octets);
		break;
	}
}

struct trust_object *trust_object_new(struct bytes name, struct bytes values)
{
	struct trust_object *object = mem_new(struct trust_object);
	struct cursor at = cursor_over(values);

	object->name = buf_copy(name);
	while (cur_left(&at)) {
		enum packed what = cur_u8(&at);
		struct bytes octets = cur_take(&at, cur_u32(&at));
		struct status *st = cur_check(&at, "what is kept of an entry");

		if (st) {
			skipped(object, "all that follows", st);
			break;
		}
		keep(object, what, octets);
	}
	return object;
}

void trust_object_free(void *value)
{
	struct trust_object *object = value;

	buf_free(&object->name);
	found_list_free(&object->certs);
	found_list_free(&object->cross);
	crl_list_free(&object->crls);
	mem_free(&object);
}
