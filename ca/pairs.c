/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/pairs.h"

#include "lib/base/memory.h"

void pairs_cleanup(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		cert_free(&pairs->list[i].received);
		cert_free(&pairs->list[i].issued);
	}
	mem_free(&pairs->list);
	pairs->count = 0;
}

/* --- one --- */

static FALLIBLE find_received(struct authority *ca, struct pair *pair)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT der FROM received WHERE issuer = ?",
						   v_text(pair->other));

	if (query_next(q))
		TRY(cert_decode(query_octets(q, 0), &pair->received));
	return query_check(q);
}

/* The newest of those that are good; or else the newest. */
static FALLIBLE find_issued(struct authority *ca, time_t now, struct pair *pair)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT der FROM certificate WHERE subject = ? AND kind = ? AND revoked_at IS NULL "
		"ORDER BY not_after > ? DESC, id DESC LIMIT 1", v_text(pair->other), v_int(ISSUED_CROSS),
		v_int(now));

	if (query_next(q))
		TRY(cert_decode(query_octets(q, 0), &pair->issued));
	return query_check(q);
}

static bool same_key(const struct cert *a, const struct cert *b)
{
	return bytes_equal(public_key_id(a->key), public_key_id(b->key));
}

/* Only keys of this authority are ever taken for it; what is none of the former is the current one. */
static FALLIBLE find_key(struct authority *ca, struct pair *pair)
{
	AUTO(query_end) struct query *q = db_query(ca->db, "SELECT old, old_destroyed FROM generation");

	while (pair->received && query_next(q)) {
		AUTO(cert_free) const struct cert *old = NULL;

		TRY(cert_decode(query_octets(q, 0), &old));
		if (same_key(old, pair->received))
			pair->key = query_int(q, 1) ? PAIR_KEY_DESTROYED : PAIR_KEY_FORMER;
	}
	return query_check(q);
}

/* --- all of them --- */

static FALLIBLE find_others(struct authority *ca, struct arena *arena, struct pairs *out)
{
	AUTO(query_end) struct query *q = db_query(ca->db,
		"SELECT issuer FROM received UNION SELECT subject FROM certificate "
		"WHERE kind = ? AND revoked_at IS NULL", v_int(ISSUED_CROSS));

	while (query_next(q)) {
		out->list = mem_grow(out->list, out->count + 1, sizeof *out->list);
		out->list[out->count++] = (struct pair){ .other = arena_strdup(arena, query_text(q, 0)) };
	}
	return query_check(q);
}

FALLIBLE pairs_load(struct authority *ca, time_t now, struct arena *arena, struct pairs *out)
{
	TRY(find_others(ca, arena, out));
	for (size_t i = 0; i < out->count; i++) {
		TRY(find_received(ca, &out->list[i]));
		TRY(find_issued(ca, now, &out->list[i]));
		TRY(find_key(ca, &out->list[i]));
	}
	return OK;
}

/* --- what counts, and what is to be done --- */

const struct cert *pair_half(const struct cert *half, time_t now)
{
	return half && half->not_after > now ? half : NULL;
}

const char *pair_to_renew(const struct pair *pair, time_t now, time_t soon)
{
	if (pair->received && !pair_half(pair->received, now))
		return "what it issued to this authority has ended: make it a new offer";
	if (pair->received && pair->key == PAIR_KEY_DESTROYED)
		return "it certifies a key that is destroyed: make it a new offer at once";
	if (pair->received && pair->key == PAIR_KEY_FORMER)
		return "it certifies a former key: make it a new offer, before that key's lists end";
	if (pair->received && !pair_half(pair->received, soon))
		return "what it issued to this authority ends soon: make it a new offer";
	if (pair->issued && !pair_half(pair->issued, now))
		return "what was issued to it has ended: answer a new offer of it, or withdraw it";
	return NULL;
}
