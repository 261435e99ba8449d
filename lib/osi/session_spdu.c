/* SPDX-License-Identifier: Apache-2.0 */
/* The SPDUs [X.225 8], read and written by two tables: of SPDUs and of parameters. */
#include "lib/osi/session_spdu.h"

#include <inttypes.h>

#define BIT(p) (UINT64_C(1) << (p))

/* SPDU identifiers [X.225 8.3]; must: what has to be there, in the first segment. */
static const struct {
	const char *name;
	uint8_t identifier;
	uint64_t must;
} spdus[SPDU_COUNT] = {
	[SPDU_CN]  = { "CN SPDU", 13, 0 },
	[SPDU_OA]  = { "OA SPDU", 16, 0 },
	[SPDU_CDO] = { "CDO SPDU", 15, 0 },
	[SPDU_AC]  = { "AC SPDU", 14, 0 },
	[SPDU_RF]  = { "RF SPDU", 12, 0 },
	[SPDU_FN]  = { "FN SPDU", 9, 0 },
	[SPDU_DN]  = { "DN SPDU", 10, 0 },
	[SPDU_AB]  = { "AB SPDU", 25, 0 },
	[SPDU_AA]  = { "AA SPDU", 26, 0 },
	[SPDU_GTC] = { "GTC SPDU", 21, 0 },
	[SPDU_GTA] = { "GTA SPDU", 22, 0 },
	[SPDU_TD]  = { "TD SPDU", 33, 0 },
	[SPDU_GT]  = { "GT SPDU", 1, 0 },
	[SPDU_PT]  = { "PT SPDU", 2, 0 },
	[SPDU_DT]  = { "DT SPDU", 1, 0 },
	[SPDU_MIP] = { "MIP SPDU", 49, BIT(SP_SERIAL) },
	[SPDU_MIA] = { "MIA SPDU", 50, BIT(SP_SERIAL) },
	[SPDU_AS]  = { "AS SPDU", 45, BIT(SP_ACTIVITY) },
	[SPDU_AR]  = { "AR SPDU", 29, BIT(SP_ACTIVITY) | BIT(SP_OLD_ACTIVITY) | BIT(SP_LINK_SERIAL) },
	[SPDU_AI]  = { "AI SPDU", 25, 0 },
	[SPDU_AIA] = { "AIA SPDU", 26, 0 },
	[SPDU_AD]  = { "AD SPDU", 57, 0 },
	[SPDU_ADA] = { "ADA SPDU", 58, 0 },
	[SPDU_AE]  = { "AE SPDU", 41, BIT(SP_SERIAL) },
	[SPDU_AEA] = { "AEA SPDU", 42, BIT(SP_SERIAL) },
	[SPDU_ER]  = { "ER SPDU", 0, 0 },
	[SPDU_ED]  = { "ED SPDU", 48, BIT(SP_REASON) },
};

enum form { NUMBER, DIGITS, OCTETS };

enum {				/* parameter groups */
	NO_GROUP = 0,
	CONNECTION_IDENTIFIER = 1,
	CONNECT_ACCEPT_ITEM = 5,
	LINKING_INFORMATION = 33,
};

