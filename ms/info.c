/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of an entry [X.413 8.1.4, 8.1.5]. */
#include "ms/info.h"

#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "ms/entry.h"

static FALLIBLE wanted_add(struct wanted *wanted, const struct ber_tlv *oid)
{
	if (oid->tag != BER_UNIVERSAL(BER_OID))
		return FAIL(ST_PEER, 0, "an attribute type is no object identifier");
	if (wanted->count == WANTED_MAX)
		return FAIL(ST_PEER, 0, "more than %d attributes are wanted", WANTED_MAX);
	wanted->oids[wanted->count++] = oid->contents;
	return OK;
}

FALLIBLE wanted_read(struct bytes contents, struct wanted *out_wanted)
{
	struct ber_tlv set, selection, type;
	struct bytes left;

	out_wanted->count = 0;
	TRY(ber_only(contents, &set));
	for (left = set.contents; left.len;) {
		TRY(ber_next(&left, &selection));
		TRY(ber_get(selection.contents, BER_UNIVERSAL(BER_OID), "an attribute type",
			    &type));
		TRY(wanted_add(out_wanted, &type));
	}
	return OK;
}

FALLIBLE wanted_from_oids(struct bytes tlvs, struct wanted *out_wanted)
{
	struct ber_tlv type;

	out_wanted->count = 0;
	while (tlvs.len) {
		TRY(ber_next(&tlvs, &type));
		TRY(wanted_add(out_wanted, &type));
	}
	return OK;
}

bool wanted_has(const struct wanted *wanted, const char *dotted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (oid_is(wanted->oids[i], dotted))
			return true;
	return false;
}

void info_wrap_open(struct buf *out, size_t from, uint32_t tag, size_t behind)
{
	uint8_t header[BER_HEADER_MAX];
	size_t len = ber_header(header, tag, true, out->len - from + behind);

	buf_insert(out, from, bytes_of(header, len));
}

/* Every wanted attribute that the entry has, but for its content. */
static FALLIBLE put_attributes(struct db *db, int64_t mailbox, const struct mailbox_entry *entry,
			       const struct wanted *wanted, struct buf *out)
{
	for (size_t i = 0; i < wanted->count; i++) {
		AUTO(buf_free) struct buf values = { 0 };
		bool there = entry_values(entry, wanted->oids[i], &values);

		if (!there && entry_part_of(entry, wanted->oids[i]) == ENTRY_PART_ENVELOPE) {
			TRY(mailbox_read(db, mailbox, entry->number, &values, NULL));
			there = true;
		}
		if (there)
			entry_put_attribute(wanted->oids[i], buf_view(&values), out);
	}
	return OK;
}

FALLIBLE info_put(struct db *db, int64_t mailbox, const struct mailbox_entry *entry,
		  const struct wanted *wanted, struct buf *out)
{
	size_t from = out->len, attributes;

	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), entry->number);
	attributes = out->len;
	TRY(put_attributes(db, mailbox, entry, wanted, out));
	if (out->len > attributes)
		ber_wrap(out, attributes, BER_UNIVERSAL(BER_SET));
	ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
	return OK;
}

/* The content attribute up to the content's octets. */
static FALLIBLE put_content_head(struct bytes content, struct buf *out)
{
	AUTO(buf_free) struct buf oid = { 0 };
	size_t from = out->len, values;
	uint8_t header[BER_HEADER_MAX];

	TRY(oid_from_text(ID_ATT_CONTENT, &oid));
	ber_put(out, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	values = out->len;
	buf_put(out, bytes_of(header, ber_header(header, BER_UNIVERSAL(BER_OCTET_STRING), false,
						 content.len)));
	info_wrap_open(out, values, BER_UNIVERSAL(BER_SEQUENCE), content.len);
	info_wrap_open(out, from, BER_UNIVERSAL(BER_SEQUENCE), content.len);
	return OK;
}

FALLIBLE info_put_head(struct db *db, int64_t mailbox, const struct mailbox_entry *entry,
		       const struct wanted *wanted, struct bytes content, struct buf *out)
{
	size_t from = out->len, attributes;

	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), entry->number);
	attributes = out->len;
	TRY(put_attributes(db, mailbox, entry, wanted, out));
	TRY(put_content_head(content, out));
	info_wrap_open(out, attributes, BER_UNIVERSAL(BER_SET), content.len);
	info_wrap_open(out, from, BER_UNIVERSAL(BER_SEQUENCE), content.len);
	return OK;
}
