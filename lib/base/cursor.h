/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over octets that cannot pass its end and remembers that it tried.
 * Read straight down a layout, then ask once with cur_check.  A nested length
 * gets a nested cursor: cursor_over(cur_take(&outer, cur_u8(&outer))).
 */
#ifndef LIB_BASE_CURSOR_H
#define LIB_BASE_CURSOR_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

struct cursor {
	struct bytes left;
	bool overrun;		/* something was wanted that is not there */
};

static inline struct cursor cursor_over(struct bytes b)
{
	return (struct cursor){ b, false };
}

/* Big-endian numbers; 0 after an overrun. */
uint8_t cur_u8(struct cursor *c);
uint16_t cur_u16(struct cursor *c);
uint32_t cur_u32(struct cursor *c);
uint64_t cur_u64(struct cursor *c);

/* The next len octets as a view; none after an overrun. */
struct bytes cur_take(struct cursor *c, size_t len);

/* All that is left, as a view; the cursor is then at its end. */
struct bytes cur_rest(struct cursor *c);

/* The next octet without moving, or -1 at the end. */
int cur_peek(const struct cursor *c);

static inline size_t cur_left(const struct cursor *c)
{
	return c->left.len;
}

/* ST_PEER "<what> ends too early" if anything was wanted that was not there. */
FALLIBLE cur_check(const struct cursor *c, const char *what);

/* As cur_check, and ST_PEER "<what> has octets behind its end" if any are left. */
FALLIBLE cur_check_end(const struct cursor *c, const char *what);

#endif
