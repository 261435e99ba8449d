/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What asn1c's decoders do not ask about the forms of values.  Each looks at tags and lengths with
 * ber_check_tags; the Makefile gives it one of these in its place.
 *
 * A CHOICE behind an explicit tag is taken from a primitive value as well.  Into those
 * asn1/ber_check.c does not look, so such a one would bring octets before the decoder that nobody
 * has checked, and with them an endless loop.
 */
#include <BOOLEAN.h>
#include <stdbool.h>

#define ARGUMENTS                                                                              \
	asn_codec_ctx_t *codec, asn_TYPE_descriptor_t *type, asn_struct_ctx_t *ctx,             \
		const void *octets, size_t size, int tag_mode, int form, ber_tlv_len_t *out_len, \
		int *out_form

asn_dec_rval_t forms_of_choice(ARGUMENTS);
asn_dec_rval_t forms_of_integer(ARGUMENTS);
asn_dec_rval_t forms_of_boolean(ARGUMENTS);

/* [X.690 8.14.2] what is tagged explicitly is constructed */
asn_dec_rval_t forms_of_choice(ARGUMENTS)
{
	(void)form;
	return ber_check_tags(codec, type, ctx, octets, size, tag_mode, 1, out_len, out_form);
}

static asn_dec_rval_t refuse_if(bool wrong, asn_dec_rval_t rv)
{
	if (wrong)
		rv.code = RC_FAIL;
	return rv;
}

/* [X.690 8.3.1, 8.4] there is an octet at least */
asn_dec_rval_t forms_of_integer(ARGUMENTS)
{
	asn_dec_rval_t rv = ber_check_tags(codec, type, ctx, octets, size, tag_mode, form,
					   out_len, out_form);

	return refuse_if(rv.code == RC_OK && *out_len < 1, rv);
}

/* [X.690 8.2.1, 8.8.2] there is one; none in a NULL, which has the same decoder */
asn_dec_rval_t forms_of_boolean(ARGUMENTS)
{
	asn_dec_rval_t rv = ber_check_tags(codec, type, ctx, octets, size, tag_mode, form,
					   out_len, out_form);

	return refuse_if(rv.code == RC_OK &&
			 *out_len != (type->der_encoder == BOOLEAN_encode_der ? 1 : 0), rv);
}
