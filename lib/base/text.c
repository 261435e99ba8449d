/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/text.h"

#include <unictype.h>
#include <unistr.h>
#include <uniwidth.h>

/* Also what turns the direction of writing round without being seen. */
static bool is_shown(ucs4_t c)
{
	return !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_C);
}

size_t text_first(struct bytes octets, bool *out_shown)
{
	ucs4_t c = 0;
	int len = octets.len ? u8_mbtoucr(&c, octets.data, octets.len) : 0;

	*out_shown = len > 0 && is_shown(c);
	return len > 0 ? (size_t)len : 1;
}

char *text_shown(struct bytes octets)
{
	struct buf text = { 0 };

	while (octets.len) {
		bool shown;
		size_t len = text_first(octets, &shown);

		if (shown)
			buf_put(&text, bytes_slice(octets, 0, len));
		else
			buf_put_u8(&text, '?');
		octets = bytes_slice(octets, len, octets.len);
	}
	buf_put_u8(&text, 0);
	return (char *)text.data;
}

int text_columns(const char *text)
{
	return u8_strwidth((const uint8_t *)text, "UTF-8");
}
