/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directory names as octets [X.501 9]: taking apart, putting together, comparing.
 * RDNSequence ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
 */
#include "asn1/dn.h"

#include "asn1/dn_parts.h"
#include "asn1/oid.h"

#include <stdlib.h>
#include <unicase.h>
#include <unistr.h>

FALLIBLE dn_add(struct dn *dn, bool begins_rdn, struct bytes type, struct ber_tlv value)
{
	if (dn->count == DN_MAX_PARTS || dn->rdn_count + begins_rdn > DN_MAX_RDNS)
		return FAIL(ST_USAGE, 0, "the directory name has more than %d parts", DN_MAX_RDNS);
	dn->rdn_count += begins_rdn;
	dn->parts[dn->count++] = (struct dn_part){ type, value, dn->rdn_count - 1 };
	return OK;
}

static FALLIBLE parse_part(struct ber_tlv part, bool begins_rdn, struct dn *dn)
{
	struct bytes left = part.contents;
	struct ber_tlv type, value;

	if (part.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "a part of a directory name is no SEQUENCE");
	TRY(ber_next(&left, &type));
	TRY(ber_next(&left, &value));
	if (type.tag != BER_OID || type.constructed || left.len)
		return FAIL(ST_PEER, 0, "a part of a directory name is no type and value");
	TRY(oid_check(type.contents));
	return dn_add(dn, begins_rdn, type.contents, value);
}

static FALLIBLE parse_rdn(struct ber_tlv rdn, struct dn *dn)
{
	struct bytes left = rdn.contents;
	bool begins = true;

	if (rdn.tag != BER_SET || !left.len)
		return FAIL(ST_PEER, 0, "a directory name has an RDN that is no SET of something");
	while (left.len) {
		struct ber_tlv part;

		TRY(ber_next(&left, &part));
		TRY(parse_part(part, begins, dn));
		begins = false;
	}
	return OK;
}

FALLIBLE dn_parse_der(struct bytes der, struct dn *out_dn)
{
	struct ber_tlv name;

	out_dn->count = out_dn->rdn_count = 0;	/* clearing the parts would take longer than reading */
	if (der.len > DN_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "a directory name of %zu octets, more than %d", der.len,
			    DN_MAX_OCTETS);
	TRY_DOING(ber_check(der, &ber_limits_default, NULL), "not a directory name");
	TRY(ber_only(der, &name));
	if (name.tag != BER_SEQUENCE)
		return FAIL(ST_PEER, 0, "a directory name is a SEQUENCE, not this");
	while (name.contents.len) {
		struct ber_tlv rdn;

		TRY(ber_next(&name.contents, &rdn));
		TRY_DOING(parse_rdn(rdn, out_dn), "not a directory name");
	}
	return OK;
}

/* --- encoding --- */

static void encode_part(const struct dn_part *part, struct buf *out)
{
	size_t from = out->len;

	ber_put(out, BER_OID, part->type);
	buf_put(out, part->value.whole);
	ber_wrap(out, from, BER_SEQUENCE);
}

static int compare_parts(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;

	return bytes_compare(buf_view(x), buf_view(y));
}

/* The parts of an RDN are a SET OF: DER sorts them by their encodings [X.690 11.6]. */
static size_t encode_rdn(const struct dn *dn, size_t first, struct buf *out)
{
	struct buf parts[DN_MAX_PARTS] = { 0 };
	size_t count = 0, from = out->len;

	while (first + count < dn->count && dn->parts[first + count].rdn == dn->parts[first].rdn) {
		encode_part(&dn->parts[first + count], &parts[count]);
		count++;
	}
	qsort(parts, count, sizeof *parts, compare_parts);
	for (size_t i = 0; i < count; i++) {
		buf_put(out, buf_view(&parts[i]));
		buf_free(&parts[i]);
	}
	ber_wrap(out, from, BER_SET);
	return count;
}

void dn_encode(const struct dn *dn, struct buf *out_der)
{
	size_t from = out_der->len;

	for (size_t i = 0; i < dn->count;)
		i += encode_rdn(dn, i, out_der);
	ber_wrap(out_der, from, BER_SEQUENCE);
}

/* --- values --- */

bool dn_is_printable(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') && (!c || !strchr(" '()+,-./:=?", c)))
			return false;
	}
	return true;
}

static bool put_utf8(struct bytes in, struct buf *out)
{
	if (u8_check(in.data, in.len))
		return false;
	buf_put(out, in);
	return true;
}

/* Big-endian characters of 1, 2 or 4 octets.  One octet is Latin-1: what nearly everyone means
 * who writes TeletexString into a name, whatever T.61 says. */
static bool put_wide(struct bytes in, size_t width, struct buf *out)
{
	if (in.len % width)
		return false;

	size_t before = out->len;

	for (size_t i = 0; i < in.len; i += width) {
		uint8_t utf8[6];
		ucs4_t c = 0;

		for (size_t k = 0; k < width; k++)
			c = c << 8 | in.data[i + k];

		int len = u8_uctomb(utf8, c, sizeof utf8);

		if (len < 0) {
			out->len = before;
			return false;
		}
		buf_put(out, bytes_of(utf8, (size_t)len));
	}
	return true;
}

