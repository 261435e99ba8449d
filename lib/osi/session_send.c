/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDUs into TSDUs and back [X.225 6]: basic concatenation, and
 * segments where an SPDU is longer than its length indicator or the negotiated
 * maximum TSDU size allows.
 */
#include "lib/base/memory.h"
#include "lib/osi/parts.h"
#include "lib/osi/session_impl.h"

#define TSDU_MAX_UNLIMITED 65539	/* of an SPDU with the longest length indicator */
#define DATA_HEADER 7			/* GT, DT and its enclosure item */
#define VALUE_HEADER 4			/* code and long length of a parameter */

/* One TSDU: a GT SPDU before one of category 2, the SPDU, its user information. */
static FALLIBLE send_tsdu(struct session *s, const struct spdu *p, const struct bytes *parts,
			  size_t count)
{
	AUTO(buf_free) struct buf header = { 0 };
	AUTO(mem_free) struct bytes *out = mem_new_array(struct bytes, count + 1);

	if (spdu_is_category_2(p->kind))
		TRY(spdu_encode(&(struct spdu){ .kind = SPDU_GT }, &header));
	TRY(spdu_encode(p, &header));
	out[0] = buf_view(&header);
	for (size_t i = 0; i < count; i++)
		out[i + 1] = parts[i];
	return s->transport->data_req(s->transport_data, out, count + 1);
}

/* An SSDU in several DT or TD SPDUs. */
static FALLIBLE send_segmented_data(struct session *s, struct spdu *p)
{
	struct parts rest = parts_over(p->parts, p->count);
	AUTO(mem_free) struct bytes *piece = mem_new_array(struct bytes, p->count);
	uint32_t enclosure = ENCLOSURE_BEGIN;

	do {
		size_t filled = parts_take(&rest, s->tsdu_max - DATA_HEADER, piece);

		spdu_set_number(p, SP_ENCLOSURE, enclosure | (rest.left ? 0 : ENCLOSURE_END));
		TRY(send_tsdu(s, p, piece, filled));
		enclosure = 0;
	} while (rest.left);
	return OK;
}

/* The first segment has all parameters, those that follow only the user data. */
static FALLIBLE send_segmented_spdu(struct session *s, const struct spdu *p, size_t header_len,
				    size_t room)
{
	enum spdu_param param = spdu_data_param(p->kind);
	struct bytes rest = p->value[param].octets;
	struct spdu part = *p;
	uint32_t enclosure = ENCLOSURE_BEGIN;

	if (header_len >= room)
		return FAIL(ST_USAGE, 0, "the parameters of a %s do not fit the TSDU size of %zu",
			    spdu_name(p->kind), room);
	do {
		struct bytes piece = bytes_slice(rest, 0, room - header_len);

		rest = bytes_slice(rest, piece.len, rest.len);
		spdu_set_octets(&part, param, piece);
		spdu_set_number(&part, SP_ENCLOSURE, enclosure | (rest.len ? 0 : ENCLOSURE_END));
		TRY(send_tsdu(s, &part, NULL, 0));
		part = (struct spdu){ .kind = p->kind };
		enclosure = 0;
	} while (rest.len);
	return OK;
}

/* Octets of the SPDU and what precedes it, without its user data. */
static FALLIBLE measure_header(const struct spdu *p, size_t *out_len)
{
	AUTO(buf_free) struct buf header = { 0 };
	struct spdu bare = *p;

	spdu_set_octets(&bare, spdu_data_param(p->kind), bytes_none());
	spdu_set_number(&bare, SP_ENCLOSURE, 0);
	TRY(spdu_encode(&bare, &header));
	*out_len = header.len + VALUE_HEADER;	/* longer lengths; a GT SPDU has 2 */
	return OK;
}

FALLIBLE session_send(struct session *s, const struct spdu *p)
{
	size_t data = p->value[spdu_data_param(p->kind)].octets.len;
	size_t room = s->tsdu_max ? s->tsdu_max : TSDU_MAX_UNLIMITED;
	size_t header_len;

	if (p->kind == SPDU_DT || p->kind == SPDU_TD) {
		struct spdu segment = *p;

		if (s->tsdu_max && parts_over(p->parts, p->count).left > room - DATA_HEADER)
			return send_segmented_data(s, &segment);
		return send_tsdu(s, p, p->parts, p->count);
	}
	if (s->version == 1 && data > DATA_MAX_VERSION_1)
		return FAIL(ST_USAGE, 0, "version 1 carries %d octets of user data in a %s, not %zu",
			    DATA_MAX_VERSION_1, spdu_name(p->kind), data);
	TRY(measure_header(p, &header_len));
	header_len += 2 * VALUE_HEADER;
	if (data && header_len + data > room)
		return send_segmented_spdu(s, p, header_len, room);
	return send_tsdu(s, p, NULL, 0);
}

FALLIBLE session_append(struct buf *to, struct bytes octets, size_t max, const char *what)
{
	if (octets.len > max || to->len > max - octets.len)
		return FAIL(ST_PEER, 0, "%s of more than %zu octets", what, max);
	buf_put(to, octets);
	return OK;
}

/* The first segment again, with the user data of all. */
static FALLIBLE rebuild(struct session *s, struct spdu *p)
{
	struct cursor in = cursor_over(buf_view(&s->segmented));

	TRY(spdu_decode(&in, true, p));
	if (spdu_is_category_0(p->kind))
		TRY(spdu_decode(&in, false, p));
	spdu_set_octets(p, spdu_data_param(p->kind), buf_view(&s->segments));
	return OK;
}

/* DT and TD are put together as SSDUs, CDO as the CN's user data; an AB ends everything. */
static bool is_joined_elsewhere(enum spdu_kind kind)
{
	return kind == SPDU_DT || kind == SPDU_TD || kind == SPDU_CDO;
}

FALLIBLE session_join(struct session *s, struct spdu *p, bool *out_whole)
{
	uint32_t enclosure = p->value[SP_ENCLOSURE].number;
	struct bytes data = p->value[spdu_data_param(p->kind)].octets;
	bool begins = !spdu_has(p, SP_ENCLOSURE) || enclosure & ENCLOSURE_BEGIN;
	bool ends = !spdu_has(p, SP_ENCLOSURE) || enclosure & ENCLOSURE_END;

	*out_whole = true;
	if (is_joined_elsewhere(p->kind))
		return OK;
	if (begins) {
		if (s->segmented.len && p->kind != SPDU_AB)
			return FAIL(ST_PEER, 0, "a %s among the segments of a %s",
				    spdu_name(p->kind), spdu_name(s->segmented_kind));
		if (ends)
			return OK;
		buf_clear(&s->segmented);
		buf_clear(&s->segments);
		buf_put(&s->segmented, buf_view(s->tsdu));
		s->segmented_kind = p->kind;
	} else if (!s->segmented.len || s->segmented_kind != p->kind) {
		return FAIL(ST_PEER, 0, "a segment of a %s that did not begin", spdu_name(p->kind));
	}
	TRY(session_append(&s->segments, data, s->limits.connect_max, "user data of an SPDU"));
	*out_whole = ends;
	if (!ends)
		return OK;
	TRY(rebuild(s, p));
	s->segmented.len = 0;	/* its octets stay until the next segmented SPDU */
	return OK;
}
