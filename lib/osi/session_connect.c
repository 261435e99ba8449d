/* SPDX-License-Identifier: Apache-2.0 */
/* Session connection and its end [X.225 7]: connect, overflow, refuse, release, abort. */
#include "lib/osi/session_impl.h"

#define EXTENDED_MAX 10240	/* user data of a CN SPDU; more go on in CDO SPDUs */
#define CDO_MAX 65000		/* user data of one CDO SPDU */
#define ABORT_DATA_MAX_VERSION_1 9
#define TSDU_MAX_LEAST 64	/* a smaller maximum TSDU size has no room for an SPDU */
#define VERSION_1 1
#define VERSION_2 2
/* What holds where a CN SPDU does not say [X.225 8.3.1]. */
#define UNITS_DEFAULT (SU_RTSE | SU_CAPABILITY_DATA)
#define UNITS_SUPPORTED (SU_RTSE | SU_DUPLEX | SU_TYPED_DATA)

static uint8_t tokens_of(uint16_t units)
{
	return (units & SU_HALF_DUPLEX ? TOKEN_DATA : 0) |
	       (units & SU_MINOR_SYNC ? TOKEN_SYNC_MINOR : 0) |
	       (units & (SU_MAJOR_SYNC | SU_ACTIVITY) ? TOKEN_MAJOR_ACTIVITY : 0) |
	       (units & SU_NEGOTIATED_RELEASE ? TOKEN_RELEASE : 0);
}

/* Points are numbered from the connection on only where activities do not number them. */
static bool has_serial(uint16_t units)
{
	return units & SU_MINOR_SYNC && !(units & SU_ACTIVITY);
}

static void put_parameters(struct spdu *p, const struct session_connect *c, enum spdu_param user_ref)
{
	spdu_set_some(p, user_ref, c->reference.user);
	spdu_set_some(p, SP_COMMON_REF, c->reference.common);
	spdu_set_some(p, SP_ADDITIONAL_REF, c->reference.additional);
	spdu_set_number(p, SP_OPTIONS, 0);
	if (tokens_of(c->units))
		spdu_set_number(p, SP_TOKEN_SETTING, c->tokens);
	if (has_serial(c->units))
		spdu_set_number(p, SP_INITIAL_SERIAL, c->serial);
	spdu_set_number(p, SP_UNITS, c->units);
	spdu_set_some(p, SP_CALLING_S, c->calling_s);
	spdu_set_some(p, SP_CALLED_S, c->called_s);
}

static FALLIBLE check_request(const struct session *s, const struct session_connect *c,
			      uint8_t versions)
{
	if (c->units & ~UNITS_SUPPORTED)
		return FAIL(ST_USAGE, 0, "functional units %04x are not supported",
			    c->units & ~UNITS_SUPPORTED);
	if (!(c->units & (SU_HALF_DUPLEX | SU_DUPLEX)))
		return FAIL(ST_USAGE, 0, "neither half-duplex nor duplex was asked for");
	if (!versions)
		return FAIL(ST_USAGE, 0, "%zu octets of user data need version 2 of the protocol",
			    c->user_data.len);
	if (c->user_data.len > s->limits.connect_max)
		return FAIL(ST_USAGE, 0, "%zu octets of user data, more than the limit of %zu",
			    c->user_data.len, s->limits.connect_max);
	return OK;
}

/* [X.225 7] User data choose the parameter: to 512 octets, to 10240, and beyond. */
FALLIBLE session_connect_req(struct session *s, const struct session_connect *c)
{
	struct spdu cn = { .kind = SPDU_CN };
	bool extended = c->user_data.len > DATA_MAX_VERSION_1;
	uint8_t versions = s->limits.versions & (extended ? VERSION_2 : VERSION_1 | VERSION_2);
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(check_request(s, c, versions));
	put_parameters(&cn, c, SP_CALLING_REF);
	spdu_set_number(&cn, SP_ITEM_VERSION, versions);
	if (extended)
		spdu_set_octets(&cn, SP_EXTENDED_DATA, bytes_slice(c->user_data, 0, EXTENDED_MAX));
	else
		spdu_set_some(&cn, SP_USER_DATA, c->user_data);
	if (c->user_data.len > EXTENDED_MAX)
		spdu_set_number(&cn, SP_OVERFLOW, OVERFLOW_MORE);
	TRY(spdu_encode(&cn, &octets));

	if (s->state == STA01) {
		buf_free(&s->connect);
		buf_free(&s->calling_t);
		buf_free(&s->called_t);
		s->connect = buf_take(&octets);
		s->overflow = buf_copy(bytes_slice(c->user_data, EXTENDED_MAX, c->user_data.len));
		s->calling_t = buf_copy(c->calling_t);
		s->called_t = buf_copy(c->called_t);
		s->proposed = c->units;
		s->token_setting = c->tokens;
		s->version = versions == VERSION_2 ? 2 : 1;
	}
	return session_step(s, EV_SCONreq, &cn);
}

