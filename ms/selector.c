/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries an operation is about [X.413 8.1]. */
#include "ms/selector.h"

#include "asn1/mhs_operations.h"
#include "lib/mhs/fields.h"
#include "ms/filter.h"

/* [X.413 9.5] */
static void refuse_range(struct refusal *out)
{
	out->error = ERR_RANGE_ERROR;
	ber_put_integer(&out->parameter, BER_UNIVERSAL(BER_INTEGER), 0);	/* reversed */
	ber_wrap(&out->parameter, 0, BER_CONTEXT(0));
	ber_wrap(&out->parameter, 0, BER_UNIVERSAL(BER_SET));
}

/* The value within an explicit tag; *out is kept where that is absent. */
static FALLIBLE read_integer(const struct ber_tlv *tagged, const char *what, int64_t *out)
{
	struct ber_tlv value;

	if (!field_is(tagged))
		return OK;
	TRY(ber_only(tagged->contents, &value));
	return field_integer(&value, what, 0, MAILBOX_NUMBER_MAX, out);
}

static FALLIBLE read_time(const struct ber_tlv *tagged, time_t *out)
{
	struct ber_tlv value;

	if (!field_is(tagged))
		return OK;
	TRY(ber_only(tagged->contents, &value));
	return field_time(&value, out);
}

static FALLIBLE read_override(const struct ber_tlv *tagged, uint32_t *out)
{
	struct ber_tlv value;

	if (!field_is(tagged))
		return OK;
	TRY(ber_only(tagged->contents, &value));
	return field_bits(&value, out);
}

static FALLIBLE read_numbers(const struct ber_tlv *from, const struct ber_tlv *to,
			     struct mailbox_select *select, struct refusal *out)
{
	int64_t first = 1, last = MAILBOX_NUMBER_MAX;

	TRY(read_integer(from, "the start of a range", &first));
	TRY(read_integer(to, "the end of a range", &last));
	select->from = (int32_t)first;
	select->to = (int32_t)last;
	if (first > last)
		refuse_range(out);
	return OK;
}

static FALLIBLE read_times(const struct ber_tlv *from, const struct ber_tlv *to,
			   struct mailbox_select *select, struct refusal *out)
{
	TRY(read_time(from, &select->created_from));
	TRY(read_time(to, &select->created_to));
	if (select->created_to && select->created_from > select->created_to)
		refuse_range(out);
	return OK;
}

static FALLIBLE read_range(struct bytes contents, struct mailbox_select *select,
			   struct refusal *out)
{
	struct ber_tlv range, sequence, from, to;
	const struct field ends[] = {
		{ BER_CONTEXT(0), &from, NULL }, { BER_CONTEXT(1), &to, NULL },
	};

	TRY(ber_only(contents, &range));
	TRY(ber_only(range.contents, &sequence));
	TRY(fields_read(sequence.contents, "range", ends, 2));
	if (range.tag == BER_CONTEXT(0))
		return read_numbers(&from, &to, select, out);
	if (range.tag == BER_CONTEXT(1))
		return read_times(&from, &to, select, out);
	return FAIL(ST_PEER, 0, "a range is of no known kind");
}

FALLIBLE selector_read(const struct view *view, struct bytes tlv, struct selector *out,
		       struct refusal *out_refusal)
{
	struct ber_tlv set, child_entries, range, filter, limit, override;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &child_entries, NULL }, { BER_CONTEXT(1), &range, NULL },
		{ BER_CONTEXT(2), &filter, NULL }, { BER_CONTEXT(3), &limit, NULL },
		{ BER_CONTEXT(4), &override, NULL },
	};

	*out = (struct selector){ .view = view, .select = MAILBOX_SELECT_ALL,
				  .limit = INT64_MAX };
	TRY(ber_only(tlv, &set));
	TRY(fields_read(set.contents, "selector", fields, 5));
	TRY(read_integer(&limit, "the limit of a selector", &out->limit));
	TRY(read_override(&override, &out->overridden));
	if (field_is(&range))
		TRY(read_range(range.contents, &out->select, out_refusal));
	if (!field_is(&filter) || out_refusal->error)
		return OK;
	out->filter = filter.contents;
	TRY(filter_check(out->filter, out_refusal));
	out->select.status = out_refusal->error ? MAILBOX_ANY : filter_status(out->filter);
	return OK;
}

bool selector_matches(const struct selector *selector, const struct mailbox_entry *entry)
{
	return (!selector->view || view_shows(selector->view, entry)) &&
	       (!selector->filter.len || filter_passes(selector->filter, entry));
}