/* Parameter identifiers and lengths [X.225 8.3]. */
static const struct {
	const char *name;
	uint8_t group, code;
	enum form form;
	uint16_t min, max;	/* octets */
} params[SPDU_PARAM_COUNT] = {
	[SP_CALLED_REF]     = { "Called SS-user Reference", CONNECTION_IDENTIFIER, 9, OCTETS, 0, 64 },
	[SP_CALLING_REF]    = { "Calling SS-user Reference", CONNECTION_IDENTIFIER, 10, OCTETS, 0, 64 },
	[SP_COMMON_REF]     = { "Common Reference", CONNECTION_IDENTIFIER, 11, OCTETS, 0, 64 },
	[SP_ADDITIONAL_REF] = { "Additional Reference Information", CONNECTION_IDENTIFIER, 12, OCTETS, 0, 4 },
	[SP_OPTIONS]        = { "Protocol Options", CONNECT_ACCEPT_ITEM, 19, NUMBER, 1, 1 },
	[SP_ITEM_TSDU_MAX]  = { "TSDU Maximum Size", CONNECT_ACCEPT_ITEM, 21, NUMBER, 4, 4 },
	[SP_ITEM_VERSION]   = { "Version Number", CONNECT_ACCEPT_ITEM, 22, NUMBER, 1, 1 },
	[SP_INITIAL_SERIAL] = { "Initial Serial Number", CONNECT_ACCEPT_ITEM, 23, DIGITS, 1, 6 },
	[SP_TOKEN_SETTING]  = { "Token Setting Item", CONNECT_ACCEPT_ITEM, 26, NUMBER, 1, 1 },
	[SP_SYNC_TYPE]      = { "Sync Type Item", NO_GROUP, 15, NUMBER, 1, 1 },
	[SP_TOKENS]         = { "Token Item", NO_GROUP, 16, NUMBER, 1, 1 },
	[SP_DISCONNECT]     = { "Transport Disconnect", NO_GROUP, 17, NUMBER, 1, 1 },
	[SP_UNITS]          = { "Session User Requirements", NO_GROUP, 20, NUMBER, 2, 2 },
	[SP_TSDU_MAX]       = { "TSDU Maximum Size", NO_GROUP, 21, NUMBER, 4, 4 },
	[SP_VERSION]        = { "Version Number", NO_GROUP, 22, NUMBER, 1, 1 },
	[SP_ENCLOSURE]      = { "Enclosure Item", NO_GROUP, 25, NUMBER, 1, 1 },
	[SP_LINK_CALLED]    = { "Called SS-user Reference", LINKING_INFORMATION, 9, OCTETS, 0, 64 },
	[SP_LINK_CALLING]   = { "Calling SS-user Reference", LINKING_INFORMATION, 10, OCTETS, 0, 64 },
	[SP_LINK_COMMON]    = { "Common Reference", LINKING_INFORMATION, 11, OCTETS, 0, 64 },
	[SP_LINK_ADDITIONAL] = { "Additional Reference Information", LINKING_INFORMATION, 12, OCTETS, 0, 4 },
	[SP_OLD_ACTIVITY]   = { "Old Activity Identifier", LINKING_INFORMATION, 41, OCTETS, 0, 6 },
	[SP_LINK_SERIAL]    = { "Serial Number", LINKING_INFORMATION, 42, DIGITS, 1, 6 },
	[SP_ACTIVITY]       = { "Activity Identifier", NO_GROUP, 41, OCTETS, 0, 6 },
	[SP_SERIAL]         = { "Serial Number", NO_GROUP, 42, DIGITS, 1, 6 },
	[SP_MIA_DATA]       = { "User Data", NO_GROUP, 46, OCTETS, 0, SPDU_LENGTH_MAX },
	[SP_REFLECT]        = { "Reflect Parameter", NO_GROUP, 49, OCTETS, 0, SPDU_LENGTH_MAX },
	[SP_REASON]         = { "Reason Code", NO_GROUP, 50, OCTETS, 0, SPDU_LENGTH_MAX },
	[SP_CALLING_S]      = { "Calling Session Selector", NO_GROUP, 51, OCTETS, 0, 16 },
	[SP_CALLED_S]       = { "Called Session Selector", NO_GROUP, 52, OCTETS, 0, 16 },
	[SP_OVERFLOW]       = { "Data Overflow", NO_GROUP, 60, NUMBER, 1, 1 },
	[SP_USER_DATA]      = { "User Data", NO_GROUP, 193, OCTETS, 0, SPDU_LENGTH_MAX },
	[SP_EXTENDED_DATA]  = { "Extended User Data", NO_GROUP, 194, OCTETS, 0, SPDU_LENGTH_MAX },
};

