/* SPDX-License-Identifier: Apache-2.0 */
/* What is new in the message store comes home. */
#include "ua/fetch.h"

#include "asn1/mhs_operations.h"
#include "asn1/ms_attributes.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/retrieval.h"

enum { PAGE = 200 };			/* entries in one list */

/* What was hidden from an association with one security context may be shown to the next. */
static const char *last_number(const struct home *home)
{
	AUTO(mem_free) char *context = bytes_hex(home->labels.context);

	return *context ? arena_printf(home->arena, "last-number within %s", context)
			: "last-number";
}

struct fetching {
	struct home *home;
	struct arrival_counts *counts;
	const struct invocation *invocation;
	size_t done, total;		/* of this page */
	struct status *failed;		/* the store's own */
};

/* --- one entry --- */

static FALLIBLE store_entry(struct fetching *f, struct arena *arena, const struct ms_entry *entry)
{
	struct arrival arrival = {
		.kind = UA_MESSAGE,
		.envelope = ms_entry_value(entry, ID_ATT_MESSAGE_DELIVERY_ENVELOPE),
		.ms_number = entry->number,
	};

	if (!arrival.envelope.len) {
		arrival.kind = UA_REPORT;
		arrival.envelope = ms_entry_value(entry, ID_ATT_REPORT_DELIVERY_ENVELOPE);
	}
	TRY(ms_entry_octets(arena, entry, ID_ATT_CONTENT, &arrival.content));
	return arrival_store(f->home, &arrival, f->counts);
}

static FALLIBLE take_entry(struct fetching *f, struct bytes result)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ms_entry entry;
	struct status *failed = fetch_result_decode(arena, result, &entry);

	if (!failed)
		failed = store_entry(f, arena, &entry);
	/* The next ones are not to wait for it; it stays in the message store. */
	if (failed && failed->kind == ST_PEER) {
		log_event(LOG_LV_WARN, "an entry cannot be read", log_why(failed));
		f->counts->unreadable++;
		status_free(&failed);
	}
	return failed;
}

static void fetched(void *arg, struct bytes result, struct buf *apdu, const struct status *failed)
{
	struct fetching *f = arg;
	struct status *st = OK;

	(void)apdu;
	/* Somebody else deleted it meanwhile: there is nothing to fetch. */
	if (failed && failed->kind != ST_NOT_FOUND)
		st = status_copy(failed);
	else if (!failed && !f->failed)
		st = take_entry(f, result);
	if (f->failed)
		status_free(&st);
	else
		f->failed = st;
	progress_show(f->invocation, "Fetching", ++f->done, f->total);
}

static FALLIBLE ask_for(struct fetching *f, struct session *session, int32_t number)
{
	static const char *const attributes[] = {
		ID_ATT_MESSAGE_DELIVERY_ENVELOPE, ID_ATT_REPORT_DELIVERY_ENVELOPE, ID_ATT_CONTENT,
		NULL
	};
	AUTO(buf_free) struct buf argument = { 0 };

	TRY(fetch_argument_encode(number, attributes, &argument));
	const struct bytes part = buf_view(&argument);
	return session_invoke(session, OP_FETCH, &part, 1, fetched, f);
}

/* --- a list --- */

struct listing {
	struct arena *arena;
	struct buf octets;
	struct ms_entries entries;
	struct status *failed;
};

static void listed(void *arg, struct bytes result, struct buf *apdu, const struct status *failed)
{
	struct listing *l = arg;

	/* The entries' views lie in it. */
	l->octets = buf_take(apdu);
	l->failed = failed ? status_copy(failed)
			   : list_result_decode(l->arena, result, &l->entries);
}

static FALLIBLE list_page(struct session *session, int32_t from, struct listing *l)
{
	static const char *const attributes[] = { ID_ATT_CONTENT_LENGTH, NULL };
	AUTO(buf_free) struct buf argument = { 0 };

	TRY(list_argument_encode(from, PAGE, attributes, &argument));
	const struct bytes part = buf_view(&argument);
	TRY(session_invoke(session, OP_LIST, &part, 1, listed, l));
	TRY(session_finish(session));
	return TAKE(l->failed);
}

static FALLIBLE fetch_page(struct fetching *f, struct session *session, struct listing *l)
{
	int32_t last = 0;

	f->total = l->entries.count;
	for (size_t i = 0; i < l->entries.count && !f->failed; i++) {
		int32_t number = l->entries.list[i].number;
		bool has;

		last = number > last ? number : last;
		TRY(uastore_has_number(f->home->db, number, &has));
		if (has)
			f->done++;
		else
			TRY(ask_for(f, session, number));
	}
	TRY(session_finish(session));
	if (f->failed)
		return TAKE(f->failed);
	/* Everything up to here is stored: the next list begins behind it. */
	return last ? uastore_set_number(f->home->db, last_number(f->home), last) : OK;
}

static FALLIBLE fetch_pages(struct fetching *f, struct session *session)
{
	bool more = true;

	while (more) {
		struct listing l = { .arena = arena_new() };
		int64_t last;
		struct status *failed = uastore_number(f->home->db, last_number(f->home), &last);

		if (!failed)
			failed = list_page(session, (int32_t)last + 1, &l);
		if (!failed)
			failed = fetch_page(f, session, &l);
		more = l.entries.next != 0 && l.entries.count != 0;
		buf_free(&l.octets);
		arena_free(&l.arena);
		TRY(failed);
	}
	return OK;
}

FALLIBLE fetch_new(struct home *home, struct session *session,
		   const struct invocation *invocation, struct arrival_counts *counts)
{
	struct fetching f = { .home = home, .counts = counts, .invocation = invocation };
	struct status *failed = fetch_pages(&f, session);

	/* Answers that are still due are told before f goes. */
	if (failed)
		status_drop(session_finish(session));
	progress_end(invocation);
	status_drop(f.failed);
	return failed;
}

/* --- deleting --- */

struct numbers {
	int32_t *list;
	size_t count;
};

static void add_number(void *arg, int32_t number)
{
	struct numbers *n = arg;

	n->list = mem_grow(n->list, n->count + 1, sizeof(*n->list));
	n->list[n->count++] = number;
}

static FALLIBLE delete_one(struct home *home, struct session *session, int32_t number)
{
	AUTO(buf_free) struct buf argument = { 0 };

	delete_argument_encode(&number, 1, &argument);
	struct status *failed = session_ask(session, OP_DELETE, buf_view(&argument));
	/* Gone already is as good. */
	if (failed && failed->kind == ST_NOT_FOUND)
		status_free(&failed);
	TRY(failed);
	return uastore_deleted(home->db, number);
}

FALLIBLE fetch_delete(struct home *home, struct session *session)
{
	struct numbers n = { 0 };
	struct status *failed = uastore_deletions(home->db, add_number, &n);

	for (size_t i = 0; i < n.count && !failed; i++)
		failed = delete_one(home, session, n.list[i]);
	mem_free(&n.list);
	return failed;
}

/* --- alerts --- */

FALLIBLE fetch_register_alert(struct session *session)
{
	AUTO(buf_free) struct buf argument = { 0 };

	TRY(alert_registration_encode(&argument));
	return session_ask(session, OP_REGISTER_MS, buf_view(&argument));
}
