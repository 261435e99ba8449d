/* SPDX-License-Identifier: Apache-2.0 */
/* Fetch [X.413 8.4]: one entry, with its content. */
#include "asn1/mhs_operations.h"
#include "asn1/ms_attributes.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "ms/info.h"
#include "ms/register.h"
#include "ms/restrictions.h"
#include "ms/selector.h"

struct fetching {
	const struct request *request;
	struct arena *arena;
	struct selector selector;	/* of a search */
	int32_t number;			/* the entry; 0: none was found */
	struct buf others;		/* a search found more: INTEGERs */
	int64_t other_count;
	int32_t next;			/* and even more than its limit */
};

static void fetching_cleanup(struct fetching *f)
{
	arena_free(&f->arena);
	buf_free(&f->others);
}

/* --- which entry --- */

static bool found_one(void *arg, const struct mailbox_entry *entry)
{
	struct fetching *f = arg;

	if (!selector_matches(&f->selector, entry))
		return true;
	if (!f->number) {
		f->number = entry->number;
		return f->selector.limit > 1;
	}
	if (++f->other_count >= f->selector.limit || f->other_count >= WANTED_MAX) {
		f->next = entry->number;
		return false;
	}
	ber_put_integer(&f->others, BER_UNIVERSAL(BER_INTEGER), entry->number);
	return true;
}

static FALLIBLE search(struct fetching *f, struct bytes selector, struct refusal *out_refusal)
{
	const struct p7 *s = f->request->session;

	TRY(selector_read(&s->view, selector, &f->selector, out_refusal));
	if (out_refusal->error)
		return OK;
	return mailbox_scan(s->ms->reader, s->user->mailbox, &f->selector.select, found_one, f);
}

static FALLIBLE choose(struct fetching *f, const struct ber_tlv *by_search,
		       const struct ber_tlv *precise, struct refusal *out_refusal)
{
	struct ber_tlv value;
	int64_t number = 0;

	if (field_is(by_search))
		return search(f, by_search->contents, out_refusal);
	if (!field_is(precise))
		return FAIL(ST_PEER, 0, "a fetch says neither number nor selector");
	TRY(ber_only(precise->contents, &value));
	TRY(field_integer(&value, "a sequence number", 0, MAILBOX_NUMBER_MAX, &number));
	f->number = (int32_t)number;
	return OK;
}

/* --- what is told of it --- */

static FALLIBLE choose_attributes(struct fetching *f, const struct ber_tlv *attributes,
				  struct buf *defaults, struct wanted *out)
{
	if (field_is(attributes))
		return wanted_read(attributes->contents, out);
	TRY(registered_defaults(f->request->session, REGISTERED_FETCH_DEFAULTS, defaults));
	return wanted_from_oids(buf_view(defaults), out);
}

/* The list and next of a FetchResult, behind its entry-information. */
static void put_tail(const struct fetching *f, struct buf *out)
{
	size_t from = out->len;

	if (f->others.len) {
		buf_put(out, buf_view(&f->others));
		ber_wrap(out, from, BER_UNIVERSAL(BER_SEQUENCE));
		ber_wrap(out, from, BER_CONTEXT(1));
	}
	from = out->len;
	if (f->next) {
		ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), f->next);
		ber_wrap(out, from, BER_CONTEXT(2));
	}
}

static void answer(const struct fetching *f, struct buf *head, struct bytes content)
{
	AUTO(buf_free) struct buf tail = { 0 };

	if (f->number)
		info_wrap_open(head, 0, BER_CONTEXT(0), content.len);
	put_tail(f, &tail);
	info_wrap_open(head, 0, BER_UNIVERSAL(BER_SET), content.len + tail.len);
	const struct bytes parts[] = { buf_view(head), content, buf_view(&tail) };
	caller_result(f->request->session->caller, f->request->invoke_id, OP_FETCH, parts, 3);
}

/* What he bound with, but for what this fetch sets aside. */
static FALLIBLE check_restrictions(const struct fetching *f, const struct mailbox_entry *entry,
				   struct refusal *out_refusal)
{
	const struct p7 *s = f->request->session;
	struct restrictions restrictions;

	TRY(restrictions_read(s->fetch_restrictions, &restrictions));
	restrictions_override(&restrictions, f->selector.overridden);
	return restrictions_check(&restrictions, s->ms->reader, s->user->mailbox, entry,
				  out_refusal);
}

static FALLIBLE answer_entry(struct fetching *f, const struct wanted *wanted,
			     struct refusal *out_refusal)
{
	const struct p7 *s = f->request->session;
	AUTO(buf_free) struct buf head = { 0 };
	AUTO(buf_free) struct buf content = { 0 };
	struct mailbox_entry entry;

	TRY(mailbox_get(s->ms->reader, s->user->mailbox, f->number, f->arena, &entry));
	if (!view_shows(&s->view, &entry))
		return FAIL(ST_NOT_FOUND, 0, "entry %d is not within the security context",
			    (int)f->number);
	TRY(check_restrictions(f, &entry, out_refusal));
	if (out_refusal->error)
		return OK;
	if (!wanted_has(wanted, ID_ATT_CONTENT) || entry.content_length == 0) {
		TRY(info_put(s->ms->reader, s->user->mailbox, &entry, wanted, &head));
	} else {
		TRY(mailbox_read(s->ms->reader, s->user->mailbox, f->number, NULL, &content));
		TRY(info_put_head(s->ms->reader, s->user->mailbox, &entry, wanted,
				  buf_view(&content), &head));
	}
	answer(f, &head, buf_view(&content));
	return OK;
}

static FALLIBLE fetch_chosen(struct fetching *f, const struct wanted *wanted,
			     struct refusal *out_refusal)
{
	AUTO(buf_free) struct buf processed = { 0 };
	struct status *failed = answer_entry(f, wanted, out_refusal);

	if (failed && failed->kind == ST_NOT_FOUND) {
		status_free(&failed);
		out_refusal->error = ERR_SEQUENCE_NUMBER_ERROR;
		error_sequence_number(f->number, &out_refusal->parameter);
		return OK;
	}
	TRY(failed);
	if (out_refusal->error)
		return OK;
	buf_put(&processed, bytes_of(&f->number, sizeof(f->number)));
	p7_raise_status(f->request->session, buf_take(&processed), MAILBOX_PROCESSED);
	return OK;
}

FALLIBLE fetch(const struct request *request, struct refusal *out_refusal)
{
	AUTO(fetching_cleanup) struct fetching f = { .request = request, .arena = arena_new() };
	AUTO(buf_free) struct buf defaults = { 0 };
	AUTO(buf_free) struct buf nothing = { 0 };
	struct wanted wanted;
	struct ber_tlv argument, base, by_search, precise, attributes;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &base, NULL }, { BER_CONTEXT(1), &by_search, NULL },
		{ BER_CONTEXT(2), &precise, NULL }, { BER_CONTEXT(3), &attributes, NULL },
	};

	TRY(ber_only(request->argument, &argument));
	TRY(fields_read(argument.contents, "fetch argument", fields, 4));
	TRY(choose(&f, &by_search, &precise, out_refusal));
	TRY(choose_attributes(&f, &attributes, &defaults, &wanted));
	if (out_refusal->error)
		return OK;
	if (f.number || field_is(&precise))
		return fetch_chosen(&f, &wanted, out_refusal);
	answer(&f, &nothing, bytes_none());
	return OK;
}
