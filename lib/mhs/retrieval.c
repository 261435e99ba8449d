/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arguments and results of retrieval [X.413 8].  The module has explicit tags:
 * a component is a value of its own inside its tag.
 */
#include "lib/mhs/retrieval.h"

#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/password_change.h"

/* --- making --- */

/* EntryInformationSelection under its tag [X.413 8.1.4]. */
static FALLIBLE put_selection(const char *const *attributes, struct buf *out)
{
	size_t from = out->len;

	for (; *attributes; attributes++) {
		AUTO(buf_free) struct buf oid = { 0 };
		size_t at = out->len;

		TRY(oid_from_text(*attributes, &oid));
		ber_put(out, BER_OID, buf_view(&oid));
		ber_wrap(out, at, BER_SET);
	}
	ber_wrap(out, from, BER_SET);
	ber_wrap(out, from, BER_CONTEXT(3));
	return OK;
}

static void put_explicit_integer(struct buf *out, uint32_t tag, int64_t value)
{
	size_t from = out->len;

	ber_put_integer(out, BER_INTEGER, value);
	ber_wrap(out, from, tag);
}

/* Selector: a range of numbers that is open above, and a limit [X.413 8.1.5]. */
static void put_selector(struct buf *out, int32_t first, int32_t limit)
{
	size_t from = out->len;

	put_explicit_integer(out, BER_CONTEXT(0), first);
	ber_wrap(out, from, BER_SEQUENCE);
	ber_wrap(out, from, BER_CONTEXT(0));
	ber_wrap(out, from, BER_CONTEXT(1));
	if (limit)
		put_explicit_integer(out, BER_CONTEXT(3), limit);
	ber_wrap(out, from, BER_SET);
}

FALLIBLE list_argument_encode(int32_t from, int32_t limit, const char *const *attributes,
			      struct buf *out)
{
	size_t at = out->len;

	put_selector(out, from, limit);
	ber_wrap(out, at, BER_CONTEXT(1));
	TRY(put_selection(attributes, out));
	ber_wrap(out, at, BER_SET);
	return OK;
}

FALLIBLE fetch_argument_encode(int32_t number, const char *const *attributes, struct buf *out)
{
	size_t at = out->len;

	put_explicit_integer(out, BER_CONTEXT(2), number);
	TRY(put_selection(attributes, out));
	ber_wrap(out, at, BER_SET);
	return OK;
}

void delete_argument_encode(const int32_t *numbers, size_t count, struct buf *out)
{
	size_t from = out->len;

	for (size_t i = 0; i < count; i++)
		ber_put_integer(out, BER_INTEGER, numbers[i]);
	ber_wrap(out, from, BER_SET);
	ber_wrap(out, from, BER_CONTEXT(2));
	ber_wrap(out, from, BER_SET);
}

FALLIBLE alert_registration_encode(struct buf *out)
{
	AUTO(buf_free) struct buf oid = { 0 };
	size_t from = out->len, parameter;

	TRY(oid_from_text(ID_ACT_AUTO_ALERT, &oid));
	ber_put(out, BER_OID, buf_view(&oid));
	parameter = out->len;
	ber_wrap(out, parameter, BER_SET);	/* every entry, to whoever is bound, its number alone */
	ber_wrap(out, parameter, BER_CONTEXT(1));
	ber_wrap(out, from, BER_SEQUENCE);
	ber_wrap(out, from, BER_SET);
	ber_wrap(out, from, BER_CONTEXT(0));
	ber_wrap(out, from, BER_SET);
	return OK;
}

void password_registration_encode(struct bytes before, struct bytes after, struct buf *out)
{
	size_t from = out->len;

	/* Room from the beginning: no copy is left behind. */
	buf_reserve(out, PASSWORD_CHANGE_MAX);
	password_change_encode(before, after, out);
	ber_wrap(out, from, BER_SEQUENCE);
	ber_wrap(out, from, BER_CONTEXT(4));
	ber_wrap(out, from, BER_SET);
}

void labels_registration_encode(struct bytes labels, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, labels);
	ber_wrap(out, from, BER_CONTEXT(5));
	ber_wrap(out, from, BER_SET);
}

/* --- reading --- */

/* The one value inside an explicit tag. */
static FALLIBLE inside(const struct ber_tlv *tagged, uint32_t tag, const char *what,
		       struct ber_tlv *out)
{
	TRY_DOING(ber_only(tagged->contents, out), "cannot read the %s", what);
	if (out->tag != tag)
		return FAIL(ST_PEER, 0, "the %s is of another type", what);
	return OK;
}

static FALLIBLE read_number(const struct ber_tlv *integer, int32_t *out)
{
	int64_t value = 0;

	TRY(field_integer(integer, "sequence number", 1, INT32_MAX, &value));
	*out = (int32_t)value;
	return OK;
}

static FALLIBLE read_attribute(const struct ber_tlv *attribute, struct ms_value_set *out)
{
	struct ber_tlv type, values;

	if (attribute->tag != BER_SEQUENCE || !ber_nth(attribute->contents, 0, &type) ||
	    !ber_nth(attribute->contents, 1, &values) || type.tag != BER_OID ||
	    values.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "an attribute is not a type with its values");
	*out = (struct ms_value_set){ type.contents, values.contents };
	return OK;
}