FALLIBLE session_open_transport(struct session *s, struct spdu *p)
{
	struct transport_address address = { buf_view(&s->calling_t), buf_view(&s->called_t) };

	(void)p;
	s->initiator = true;
	return s->transport->connect_req(s->transport_data, &address);
}

FALLIBLE session_answer_transport(struct session *s, struct spdu *p)
{
	(void)p;
	return s->transport->connect_rsp(s->transport_data);
}

FALLIBLE session_send_cn(struct session *s, struct spdu *p)
{
	struct bytes cn = buf_view(&s->connect);

	(void)p;
	if (s->overflow.len)
		s->state = STA02B;
	return s->transport->data_req(s->transport_data, &cn, 1);
}

/* [X.225 7] The responder wants the rest of the user data. */
FALLIBLE session_take_oa(struct session *s, struct spdu *p)
{
	struct bytes rest = buf_view(&s->overflow);

	if (spdu_has(p, SP_VERSION) && !(p->value[SP_VERSION].number & VERSION_2))
		return FAIL(ST_PEER, 0, "an OA SPDU that does not select version 2");
	while (rest.len) {
		struct spdu cdo = { .kind = SPDU_CDO };

		spdu_set_octets(&cdo, SP_USER_DATA, bytes_slice(rest, 0, CDO_MAX));
		rest = bytes_slice(rest, CDO_MAX, rest.len);
		spdu_set_number(&cdo, SP_ENCLOSURE, rest.len ? 0 : ENCLOSURE_END);
		AUTO(buf_free) struct buf octets = { 0 };
		TRY(spdu_encode(&cdo, &octets));
		struct bytes tsdu = buf_view(&octets);
		TRY(s->transport->data_req(s->transport_data, &tsdu, 1));
	}
	buf_free(&s->overflow);
	return OK;
}

static void tell_connect(struct session *s, const struct spdu *cn, struct bytes user_data)
{
	struct session_connect c = {
		.calling_t = buf_view(&s->calling_t),
		.called_t = buf_view(&s->called_t),
		.calling_s = cn->value[SP_CALLING_S].octets,
		.called_s = cn->value[SP_CALLED_S].octets,
		.reference = { cn->value[SP_CALLING_REF].octets, cn->value[SP_COMMON_REF].octets,
			       cn->value[SP_ADDITIONAL_REF].octets },
		.units = s->proposed,
		.tokens = s->token_setting,
		.has_serial = spdu_has(cn, SP_INITIAL_SERIAL),
		.serial = cn->value[SP_INITIAL_SERIAL].number,
		.user_data = user_data,
	};

	s->user->connect_ind(s->user_data, &c);
}

/* A refusal by the provider ends it; the user learns that someone tried. */
static FALLIBLE refuse_version(struct session *s, uint32_t versions)
{
	struct spdu rf = { .kind = SPDU_RF };
	uint8_t reason = REFUSED_VERSION;
	struct status *why = FAIL(ST_PEER, reason, "the peer proposes session versions %02x only",
				  versions);

	spdu_set_number(&rf, SP_DISCONNECT, DISCONNECT_RELEASED);
	spdu_set_octets(&rf, SP_REASON, bytes_of(&reason, 1));
	status_drop(session_send(s, &rf));	/* it ends, whether the RF SPDU leaves or not */
	session_end(s);
	s->user->p_abort_ind(s->user_data, ABORT_RESTRICTION, why);
	status_free(&why);
	return OK;
}

