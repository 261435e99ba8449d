/* SPDX-License-Identifier: Apache-2.0 */
/* Sequence numbers between pairs. */
#include "lib/store/seqstate.h"

#include "lib/store/query.h"

FALLIBLE seqstate_next(struct db *db, const char *own, const char *peer, uint64_t *out_number)
{
	/* -1 is the highest unsigned number, after which there is none. */
	AUTO(query_end) struct query *q = db_query(db,
		"INSERT INTO sequence_sent VALUES (?, ?, 1) "
		"ON CONFLICT DO UPDATE SET last = CASE last WHEN 0x7fffffffffffffff "
		"THEN -0x7fffffffffffffff - 1 ELSE last + 1 END WHERE last <> -1 "
		"RETURNING last", v_text(own), v_text(peer));

	if (!query_next(q)) {
		TRY(query_check(q));
		return FAIL(ST_NEVER, 0, "all sequence numbers from %s to %s are used up", own,
			    peer);
	}
	*out_number = (uint64_t)query_int(q, 0);
	while (query_next(q))
		;
	return query_check(q);
}

FALLIBLE seqstate_window(struct db *db, const char *own, const char *peer, struct buf *out)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT state FROM sequence_received WHERE own = ? AND peer = ?", v_text(own),
		v_text(peer));

	if (query_next(q))
		buf_put(out, query_octets(q, 0));
	return query_check(q);
}

FALLIBLE seqstate_set_window(struct db *db, const char *own, const char *peer,
			     struct bytes window)
{
	return db_run(db,
		      "INSERT INTO sequence_received VALUES (?, ?, ?) "
		      "ON CONFLICT DO UPDATE SET state = excluded.state",
		      v_text(own), v_text(peer), v_octets(window));
}
