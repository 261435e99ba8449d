/* SPDX-License-Identifier: Apache-2.0 */
/* Summarize [X.413 8.2]: how many entries there are of each sort. */
#include "asn1/mhs_operations.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "lib/base/memory.h"
#include "lib/mhs/fields.h"
#include "ms/entry.h"
#include "ms/selector.h"

enum {
	SUMMARIES_MAX = 16,	/* ub-summaries */
	VALUES_MAX = 256,	/* different ones of an attribute; the rest is not told */
};

struct value_count {
	struct buf value;	/* one TLV */
	int64_t count;
};

struct summary {
	struct bytes oid;
	int64_t absent;
	struct value_count present[VALUES_MAX];
	size_t value_count;
};

struct summarizing {
	struct selector selector;
	struct summary *summaries[SUMMARIES_MAX];
	size_t summary_count;
	int64_t count;
	int32_t first, last;
};

static void summarizing_cleanup(struct summarizing *s)
{
	for (size_t i = 0; i < s->summary_count; i++) {
		for (size_t k = 0; k < s->summaries[i]->value_count; k++)
			buf_free(&s->summaries[i]->present[k].value);
		mem_free(&s->summaries[i]);
	}
}

static FALLIBLE read_requests(struct bytes contents, struct summarizing *s)
{
	struct ber_tlv sequence, type;
	struct bytes left;

	TRY(ber_only(contents, &sequence));
	for (left = sequence.contents; left.len;) {
		TRY(ber_next(&left, &type));
		TRY(oid_check(type.contents));
		if (s->summary_count == SUMMARIES_MAX)
			return FAIL(ST_PEER, 0, "more than %d summaries are asked for",
				    SUMMARIES_MAX);
		s->summaries[s->summary_count] = mem_new(struct summary);
		s->summaries[s->summary_count++]->oid = type.contents;
	}
	return OK;
}

/* --- counting --- */

static void count_value(struct summary *summary, struct bytes value, int64_t entries)
{
	for (size_t i = 0; i < summary->value_count; i++) {
		if (bytes_equal(buf_view(&summary->present[i].value), value)) {
			summary->present[i].count += entries;
			return;
		}
	}
	if (summary->value_count < VALUES_MAX)
		summary->present[summary->value_count++] =
			(struct value_count){ buf_copy(value), entries };
}

static void count_values(struct summary *summary, struct bytes values, int64_t entries)
{
	struct ber_tlv value;

	if (values.len == 0)
		summary->absent += entries;
	for (size_t i = 0; ber_nth(values, i, &value); i++)
		count_value(summary, value.whole, entries);
}

static bool count_entry(void *arg, const struct mailbox_entry *entry)
{
	struct summarizing *s = arg;

	if (!selector_matches(&s->selector, entry))
		return true;
	s->count++;
	s->first = s->first ? s->first : entry->number;
	s->last = entry->number;
	for (size_t i = 0; i < s->summary_count; i++) {
		AUTO(buf_free) struct buf values = { 0 };

		entry_values(entry, s->summaries[i]->oid, &values);
		count_values(s->summaries[i], buf_view(&values), 1);
	}
	return true;
}

/* What the store counts by itself. */
static bool is_tallied(struct bytes oid)
{
	return oid_is(oid, ID_ATT_ENTRY_TYPE) || oid_is(oid, ID_ATT_RETRIEVAL_STATUS) ||
	       oid_is(oid, ID_ATT_PRIORITY);
}

static void count_tally(void *arg, const struct mailbox_count *tally)
{
	struct summarizing *s = arg;

	s->count += (int64_t)tally->entries;
	for (size_t i = 0; i < s->summary_count; i++) {
		AUTO(buf_free) struct buf value = { 0 };
		struct bytes oid = s->summaries[i]->oid;

		if (oid_is(oid, ID_ATT_ENTRY_TYPE))
			ber_put_integer(&value, BER_UNIVERSAL(BER_INTEGER), tally->kind);
		else if (oid_is(oid, ID_ATT_RETRIEVAL_STATUS))
			ber_put_integer(&value, BER_UNIVERSAL(BER_INTEGER), tally->status);
		else if (tally->kind == MAILBOX_MESSAGE)
			ber_put_integer(&value, BER_APPLICATION(7), tally->priority);
		count_values(s->summaries[i], buf_view(&value), (int64_t)tally->entries);
	}
}

