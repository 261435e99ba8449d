/* SPDX-License-Identifier: Apache-2.0 */
/* Directory names as text [RFC 4514]. */
#include "asn1/dn.h"

#include "asn1/dn_parts.h"
#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <ctype.h>
#include <strings.h>
#include <unistr.h>

/* The attribute types with a keyword [RFC 4514 3, RFC 4519 2]. */
static const struct keyword {
	const char *name;
	const char *oid;
	uint32_t string;	/* the type its values have, or 0: DirectoryString */
} keywords[] = {
	{ "CN", "2.5.4.3", 0 },
	{ "SN", "2.5.4.4", 0 },
	{ "serialNumber", "2.5.4.5", DN_PRINTABLE_STRING },
	{ "C", "2.5.4.6", DN_PRINTABLE_STRING },
	{ "L", "2.5.4.7", 0 },
	{ "ST", "2.5.4.8", 0 },
	{ "STREET", "2.5.4.9", 0 },
	{ "O", "2.5.4.10", 0 },
	{ "OU", "2.5.4.11", 0 },
	{ "title", "2.5.4.12", 0 },
	{ "givenName", "2.5.4.42", 0 },
	{ "initials", "2.5.4.43", 0 },
	{ "generationQualifier", "2.5.4.44", 0 },
	{ "dnQualifier", "2.5.4.46", DN_PRINTABLE_STRING },
	{ "pseudonym", "2.5.4.65", 0 },
	{ "UID", "0.9.2342.19200300.100.1.1", 0 },
	{ "DC", "0.9.2342.19200300.100.1.25", DN_IA5_STRING },
	{ "emailAddress", "1.2.840.113549.1.9.1", DN_IA5_STRING },
};
enum { KEYWORDS = sizeof keywords / sizeof *keywords };

static const struct keyword *keyword_of_oid(struct bytes type)
{
	for (size_t i = 0; i < KEYWORDS; i++)
		if (oid_is(type, keywords[i].oid))
			return &keywords[i];
	return NULL;
}

/* Whether a string type can have these characters. */
static bool fits(struct bytes text, uint32_t string)
{
	if (!string)
		return true;
	if (string == DN_PRINTABLE_STRING)
		return dn_is_printable(text);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] > 0x7f)
			return false;
	return true;
}

/* --- text to name --- */

/* A text being read.  What it yields lives in the arena. */
struct reader {
	const char *text;
	const char *at;
	struct arena *arena;
};

static FALLIBLE wrong(const struct reader *r, const char *what)
{
	return FAIL(ST_USAGE, 0, "not a directory name: %s at character %td of \"%s\"", what,
		    r->at - r->text + 1, r->text);
}

static void skip_spaces(struct reader *r)
{
	while (*r->at == ' ')
		r->at++;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return found ? (int)(found - digits) : -1;
}

/* Two hexadecimal digits, or -1. */
static int hex_pair(const char *at)
{
	int high = hex_digit(at[0]);
	int low = high < 0 ? -1 : hex_digit(at[1]);

	return low < 0 ? -1 : high << 4 | low;
}