bool dn_value_utf8(const struct ber_tlv *value, struct buf *out)
{
	if (value->constructed)
		return false;
	switch (value->tag) {
	case DN_UTF8_STRING: case DN_NUMERIC_STRING: case DN_PRINTABLE_STRING: case DN_IA5_STRING:
	case DN_VISIBLE_STRING:
		return put_utf8(value->contents, out);
	case DN_TELETEX_STRING:
		return put_wide(value->contents, 1, out);
	case DN_BMP_STRING:
		return put_wide(value->contents, 2, out);
	case DN_UNIVERSAL_STRING:
		return put_wide(value->contents, 4, out);
	default:
		return false;
	}
}

/* --- comparing --- */

/* Case folded, in its own place; false where that takes more than ASCII knows. */
static bool fold_ascii(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] >= 0x80)
			return false;
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] >= 'A' && text->data[i] <= 'Z')
			text->data[i] |= 0x20;
	return true;
}

/* Case folded, compatibility characters composed. */
static bool fold(struct buf *text)
{
	size_t len = 0;

	if (fold_ascii(text))	/* nearly all names; the long way costs twenty times as much */
		return true;

	uint8_t *folded = u8_casefold(text->data, text->len, NULL, UNINORM_NFKC, NULL, &len);

	if (!folded)
		return false;
	buf_clear(text);
	buf_put(text, bytes_of(folded, len));
	free(folded);
	return true;
}

/* The form in which values that match are equal [RFC 4518]: folded, no space at the ends, one
 * between words. */
static bool put_matching(const struct ber_tlv *value, struct buf *out)
{
	AUTO(buf_free) struct buf text = { 0 };

	if (!dn_value_utf8(value, &text) || !fold(&text))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] != ' ' || (out->len && out->data[out->len - 1] != ' '))
			buf_put_u8(out, text.data[i]);
	if (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	return true;
}

static bool part_equal(const struct dn_part *a, const struct dn_part *b)
{
	AUTO(buf_free) struct buf x = { 0 };
	AUTO(buf_free) struct buf y = { 0 };

	if (!bytes_equal(a->type, b->type))
		return false;
	if (bytes_equal(a->value.whole, b->value.whole))
		return true;
	return put_matching(&a->value, &x) && put_matching(&b->value, &y) &&
	       bytes_equal(buf_view(&x), buf_view(&y));
}

static bool has_part(const struct dn *dn, const struct dn_part *part)
{
	for (size_t i = 0; i < dn->count; i++)
		if (dn->parts[i].rdn == part->rdn && part_equal(&dn->parts[i], part))
			return true;
	return false;
}

/* An RDN is a set, in which no type appears twice: as many parts, each of them in the other. */
static bool parts_equal(const struct dn *a, const struct dn *b)
{
	if (a->count != b->count || a->rdn_count != b->rdn_count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (!has_part(b, &a->parts[i]) || !has_part(a, &b->parts[i]))
			return false;
	return true;
}

bool dn_equal(struct bytes a, struct bytes b)
{
	struct dn x, y;
	struct status *st = dn_parse_der(a, &x);

	if (!st && bytes_equal(a, b))
		return true;
	if (!st)
		st = dn_parse_der(b, &y);
	if (!st)
		return parts_equal(&x, &y);
	status_drop(st);
	return false;
}

bool dn_text_equal(const char *a, const char *b)
{
	AUTO(buf_free) struct buf x = { 0 };
	AUTO(buf_free) struct buf y = { 0 };
	struct status *st = dn_from_text(a, &x);

	if (!st)
		st = dn_from_text(b, &y);
	if (!st)
		return dn_equal(buf_view(&x), buf_view(&y));
	status_drop(st);
	return false;
}

/* --- the key of an index --- */

static int compare_types(const void *a, const void *b)
{
	const struct dn_part *x = a, *y = b;

	return x->rdn != y->rdn ? (x->rdn < y->rdn ? -1 : 1) : bytes_compare(x->type, y->type);
}

static void put_counted(struct bytes octets, struct buf *out)
{
	buf_put_u16(out, (uint16_t)octets.len);
	buf_put(out, octets);
}

FALLIBLE dn_key(struct bytes der, struct buf *out_key)
{
	struct dn dn;

	TRY(dn_parse_der(der, &dn));
	qsort(dn.parts, dn.count, sizeof dn.parts[0], compare_types);
	for (size_t i = 0; i < dn.count; i++) {
		AUTO(buf_free) struct buf text = { 0 };
		const struct dn_part *part = &dn.parts[i];
		bool is_text = put_matching(&part->value, &text);

		buf_put_u8(out_key, (uint8_t)part->rdn);
		put_counted(part->type, out_key);
		buf_put_u8(out_key, is_text);
		put_counted(is_text ? buf_view(&text) : part->value.whole, out_key);
	}
	return OK;
}
