/* SPDX-License-Identifier: Apache-2.0 */
/* What those who bind have registered. */
#include "lib/store/registered.h"

#include "lib/store/query.h"

static bool read_octets(struct query *q, int column, struct arena *arena, struct bytes *out)
{
	*out = arena_dup(arena, query_octets(q, column));
	return out->len > 0;
}

FALLIBLE registered_find(struct db *db, struct arena *arena, const char *name,
			 struct registered *out)
{
	AUTO(query_end) struct query *q = db_query(db,
		"SELECT labels, content_types, content_max, content_max IS NOT NULL "
		"FROM registered WHERE name = ?", v_text(name));

	*out = (struct registered){ 0 };
	if (query_next(q)) {
		out->has_labels = read_octets(q, 0, arena, &out->labels);
		out->has_content_types = read_octets(q, 1, arena, &out->content_types);
		out->content_max = query_int(q, 2);
		out->has_content_max = query_int(q, 3) != 0;
	}
	return query_check(q);
}

FALLIBLE registered_set(struct db *db, const char *name, const struct registered *r)
{
	return db_run(db,
		      "INSERT INTO registered (name, labels, content_types, content_max) "
		      "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
		      "labels = coalesce(?2, labels), "
		      "content_types = coalesce(?3, content_types), "
		      "content_max = coalesce(?4, content_max)",
		      v_text(name), r->has_labels ? v_octets(r->labels) : v_null(),
		      r->has_content_types ? v_octets(r->content_types) : v_null(),
		      r->has_content_max ? v_int(r->content_max) : v_null());
}

FALLIBLE registered_password(struct db *db, const char *name, struct buf *out)
{
	AUTO(query_end) struct query *q =
		db_query(db, "SELECT password FROM registered WHERE name = ?", v_text(name));

	if (query_next(q))
		buf_put(out, query_octets(q, 0));
	return query_check(q);
}

FALLIBLE registered_set_password(struct db *db, const char *name, struct bytes stored)
{
	return db_run(db, "INSERT INTO registered (name, password) VALUES (?1, ?2) "
		      "ON CONFLICT DO UPDATE SET password = ?2", v_text(name), v_octets(stored));
}
