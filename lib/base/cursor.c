/* SPDX-License-Identifier: Apache-2.0 */
/* A cursor that cannot pass its end. */
#include "lib/base/cursor.h"

struct bytes cur_take(struct cursor *c, size_t len)
{
	if (len > c->left.len) {
		c->overrun = true;
		c->left = bytes_none();
		return bytes_none();
	}
	struct bytes taken = bytes_of(c->left.data, len);
	if (len)
		c->left = bytes_of(c->left.data + len, c->left.len - len);
	return taken;
}

struct bytes cur_rest(struct cursor *c)
{
	return cur_take(c, c->left.len);
}

int cur_peek(const struct cursor *c)
{
	return c->left.len ? c->left.data[0] : -1;
}

static uint64_t big_endian(struct cursor *c, size_t width)
{
	struct bytes b = cur_take(c, width);
	uint64_t v = 0;

	for (size_t i = 0; i < b.len; i++)
		v = v << 8 | b.data[i];
	return v;
}

uint8_t cur_u8(struct cursor *c)
{
	return (uint8_t)big_endian(c, 1);
}

uint16_t cur_u16(struct cursor *c)
{
	return (uint16_t)big_endian(c, 2);
}

uint32_t cur_u32(struct cursor *c)
{
	return (uint32_t)big_endian(c, 4);
}

uint64_t cur_u64(struct cursor *c)
{
	return big_endian(c, 8);
}

FALLIBLE cur_check(const struct cursor *c, const char *what)
{
	if (c->overrun)
		return FAIL(ST_PEER, 0, "%s ends too early", what);
	return OK;
}

FALLIBLE cur_check_end(const struct cursor *c, const char *what)
{
	TRY(cur_check(c, what));
	if (c->left.len)
		return FAIL(ST_PEER, 0, "%s has octets behind its end", what);
	return OK;
}