const char *spdu_name(enum spdu_kind kind)
{
	return spdus[kind].name;
}

void spdu_set_number(struct spdu *s, enum spdu_param p, uint32_t number)
{
	s->present |= BIT(p);
	s->value[p].number = number;
}

void spdu_set_octets(struct spdu *s, enum spdu_param p, struct bytes octets)
{
	s->present |= BIT(p);
	s->value[p].octets = octets;
}

void spdu_set_some(struct spdu *s, enum spdu_param p, struct bytes octets)
{
	if (octets.len)
		spdu_set_octets(s, p, octets);
}

enum spdu_param spdu_data_param(enum spdu_kind kind)
{
	switch (kind) {
	case SPDU_MIA:
		return SP_MIA_DATA;
	case SPDU_RF:
		return SP_REASON;	/* behind the reason code */
	default:
		return SP_USER_DATA;
	}
}

bool spdu_is_category_0(enum spdu_kind kind)
{
	return kind == SPDU_GT || kind == SPDU_PT;
}

bool spdu_is_category_2(enum spdu_kind kind)
{
	return kind >= SPDU_DT;
}

/* [X.225 8.2] Both forms of a length indicator. */
static size_t take_length(struct cursor *c)
{
	uint8_t length = cur_u8(c);

	return length == 255 ? cur_u16(c) : length;
}

static void put_length(struct buf *out, size_t length)
{
	if (length < 255) {
		buf_put_u8(out, (uint8_t)length);
	} else {
		buf_put_u8(out, 255);
		buf_put_u16(out, (uint16_t)length);
	}
}

static FALLIBLE decode_number(enum spdu_param p, struct bytes value, uint32_t *out_number)
{
	uint32_t number = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (params[p].form == NUMBER) {
			number = number << 8 | value.data[i];
			continue;
		}
		if (value.data[i] < '0' || value.data[i] > '9')
			return FAIL(ST_PEER, 0, "octet %02x in a %s is no digit", value.data[i],
				    params[p].name);
		number = number * 10 + (value.data[i] - '0');
	}
	*out_number = number;
	return OK;
}

static FALLIBLE decode_value(struct spdu *s, enum spdu_param p, struct bytes value)
{
	if (spdu_has(s, p))
		return FAIL(ST_PEER, 0, "%s twice", params[p].name);
	if (value.len < params[p].min || value.len > params[p].max)
		return FAIL(ST_PEER, 0, "%s of %zu octets, not %u to %u", params[p].name, value.len,
			    params[p].min, params[p].max);
	s->present |= BIT(p);
	s->value[p].octets = value;
	if (params[p].form == OCTETS)
		return OK;
	return decode_number(p, value, &s->value[p].number);
}

static bool is_group(uint8_t code)
{
	return code == CONNECTION_IDENTIFIER || code == CONNECT_ACCEPT_ITEM ||
	       code == LINKING_INFORMATION;
}

/* Parameters that this table does not have are passed over, so that later versions of the
 * protocol are understood. */
static FALLIBLE decode_params(struct cursor *in, uint8_t group, struct spdu *s)
{
	while (cur_left(in)) {
		uint8_t code = cur_u8(in);
		struct bytes value = cur_take(in, take_length(in));

		TRY(cur_check(in, "a parameter"));
		if (!group && is_group(code)) {
			struct cursor inner = cursor_over(value);

			TRY(decode_params(&inner, code, s));
			continue;
		}
		for (int p = 0; p < SPDU_PARAM_COUNT; p++)
			if (params[p].group == group && params[p].code == code)
				TRY(decode_value(s, (enum spdu_param)p, value));
	}
	return OK;
}

static FALLIBLE find_kind(uint8_t identifier, bool first, enum spdu_kind *out_kind)
{
	int from = first ? 0 : SPDU_DT;
	int to = first ? SPDU_DT : SPDU_COUNT;

	for (int k = from; k < to; k++) {
		if (spdus[k].identifier == identifier) {
			*out_kind = (enum spdu_kind)k;
			return OK;
		}
	}
	return FAIL(ST_PEER, 0, "SPDU identifier %u is not one that may stand %s", identifier,
		    first ? "first in a TSDU" : "behind GT or PT");
}

