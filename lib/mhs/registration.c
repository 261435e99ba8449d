/* SPDX-License-Identifier: Apache-2.0 */
/* The argument of register [X.411 8.4.1.1]. */
#include "lib/mhs/registration.h"

#include "asn1/bounds.h"
#include "lib/mhs/fields.h"
#include "lib/sec/label.h"

enum { OR_NAME = BER_APPLICATION(0), BUILT_IN_CONTENT_TYPE = BER_APPLICATION(6),
       ENCODED_INFORMATION_TYPES = BER_APPLICATION(5) };

/* --- reading --- */

static FALLIBLE read_content_max(const struct ber_tlv *tagged, struct registered *out)
{
	struct ber_tlv length;

	out->has_content_max = field_is(tagged);
	if (!out->has_content_max)
		return OK;
	TRY(ber_get(tagged->contents, BER_INTEGER, "the deliverable-maximum-content-length",
		    &length));
	return field_integer(&length, "deliverable-maximum-content-length", 0, UB_CONTENT_LENGTH,
			     &out->content_max);
}

static FALLIBLE read_content_types(const struct ber_tlv *set, struct arena *arena,
				   struct registered *out)
{
	struct bytes left = set->contents;
	struct ber_tlv type;
	size_t count;

	out->has_content_types = field_is(set);
	TRY(ber_count(left, UB_CONTENT_TYPES, "deliverable-content-types", &count));
	while (left.len) {
		TRY(ber_next(&left, &type));
		if (type.tag != BUILT_IN_CONTENT_TYPE && type.tag != BER_OID)
			return FAIL(ST_PEER, 0, "the deliverable-content-types have what is none");
	}
	out->content_types = arena_dup(arena, set->contents);
	return OK;
}

/* Sets of a label and of somebody who gets what has it instead. */
static FALLIBLE read_labels(const struct ber_tlv *set, struct arena *arena,
			    struct registration *out)
{
	AUTO(buf_free) struct buf labels = { 0 };
	AUTO(buf_free) struct buf context = { 0 };
	struct bytes left = set->contents;
	size_t count;

	out->registered.has_labels = field_is(set);
	TRY(ber_count(left, UB_LABELS_AND_REDIRECTIONS, "labels-and-redirections", &count));
	while (left.len) {
		struct ber_tlv pair, label, alternate;
		const struct field fields[] = { { BER_CONTEXT(0), &label, NULL },
						{ BER_CONTEXT(1), &alternate, NULL } };

		TRY(ber_next(&left, &pair));
		if (pair.tag != BER_SET)
			return FAIL(ST_PEER, 0, "the labels-and-redirections have what is none");
		TRY(fields_read(pair.contents, "label and redirection", fields, 2));
		if (field_is(&alternate) || !field_is(&label))
			out->unserved = "recipient-assigned-alternate-recipient";
		else
			put_retagged(&labels, BER_SET, label.whole);
	}
	if (!labels.len)
		return OK;
	context_encode(buf_view(&labels), &context);
	TRY(context_check(buf_view(&context)));
	out->registered.labels = arena_dup(arena, buf_view(&context));
	return OK;
}

FALLIBLE registration_decode(struct arena *arena, struct bytes argument,
			     struct registration *out)
{
	struct ber_tlv set, name, address, eits, max, controls, types, labels;
	const struct field fields[] = {
		{ OR_NAME, &name, NULL },
		{ BER_CONTEXT(0), &address, NULL },
		{ ENCODED_INFORMATION_TYPES, &eits, NULL },
		{ BER_CONTEXT(1), &max, NULL },
		{ BER_CONTEXT(2), &controls, NULL },
		{ BER_CONTEXT(3), &types, NULL },
		{ BER_CONTEXT(4), &labels, NULL },
	};

	*out = (struct registration){ 0 };
	TRY(ber_only(argument, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the argument of register is no set");
	TRY(fields_read(set.contents, "register argument", fields, 7));
	out->user_name = arena_dup(arena, name.whole);
	if (field_is(&address))
		out->unserved = "user-address";
	else if (field_is(&eits))
		out->unserved = "deliverable-encoded-information-types";
	else if (field_is(&controls))
		out->unserved = "default-delivery-controls";
	TRY(read_content_max(&max, &out->registered));
	TRY(read_content_types(&types, arena, &out->registered));
	return read_labels(&labels, arena, out);
}

/* --- writing --- */

static FALLIBLE put_labels(struct bytes context, struct buf *out)
{
	size_t from = out->len;
	struct ber_tlv set = { 0 };

	if (context.len)
		TRY(ber_only(context, &set));
	for (struct bytes left = set.contents; left.len;) {
		struct ber_tlv label;
		size_t at = out->len;

		TRY(ber_next(&left, &label));
		put_retagged(out, BER_CONTEXT(0), label.whole);
		ber_wrap(out, at, BER_SET);
	}
	ber_wrap(out, from, BER_CONTEXT(4));
	return OK;
}

FALLIBLE registration_encode(const struct registration *registration, struct buf *out)
{
	const struct registered *r = &registration->registered;
	size_t from = out->len, at;

	buf_put(out, registration->user_name);
	if (r->has_content_max) {
		at = out->len;
		ber_put_integer(out, BER_INTEGER, r->content_max);
		ber_wrap(out, at, BER_CONTEXT(1));
	}
	if (r->has_content_types) {
		at = out->len;
		buf_put(out, r->content_types);
		ber_wrap(out, at, BER_CONTEXT(3));
	}
	if (r->has_labels)
		TRY(put_labels(r->labels, out));
	ber_wrap(out, from, BER_SET);
	return OK;
}
