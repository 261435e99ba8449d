/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen before. */
#include "lib/store/nonce.h"

#include "lib/store/query.h"

FALLIBLE nonce_remember(struct db *db, const char *scope, struct bytes value, time_t until)
{
	TRY(db_run(db, "INSERT INTO nonce VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		   v_text(scope), v_octets(value), v_int(until)));
	if (db_changes(db) == 0)
		return FAIL(ST_REFUSED, 0, "its random number was used before: it is a replay");
	return OK;
}

FALLIBLE nonce_forget(struct db *db, time_t now, int max, int *out_forgotten)
{
	TRY(db_run(db,
		   "DELETE FROM nonce WHERE (scope, value) IN "
		   "(SELECT scope, value FROM nonce WHERE until < ? ORDER BY until LIMIT ?)",
		   v_int(now), v_int(max)));
	if (out_forgotten)
		*out_forgotten = (int)db_changes(db);
	return OK;
}
