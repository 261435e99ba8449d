/* SPDX-License-Identifier: Apache-2.0 */
/* The SPDUs [X.225 8], read and written by two tables: of SPDUs and of parameters. */
#ifndef LIB_OSI_SESSION_SPDU_H
#define LIB_OSI_SESSION_SPDU_H

#include "lib/base/bytes.h"
#include "lib/base/cursor.h"
#include "lib/base/status.h"

enum spdu_kind {
	/* Category 1: alone in a TSDU [X.225 6]. */
	SPDU_CN, SPDU_OA, SPDU_CDO, SPDU_AC, SPDU_RF, SPDU_FN, SPDU_DN, SPDU_AB, SPDU_AA,
	SPDU_GTC, SPDU_GTA, SPDU_TD,
	/* Category 0: first in a TSDU. */
	SPDU_GT, SPDU_PT,
	/* Category 2: behind one of category 0. */
	SPDU_DT, SPDU_MIP, SPDU_MIA, SPDU_AS, SPDU_AR, SPDU_AI, SPDU_AIA, SPDU_AD, SPDU_ADA,
	SPDU_AE, SPDU_AEA, SPDU_ER, SPDU_ED,
	SPDU_COUNT
};

/* Parameters, in the order in which they are written: by code, a group's within the group. */
enum spdu_param {
	SP_CALLED_REF, SP_CALLING_REF, SP_COMMON_REF, SP_ADDITIONAL_REF,
	SP_OPTIONS, SP_ITEM_TSDU_MAX, SP_ITEM_VERSION, SP_INITIAL_SERIAL, SP_TOKEN_SETTING,
	SP_SYNC_TYPE, SP_TOKENS, SP_DISCONNECT, SP_UNITS, SP_TSDU_MAX, SP_VERSION, SP_ENCLOSURE,
	SP_LINK_CALLED, SP_LINK_CALLING, SP_LINK_COMMON, SP_LINK_ADDITIONAL,
	SP_OLD_ACTIVITY, SP_LINK_SERIAL,
	SP_ACTIVITY, SP_SERIAL, SP_MIA_DATA, SP_REFLECT, SP_REASON, SP_CALLING_S, SP_CALLED_S,
	SP_OVERFLOW, SP_USER_DATA, SP_EXTENDED_DATA,
	SPDU_PARAM_COUNT
};

enum {
	ENCLOSURE_BEGIN = 1,
	ENCLOSURE_END = 2,
	DISCONNECT_RELEASED = 1,	/* the transport connection is not kept */
	DISCONNECT_USER_ABORT = 2,
	SYNC_NO_CONFIRM = 1,		/* MIP: explicit confirmation is not required */
	SYNC_NOT_END = 1,		/* MAP: does not end the activity; absent in AE */
	OVERFLOW_MORE = 1,		/* CN: user data go on in CDO SPDUs */
};

#define SPDU_LENGTH_MAX 65535		/* of an SPDU's parameters, and of a parameter */

struct spdu_value {
	uint32_t number;
	struct bytes octets;
};

struct spdu {
	enum spdu_kind kind;
	uint64_t present;			/* a set of enum spdu_param */
	struct spdu_value value[SPDU_PARAM_COUNT];	/* zero where absent */
	/* DT and TD: user information behind the parameters. */
	struct bytes information;		/* received */
	const struct bytes *parts;		/* to be sent */
	size_t count;
};

const char *spdu_name(enum spdu_kind kind);

static inline bool spdu_has(const struct spdu *s, enum spdu_param p)
{
	return s->present >> p & 1;
}

void spdu_set_number(struct spdu *s, enum spdu_param p, uint32_t number);
/* Borrowed until the SPDU was encoded. */
void spdu_set_octets(struct spdu *s, enum spdu_param p, struct bytes octets);
/* As spdu_set_octets, but empty ones are left out. */
void spdu_set_some(struct spdu *s, enum spdu_param p, struct bytes octets);

/* The parameter that holds an SPDU's user data. */
enum spdu_param spdu_data_param(enum spdu_kind kind);

/*
 * The next SPDU of a TSDU, in views.  first: nothing precedes it, which is what
 * tells GT from DT, AB from AI and AA from AIA.  ST_PEER names what is wrong.
 */
FALLIBLE spdu_decode(struct cursor *tsdu, bool first, struct spdu *out);

/* Whether one of category 2 may follow, or must precede. */
bool spdu_is_category_0(enum spdu_kind kind);
bool spdu_is_category_2(enum spdu_kind kind);

/* Appends an SPDU, without user information.  ST_USAGE where a length cannot be said. */
FALLIBLE spdu_encode(const struct spdu *s, struct buf *out);

#endif
