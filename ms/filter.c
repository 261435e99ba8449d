/* SPDX-License-Identifier: Apache-2.0 */
/* Filters [X.413 8.1.3]. */
#include "ms/filter.h"

#include "asn1/mhs_operations.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "lib/base/clock.h"
#include "lib/mhs/orname.h"
#include "ms/entry.h"
#include "ms/selector.h"

enum { FILTER_ITEM, FILTER_AND, FILTER_OR, FILTER_NOT };
enum { ITEM_EQUALITY, ITEM_SUBSTRINGS, ITEM_GREATER, ITEM_LESS, ITEM_PRESENT, ITEM_APPROXIMATE };
enum { STRING_INITIAL, STRING_ANY, STRING_FINAL };
enum { INAPPROPRIATE_MATCHING = 2 };	/* [X.413 9.1] attribute-problem */

/* What stands in a value with a context tag: its number, or -1. */
static int choice_of(const struct ber_tlv *tlv)
{
	for (int n = 0; n <= ITEM_APPROXIMATE; n++)
		if (tlv->tag == BER_CONTEXT(n))
			return n;
	return -1;
}

/* --- checking --- */

/* A filter is asked for each entry: how much there is of it is bounded. */
struct checking {
	unsigned items;			/* so far, substrings among them */
	struct refusal *refusal;
};

static FALLIBLE count_item(struct checking *c)
{
	if (++c->items > FILTER_ITEMS_MAX)
		return FAIL(ST_PEER, 0, "the filter has more than %d items", FILTER_ITEMS_MAX);
	return OK;
}

static void refuse_matching(struct bytes oid, struct refusal *out)
{
	size_t from;

	out->error = ERR_ATTRIBUTE_ERROR;
	from = out->parameter.len;
	ber_put_integer(&out->parameter, BER_UNIVERSAL(BER_INTEGER), INAPPROPRIATE_MATCHING);
	ber_wrap(&out->parameter, from, BER_CONTEXT(0));
	from = out->parameter.len;
	ber_put(&out->parameter, BER_UNIVERSAL(BER_OID), oid);
	ber_wrap(&out->parameter, from, BER_CONTEXT(1));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));	/* the problem */
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));	/* of several */
	ber_wrap(&out->parameter, 0, BER_CONTEXT(0));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));	/* the error's parameter */
}

/* An initial string is the first of them and a final one the last [X.413 8.1.3.2]. */
static FALLIBLE check_strings(const struct ber_tlv *strings, struct checking *c)
{
	struct bytes left = strings->contents;
	struct ber_tlv string, value;
	bool first = true;

	if (strings->tag != BER_UNIVERSAL(BER_SEQUENCE))
		return FAIL(ST_PEER, 0, "the substrings of a filter item are no sequence");
	for (; left.len; first = false) {
		TRY(ber_next(&left, &string));
		TRY(ber_only(string.contents, &value));
		TRY(count_item(c));
		int choice = choice_of(&string);
		if (choice < STRING_INITIAL || choice > STRING_FINAL ||
		    (choice == STRING_INITIAL && !first) || (choice == STRING_FINAL && left.len))
			return FAIL(ST_PEER, 0, "the substrings of a filter item are in no order");
	}
	return OK;
}

static FALLIBLE check_item(struct bytes contents, struct checking *c)
{
	struct ber_tlv item, assertion, type;
	int choice;

	TRY(count_item(c));
	TRY(ber_only(contents, &item));
	choice = choice_of(&item);
	if (choice < 0)
		return FAIL(ST_PEER, 0, "a filter item is of no known kind");
	TRY(ber_only(item.contents, &assertion));
	if (choice == ITEM_PRESENT)
		return oid_check(assertion.contents);
	if (!ber_nth(assertion.contents, 0, &type) || type.tag != BER_UNIVERSAL(BER_OID) ||
	    !ber_nth(assertion.contents, 1, &item))
		return FAIL(ST_PEER, 0, "a filter item lacks its attribute or value");
	if (choice != ITEM_SUBSTRINGS)
		return OK;
	TRY(check_strings(&item, c));
	const struct ms_attribute *attribute = ms_attribute_find(type.contents);
	if (!attribute || !ms_attribute_is_text(attribute))
		refuse_matching(type.contents, c->refusal);
	return OK;
}

static FALLIBLE check_filter(struct bytes filter, unsigned depth, struct checking *c);

static FALLIBLE check_each(struct bytes left, unsigned depth, struct checking *c)
{
	struct ber_tlv child;

	while (left.len && !c->refusal->error) {
		TRY(ber_next(&left, &child));
		TRY(check_filter(child.whole, depth, c));
	}
	return OK;
}

static FALLIBLE check_filter(struct bytes filter, unsigned depth, struct checking *c)
{
	struct ber_tlv tlv, set;

	if (depth > FILTER_DEPTH_MAX)
		return FAIL(ST_PEER, 0, "the filter is deeper than %d", FILTER_DEPTH_MAX);
	TRY(ber_only(filter, &tlv));
	switch (choice_of(&tlv)) {
	case FILTER_ITEM:
		return check_item(tlv.contents, c);
	case FILTER_AND:
	case FILTER_OR:
		TRY(ber_only(tlv.contents, &set));
		return check_each(set.contents, depth + 1, c);
	case FILTER_NOT:
		return check_filter(tlv.contents, depth + 1, c);
	default:
		return FAIL(ST_PEER, 0, "a filter is of no known kind");
	}
}

FALLIBLE filter_check(struct bytes filter, struct refusal *out_refusal)
{
	struct checking c = { .refusal = out_refusal };

	return check_filter(filter, 0, &c);
}

