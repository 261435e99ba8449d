/* SPDX-License-Identifier: Apache-2.0 */
/* base64url [RFC 4648 5], without padding [RFC 7515 2]. */
#include "lib/base/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_put(struct buf *out, struct bytes octets)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < octets.len; i++) {
		bits = bits << 8 | octets.data[i];
		for (have += 8; have >= 6; have -= 6)
			buf_put_u8(out, (uint8_t)alphabet[bits >> (have - 6) & 63]);
	}
	if (have)
		buf_put_u8(out, (uint8_t)alphabet[bits << (6 - have) & 63]);
}

/* -1 where it is none. */
static int value_of(uint8_t character)
{
	const char *at = character ? strchr(alphabet, character) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool base64url_get(struct bytes text, struct buf *out)
{
	size_t before = out->len;
	uint32_t bits = 0;
	unsigned have = 0;
	bool right = text.len % 4 != 1;

	for (size_t i = 0; right && i < text.len; i++) {
		int value = value_of(text.data[i]);

		right = value >= 0;
		bits = bits << 6 | (uint32_t)(right ? value : 0);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_put_u8(out, (uint8_t)(bits >> have));
		}
	}
	/* What the last character says beyond the octets has to be nothing. */
	if (right && !(bits & ((1u << have) - 1)))
		return true;
	out->len = before;
	return false;
}
