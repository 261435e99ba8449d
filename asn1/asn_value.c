/* SPDX-License-Identifier: Apache-2.0 */
/* Making and reading the members of generated types. */
#include "asn1/asn.h"

#include "lib/base/memory.h"

#include <limits.h>
#include <stdlib.h>

void *asn_alloc(size_t size)
{
	return mem_alloc(1, size);
}

void asn_replace(uint8_t **buf, int *size, struct bytes octets)
{
	/* Generated types count with an int; no member of ours comes near. */
	if (octets.len >= INT_MAX)
		abort();
	uint8_t *copy = mem_alloc(octets.len + 1, 1);

	if (octets.len)
		memcpy(copy, octets.data, octets.len);
	free(*buf);
	*buf = copy;
	*size = (int)octets.len;
}

void asn_add_item(void *list, void *item)
{
	if (asn_set_add(list, item) != 0)
		abort();
}

long *asn_long(long value)
{
	long *copy = mem_new(long);

	*copy = value;
	return copy;
}

long *asn_long_unless(long value, long default_value)
{
	return value == default_value ? NULL : asn_long(value);
}

int *asn_bool(bool value)
{
	int *copy = mem_new(int);

	*copy = value;
	return copy;
}

int *asn_bool_unless(bool value, bool default_value)
{
	return value == default_value ? NULL : asn_bool(value);
}

FALLIBLE asn_range(long value, long min, long max, const char *what)
{
	if (value < min || value > max)
		return FAIL(ST_PEER, 0, "%s is %ld, not %ld to %ld", what, value, min, max);
	return OK;
}

uint32_t asn_bits(const BIT_STRING_t *string)
{
	struct bytes octets = asn_bytes(string);
	uint32_t bits = 0;

	for (unsigned n = 0; n < 32 && n / 8 < octets.len; n++)
		if (octets.data[n / 8] & 0x80 >> n % 8)
			bits |= UINT32_C(1) << n;
	return bits;
}

void asn_set_bits(BIT_STRING_t *string, uint32_t bits)
{
	uint8_t octets[4] = { 0 };

	for (unsigned n = 0; n < 32; n++)
		if (bits >> n & 1)
			octets[n / 8] |= 0x80 >> n % 8;
	asn_set(string, bytes_of(octets, sizeof(octets)));
	string->bits_unused = 0;
	asn_strip_bits(string);
}

BIT_STRING_t *asn_new_bits(uint32_t bits)
{
	BIT_STRING_t *string = asn_new(BIT_STRING_t);

	asn_set_bits(string, bits);
	return string;
}

void asn_strip_bits(BIT_STRING_t *string)
{
	while (string->size > 0 && !string->buf[string->size - 1])
		string->size--;
	string->bits_unused = 0;
	if (string->size > 0)
		string->bits_unused = __builtin_ctz(string->buf[string->size - 1]);
}