/* All entries by what the store has counted: the cost does not depend on how many there are. */
static bool can_use_tallies(const struct summarizing *s)
{
	const struct mailbox_select *select = &s->selector.select;

	if (s->selector.view->context.len || s->selector.filter.len || select->from > 1 ||
	    select->to < MAILBOX_NUMBER_MAX || select->created_from || select->created_to)
		return false;
	for (size_t i = 0; i < s->summary_count; i++)
		if (!is_tallied(s->summaries[i]->oid))
			return false;
	return true;
}

static FALLIBLE count_all(const struct p7 *session, struct summarizing *s)
{
	struct db *db = session->ms->reader;
	int64_t mailbox = session->user->mailbox;

	if (!can_use_tallies(s))
		return mailbox_scan(db, mailbox, &s->selector.select, count_entry, s);
	TRY(mailbox_counts(db, mailbox, count_tally, s));
	return mailbox_span(db, mailbox, &s->first, &s->last);
}

/* --- the result --- */

static void put_tagged_integer(struct buf *out, uint32_t tag, int64_t value)
{
	size_t from = out->len;

	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), value);
	ber_wrap(out, from, tag);
}

static void put_summary(const struct summary *summary, struct buf *out)
{
	size_t from = out->len, present;

	if (summary->absent)
		put_tagged_integer(out, BER_CONTEXT(0), summary->absent);
	present = out->len;
	for (size_t i = 0; i < summary->value_count; i++) {
		size_t count = out->len;

		ber_put(out, BER_UNIVERSAL(BER_OID), summary->oid);
		buf_put(out, buf_view(&summary->present[i].value));
		ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), summary->present[i].count);
		ber_wrap(out, count, BER_UNIVERSAL(BER_SEQUENCE));
	}
	if (summary->value_count) {
		ber_wrap(out, present, BER_UNIVERSAL(BER_SET));
		ber_wrap(out, present, BER_CONTEXT(1));
	}
	ber_wrap(out, from, BER_UNIVERSAL(BER_SET));
}

static void put_span(const struct summarizing *s, struct buf *out)
{
	size_t from = out->len;

	put_tagged_integer(out, BER_CONTEXT(0), s->first);
	put_tagged_integer(out, BER_CONTEXT(1), s->last);
	ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(out, from, BER_CONTEXT(2));
}

static void put_result(const struct summarizing *s, struct buf *out)
{
	size_t from;

	put_tagged_integer(out, BER_CONTEXT(1), s->count);
	if (s->count)
		put_span(s, out);
	from = out->len;
	for (size_t i = 0; i < s->summary_count; i++)
		put_summary(s->summaries[i], out);
	if (s->summary_count) {
		ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
		ber_wrap(out, from, BER_CONTEXT(3));
	}
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));
}

FALLIBLE summarize(const struct request *request, struct refusal *out_refusal)
{
	AUTO(summarizing_cleanup) struct summarizing s = { .count = 0 };
	AUTO(buf_free) struct buf result = { 0 };
	struct ber_tlv argument, base, selector, requests;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &base, NULL },
		{ BER_CONTEXT(1), &selector, "the selector of a summary" },
		{ BER_CONTEXT(2), &requests, NULL },
	};

	TRY(ber_only(request->argument, &argument));
	TRY(fields_read(argument.contents, "summarize argument", fields, 3));
	TRY(selector_read(&request->session->view, selector.contents, &s.selector,
			  out_refusal));
	if (field_is(&requests))
		TRY(read_requests(requests.contents, &s));
	if (out_refusal->error)
		return OK;
	TRY(count_all(request->session, &s));
	put_result(&s, &result);
	const struct bytes part = buf_view(&result);
	caller_result(request->session->caller, request->invoke_id, OP_SUMMARIZE, &part, 1);
	return OK;
}
