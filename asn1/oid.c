/* SPDX-License-Identifier: Apache-2.0 */
/* Object identifiers [X.690 8.19]. */
#include "asn1/oid.h"

#include "asn1/asn.h"

#include <stdlib.h>

typedef unsigned __int128 arc_t;

#define ARC_MAX (~(arc_t)0)
enum { ARC_DIGITS = 40 };	/* decimal, of the largest arc, and a final zero */

/* The next number of dotted text; false where there is none, or one too large. */
static bool read_arc(const char **text, arc_t *out_arc)
{
	const char *p = *text;
	arc_t arc = 0;

	if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9'))
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (arc > (ARC_MAX - 80 - digit) / 10)
			return false;
		arc = arc * 10 + digit;
	}
	*text = p;
	*out_arc = arc;
	return true;
}

static void put_arc(struct buf *out, arc_t arc)
{
	unsigned digits = 1;

	for (arc_t rest = arc; rest >>= 7; )
		digits++;
	while (digits-- > 0)
		buf_put_u8(out, (uint8_t)(arc >> 7 * digits & 0x7f) | (digits ? 0x80 : 0));
}

FALLIBLE oid_from_text(const char *dotted, struct buf *out_contents)
{
	AUTO(buf_free) struct buf contents = { 0 };
	const char *p = dotted;
	arc_t first, arc;

	if (!read_arc(&p, &first) || first > 2 || *p++ != '.' || !read_arc(&p, &arc) ||
	    (first < 2 && arc > 39))
		return FAIL(ST_USAGE, 0, "\"%s\" does not begin as an object identifier", dotted);
	put_arc(&contents, first * 40 + arc);
	while (*p) {
		if (*p++ != '.' || !read_arc(&p, &arc))
			return FAIL(ST_USAGE, 0, "\"%s\" is no object identifier", dotted);
		put_arc(&contents, arc);
	}
	if (contents.len > OID_MAX_OCTETS)
		return FAIL(ST_USAGE, 0, "the object identifier %s is too long", dotted);
	buf_put(out_contents, buf_view(&contents));
	return OK;
}

/* The next arc of contents octets [X.690 8.19.2]; false where it is malformed. */
static bool take_arc(struct bytes *contents, arc_t *out_arc)
{
	arc_t arc = 0;

	for (size_t i = 0; i < contents->len; i++) {
		uint8_t octet = contents->data[i];

		if ((i == 0 && octet == 0x80) || arc > ARC_MAX >> 7)
			return false;
		arc = arc << 7 | (octet & 0x7f);
		if (!(octet & 0x80)) {
			*contents = bytes_slice(*contents, i + 1, contents->len);
			*out_arc = arc;
			return true;
		}
	}
	return false;
}

FALLIBLE oid_check(struct bytes contents)
{
	arc_t arc;

	if (!contents.len || contents.len > OID_MAX_OCTETS)
		return FAIL(ST_PEER, 0, "an object identifier of %zu octets", contents.len);
	while (contents.len)
		if (!take_arc(&contents, &arc))
			return FAIL(ST_PEER, 0, "an object identifier is malformed");
	return OK;
}

static void put_decimal(struct buf *out, arc_t arc)
{
	char digits[ARC_DIGITS];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + (unsigned)(arc % 10));
	} while (arc /= 10);
	buf_put(out, bytes_of(digits + at, sizeof(digits) - at));
}

static bool put_dotted(struct buf *out, struct bytes contents)
{
	arc_t arc;

	if (!take_arc(&contents, &arc))
		return false;
	arc_t first = arc < 80 ? arc / 40 : 2;

	put_decimal(out, first);
	buf_put_u8(out, '.');
	put_decimal(out, arc - first * 40);
	while (contents.len) {
		if (!take_arc(&contents, &arc))
			return false;
		buf_put_u8(out, '.');
		put_decimal(out, arc);
	}
	return true;
}

struct oid_text oid_text(struct bytes contents)
{
	AUTO(buf_free) struct buf text = { 0 };
	struct oid_text out = { "" };

	if (contents.len > OID_MAX_OCTETS || !put_dotted(&text, contents)) {
		contents = bytes_slice(contents, 0, OID_MAX_OCTETS);
		buf_clear(&text);
		for (size_t i = 0; i < contents.len; i++)
			buf_printf(&text, "%02x", contents.data[i]);
		buf_put_u8(&text, '?');
	}
	memcpy(out.s, text.data, text.len);
	return out;
}

bool oid_is(struct bytes contents, const char *dotted)
{
	AUTO(buf_free) struct buf want = { 0 };
	struct status *st = oid_from_text(dotted, &want);
	bool same = !st && bytes_equal(contents, buf_view(&want));

	status_free(&st);
	return same;
}

FALLIBLE oid_set(OBJECT_IDENTIFIER_t *oid, const char *dotted)
{
	AUTO(buf_free) struct buf contents = { 0 };

	TRY(oid_from_text(dotted, &contents));
	asn_set(oid, buf_view(&contents));
	return OK;
}

OBJECT_IDENTIFIER_t *oid_new(const char *dotted)
{
	OBJECT_IDENTIFIER_t *oid = asn_new(OBJECT_IDENTIFIER_t);
	struct status *st = oid_set(oid, dotted);

	if (st)
		abort();
	return oid;
}
