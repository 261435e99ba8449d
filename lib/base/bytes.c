/* SPDX-License-Identifier: Apache-2.0 */
/* Octets: views and buffers. */
#include "lib/base/bytes.h"

#include "lib/base/memory.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int bytes_compare(struct bytes a, struct bytes b)
{
	size_t both = a.len < b.len ? a.len : b.len;
	int order = both ? memcmp(a.data, b.data, both) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct bytes bytes_slice(struct bytes b, size_t from, size_t len)
{
	if (from >= b.len)
		return bytes_none();
	if (len > b.len - from)
		len = b.len - from;
	return bytes_of(b.data + from, len);
}

char *bytes_hex(struct bytes b)
{
	static const char digits[] = "0123456789abcdef";
	char *text = mem_alloc(b.len * 2 + 1, 1);

	for (size_t i = 0; i < b.len; i++) {
		text[2 * i] = digits[b.data[i] >> 4];
		text[2 * i + 1] = digits[b.data[i] & 15];
	}
	return text;
}

char *bytes_to_text(struct bytes b)
{
	char *text = mem_alloc(b.len + 1, 1);

	if (b.len)
		memcpy(text, b.data, b.len);
	return text;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

struct buf buf_take(struct buf *b)
{
	struct buf taken = *b;

	*b = (struct buf){ 0 };
	return taken;
}

struct buf buf_copy(struct bytes b)
{
	struct buf copy = { 0 };

	buf_put(&copy, b);
	return copy;
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more;
	size_t cap = b->cap ? b->cap : 64;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap *= 2;
	b->data = mem_grow(b->data, cap, 1);
	b->cap = cap;
}

uint8_t *buf_extend(struct buf *b, size_t len)
{
	buf_reserve(b, len);
	if (!b->data)
		return NULL;	/* nothing was asked for */
	b->len += len;
	return b->data + b->len - len;
}

void buf_put(struct buf *b, struct bytes octets)
{
	if (octets.len)
		memcpy(buf_extend(b, octets.len), octets.data, octets.len);
}

void buf_put_text(struct buf *b, const char *text)
{
	buf_put(b, bytes_text(text));
}

static void put_big_endian(struct buf *b, uint64_t v, size_t width)
{
	uint8_t *room = buf_extend(b, width);

	for (size_t i = 0; i < width; i++)
		room[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

void buf_put_u8(struct buf *b, uint8_t v)
{
	put_big_endian(b, v, 1);
}

void buf_put_u16(struct buf *b, uint16_t v)
{
	put_big_endian(b, v, 2);
}

void buf_put_u32(struct buf *b, uint32_t v)
{
	put_big_endian(b, v, 4);
}

void buf_put_u64(struct buf *b, uint64_t v)
{
	put_big_endian(b, v, 8);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = mem_vprintf(format, args);
	va_end(args);
	buf_put_text(b, text);
	free(text);
}

void buf_insert(struct buf *b, size_t at, struct bytes octets)
{
	size_t tail = b->len - at;

	if (!octets.len)
		return;
	buf_extend(b, octets.len);
	memmove(b->data + at + octets.len, b->data + at, tail);
	memcpy(b->data + at, octets.data, octets.len);
}

/* What is given up is wiped as it would be by free: the buffer may live long. */
static void keep_first(struct buf *b, size_t len)
{
	if (b->len > len)
		explicit_bzero(b->data + len, b->len - len);
	b->len = len;
}

void buf_consume(struct buf *b, size_t len)
{
	size_t left = b->len - len;

	if (left)
		memmove(b->data, b->data + len, left);
	keep_first(b, left);
}

void buf_clear(struct buf *b)
{
	keep_first(b, 0);
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool buf_from_hex(const char *text, struct buf *out)
{
	*out = (struct buf){ 0 };
	while (*text) {
		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		int high = digit_value(text[0]);
		int low = high < 0 ? -1 : digit_value(text[1]);

		if (low < 0) {
			buf_free(out);
			return false;
		}
		buf_put_u8(out, (uint8_t)(high << 4 | low));
		text += 2;
	}
	return true;
}