/* --- asking: what was checked can be read --- */

static struct ber_tlv only(struct bytes contents)
{
	struct ber_tlv tlv = { 0 };

	ber_nth(contents, 0, &tlv);
	return tlv;
}

/* Order of two values of one attribute: as times, as numbers, else as octets. */
static int compare_values(const struct ber_tlv *a, const struct ber_tlv *b)
{
	time_t time_a, time_b;
	int64_t number_a, number_b;
	struct status *failed;

	if (a->tag == BER_UNIVERSAL(23)) {
		failed = time_from_utctime(a->contents, &time_a);
		if (!failed)
			failed = time_from_utctime(b->contents, &time_b);
		if (!failed)
			return time_a < time_b ? -1 : time_a > time_b;
		status_free(&failed);
		return bytes_compare(a->contents, b->contents);
	}
	failed = ber_integer(a, &number_a);
	if (!failed)
		failed = ber_integer(b, &number_b);
	if (!failed)
		return number_a < number_b ? -1 : number_a > number_b;
	status_free(&failed);
	return bytes_compare(a->contents, b->contents);
}

/* Moves *left behind the first place where the part stands in it; false where it does not. */
static bool skip_past(struct bytes *left, struct bytes part)
{
	const uint8_t *found;

	if (!part.len)
		return true;
	found = memmem(left->data, left->len, part.data, part.len);
	if (!found)
		return false;
	*left = bytes_slice(*left, (size_t)(found - left->data) + part.len, left->len);
	return true;
}

/* The strings match different parts of the value, in their order. */
static bool substrings_match(const struct ber_tlv *value, const struct ber_tlv *strings)
{
	struct bytes left = value->contents;
	struct ber_tlv string;

	for (size_t i = 0; ber_nth(strings->contents, i, &string); i++) {
		const struct ber_tlv part = only(string.contents);

		if (part.tag != value->tag || part.contents.len > left.len)
			return false;
		size_t len = part.contents.len;
		switch (choice_of(&string)) {
		case STRING_INITIAL:
			if (!bytes_equal(bytes_slice(left, 0, len), part.contents))
				return false;
			left = bytes_slice(left, len, left.len);
			break;
		case STRING_FINAL:
			return bytes_equal(bytes_slice(left, left.len - len, left.len),
					   part.contents);
		default:
			if (!skip_past(&left, part.contents))
				return false;
		}
	}
	return true;
}

static bool value_matches(int choice, const struct ber_tlv *value, const struct ber_tlv *wanted)
{
	if (choice == ITEM_SUBSTRINGS)
		return substrings_match(value, wanted);
	if (value->tag != wanted->tag)
		return false;
	switch (choice) {
	case ITEM_GREATER:
		return compare_values(value, wanted) >= 0;
	case ITEM_LESS:
		return compare_values(value, wanted) <= 0;
	default:
		return bytes_equal(value->contents, wanted->contents) ||
		       orname_tlv_equal(value->whole, wanted->whole);
	}
}

static bool item_passes(const struct ber_tlv *item, const struct mailbox_entry *entry)
{
	int choice = choice_of(item);
	struct ber_tlv assertion = only(item->contents), type = assertion, wanted, value;
	AUTO(buf_free) struct buf values = { 0 };

	if (choice != ITEM_PRESENT)
		type = only(assertion.contents);
	if (!entry_values(entry, type.contents, &values))
		return choice == ITEM_PRESENT && entry_part_of(entry, type.contents);
	if (choice == ITEM_PRESENT)
		return true;
	ber_nth(assertion.contents, 1, &wanted);
	for (size_t i = 0; ber_nth(buf_view(&values), i, &value); i++)
		if (value_matches(choice, &value, &wanted))
			return true;
	return false;
}

bool filter_passes(struct bytes filter, const struct mailbox_entry *entry)
{
	struct ber_tlv tlv = only(filter), inner = only(tlv.contents), child;
	int choice = choice_of(&tlv);

	if (choice == FILTER_ITEM)
		return item_passes(&inner, entry);
	if (choice == FILTER_NOT)
		return !filter_passes(tlv.contents, entry);
	for (size_t i = 0; ber_nth(inner.contents, i, &child); i++)
		if (filter_passes(child.whole, entry) == (choice == FILTER_OR))
			return choice == FILTER_OR;
	return choice == FILTER_AND;
}

static int item_status(const struct ber_tlv *item)
{
	struct ber_tlv assertion = only(item->contents), type = only(assertion.contents), value;
	int64_t status = MAILBOX_ANY;

	if (choice_of(item) != ITEM_EQUALITY || !oid_is(type.contents, ID_ATT_RETRIEVAL_STATUS) ||
	    !ber_nth(assertion.contents, 1, &value))
		return MAILBOX_ANY;
	struct status *failed = ber_integer(&value, &status);
	bool known = !failed && status >= MAILBOX_NEW && status <= MAILBOX_PROCESSED;
	status_drop(failed);
	return known ? (int)status : MAILBOX_ANY;
}

int filter_status(struct bytes filter)
{
	struct ber_tlv tlv = only(filter), inner = only(tlv.contents), child;
	int status = MAILBOX_ANY;

	if (choice_of(&tlv) == FILTER_ITEM)
		return item_status(&inner);
	if (choice_of(&tlv) != FILTER_AND)
		return MAILBOX_ANY;
	for (size_t i = 0; status == MAILBOX_ANY && ber_nth(inner.contents, i, &child); i++)
		status = filter_status(child.whole);
	return status;
}
