/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Character sets through iconv and libunistring.
 */
#include "lib/mhs/text.h"

#include "lib/base/status.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>
#include <unistr.h>

static const char replacement[] = "\xef\xbf\xbd";	/* U+FFFD */

/* Appends octets of one character set as UTF-8.  An octet that stands for nothing becomes itself
 * where it is ASCII and lenient, U+FFFD otherwise. */
static void to_utf8(const char *charset, struct bytes in, bool lenient, struct buf *out)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	char *from = (char *)in.data;
	size_t left = in.len;

	while (left) {
		char room[256];
		char *to = room;
		size_t space = sizeof(room);
		size_t done = cd == (iconv_t)-1 ? (size_t)-1 : iconv(cd, &from, &left, &to, &space);
		bool stuck = done == (size_t)-1 && (cd == (iconv_t)-1 || errno != E2BIG);

		buf_put(out, bytes_of(room, sizeof(room) - space));
		if (!stuck)
			continue;
		if (lenient && !(*from & 0x80))
			buf_put_u8(out, (uint8_t)*from);
		else
			buf_put_text(out, replacement);
		from++;
		left--;
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
}

static bool from_utf8(const char *charset, const char *utf8, struct buf *out)
{
	iconv_t cd = iconv_open(charset, "UTF-8");
	char *from = (char *)utf8;
	size_t left = strlen(utf8);
	size_t before = out->len;
	bool whole = cd != (iconv_t)-1;

	while (whole && left) {
		char room[256];
		char *to = room;
		size_t space = sizeof(room);

		errno = 0;
		if (iconv(cd, &from, &left, &to, &space) == (size_t)-1 && errno != E2BIG)
			whole = false;
		buf_put(out, bytes_of(room, sizeof(room) - space));
	}
	if (cd != (iconv_t)-1)
		iconv_close(cd);
	if (!whole)
		out->len = before;
	return whole;
}

static const char *as_text(struct arena *arena, const char *charset, struct bytes in, bool lenient)
{
	AUTO(buf_free) struct buf out = { 0 };

	to_utf8(charset, in, lenient, &out);
	for (size_t i = 0; i < out.len; i++)	/* a zero must not end the text: "a\0b" is not "a" */
		if (!out.data[i])
			out.data[i] = '?';
	return arena_text(arena, buf_view(&out));
}

static bool is_plain_ascii(struct bytes in)
{
	uint8_t all = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (!in.data[i])
			return false;
		all |= in.data[i];
	}
	return all < 0x80;
}

/* T.61 leaves a few places of ASCII empty ('#', '$', '{', ...); peers put ASCII there.  So ASCII is
 * itself, and the many names that are nothing else need no converter. */
const char *text_from_teletex(struct arena *arena, struct bytes t61)
{
	return is_plain_ascii(t61) ? arena_text(arena, t61)
				   : as_text(arena, "T.61-8BIT", t61, true);
}

bool text_to_teletex(const char *utf8, struct buf *out)
{
	return from_utf8("T.61-8BIT", utf8, out);
}

const char *text_from_ucs(struct arena *arena, struct bytes ucs, unsigned octets)
{
	return as_text(arena, octets == 4 ? "UCS-4BE" : "UCS-2BE", ucs, false);
}

void text_to_bmp(const char *utf8, struct buf *out)
{
	const uint8_t *s = (const uint8_t *)utf8;
	size_t left = strlen(utf8);

	while (left) {
		ucs4_t c;
		int used = u8_mbtoucr(&c, s, left);

		if (used <= 0) {
			used = 1;
			c = 0xfffd;
		}
		buf_put_u16(out, c > 0xffff ? 0xfffd : (uint16_t)c);
		s += used;
		left -= (size_t)used;
	}
}

/* The octets without ISO 2022 escape sequences: ESC, intermediates 2/0 to 2/15, one final. */
static void drop_escapes(struct bytes in, struct buf *out)
{
	for (size_t i = 0; i < in.len; i++) {
		if (in.data[i] != 0x1b) {
			buf_put_u8(out, in.data[i]);
			continue;
		}
		do
			i++;
		while (i < in.len && in.data[i] >= 0x20 && in.data[i] <= 0x2f);
	}
}