/* A keyword or a dotted identifier before "=". */
static FALLIBLE read_type(struct reader *r, struct bytes *out_type, uint32_t *out_string)
{
	size_t len = strspn(r->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
	const char *name = arena_text(r->arena, bytes_of(r->at, len));
	const char *oid = isdigit((unsigned char)*name) ? name : NULL;
	AUTO(buf_free) struct buf contents = { 0 };

	*out_string = 0;
	for (size_t i = 0; i < KEYWORDS; i++) {
		if (!strcasecmp(keywords[i].name, name) || (oid && !strcmp(keywords[i].oid, oid))) {
			oid = keywords[i].oid;
			*out_string = keywords[i].string;
		}
	}
	if (!oid)
		return wrong(r, len ? "an unknown attribute" : "no attribute");
	TRY_DOING(oid_from_text(oid, &contents), "not a directory name: \"%s\"", r->text);
	*out_type = arena_dup(r->arena, buf_view(&contents));
	r->at += len;
	skip_spaces(r);
	if (*r->at != '=')
		return wrong(r, "no \"=\"");
	r->at++;
	skip_spaces(r);
	return OK;
}

static FALLIBLE read_hex_value(struct reader *r, struct ber_tlv *out_value)
{
	AUTO(buf_free) struct buf octets = { 0 };
	int octet;

	for (r->at++; (octet = hex_pair(r->at)) >= 0; r->at += 2)
		buf_put_u8(&octets, (uint8_t)octet);

	struct bytes ber = arena_dup(r->arena, buf_view(&octets));
	struct ber_shape shape;
	struct status *st = ber_check(ber, &ber_limits_default, &shape);

	if (st || shape.indefinite) {
		status_drop(st);
		return wrong(r, "a #value that is not a DER value");
	}
	return ber_only(ber, out_value);
}

/* The characters of a value up to an unescaped "," or "+", without escapes and without the
 * spaces at its end. */
static FALLIBLE read_characters(struct reader *r, struct buf *out)
{
	size_t kept = 0;

	while (*r->at && *r->at != ',' && *r->at != '+') {
		int octet = (uint8_t)*r->at;
		bool escaped = octet == '\\';

		if (escaped) {
			octet = hex_pair(++r->at);
			if (octet >= 0)
				r->at++;
			else if (*r->at && strchr(" \"#+,;<=>\\", *r->at))
				octet = (uint8_t)*r->at;
			else
				return wrong(r, "a \"\\\" before nothing that can be escaped");
		} else if (strchr("\";<>", octet)) {
			return wrong(r, "a character that has to be escaped");
		}
		buf_put_u8(out, (uint8_t)octet);
		if (escaped || octet != ' ')
			kept = out->len;
		r->at++;
	}
	out->len = kept;
	return OK;
}

static FALLIBLE read_text_value(struct reader *r, uint32_t string, struct ber_tlv *out_value)
{
	AUTO(buf_free) struct buf characters = { 0 };
	AUTO(buf_free) struct buf der = { 0 };

	TRY(read_characters(r, &characters));

	struct bytes text = buf_view(&characters);

	if (!text.len)
		return wrong(r, "an empty value");
	if (u8_check(text.data, text.len))
		return wrong(r, "a value that is not UTF-8");
	if (!fits(text, string))
		return wrong(r, "characters that this attribute cannot have");
	if (!string)
		string = dn_is_printable(text) ? DN_PRINTABLE_STRING : DN_UTF8_STRING;
	ber_put(&der, string, text);
	return ber_only(arena_dup(r->arena, buf_view(&der)), out_value);
}

static FALLIBLE read_part(struct reader *r, struct bytes *out_type, struct ber_tlv *out_value)
{
	uint32_t string;

	skip_spaces(r);
	TRY(read_type(r, out_type, &string));
	TRY(*r->at == '#' ? read_hex_value(r, out_value) : read_text_value(r, string, out_value));
	skip_spaces(r);
	if (*r->at && *r->at != ',' && *r->at != '+')
		return wrong(r, "no \",\" or \"+\"");
	return OK;
}

/* A text has the root at its end, a Name at its beginning. */
static FALLIBLE turn_round(const struct dn *in, struct dn *out)
{
	*out = (struct dn){ 0 };
	for (size_t rdn = in->rdn_count; rdn-- > 0;) {
		bool begins = true;

		for (size_t i = 0; i < in->count; i++) {
			if (in->parts[i].rdn != rdn)
				continue;
			TRY(dn_add(out, begins, in->parts[i].type, in->parts[i].value));
			begins = false;
		}
	}
	return OK;
}

static FALLIBLE dn_parse_text(const char *text, struct arena *arena, struct dn *out_dn)
{
	struct reader r = { text, text, arena };
	struct dn turned = { 0 };
	bool begins = true;

	*out_dn = (struct dn){ 0 };
	if (strlen(text) > DN_MAX_OCTETS)
		return FAIL(ST_USAGE, 0, "a directory name of more than %d octets", DN_MAX_OCTETS);
	skip_spaces(&r);
	if (!*r.at)
		return OK;
	for (;;) {
		struct bytes type;
		struct ber_tlv value;

		TRY(read_part(&r, &type, &value));
		TRY(dn_add(&turned, begins, type, value));
		if (!*r.at)
			return turn_round(&turned, out_dn);
		begins = *r.at++ == ',';
	}
}

FALLIBLE dn_from_text(const char *text, struct buf *out_der)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	size_t before = out_der->len;
	struct dn dn;

	TRY(dn_parse_text(text, arena, &dn));
	dn_encode(&dn, out_der);
	if (out_der->len - before > DN_MAX_OCTETS) {
		out_der->len = before;
		return FAIL(ST_USAGE, 0, "a directory name of more than %d octets", DN_MAX_OCTETS);
	}
	return OK;
}