static FALLIBLE take_tsdu_maxima(struct session *s, const struct spdu *p)
{
	uint32_t maxima = p->value[SP_ITEM_TSDU_MAX].number;

	s->tsdu_maxima = maxima;
	s->tsdu_max = s->initiator ? maxima >> 16 : maxima & 0xffff;
	if (s->tsdu_max && s->tsdu_max < TSDU_MAX_LEAST)
		return FAIL(ST_PEER, 0, "a maximum TSDU size of %zu octets", s->tsdu_max);
	return OK;
}

static uint32_t number_or(const struct spdu *p, enum spdu_param param, uint32_t otherwise)
{
	return spdu_has(p, param) ? p->value[param].number : otherwise;
}

static struct bytes connect_data(const struct spdu *cn)
{
	return cn->value[spdu_has(cn, SP_EXTENDED_DATA) ? SP_EXTENDED_DATA : SP_USER_DATA].octets;
}

FALLIBLE session_take_cn(struct session *s, struct spdu *cn)
{
	uint32_t versions = number_or(cn, SP_ITEM_VERSION, VERSION_1);
	bool more = cn->value[SP_OVERFLOW].number & OVERFLOW_MORE;
	struct spdu oa = { .kind = SPDU_OA };

	if (!(versions & s->limits.versions & (VERSION_1 | VERSION_2)))
		return refuse_version(s, versions);
	s->version = versions & s->limits.versions & VERSION_2 ? 2 : 1;
	s->proposed = (uint16_t)number_or(cn, SP_UNITS, UNITS_DEFAULT);
	s->token_setting = (uint8_t)cn->value[SP_TOKEN_SETTING].number;
	TRY(take_tsdu_maxima(s, cn));
	if (s->version == 1 && (more || connect_data(cn).len > DATA_MAX_VERSION_1))
		return FAIL(ST_PEER, 0, "a CN SPDU with more user data than version 1 carries");
	if (!more) {
		tell_connect(s, cn, connect_data(cn));
		return OK;
	}
	s->connect = buf_copy(buf_view(s->tsdu));
	TRY(session_append(&s->overflow, connect_data(cn), s->limits.connect_max,
			   "connect user data"));
	s->state = STA01D;
	spdu_set_number(&oa, SP_VERSION, VERSION_2);
	return session_send(s, &oa);
}

FALLIBLE session_take_cdo(struct session *s, struct spdu *p)
{
	struct cursor in = cursor_over(buf_view(&s->connect));
	struct spdu cn;

	TRY(session_append(&s->overflow, p->value[SP_USER_DATA].octets, s->limits.connect_max,
			   "connect user data"));
	if (!(p->value[SP_ENCLOSURE].number & ENCLOSURE_END))
		return OK;
	TRY(spdu_decode(&in, true, &cn));
	s->state = STA08;
	tell_connect(s, &cn, buf_view(&s->overflow));
	buf_free(&s->connect);
	buf_free(&s->overflow);
	return OK;
}

/* [X.225 7] What both have; exceptions only make sense with half-duplex. */
static uint16_t common_units(uint16_t a, uint16_t b)
{
	uint16_t units = a & b & UNITS_SUPPORTED;

	if (units & SU_DUPLEX)
		units &= (uint16_t)~SU_EXCEPTIONS;
	return units;
}

static FALLIBLE check_units(uint16_t units, enum status_kind kind)
{
	uint16_t duplex = units & (SU_HALF_DUPLEX | SU_DUPLEX);

	if (duplex != SU_HALF_DUPLEX && duplex != SU_DUPLEX)
		return FAIL(kind, 0, "functional units %04x do not select one of half-duplex and duplex",
			    units);
	return OK;
}

static void establish(struct session *s, uint16_t units, uint8_t accepted_tokens, uint32_t serial)
{
	s->units = units;
	s->available = tokens_of(units);
	s->owned = 0;
	for (unsigned shift = 0; shift < 8; shift += 2) {
		uint8_t side = s->token_setting >> shift & 3;

		if (side == TOKEN_ACCEPTOR_CHOICE)
			side = accepted_tokens >> shift & 3;
		if ((side == TOKEN_INITIATOR) == s->initiator)
			s->owned |= (uint8_t)(1 << shift);
	}
	s->owned &= s->available;
	s->va = s->vm = serial;
}

