/* SPDX-License-Identifier: Apache-2.0 */
/* Sequence numbers between pairs. */
#include "lib/store/seqstate.h"

#include "lib/store/query.h"

FALLIBLE seqstate_last(struct db *db, const char *own, const char *peer, uint64_t *out_number)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT last FROM sequence_sent WHERE own = ? AND peer = ?", v_text(own),
		v_text(peer));

	*out_number = query_next(q) ? (uint64_t)query_int(q, 0) : 0;
	return query_check(q);
}

FALLIBLE seqstate_set_last(struct db *db, const char *own, const char *peer, uint64_t number)
{
	return db_run(db,
		      "INSERT INTO sequence_sent VALUES (?, ?, ?) "
		      "ON CONFLICT DO UPDATE SET last = excluded.last",
		      v_text(own), v_text(peer), v_int((int64_t)number));
}

FALLIBLE seqstate_window(struct db *db, const char *own, const char *peer, unsigned device,
			 struct buf *out)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT state FROM sequence_received WHERE own = ? AND peer = ? AND device = ?",
		v_text(own), v_text(peer), v_int(device));

	if (query_next(q))
		buf_put(out, query_octets(q, 0));
	return query_check(q);
}

FALLIBLE seqstate_set_window(struct db *db, const char *own, const char *peer, unsigned device,
			     struct bytes window)
{
	return db_run(db,
		      "INSERT INTO sequence_received VALUES (?, ?, ?, ?) "
		      "ON CONFLICT DO UPDATE SET state = excluded.state",
		      v_text(own), v_text(peer), v_int(device), v_octets(window));
}
