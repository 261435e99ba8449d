/* SPDX-License-Identifier: Apache-2.0 */
/* Where is my message?  And what happened to it. */
#include "lib/store/queue.h"

#include "lib/store/query.h"

#define ENTRY_COLUMNS                                                                   \
	"m.id, m.mts_id, m.originator, m.kind, m.arrived, m.octets, r.number, r.address, " \
	"r.state, r.next_hop, r.due, r.attempts, r.reason, r.diagnostic, r.words "
#define ENTRY_REST                                                                      \
	"AND (?2 < 0 OR r.state = ?2) AND m.arrived >= ?3 "                             \
	"ORDER BY m.arrived DESC, m.id DESC, r.number LIMIT ?4"

/* The nearest index that the filter can use. */
static struct query *begin(struct db *db, const struct queue_filter *f)
{
	if (f->mts_id)
		return db_query(db,
			"SELECT " ENTRY_COLUMNS "FROM seen s JOIN message m ON m.id = s.message "
			"JOIN recipient r ON r.message = m.id "
			"WHERE s.mts_id = ?1 AND (?5 IS NULL OR r.address = ?5) " ENTRY_REST,
			v_text(f->mts_id), v_int(f->state), v_int(f->since),
			v_int((int64_t)f->max), v_text(f->address));
	if (f->address)
		return db_query(db,
			"SELECT " ENTRY_COLUMNS "FROM recipient r JOIN message m "
			"ON m.id = r.message WHERE r.address = ?1 " ENTRY_REST,
			v_text(f->address), v_int(f->state), v_int(f->since),
			v_int((int64_t)f->max));
	return db_query(db,
		"SELECT " ENTRY_COLUMNS "FROM message m INDEXED BY message_arrived "
		"JOIN recipient r ON r.message = m.id WHERE ?1 IS NULL " ENTRY_REST,
		v_null(), v_int(f->state), v_int(f->since), v_int((int64_t)f->max));
}

FALLIBLE queue_find(struct db *db, const struct queue_filter *filter,
		    void (*each)(void *arg, const struct queue_entry *entry), void *arg)
{
	AUTO(query_end) struct query *q = begin(db, filter);

	while (query_next(q)) {
		const struct queue_entry entry = {
			.message = query_int(q, 0),
			.mts_id = query_text(q, 1),
			.originator = query_text(q, 2),
			.kind = (enum queue_kind)query_int(q, 3),
			.arrived = query_int(q, 4),
			.octets = (uint64_t)query_int(q, 5),
			.recipient = {
				.number = (int)query_int(q, 6),
				.address = query_text(q, 7),
				.state = (enum queue_state)query_int(q, 8),
				.next_hop = query_text(q, 9),
				.due = query_int(q, 10),
				.attempts = (int)query_int(q, 11),
				.reason = (int)query_int(q, 12),
				.diagnostic = (int)query_int(q, 13),
				.words = query_text(q, 14),
			},
		};

		each(arg, &entry);
	}
	return query_check(q);
}

FALLIBLE queue_history(struct db *db, int64_t message,
		       void (*each)(void *arg, const struct queue_event *event), void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT at, number, what, words FROM event WHERE message = ? ORDER BY id",
		v_int(message));

	while (query_next(q)) {
		const struct queue_event event = {
			.at = query_int(q, 0),
			.number = (int)query_int(q, 1),
			.what = query_text(q, 2),
			.words = query_text(q, 3),
		};

		each(arg, &event);
	}
	return query_check(q);
}