FALLIBLE session_connect_rsp(struct session *s, const struct session_connect *c)
{
	struct session_connect accept = *c;
	struct spdu ac = { .kind = SPDU_AC };

	accept.units = common_units(s->proposed, c->units);
	TRY(check_units(accept.units, ST_USAGE));
	put_parameters(&ac, &accept, SP_CALLED_REF);
	spdu_set_number(&ac, SP_ITEM_VERSION, s->version == 2 ? VERSION_2 : VERSION_1);
	if (s->tsdu_maxima)
		spdu_set_number(&ac, SP_ITEM_TSDU_MAX, s->tsdu_maxima);
	spdu_set_some(&ac, SP_USER_DATA, c->user_data);
	return session_step(s, EV_SCONrsp, &ac);
}

FALLIBLE session_send_ac(struct session *s, struct spdu *ac)
{
	TRY(session_send(s, ac));
	establish(s, (uint16_t)ac->value[SP_UNITS].number,
		  (uint8_t)ac->value[SP_TOKEN_SETTING].number,
		  ac->value[SP_INITIAL_SERIAL].number);
	return OK;
}

FALLIBLE session_take_ac(struct session *s, struct spdu *ac)
{
	uint32_t version = number_or(ac, SP_ITEM_VERSION, VERSION_1);
	uint16_t units = common_units(s->proposed, (uint16_t)number_or(ac, SP_UNITS, UNITS_DEFAULT));
	struct session_connect c = {
		.calling_s = ac->value[SP_CALLING_S].octets,
		.called_s = ac->value[SP_CALLED_S].octets,
		.reference = { ac->value[SP_CALLED_REF].octets, ac->value[SP_COMMON_REF].octets,
			       ac->value[SP_ADDITIONAL_REF].octets },
		.units = units,
		.tokens = (uint8_t)ac->value[SP_TOKEN_SETTING].number,
		.has_serial = spdu_has(ac, SP_INITIAL_SERIAL),
		.serial = ac->value[SP_INITIAL_SERIAL].number,
		.user_data = ac->value[SP_USER_DATA].octets,
	};

	if (!(version & s->limits.versions & (VERSION_1 | VERSION_2)))
		return FAIL(ST_PEER, 0, "the AC SPDU selects session version %02x", version);
	s->version = version & s->limits.versions & VERSION_2 ? 2 : 1;
	TRY(check_units(units, ST_PEER));
	TRY(take_tsdu_maxima(s, ac));
	buf_free(&s->connect);
	establish(s, units, c.tokens, c.serial);
	s->user->connect_cnf(s->user_data, &c);
	return OK;
}

FALLIBLE session_refuse_rsp(struct session *s, int reason, struct bytes user_data)
{
	struct spdu rf = { .kind = SPDU_RF };
	AUTO(buf_free) struct buf code = { 0 };

	if (reason < REFUSED_BY_USER || reason > REFUSED_BY_USER_DATA)
		return FAIL(ST_USAGE, 0, "reason %d is not a user's", reason);
	buf_put_u8(&code, user_data.len ? REFUSED_BY_USER_DATA : (uint8_t)reason);
	buf_put(&code, user_data);
	spdu_set_number(&rf, SP_DISCONNECT, DISCONNECT_RELEASED);
	/* What the called side would have required, as other makers say it too [X.225 8.3]. */
	spdu_set_number(&rf, SP_UNITS, common_units(s->proposed, UNITS_SUPPORTED));
	spdu_set_octets(&rf, SP_REASON, buf_view(&code));
	return session_step(s, EV_SCONrsp_reject, &rf);
}

FALLIBLE session_send_rf(struct session *s, struct spdu *rf)
{
	TRY(session_send(s, rf));
	session_end(s);
	return OK;
}

static const char *refusal_text(int reason)
{
	switch (reason) {
	case REFUSED_BY_USER:		return "by its user, without a reason";
	case REFUSED_BY_USER_CONGESTED:	return "by its user, for temporary congestion";
	case REFUSED_BY_USER_DATA:	return "by its user, which says why";
	case REFUSED_SELECTOR_UNKNOWN:	return "the session selector is unknown";
	case REFUSED_USER_NOT_ATTACHED:	return "no user is attached to the session selector";
	case REFUSED_PROVIDER_CONGESTED: return "congestion of its session layer";
	case REFUSED_VERSION:		return "no common version of the session protocol";
	case REFUSED_BY_PROVIDER:	return "by its session layer, without a reason";
	case REFUSED_RESTRICTION:	return "a restriction of its session layer";
	}
	return "a reason X.225 does not have";
}