static FALLIBLE read_attributes(struct arena *arena, struct bytes left, struct ms_entry *entry)
{
	struct ber_tlv tlv;
	size_t count;

	TRY(ber_count(left, RETRIEVAL_ATTRIBUTES_MAX, "attributes of an entry", &count));
	entry->attributes = arena_new_array(arena, struct ms_value_set, count);
	while (left.len) {
		TRY(ber_next(&left, &tlv));
		TRY(read_attribute(&tlv, &entry->attributes[entry->count++]));
	}
	return OK;
}

/* EntryInformation [X.413 8.1.4]. */
static FALLIBLE read_entry(struct arena *arena, const struct ber_tlv *tlv, struct ms_entry *out)
{
	struct ber_tlv number, attributes;

	*out = (struct ms_entry){ 0 };
	if (tlv->tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "an entry is not a SEQUENCE");
	TRY(ber_get(tlv->contents, BER_INTEGER, "the entry's sequence number", &number));
	TRY(read_number(&number, &out->number));
	if (ber_find(tlv->contents, BER_SET, &attributes))
		TRY(read_attributes(arena, attributes.contents, out));
	return OK;
}

static FALLIBLE read_entries(struct arena *arena, struct bytes left, struct ms_entries *out)
{
	struct ber_tlv tlv;
	size_t count;

	TRY(ber_count(left, RETRIEVAL_ENTRIES_MAX, "entries", &count));
	out->list = arena_new_array(arena, struct ms_entry, count);
	while (left.len) {
		TRY(ber_next(&left, &tlv));
		TRY(read_entry(arena, &tlv, &out->list[out->count++]));
	}
	return OK;
}

/* The contents of an argument or result that is a SET. */
static FALLIBLE open_set(struct bytes in, const char *what, struct bytes *out_contents)
{
	struct ber_tlv tlv;

	TRY_DOING(ber_only(in, &tlv), "cannot read the %s", what);
	if (tlv.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the %s is not a SET", what);
	*out_contents = tlv.contents;
	return OK;
}

FALLIBLE list_result_decode(struct arena *arena, struct bytes in, struct ms_entries *out)
{
	struct ber_tlv tlv, next, requested;
	struct bytes contents;

	*out = (struct ms_entries){ 0 };
	TRY(open_set(in, "result of the list", &contents));
	if (ber_find(contents, BER_CONTEXT(0), &next)) {
		TRY(inside(&next, BER_INTEGER, "next number", &tlv));
		TRY(read_number(&tlv, &out->next));
	}
	if (ber_find(contents, BER_CONTEXT(1), &requested)) {
		TRY(inside(&requested, BER_SEQUENCE, "list", &tlv));
		TRY(read_entries(arena, tlv.contents, out));
	}
	return OK;
}

FALLIBLE fetch_result_decode(struct arena *arena, struct bytes in, struct ms_entry *out)
{
	struct ber_tlv entry, tlv;
	struct bytes contents;

	TRY(open_set(in, "result of the fetch", &contents));
	TRY(ber_get(contents, BER_CONTEXT(0), "the fetched entry", &entry));
	TRY(inside(&entry, BER_SEQUENCE, "entry", &tlv));
	return read_entry(arena, &tlv, out);
}

FALLIBLE alert_argument_decode(struct arena *arena, struct bytes in, struct ms_entry *out)
{
	struct ber_tlv entry, tlv;
	struct bytes contents;

	*out = (struct ms_entry){ 0 };
	TRY(open_set(in, "alert", &contents));
	if (!ber_find(contents, BER_CONTEXT(2), &entry))
		return OK;
	TRY(inside(&entry, BER_SEQUENCE, "new entry", &tlv));
	return read_entry(arena, &tlv, out);
}

/* --- attributes --- */

struct bytes ms_entry_value(const struct ms_entry *entry, const char *type)
{
	struct ber_tlv value;

	for (size_t i = 0; i < entry->count; i++)
		if (oid_is(entry->attributes[i].type, type))
			return ber_nth(entry->attributes[i].values, 0, &value) ? value.whole
									      : bytes_none();
	return bytes_none();
}

FALLIBLE ms_entry_integer(const struct ms_entry *entry, const char *type, int64_t absent,
			  int64_t *out_value)
{
	struct bytes value = ms_entry_value(entry, type);
	struct ber_tlv tlv;

	*out_value = absent;
	if (!value.len)
		return OK;
	TRY(ber_only(value, &tlv));
	return ber_integer(&tlv, out_value);
}

FALLIBLE ms_entry_octets(struct arena *arena, const struct ms_entry *entry, const char *type,
			 struct bytes *out_octets)
{
	struct bytes value = ms_entry_value(entry, type);
	struct ber_tlv tlv;

	*out_octets = bytes_none();
	if (!value.len)
		return OK;
	TRY(ber_only(value, &tlv));
	return field_string(arena, &tlv, out_octets);
}
