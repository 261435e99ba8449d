/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/records.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"

const char *record_state(time_t now, time_t not_after, time_t revoked_at,
			 enum revocation_reason reason)
{
	if (revoked_at)
		return reason == REVOKED_HOLD ? "held" : "revoked";
	return now > not_after ? "expired" : "valid";
}

void record_cleanup(struct record *record)
{
	cert_free(&record->cert);
}

/* What a row says: der, kind, or_address, revoked_at, reason. */
static FALLIBLE read_record(struct query *q, struct arena *arena, struct record *out)
{
	TRY(cert_decode(query_octets(q, 0), &out->cert));
	out->kind = (enum issued_kind)query_int(q, 1);
	out->or_address = query_text(q, 2) ? arena_strdup(arena, query_text(q, 2)) : NULL;
	out->revoked_at = query_int(q, 3);
	out->reason = (enum revocation_reason)query_int(q, 4);
	return OK;
}

FALLIBLE record_find(struct authority *ca, struct bytes serial, struct arena *arena,
		     struct record *out_record)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der, kind, or_address, revoked_at, reason FROM certificate WHERE serial = ?",
		v_octets(serial));
	AUTO(mem_free) char *text = bytes_hex(serial);

	TRY(query_get(q, "certificate of this authority with the serial number %s", text));
	return read_record(q, arena, out_record);
}

/* --- what ends --- */

void record_list_cleanup(struct record_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		record_cleanup(&list->items[i]);
	mem_free(&list->items);
	list->count = 0;
}

/* What signs and what is sealed for follow each on their own kind. */
static FALLIBLE find_successor(struct authority *ca, struct bytes name_key, const struct record *record,
			       bool *out_found)
{
	const struct cert *cert = record->cert;
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der FROM certificate WHERE name_key = ? AND scope = ? AND kind = ? "
		"AND revoked_at IS NULL AND not_after > ?", v_octets(name_key), v_int(cert->scope),
		v_int(record->kind), v_int(cert->not_after));

	*out_found = false;
	while (!*out_found && query_next(q)) {
		AUTO(cert_free) const struct cert *other = NULL;

		TRY(cert_decode(query_octets(q, 0), &other));
		*out_found = other->signs == cert->signs;
	}
	return query_check(q);
}

FALLIBLE records_expiring(struct authority *ca, time_t from, time_t to, struct arena *arena,
			  struct record_list *out)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der, kind, or_address, revoked_at, reason, name_key FROM certificate "
		"WHERE not_after >= ? AND not_after < ? AND revoked_at IS NULL ORDER BY not_after, id",
		v_int(from), v_int(to));

	while (query_next(q)) {
		AUTO(record_cleanup) struct record record = { 0 };
		bool succeeded = false;

		TRY(read_record(q, arena, &record));
		TRY(find_successor(ca, query_octets(q, 5), &record, &succeeded));
		if (succeeded)
			continue;
		out->items = mem_grow(out->items, out->count + 1, sizeof *out->items);
		out->items[out->count++] = record;
		record.cert = NULL;	/* the list has it */
	}
	return query_check(q);
}

/* --- the index --- */

FALLIBLE or_address_key(struct bytes der, struct arena *arena, const char **out_key)
{
	struct orname *address = NULL;

	*out_key = NULL;
	if (!der.len)
		return OK;
	TRY(oraddress_decode(arena, der, &address));
	*out_key = orname_key(arena, address);
	return OK;
}

static FALLIBLE address_key_of(const struct cert *cert, const char *recorded, struct arena *arena,
			       const char **out_key)
{
	struct orname *address = NULL;

	if (!cert->form_1989 || !recorded)
		return or_address_key(cert->or_address, arena, out_key);
	TRY(orname_from_text(arena, recorded, &address));
	*out_key = orname_key(arena, address);
	return OK;
}

FALLIBLE records_index(struct db *db, int64_t id, const struct cert *cert, const char *or_address)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf name = { 0 };
	const char *address = NULL;

	TRY(dn_key(cert->subject, &name));
	TRY(address_key_of(cert, or_address, arena, &address));
	return db_run(db, "UPDATE certificate SET name_key = ?, address_key = ?, key_id = ? WHERE id = ?",
		      v_octets(buf_view(&name)), v_text(address),
		      v_octets(public_key_id(cert->key)), v_int(id));
}

static FALLIBLE complete_in_transaction(struct db *db, void *arg)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT id, der, or_address FROM certificate WHERE key_id IS NULL");

	(void)arg;
	while (query_next(q)) {
		AUTO(cert_free) const struct cert *cert = NULL;

		TRY(cert_decode(query_octets(q, 1), &cert));
		TRY(records_index(db, query_int(q, 0), cert, query_text(q, 2)));
	}
	return query_check(q);
}

FALLIBLE records_complete(struct db *db)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT 1 FROM certificate WHERE key_id IS NULL LIMIT 1");
	bool incomplete = query_next(q);

	TRY(query_check(q));
	query_end(&q);
	return incomplete ? db_atomically(db, complete_in_transaction, NULL) : OK;
}
