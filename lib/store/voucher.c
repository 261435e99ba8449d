/* SPDX-License-Identifier: Apache-2.0 */
/* What vouched for a message when it was checked. */
#include "lib/store/voucher.h"

#include "lib/store/query.h"

FALLIBLE voucher_keep(struct db *db, int64_t message, const struct voucher *voucher, time_t at)
{
	TRY(db_run(db,
		   "INSERT INTO voucher (kind, octets, digest) VALUES (?, ?, ?) "
		   "ON CONFLICT DO NOTHING",
		   v_int(voucher->kind), v_octets(voucher->octets), v_octets(voucher->digest)));
	return db_run(db,
		      "INSERT INTO message_voucher "
		      "SELECT ?, id, ? FROM voucher WHERE digest = ? "
		      "ON CONFLICT DO UPDATE SET at = excluded.at",
		      v_int(message), v_int(at), v_octets(voucher->digest));
}

FALLIBLE voucher_each(struct db *db, int64_t message,
		      FALLIBLE (*each)(void *arg, const struct voucher *voucher, time_t at),
		      void *arg)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT kind, octets, digest, at FROM message_voucher "
		"JOIN voucher ON voucher.id = message_voucher.voucher "
		"WHERE message = ? ORDER BY kind, voucher.id", v_int(message));

	while (query_next(q)) {
		const struct voucher voucher = {
			.kind = (enum voucher_kind)query_int(q, 0),
			.octets = query_octets(q, 1),
			.digest = query_octets(q, 2),
		};

		TRY(each(arg, &voucher, (time_t)query_int(q, 3)));
	}
	return query_check(q);
}
