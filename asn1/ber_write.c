/* SPDX-License-Identifier: Apache-2.0 */
/* Writing BER with definite, shortest lengths [X.690 8.1, 10.1]. */
#include "asn1/ber.h"

/* Base-128 or base-256 digits of a number, at least one. */
static size_t digits(size_t number, unsigned bits)
{
	size_t count = 1;

	while (number >>= bits)
		count++;
	return count;
}

size_t ber_header(uint8_t out[BER_HEADER_MAX], uint32_t tag, bool constructed, size_t contents_len)
{
	uint8_t first = (uint8_t)(tag >> 30 << 6) | (constructed ? 0x20 : 0);
	uint32_t number = tag & ~(UINT32_C(3) << 30);
	size_t n = 0;

	if (number < 0x1f) {
		out[n++] = first | (uint8_t)number;
	} else {
		out[n++] = first | 0x1f;
		for (size_t i = digits(number, 7); i-- > 0; )
			out[n++] = (uint8_t)(number >> 7 * i & 0x7f) | (i ? 0x80 : 0);
	}
	if (contents_len < 0x80) {
		out[n++] = (uint8_t)contents_len;
	} else {
		size_t octets = digits(contents_len, 8);

		out[n++] = 0x80 | (uint8_t)octets;
		while (octets-- > 0)
			out[n++] = (uint8_t)(contents_len >> 8 * octets);
	}
	return n;
}

size_t ber_size(uint32_t tag, size_t contents_len)
{
	uint8_t header[BER_HEADER_MAX];

	return ber_header(header, tag, false, contents_len) + contents_len;
}

void ber_put_header(struct buf *out, uint32_t tag, bool constructed, size_t contents_len)
{
	uint8_t header[BER_HEADER_MAX];

	buf_put(out, bytes_of(header, ber_header(header, tag, constructed, contents_len)));
}

void ber_put(struct buf *out, uint32_t tag, struct bytes contents)
{
	ber_put_header(out, tag, false, contents.len);
	buf_put(out, contents);
}

void ber_put_integer(struct buf *out, uint32_t tag, int64_t value)
{
	uint8_t octets[8];
	size_t skip = 0;

	for (size_t i = 0; i < 8; i++)
		octets[i] = (uint8_t)((uint64_t)value >> 8 * (7 - i));
	/* [X.690 8.3.2] the first nine bits are neither all zeros nor all ones. */
	while (skip < 7 && ((octets[skip] == 0 && octets[skip + 1] < 0x80) ||
			    (octets[skip] == 0xff && octets[skip + 1] >= 0x80)))
		skip++;
	ber_put(out, tag, bytes_of(octets + skip, 8 - skip));
}

void ber_wrap(struct buf *out, size_t from, uint32_t tag)
{
	uint8_t header[BER_HEADER_MAX];

	buf_insert(out, from, bytes_of(header, ber_header(header, tag, true, out->len - from)));
}