FALLIBLE spdu_decode(struct cursor *tsdu, bool first, struct spdu *out)
{
	uint8_t identifier = cur_u8(tsdu);
	struct cursor in = cursor_over(cur_take(tsdu, take_length(tsdu)));
	uint64_t missing = 0;

	out->present = 0;
	memset(out->value, 0, sizeof out->value);
	out->information = bytes_none();
	TRY(cur_check(tsdu, "an SPDU"));
	TRY(find_kind(identifier, first, &out->kind));
	TRY_DOING(decode_params(&in, NO_GROUP, out), "cannot read a %s", spdu_name(out->kind));
	if (!spdu_has(out, SP_ENCLOSURE) || out->value[SP_ENCLOSURE].number & ENCLOSURE_BEGIN)
		missing = spdus[out->kind].must & ~out->present;
	if (missing)
		return FAIL(ST_PEER, 0, "a %s without its %s", spdu_name(out->kind),
			    params[__builtin_ctzll(missing)].name);
	if (out->kind == SPDU_AE && out->value[SP_SYNC_TYPE].number & SYNC_NOT_END)
		return FAIL(ST_PEER, 0, "a MAP SPDU without the major synchronise functional unit");
	if (out->kind == SPDU_DT || out->kind == SPDU_TD)
		out->information = cur_rest(tsdu);
	return OK;
}

static FALLIBLE put_value(const struct spdu *s, enum spdu_param p, struct buf *out)
{
	char digits[sizeof "4294967295"];
	uint8_t number[4];
	struct bytes octets = s->value[p].octets;

	if (params[p].form == NUMBER) {
		for (size_t i = 0; i < params[p].max; i++)
			number[i] = (uint8_t)(s->value[p].number >> 8 * (params[p].max - 1u - i));
		octets = bytes_of(number, params[p].max);
	} else if (params[p].form == DIGITS) {
		octets = bytes_of(digits, (size_t)snprintf(digits, sizeof digits, "%" PRIu32,
							   s->value[p].number));
	}
	if (octets.len < params[p].min || octets.len > params[p].max)
		return FAIL(ST_USAGE, 0, "%s of %zu octets, not %u to %u", params[p].name, octets.len,
			    params[p].min, params[p].max);
	buf_put_u8(out, params[p].code);
	put_length(out, octets.len);
	buf_put(out, octets);
	return OK;
}

/* Parameters from p on that share its group; moves p behind them. */
static FALLIBLE put_group(const struct spdu *s, int *p, struct buf *out)
{
	uint8_t group = params[*p].group;
	AUTO(buf_free) struct buf inner = { 0 };

	for (; *p < SPDU_PARAM_COUNT && params[*p].group == group; ++*p)
		if (spdu_has(s, (enum spdu_param)*p))
			TRY(put_value(s, (enum spdu_param)*p, &inner));
	if (!inner.len)
		return OK;
	if (group) {
		buf_put_u8(out, group);
		put_length(out, inner.len);
	}
	buf_put(out, buf_view(&inner));
	return OK;
}

FALLIBLE spdu_encode(const struct spdu *s, struct buf *out)
{
	AUTO(buf_free) struct buf body = { 0 };

	for (int p = 0; p < SPDU_PARAM_COUNT;)
		TRY_DOING(put_group(s, &p, &body), "cannot write a %s", spdu_name(s->kind));
	if (body.len > SPDU_LENGTH_MAX)
		return FAIL(ST_USAGE, 0, "a %s of %zu octets is too long", spdu_name(s->kind), body.len);
	buf_put_u8(out, spdus[s->kind].identifier);
	put_length(out, body.len);
	buf_put(out, buf_view(&body));
	return OK;
}