static bool is_passing(int reason)
{
	return reason == REFUSED_BY_USER_CONGESTED || reason == REFUSED_PROVIDER_CONGESTED ||
	       reason == REFUSED_USER_NOT_ATTACHED;
}

FALLIBLE session_take_rf(struct session *s, struct spdu *rf)
{
	struct cursor code = cursor_over(rf->value[SP_REASON].octets);
	int reason = cur_left(&code) ? cur_u8(&code) : REFUSED_BY_USER;
	struct status *why = FAIL(is_passing(reason) ? ST_LATER : ST_NEVER, reason,
				  "the peer refused the session: %s", refusal_text(reason));

	session_end(s);
	s->user->refuse_ind(s->user_data, reason, cur_rest(&code), why);
	status_free(&why);
	return OK;
}

FALLIBLE session_release_req(struct session *s, struct bytes user_data)
{
	struct spdu fn = { .kind = SPDU_FN };

	spdu_set_number(&fn, SP_DISCONNECT, DISCONNECT_RELEASED);
	spdu_set_some(&fn, SP_USER_DATA, user_data);
	return session_step(s, EV_SRELreq, &fn);
}

FALLIBLE session_send_fn(struct session *s, struct spdu *fn)
{
	TRY(session_send(s, fn));
	s->released = true;
	return OK;
}

/* [X.225 Annex A] An FN that meets our own is a collision: both are answered. */
FALLIBLE session_take_fn(struct session *s, struct spdu *fn)
{
	s->vcoll = s->released;
	s->user->release_ind(s->user_data, fn->value[SP_USER_DATA].octets);
	return OK;
}

FALLIBLE session_release_rsp(struct session *s, struct bytes user_data)
{
	struct spdu dn = { .kind = SPDU_DN };

	spdu_set_some(&dn, SP_USER_DATA, user_data);
	return session_step(s, EV_SRELrsp, &dn);
}

FALLIBLE session_send_dn(struct session *s, struct spdu *dn)
{
	TRY(session_send(s, dn));
	if (s->vcoll && !s->vdnr)
		s->state = STA03;
	else
		session_end(s);
	return OK;
}

FALLIBLE session_take_dn(struct session *s, struct spdu *dn)
{
	if (s->state == STA09) {	/* the answer to our own FN, before we answered the peer's */
		if (!s->vcoll || s->vdnr)
			return FAIL(ST_PEER, 0, "a DN SPDU that answers nothing");
		s->vdnr = true;
	} else {
		session_end(s);
	}
	s->user->release_cnf(s->user_data, dn->value[SP_USER_DATA].octets);
	return OK;
}

void session_u_abort_req(struct session *s, struct bytes user_data)
{
	struct spdu ab = { .kind = SPDU_AB };

	if (s->state == STA01)
		return;
	if (s->version == 1 && user_data.len > ABORT_DATA_MAX_VERSION_1)
		user_data = bytes_none();
	spdu_set_number(&ab, SP_DISCONNECT, DISCONNECT_RELEASED | DISCONNECT_USER_ABORT);
	spdu_set_some(&ab, SP_USER_DATA, user_data);
	if (s->state != STA01B)
		status_drop(session_send(s, &ab));	/* it ends, whether the AB SPDU left or not */
	session_end(s);
}

FALLIBLE session_take_ab(struct session *s, struct spdu *ab)
{
	uint32_t bits = ab->value[SP_DISCONNECT].number;
	int reason = (int)(bits & (ABORT_PROTOCOL_ERROR | ABORT_NO_REASON | ABORT_RESTRICTION));
	struct status *why;

	session_end(s);
	if (bits & DISCONNECT_USER_ABORT) {
		s->user->u_abort_ind(s->user_data, ab->value[SP_USER_DATA].octets);
		return OK;
	}
	why = FAIL(ST_PEER, reason, "the peer's session layer aborted: %s",
		   reason & ABORT_PROTOCOL_ERROR ? "it saw a protocol error" :
		   reason & ABORT_RESTRICTION ? "a restriction of its own" : "no reason given");
	s->user->p_abort_ind(s->user_data, reason, why);
	status_free(&why);
	return OK;
}