/* The character set of a list of ISO-IR registrations: the one that goes beyond ASCII. */
static const char *charset_of(const int *registrations)
{
	static const struct { int registration; const char *charset; } known[] = {
		{ 100, "ISO-8859-1" }, { 101, "ISO-8859-2" }, { 109, "ISO-8859-3" },
		{ 110, "ISO-8859-4" }, { 144, "ISO-8859-5" }, { 127, "ISO-8859-6" },
		{ 126, "ISO-8859-7" }, { 138, "ISO-8859-8" }, { 148, "ISO-8859-9" },
		{ 102, "T.61-8BIT" }, { 103, "T.61-8BIT" }, { 156, "ISO_6937" },
		{ 190, "UTF-8" }, { 191, "UTF-8" }, { 192, "UTF-8" }, { 196, "UTF-8" },
	};

	for (; *registrations; registrations++)
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (known[i].registration == *registrations)
				return known[i].charset;
	return "ISO-8859-1";
}

const char *text_from_general(struct arena *arena, struct bytes general, const int *registrations)
{
	AUTO(buf_free) struct buf plain = { 0 };

	drop_escapes(general, &plain);
	return as_text(arena, charset_of(registrations), buf_view(&plain), false);
}

/* PrintableString [X.680 41.4] */
static bool is_printable(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (c && strchr(" '()+,-./:=?", c));
}

bool text_is_printable(const char *utf8)
{
	for (; *utf8; utf8++)
		if (!is_printable(*utf8))
			return false;
	return true;
}

bool text_is_numeric(const char *utf8)
{
	return utf8[strspn(utf8, "0123456789 ")] == '\0';
}

bool text_is_ia5(const char *utf8)
{
	for (; *utf8; utf8++)
		if (*utf8 & 0x80)
			return false;
	return true;
}

bool text_is_utf8(struct bytes octets)
{
	return !u8_check(octets.data, octets.len);
}

const char *text_printable_like(struct arena *arena, const char *utf8, size_t bound)
{
	AUTO(buf_free) struct buf out = { 0 };

	for (; *utf8 && out.len < bound; utf8++) {
		if ((*utf8 & 0xc0) == 0x80)	/* the rest of a character already replaced */
			continue;
		buf_put_u8(&out, is_printable(*utf8) ? (uint8_t)*utf8 : '?');
	}
	return arena_text(arena, buf_view(&out));
}

/* Lower case, without spaces at either end, one for several. */
static void canonical(const char *utf8, struct buf *out)
{
	size_t len = strlen(utf8);
	size_t from = out->len;

	if (text_is_ia5(utf8)) {
		for (size_t i = 0; i < len; i++)
			buf_put_u8(out, (uint8_t)tolower((unsigned char)utf8[i]));
	} else {
		size_t folded_len = 0;
		uint8_t *folded = u8_casefold((const uint8_t *)utf8, len, NULL, UNINORM_NFC, NULL,
					      &folded_len);

		buf_put(out, folded ? bytes_of(folded, folded_len) : bytes_text(utf8));
		free(folded);
	}

	size_t kept = from;

	for (size_t i = from; i < out->len; i++) {
		bool redundant = out->data[i] == ' ' &&
				 (kept == from || out->data[kept - 1] == ' ');

		if (!redundant)
			out->data[kept++] = out->data[i];
	}
	if (kept > from && out->data[kept - 1] == ' ')
		kept--;
	out->len = kept;
}

bool text_equal(const char *a, const char *b)
{
	AUTO(buf_free) struct buf left = { 0 };
	AUTO(buf_free) struct buf right = { 0 };

	if (!strcmp(a, b))
		return true;
	canonical(a, &left);
	canonical(b, &right);
	return bytes_equal(buf_view(&left), buf_view(&right));
}

const char *text_canonical(struct arena *arena, const char *utf8)
{
	AUTO(buf_free) struct buf out = { 0 };

	canonical(utf8, &out);
	return arena_text(arena, buf_view(&out));
}
