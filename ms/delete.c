/* SPDX-License-Identifier: Apache-2.0 */
/* Delete [X.413 8.5]: what was never listed or fetched may not be deleted. */
#include "asn1/mhs_operations.h"
#include "lib/base/memory.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "ms/selector.h"

enum { DELETE_RESTRICTION_PROBLEM = 1 };

struct deletion {
	struct caller *caller;
	int32_t invoke_id;
	int64_t mailbox;
	struct view view;
	struct buf context;		/* that of the view: the session may end first */
	struct selector selector;	/* while the entries are being found */
	struct buf numbers;		/* int32_t */
	struct refusal refusal;
	size_t deleted;
};

static void deletion_free(struct deletion **deletion)
{
	struct deletion *d = TAKE(*deletion);

	if (!d)
		return;
	caller_free(&d->caller);
	buf_free(&d->numbers);
	buf_free(&d->context);
	buf_free(&d->refusal.parameter);
	mem_free(&d);
}

static void add_number(struct deletion *d, int32_t number)
{
	buf_put(&d->numbers, bytes_of(&number, sizeof(number)));
}

static size_t number_count(const struct deletion *d)
{
	return d->numbers.len / sizeof(int32_t);
}

/* --- in the writer --- */

static void refuse_new(struct deletion *d, int32_t number)
{
	struct buf *out = &d->refusal.parameter;
	size_t from;

	d->refusal.error = ERR_DELETE_ERROR;
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), DELETE_RESTRICTION_PROBLEM);
	ber_wrap(out, 0, BER_CONTEXT(0));
	from = out->len;
	ber_put_integer(out, BER_UNIVERSAL(BER_INTEGER), number);
	ber_wrap(out, from, BER_CONTEXT(1));
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));	/* the problem */
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));	/* of several */
	ber_wrap(out, 0, BER_CONTEXT(0));
	ber_wrap(out, 0, BER_UNIVERSAL(BER_SET));	/* the error's parameter */
}

static FALLIBLE get_shown(struct db *db, const struct deletion *d, int32_t number,
			  struct arena *arena, struct mailbox_entry *out)
{
	TRY(mailbox_get(db, d->mailbox, number, arena, out));
	if (!view_shows(&d->view, out))
		return FAIL(ST_NOT_FOUND, 0, "entry %d is not within the security context",
			    (int)number);
	return OK;
}

static FALLIBLE check_number(struct db *db, struct deletion *d, int32_t number)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct mailbox_entry entry;
	struct status *failed = get_shown(db, d, number, arena, &entry);

	if (failed && failed->kind == ST_NOT_FOUND) {
		status_free(&failed);
		d->refusal.error = ERR_SEQUENCE_NUMBER_ERROR;
		error_sequence_number(number, &d->refusal.parameter);
		return OK;
	}
	TRY(failed);
	if (entry.status == MAILBOX_NEW)
		refuse_new(d, number);
	return OK;
}

static FALLIBLE delete_job(struct db *db, void *arg)
{
	struct deletion *d = arg;
	const int32_t *numbers = (const int32_t *)d->numbers.data;

	for (size_t i = 0; i < number_count(d) && !d->refusal.error; i++)
		TRY(check_number(db, d, numbers[i]));
	if (d->refusal.error)
		return OK;
	return mailbox_delete(db, d->mailbox, numbers, number_count(d), &d->deleted);
}

static void delete_done(void *arg, const struct status *failed)
{
	AUTO(deletion_free) struct deletion *d = arg;

	if (failed)
		p7_failed(d->caller, d->invoke_id, OP_DELETE, failed);
	else if (d->refusal.error)
		caller_error(d->caller, d->invoke_id, d->refusal.error,
			     buf_view(&d->refusal.parameter));
	else
		caller_result_null(d->caller, d->invoke_id, OP_DELETE);
}

/* --- what to delete --- */

static bool add_match(void *arg, const struct mailbox_entry *entry)
{
	struct deletion *d = arg;

	if (selector_matches(&d->selector, entry))
		add_number(d, entry->number);
	return (int64_t)number_count(d) < d->selector.limit;
}

static FALLIBLE add_selected(const struct request *request, struct bytes selector,
			     struct deletion *d, struct refusal *out_refusal)
{
	TRY(selector_read(&d->view, selector, &d->selector, out_refusal));
	if (out_refusal->error)
		return OK;
	return mailbox_scan(request->session->ms->reader, d->mailbox, &d->selector.select,
			    add_match, d);
}

static FALLIBLE add_listed(struct bytes contents, struct deletion *d)
{
	struct ber_tlv set, number;
	struct bytes left;

	TRY(ber_only(contents, &set));
	for (left = set.contents; left.len;) {
		int64_t value = 0;

		TRY(ber_next(&left, &number));
		TRY(field_integer(&number, "a sequence number", 0, MAILBOX_NUMBER_MAX, &value));
		add_number(d, (int32_t)value);
	}
	return OK;
}

FALLIBLE delete_entries(const struct request *request, struct refusal *out_refusal)
{
	AUTO(deletion_free) struct deletion *d = mem_new(struct deletion);
	struct ber_tlv argument, base, selector, numbers;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &base, NULL }, { BER_CONTEXT(1), &selector, NULL },
		{ BER_CONTEXT(2), &numbers, NULL },
	};

	d->caller = caller_ref(request->session->caller);
	d->invoke_id = request->invoke_id;
	d->mailbox = request->session->user->mailbox;
	d->context = buf_copy(request->session->view.context);
	d->view = (struct view){ request->session->view.labels, buf_view(&d->context) };
	TRY(ber_only(request->argument, &argument));
	TRY(fields_read(argument.contents, "delete argument", fields, 3));
	if (field_is(&selector))
		TRY(add_selected(request, selector.contents, d, out_refusal));
	else if (field_is(&numbers))
		TRY(add_listed(numbers.contents, d));
	else
		return FAIL(ST_PEER, 0, "a delete says neither numbers nor selector");
	if (out_refusal->error)
		return OK;
	TRY(writer_submit(request->session->ms->writer, delete_job, delete_done, d));
	d = NULL;	/* delete_done's from here on */
	return OK;
}