/* --- name to text --- */

static void put_hex(struct bytes octets, struct buf *out)
{
	for (size_t i = 0; i < octets.len; i++)
		buf_printf(out, "\\%02X", octets.data[i]);
}

/* Also what a terminal would not show, or would obey. */
static void put_escaped(struct bytes utf8, struct buf *out)
{
	for (size_t i = 0, len; i < utf8.len; i += len) {
		uint8_t c = utf8.data[i];
		bool at_end = i == 0 || i + 1 == utf8.len, shown;

		len = text_first(bytes_slice(utf8, i, utf8.len), &shown);
		if (!shown)
			put_hex(bytes_slice(utf8, i, len), out);
		else if (strchr("\"+,;<>\\", c) || (c == ' ' && at_end) || (c == '#' && i == 0))
			buf_printf(out, "\\%c", c);
		else
			buf_put(out, bytes_slice(utf8, i, len));
	}
}

static void put_part(const struct dn_part *part, struct buf *out)
{
	const struct keyword *keyword = keyword_of_oid(part->type);
	AUTO(buf_free) struct buf utf8 = { 0 };

	buf_printf(out, "%s=", keyword ? keyword->name : oid_text(part->type).s);
	/* Only what would be read as the same value again goes without "#". */
	if (keyword && dn_value_utf8(&part->value, &utf8) && utf8.len &&
	    fits(buf_view(&utf8), keyword->string)) {
		put_escaped(buf_view(&utf8), out);
	} else {
		AUTO(mem_free) char *octets = bytes_hex(part->value.whole);

		buf_printf(out, "#%s", octets);
	}
}

/* The text of the first rdn_count RDNs.  The caller frees it. */
static char *print(const struct dn *dn, size_t rdn_count)
{
	struct buf text = { 0 };

	for (size_t rdn = rdn_count; rdn-- > 0;) {
		const char *before = rdn + 1 < rdn_count ? "," : "";

		for (size_t i = 0; i < dn->count; i++) {
			if (dn->parts[i].rdn != rdn)
				continue;
			buf_put_text(&text, before);
			put_part(&dn->parts[i], &text);
			before = "+";
		}
	}
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

FALLIBLE dn_to_text(struct bytes der, char **out_text)
{
	struct dn dn;

	TRY(dn_parse_der(der, &dn));
	*out_text = print(&dn, dn.rdn_count);
	return OK;
}

FALLIBLE dn_parent(const char *text, char **out_parent)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct dn dn;

	TRY(dn_parse_text(text, arena, &dn));
	*out_parent = print(&dn, dn.rdn_count ? dn.rdn_count - 1 : 0);
	return OK;
}

FALLIBLE dn_first(const char *text, struct arena *arena, struct dn_attribute **out_attributes,
		  size_t *out_count)
{
	struct dn dn;
	size_t count = 0;

	TRY(dn_parse_text(text, arena, &dn));
	if (!dn.count)
		return FAIL(ST_USAGE, 0, "the directory name is empty");
	*out_attributes = arena_new_array(arena, struct dn_attribute, dn.count);
	for (size_t i = 0; i < dn.count; i++) {
		const struct dn_part *part = &dn.parts[i];
		const struct keyword *keyword = keyword_of_oid(part->type);
		AUTO(buf_free) struct buf utf8 = { 0 };

		if (part->rdn + 1 != dn.rdn_count)
			continue;
		(*out_attributes)[count].type = keyword ? keyword->name
			: arena_strdup(arena, oid_text(part->type).s);
		if (dn_value_utf8(&part->value, &utf8))
			(*out_attributes)[count].value = arena_text(arena, buf_view(&utf8));
		count++;
	}
	*out_count = count;
	return OK;
}
