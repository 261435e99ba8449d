/* SPDX-License-Identifier: Apache-2.0 */
/* Security labels and security contexts [X.411 8.5.9]. */
#include "lib/sec/label.h"

#include "asn1/oid.h"
#include "lib/sec/der.h"
#include "lib/sec/message.h"

#include <stdlib.h>

enum { PRINTABLE_STRING = 19 };

/* --- reading --- */

static FALLIBLE read_categories(struct bytes contents, struct label *out)
{
	struct ber_tlv category;

	while (contents.len) {
		TRY(ber_next(&contents, &category));
		if (category.tag != BER_SEQUENCE)
			return FAIL(ST_PEER, 0, "a security category is none");
		if (out->category_count == UB_SECURITY_CATEGORIES)
			return FAIL(ST_PEER, 0, "a security label has more than %d categories",
				    UB_SECURITY_CATEGORIES);
		out->categories[out->category_count++] = category.whole;
	}
	return OK;
}

static FALLIBLE read_classification(const struct ber_tlv *tlv, struct label *out)
{
	int64_t value;

	TRY_DOING(ber_integer(tlv, &value), "a security classification");
	if (value < 0 || value > LABEL_CLASSIFICATION_MAX)
		return FAIL(ST_PEER, 0, "the security classification %lld is not 0 to %d",
			    (long long)value, LABEL_CLASSIFICATION_MAX);
	out->classification = (int)value;
	return OK;
}

static FALLIBLE read_member(const struct ber_tlv *member, struct label *out)
{
	switch (member->tag) {
	case BER_OID:
		out->policy = member->contents;
		return oid_check(member->contents);
	case BER_INTEGER:
		return read_classification(member, out);
	case PRINTABLE_STRING:
		out->privacy_mark = member->contents;
		if (member->constructed || member->contents.len > UB_PRIVACY_MARK_LENGTH)
			return FAIL(ST_PEER, 0, "a privacy mark has more than %d characters",
				    UB_PRIVACY_MARK_LENGTH);
		return OK;
	case BER_SET:
		return read_categories(member->contents, out);
	default:
		return FAIL(ST_PEER, 0, "a security label has a member that is not known");
	}
}

FALLIBLE label_decode(struct bytes tlv, struct label *out)
{
	struct ber_tlv set, member;
	uint32_t seen = 0;

	*out = (struct label){ 0 };
	TRY_DOING(ber_only(tlv, &set), "a security label");
	TRY_DOING(ber_check(tlv, &ber_limits_default, NULL), "a security label");
	if (!set.constructed)
		return FAIL(ST_PEER, 0, "a security label is no set");
	for (struct bytes left = set.contents; left.len;) {
		TRY(ber_next(&left, &member));
		TRY(read_member(&member, out));
		/* All tags that it knows are small. */
		if (seen & 1U << member.tag)
			return FAIL(ST_PEER, 0, "a security label says something twice");
		seen |= 1U << member.tag;
	}
	return OK;
}

/* --- writing --- */

static int in_order(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

/* [X.690 10.3, 11.6] by tag, and the categories by their octets. */
void label_encode(const struct label *label, struct buf *out)
{
	struct bytes sorted[UB_SECURITY_CATEGORIES];
	size_t from = out->len, inner;

	ber_put_integer(out, BER_INTEGER, label->classification);
	if (label->policy.len)
		ber_put(out, BER_OID, label->policy);
	inner = out->len;
	for (size_t i = 0; i < label->category_count; i++)
		sorted[i] = label->categories[i];
	qsort(sorted, label->category_count, sizeof(sorted[0]), in_order);
	for (size_t i = 0; i < label->category_count; i++)
		buf_put(out, sorted[i]);
	if (label->category_count)
		ber_wrap(out, inner, BER_SET);
	if (label->privacy_mark.len)
		ber_put(out, PRINTABLE_STRING, label->privacy_mark);
	ber_wrap(out, from, BER_SET);
}

void label_put_category(struct bytes type, struct buf *out)
{
	size_t from = out->len;

	ber_put(out, BER_CONTEXT(0), type);
	size_t value = out->len;
	ber_put(out, BER_NULL, bytes_none());
	ber_wrap(out, value, BER_CONTEXT(1));
	ber_wrap(out, from, BER_SEQUENCE);
}

/* --- comparing --- */

static bool has_category(const struct label *label, struct bytes category)
{
	for (size_t i = 0; i < label->category_count; i++)
		if (bytes_equal(label->categories[i], category))
			return true;
	return false;
}

bool label_dominates(const struct label *high, const struct label *low)
{
	if (!bytes_equal(high->policy, low->policy) || high->classification < low->classification)
		return false;
	for (size_t i = 0; i < low->category_count; i++)
		if (!has_category(high, low->categories[i]))
			return false;
	return true;
}

bool label_equal(const struct label *a, const struct label *b)
{
	return label_dominates(a, b) && label_dominates(b, a) &&
	       bytes_equal(a->privacy_mark, b->privacy_mark);
}

FALLIBLE label_check_signed(struct bytes label_signed, struct bytes of_envelope)
{
	struct label inner, outer;

	if (!label_signed.len && !of_envelope.len)
		return OK;
	if (!of_envelope.len)
		return FAIL(ST_REFUSED, MESSAGE_DIAGNOSTIC, "the security label that its originator "
			    "signed was taken off the message on its way");
	if (!label_signed.len)
		return FAIL(ST_REFUSED, MESSAGE_DIAGNOSTIC, "the message has a security label that its "
			    "originator did not sign");
	struct status *failed = label_decode(label_signed, &inner);
	if (!failed)
		failed = label_decode(of_envelope, &outer);
	if (failed)
		return status_new(failed, ST_REFUSED, MESSAGE_DIAGNOSTIC,
				  "the security label cannot be read");
	if (!label_equal(&inner, &outer))
		return FAIL(ST_REFUSED, MESSAGE_DIAGNOSTIC, "the security label of the message is not "
			    "the one that its originator signed: it was changed on its way");
	return OK;
}

/* --- contexts --- */

FALLIBLE context_check(struct bytes context)
{
	struct ber_tlv set, one;
	struct label label;
	size_t count;

	TRY_DOING(ber_only(context, &set), "a security context");
	TRY(ber_count(set.contents, UB_SECURITY_LABELS, "security labels", &count));
	for (struct bytes left = set.contents; left.len;) {
		TRY(ber_next(&left, &one));
		TRY(label_decode(one.whole, &label));
	}
	return OK;
}

void context_encode(struct bytes labels, struct buf *out)
{
	size_t from = out->len;

	buf_put(out, labels);
	ber_wrap(out, from, BER_SET);
}

static bool reads(struct bytes tlv, struct label *out)
{
	struct status *failed = label_decode(tlv, out);
	bool read = !failed;

	status_drop(failed);
	return read;
}

bool context_covers(struct bytes context, struct bytes tlv)
{
	struct ber_tlv set, one;
	struct label label, high;

	if (!reads(tlv, &label) || !ber_nth(context, 0, &set))
		return false;
	for (size_t i = 0; ber_nth(set.contents, i, &one); i++)
		if (reads(one.whole, &high) && label_dominates(&high, &label))
			return true;
	return false;
}

bool context_is_within(struct bytes context, struct bytes allowed)
{
	struct ber_tlv set, one;

	if (!ber_nth(context, 0, &set))
		return false;
	for (size_t i = 0; ber_nth(set.contents, i, &one); i++)
		if (!context_covers(allowed, one.whole))
			return false;
	return true;
}
