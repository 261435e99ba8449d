/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets: a view that is borrowed, and a buffer that is owned.
 */
#ifndef LIB_BASE_BYTES_H
#define LIB_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed view of octets; data may be null where len is 0. */
struct bytes {
	const uint8_t *data;
	size_t len;
};

/* Octets that are owned and can grow.  All zero is the empty buffer. */
struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
};

static inline struct bytes bytes_of(const void *data, size_t len)
{
	return (struct bytes){ data, len };
}

/* The characters of a text, without its final zero. */
static inline struct bytes bytes_text(const char *text)
{
	return bytes_of(text, strlen(text));
}

/* The view of a literal or array: BYTES("abc") has three octets. */
#define BYTES(literal) bytes_of((literal), sizeof(literal) - 1)

static inline struct bytes bytes_none(void)
{
	return bytes_of(NULL, 0);
}

bool bytes_equal(struct bytes a, struct bytes b);

/* <0, 0, >0 in the order of the octets, the shorter first where one begins the other. */
int bytes_compare(struct bytes a, struct bytes b);

/* The part from an offset on, at most len long; both are clipped to what is there. */
struct bytes bytes_slice(struct bytes b, size_t from, size_t len);

/* Lower-case hexadecimal.  The caller frees it. */
char *bytes_hex(struct bytes b);

/* A zero-terminated copy.  The caller frees it. */
char *bytes_to_text(struct bytes b);

static inline struct bytes buf_view(const struct buf *b)
{
	return bytes_of(b->data, b->len);
}

void buf_free(struct buf *b);

/* Moves the octets out and leaves the buffer empty. */
struct buf buf_take(struct buf *b);

/* A buffer with a copy of the octets. */
struct buf buf_copy(struct bytes b);

/* Room for this many more octets without another allocation. */
void buf_reserve(struct buf *b, size_t more);

/* Adds len octets that the caller fills in; valid until the buffer grows again. */
uint8_t *buf_extend(struct buf *b, size_t len);

void buf_put(struct buf *b, struct bytes octets);
void buf_put_text(struct buf *b, const char *text);
void buf_put_u8(struct buf *b, uint8_t v);
void buf_put_u16(struct buf *b, uint16_t v);	/* big-endian, as all of these */
void buf_put_u32(struct buf *b, uint32_t v);
void buf_put_u64(struct buf *b, uint64_t v);

__attribute__((format(printf, 2, 3)))
void buf_printf(struct buf *b, const char *format, ...);

/* Opens a gap at an offset (which is not past the end) and fills it with the octets. */
void buf_insert(struct buf *b, size_t at, struct bytes octets);

/* Drops octets from the front. */
void buf_consume(struct buf *b, size_t len);

void buf_clear(struct buf *b);

/* Octets from text such as "06 e0 0000": pairs of digits, white space between them ignored.
 * False where the text is something else; *out is then empty.  The caller frees out. */
bool buf_from_hex(const char *text, struct buf *out);

#endif
