/* SPDX-License-Identifier: Apache-2.0 */
/* Submissions whose answer may have been lost. */
#include "lib/store/submitted.h"

#include "lib/store/query.h"

#include <stdio.h>

static FALLIBLE find_broken(struct db *db, struct submitted *io, bool *out_found)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT mts_id, at FROM submitted WHERE digest = ? AND session = 0",
		v_octets(io->digest));

	*out_found = query_next(q);
	if (*out_found) {
		snprintf(io->mts_id, sizeof(io->mts_id), "%s", query_text(q, 0));
		io->at = query_int(q, 1);
	}
	return query_check(q);
}

FALLIBLE submitted_add(struct db *db, struct submitted *io, bool *out_repeated)
{
	TRY(find_broken(db, io, out_repeated));
	return db_run(db, "INSERT OR REPLACE INTO submitted VALUES (?, ?, ?, ?)",
		      v_octets(io->digest), v_int(io->session), v_text(io->mts_id), v_int(io->at));
}

FALLIBLE submitted_released(struct db *db, int64_t session)
{
	return db_run(db, "DELETE FROM submitted WHERE session = ?", v_int(session));
}

FALLIBLE submitted_broke(struct db *db, int64_t session)
{
	return db_run(db, "UPDATE submitted SET session = 0 WHERE session = ?1 OR "
		      "(?1 = 0 AND session > 0)", v_int(session));
}

FALLIBLE submitted_forget(struct db *db, time_t before)
{
	return db_run(db, "DELETE FROM submitted WHERE at < ?", v_int(before));
}
