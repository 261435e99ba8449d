/* SPDX-License-Identifier: Apache-2.0 */
/* Data, tokens and exceptions [X.225 7]. */
#include "lib/osi/session_impl.h"

#define SSDU_KEEP 65536

FALLIBLE session_send_plain(struct session *s, struct spdu *p)
{
	return session_send(s, p);
}

FALLIBLE session_ignore(struct session *s, struct spdu *p)
{
	(void)s;
	(void)p;
	return OK;
}

FALLIBLE session_data_req(struct session *s, const struct bytes *parts, size_t count)
{
	struct spdu dt = { .kind = SPDU_DT, .parts = parts, .count = count };

	return session_step(s, EV_SDTreq, &dt);
}

FALLIBLE session_typed_data_req(struct session *s, const struct bytes *parts, size_t count)
{
	struct spdu td = { .kind = SPDU_TD, .parts = parts, .count = count };

	return session_step(s, EV_STDreq, &td);
}

/* Segments until the last are kept; *out_whole says that out_data is an SSDU, in *out_buf. */
static FALLIBLE join_ssdu(struct session *s, const struct spdu *p, struct bytes *out_data,
			  struct buf **out_buf, bool *out_whole)
{
	uint32_t enclosure = spdu_has(p, SP_ENCLOSURE) ? p->value[SP_ENCLOSURE].number :
			     (uint32_t)(ENCLOSURE_BEGIN | ENCLOSURE_END);
	bool begins = enclosure & ENCLOSURE_BEGIN;

	*out_whole = enclosure & ENCLOSURE_END;
	if (begins == s->ssdu_open || (s->ssdu_open && s->ssdu_kind != p->kind))
		return FAIL(ST_PEER, 0, "a %s out of order among the segments of an SSDU",
			    spdu_name(p->kind));
	*out_data = p->information;
	*out_buf = s->tsdu;
	if (begins && *out_whole)
		return OK;
	TRY(session_append(&s->ssdu, p->information, s->limits.ssdu_max, "an SSDU"));
	s->ssdu_open = !*out_whole;
	s->ssdu_kind = p->kind;
	*out_data = buf_view(&s->ssdu);
	*out_buf = &s->ssdu;
	return OK;
}

static FALLIBLE take_data(struct session *s, const struct spdu *p,
			  void (*tell)(void *user, struct bytes data, struct buf *ssdu))
{
	struct bytes data;
	struct buf *ssdu;
	bool whole;

	TRY(join_ssdu(s, p, &data, &ssdu, &whole));
	if (!whole)
		return OK;
	tell(s->user_data, data, ssdu);
	if (s->ssdu.cap > SSDU_KEEP)
		buf_free(&s->ssdu);
	buf_clear(&s->ssdu);
	return OK;
}

FALLIBLE session_take_dt(struct session *s, struct spdu *dt)
{
	return take_data(s, dt, s->user->data_ind);
}

FALLIBLE session_take_td(struct session *s, struct spdu *td)
{
	return take_data(s, td, s->user->typed_data_ind);
}

FALLIBLE session_token_give_req(struct session *s, uint8_t tokens)
{
	struct spdu gt = { .kind = SPDU_GT };

	if (!tokens || tokens & ~s->owned)
		return FAIL(ST_USAGE, 0, "tokens %02x are not all owned here", tokens);
	spdu_set_number(&gt, SP_TOKENS, tokens);
	return session_step(s, EV_SGTreq, &gt);
}

/* The data token given after an exception was reported makes the activity go on. */
FALLIBLE session_give(struct session *s, struct spdu *gt)
{
	uint8_t tokens = (uint8_t)gt->value[SP_TOKENS].number;

	TRY(session_send(s, gt));
	s->owned &= (uint8_t)~tokens;
	if (s->state == STA19 && tokens & TOKEN_DATA)
		s->state = STA713;
	return OK;
}

FALLIBLE session_taken(struct session *s, struct spdu *gt)
{
	uint8_t tokens = (uint8_t)gt->value[SP_TOKENS].number;

	if (tokens & ~s->available || tokens & s->owned)
		return FAIL(ST_PEER, 0, "a GT SPDU gives tokens %02x that the sender does not own", tokens);
	s->owned |= tokens;
	if (s->state == STA20 && tokens & TOKEN_DATA)
		s->state = STA713;
	if (tokens)
		s->user->token_give_ind(s->user_data, tokens);
	return OK;
}

FALLIBLE session_token_please_req(struct session *s, uint8_t tokens, struct bytes user_data)
{
	struct spdu pt = { .kind = SPDU_PT };

	if (!tokens || tokens & ~s->available || tokens & s->owned)
		return FAIL(ST_USAGE, 0, "tokens %02x are not all with the peer", tokens);
	spdu_set_number(&pt, SP_TOKENS, tokens);
	spdu_set_some(&pt, SP_USER_DATA, user_data);
	return session_step(s, EV_SPTreq, &pt);
}

FALLIBLE session_please(struct session *s, struct spdu *pt)
{
	return session_send(s, pt);
}

/* It may have crossed a GT SPDU, so the tokens may be there already. */
FALLIBLE session_pleased(struct session *s, struct spdu *pt)
{
	uint8_t tokens = (uint8_t)pt->value[SP_TOKENS].number & s->available;

	if (tokens)
		s->user->token_please_ind(s->user_data, tokens, pt->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_control_give_req(struct session *s)
{
	return session_step(s, EV_SCGreq, &(struct spdu){ .kind = SPDU_GTC });
}

FALLIBLE session_give_control(struct session *s, struct spdu *gtc)
{
	TRY(session_send(s, gtc));
	s->owned = 0;
	return OK;
}

FALLIBLE session_take_control(struct session *s, struct spdu *gtc)
{
	(void)gtc;
	TRY(session_send(s, &(struct spdu){ .kind = SPDU_GTA }));
	s->owned = s->available;
	s->user->control_give_ind(s->user_data);
	return OK;
}

FALLIBLE session_control_given(struct session *s, struct spdu *gta)
{
	(void)s;
	(void)gta;
	return OK;
}

FALLIBLE session_u_exception_req(struct session *s, int reason, struct bytes user_data)
{
	struct spdu ed = { .kind = SPDU_ED };
	uint8_t code = (uint8_t)reason;

	spdu_set_octets(&ed, SP_REASON, bytes_of(&code, 1));
	spdu_set_some(&ed, SP_USER_DATA, user_data);
	return session_step(s, EV_SUERreq, &ed);
}

/* An exception is for the side that holds the data token. */
FALLIBLE session_send_ed(struct session *s, struct spdu *ed)
{
	if (s->owned & TOKEN_DATA)
		return FAIL(ST_USAGE, 0, "an exception is reported by the side without the data token");
	return session_send(s, ed);
}

/* Crossed by the data token: what it is about is over already. */
static bool is_overtaken(struct session *s)
{
	if (s->owned & TOKEN_DATA)
		return false;
	s->state = STA713;
	return true;
}

FALLIBLE session_take_ed(struct session *s, struct spdu *ed)
{
	struct bytes reason = ed->value[SP_REASON].octets;

	if (!is_overtaken(s))
		s->user->u_exception_ind(s->user_data, reason.len ? reason.data[0] : REASON_NONE,
					 ed->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_take_er(struct session *s, struct spdu *er)
{
	(void)er;
	if (!is_overtaken(s))
		s->user->p_exception_ind(s->user_data);
	return OK;
}
