/* SPDX-License-Identifier: Apache-2.0 */
/* List [X.413 8.3]: what is told of many entries. */
#include "asn1/mhs_operations.h"
#include "lib/mhs/fields.h"
#include "ms/info.h"
#include "ms/register.h"
#include "ms/selector.h"

enum { LIST_OCTETS_MAX = 4 << 20 };	/* of one answer; what is left is told by next */

struct listing {
	struct p7 *session;
	struct selector selector;
	struct wanted wanted;
	struct buf found;		/* EntryInformations */
	struct buf listed;		/* int32_t numbers of those that were new */
	int64_t count;
	int32_t next;			/* the first that did not fit; 0: none */
	struct status *failed;
};

static void listing_cleanup(struct listing *l)
{
	buf_free(&l->found);
	buf_free(&l->listed);
	status_free(&l->failed);
}

static bool list_one(void *arg, const struct mailbox_entry *entry)
{
	struct listing *l = arg;
	struct p7 *s = l->session;

	if (!selector_matches(&l->selector, entry))
		return true;
	if (l->count == l->selector.limit || l->found.len > LIST_OCTETS_MAX) {
		l->next = entry->number;
		return false;
	}
	l->count++;
	if (entry->status == MAILBOX_NEW)
		buf_put(&l->listed, bytes_of(&entry->number, sizeof(entry->number)));
	l->failed = info_put(s->ms->reader, s->user->mailbox, entry, &l->wanted, &l->found);
	return !l->failed;
}

static FALLIBLE read_wanted(const struct request *request, const struct ber_tlv *attributes,
			    struct buf *defaults, struct wanted *out)
{
	if (field_is(attributes))
		return wanted_read(attributes->contents, out);
	TRY(registered_defaults(request->session, REGISTERED_LIST_DEFAULTS, defaults));
	return wanted_from_oids(buf_view(defaults), out);
}

/* ListResult */
static void answer(const struct request *request, const struct listing *l)
{
	AUTO(buf_free) struct buf head = { 0 };
	AUTO(buf_free) struct buf next = { 0 };

	if (l->next) {
		ber_put_integer(&next, BER_UNIVERSAL(BER_INTEGER), l->next);
		ber_wrap(&next, 0, BER_CONTEXT(0));
	}
	if (l->found.len) {
		info_wrap_open(&head, 0, BER_UNIVERSAL(BER_SEQUENCE), l->found.len);
		info_wrap_open(&head, 0, BER_CONTEXT(1), l->found.len);
	}
	buf_insert(&head, 0, buf_view(&next));
	info_wrap_open(&head, 0, BER_UNIVERSAL(BER_SET), l->found.len);
	const struct bytes parts[] = { buf_view(&head), buf_view(&l->found) };
	caller_result(request->session->caller, request->invoke_id, OP_LIST, parts, 2);
}

FALLIBLE list_entries(const struct request *request, struct refusal *out_refusal)
{
	AUTO(listing_cleanup) struct listing l = { .session = request->session };
	AUTO(buf_free) struct buf defaults = { 0 };
	struct ber_tlv argument, base, selector, attributes;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &base, NULL },
		{ BER_CONTEXT(1), &selector, "the selector of a list" },
		{ BER_CONTEXT(3), &attributes, NULL },
	};

	TRY(ber_only(request->argument, &argument));
	TRY(fields_read(argument.contents, "list argument", fields, 3));
	TRY(selector_read(&request->session->view, selector.contents, &l.selector,
			  out_refusal));
	TRY(read_wanted(request, &attributes, &defaults, &l.wanted));
	if (out_refusal->error)
		return OK;
	TRY(mailbox_scan(request->session->ms->reader, request->session->user->mailbox,
			 &l.selector.select, list_one, &l));
	if (l.failed)
		return TAKE(l.failed);
	answer(request, &l);
	p7_raise_status(request->session, buf_take(&l.listed), MAILBOX_LISTED);
	return OK;
}
