/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The string decoder that takes the place of asn1c's (the Makefile renames that
 * one): OCTET STRING, BIT STRING, all character strings and ANY.
 *
 * asn1c's refuses legal constructed character strings, accepts malformed BIT
 * STRINGs and takes a primitive value for an explicitly tagged ANY.  This one
 * works on whole values only, of definite length, which asn1/asn.c provides.
 */
#include "asn1/ber.h"
#include "lib/base/memory.h"

#include <ANY.h>
#include <BIT_STRING.h>
#include <OCTET_STRING.h>
#include <limits.h>
#include <stdlib.h>

static asn_dec_rval_t refused(void)
{
	return (asn_dec_rval_t){ .code = RC_FAIL };
}

/*
 * The octets of a string, joined in *joined where they do not lie together; false
 * where it is malformed.
 */
static bool string_octets(enum asn_OS_Subvariant variant, const struct ber_tlv *string,
			  struct buf *joined, struct bytes *out_octets, unsigned *out_unused)
{
	struct status *st = OK;

	*out_octets = string->contents;
	if (variant == ASN_OSUBV_BIT)
		st = ber_join_bits(string, joined, out_unused);
	else if (string->constructed)
		st = ber_join(string, joined);
	if (variant == ASN_OSUBV_BIT || string->constructed)
		*out_octets = buf_view(joined);
	bool fine = !st;

	status_free(&st);
	switch (variant) {
	case ASN_OSUBV_U16:
		return fine && out_octets->len % 2 == 0;
	case ASN_OSUBV_U32:
		return fine && out_octets->len % 4 == 0;
	default:
		return fine;
	}
}

/* The universal tag of a string type.  asn1c lists a type's tags from the outermost in, and
 * behind that of a character string the OCTET STRING's. */
static uint32_t own_tag(const asn_TYPE_descriptor_t *td)
{
	int last = td->all_tags_count - 1;
	ber_tlv_tag_t tag = td->all_tags[last];

	if (last > 0 && BER_TAG_CLASS(tag) == ASN_TAG_CLASS_UNIVERSAL &&
	    BER_TAG_VALUE(tag) == BER_OCTET_STRING)
		tag = td->all_tags[last - 1];
	return (uint32_t)BER_TAG_CLASS(tag) << 30 | BER_TAG_VALUE(tag);
}

/* [X.208 27] what an explicit tag holds is one value, and the tag is constructed. */
static bool is_one_value(struct bytes contents)
{
	struct ber_tlv value;
	struct status *st = ber_only(contents, &value);
	bool fine = !st;

	status_free(&st);
	return fine;
}

asn_dec_rval_t OCTET_STRING_decode_ber(asn_codec_ctx_t *codec, asn_TYPE_descriptor_t *td,
				       void **sptr, const void *data, size_t size, int tag_mode)
{
	static const asn_OCTET_STRING_specifics_t plain = {
		.struct_size = sizeof(OCTET_STRING_t),
		.ctx_offset = offsetof(OCTET_STRING_t, _asn_ctx),
		.subvariant = ASN_OSUBV_STR,
	};
	const asn_OCTET_STRING_specifics_t *specs = td->specifics ? td->specifics : &plain;
	bool any = specs->subvariant == ASN_OSUBV_ANY;
	bool tagged = td->tags_count > 0 || tag_mode == 1;
	BIT_STRING_t *st = *sptr ? *sptr : (*sptr = calloc(1, (size_t)specs->struct_size));
	ber_tlv_len_t len;
	int constructed;

	if (!st || st->buf)
		return refused();
	asn_dec_rval_t tags = ber_check_tags(codec, td, NULL, data, size, tag_mode, -1, &len,
					     &constructed);

	if (tags.code != RC_OK || len < 0 || (size_t)len > size - tags.consumed)
		return refused();

	struct ber_tlv value = {
		.constructed = constructed,
		.contents = bytes_of((const uint8_t *)data + tags.consumed, (size_t)len),
	};
	size_t consumed = tags.consumed + value.contents.len;
	AUTO(buf_free) struct buf joined = { 0 };
	struct bytes octets = value.contents;
	unsigned unused = 0;

	if (any && !tagged) {
		octets = bytes_of(data, consumed);
	} else if (any) {
		if (!constructed || !is_one_value(octets))
			return refused();
	} else {
		value.tag = own_tag(td);
		if (!string_octets(specs->subvariant, &value, &joined, &octets, &unused))
			return refused();
	}
	if (octets.len >= INT_MAX)
		return refused();
	st->size = (int)octets.len;
	st->buf = mem_grow(NULL, octets.len + 1, 1);
	if (octets.len)
		memcpy(st->buf, octets.data, octets.len);
	st->buf[octets.len] = 0;	/* text ends with a zero, as with asn1c's own */
	if (specs->subvariant == ASN_OSUBV_BIT) {
		st->bits_unused = (int)unused;
		if (unused)
			st->buf[st->size - 1] &= (uint8_t)(0xff << unused);
	}
	return (asn_dec_rval_t){ .code = RC_OK, .consumed = consumed };
}
