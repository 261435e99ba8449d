/* SPDX-License-Identifier: Apache-2.0 */
/* Inside an association: what assoc*.c share. */
#ifndef LIB_OSI_ASSOC_INTERNAL_H
#define LIB_OSI_ASSOC_INTERNAL_H

#include "lib/base/arena.h"
#include "lib/osi/acse.h"
#include "lib/osi/assoc.h"
#include "lib/osi/cotp.h"
#include "lib/osi/presentation.h"
#include "lib/osi/rose.h"
#include "lib/osi/rtse.h"
#include "lib/osi/rtse_pdu.h"
#include "lib/osi/rtse_recovery.h"
#include "lib/osi/session.h"

#define ASSOC_STATES(X)                                       \
	X(NEW,          "before the bind")                    \
	X(BINDING,      "awaiting the answer to the bind")    \
	X(ANSWERING,    "awaiting the user's answer to the bind") \
	X(OPEN,         "open")                               \
	X(UNBINDING,    "awaiting the answer to the unbind")  \
	X(RELEASING,    "awaiting the user's answer to the unbind") \
	X(OVER,         "over")

#define ASSOC_ENUM_STATE(name, text) ASSOC_##name,
enum assoc_state { ASSOC_STATES(ASSOC_ENUM_STATE) };
const char *assoc_state_text(enum assoc_state state);

/* More abstract syntaxes than any application context of X.419 has. */
#define SYNTAXES_MAX 12

/* A ROSE APDU that waits for the turn. */
struct waiting {
	struct waiting *next;
	struct buf apdu;
	int32_t invoke_id;	/* as struct assoc has it */
};

struct assoc {
	enum assoc_state state;
	bool initiator;
	const struct app_context *const *contexts;
	struct assoc_limits limits;
	const struct network *network;
	void *net;
	const struct assoc_user *user;
	void *user_data;

	struct cotp *cotp;
	struct session *session;
	struct presentation *presentation;
	struct acse *acse;
	struct rtse *rtse;		/* where the application context has them, once open */
	struct rose *rose;
	struct rtse_recovery *recovery;

	const struct app_context *context;
	/* The presentation context of each of its syntaxes, 0 where the responder has it not. */
	int ids[SYNTAXES_MAX];
	struct rtse_open terms;		/* of RTORQ; its views are gone */
	bool initiator_has_turn;
	struct buf name;		/* of the association: contents of SessionConnectionIdentifier */
	bool serves_address;
	struct assoc_address own;	/* what a responder answers to */
	struct arena *kept;		/* what own and answer view */
	struct acse_associate answer;	/* of a responder, while its user thinks */

	/* the turn, and ROSE over RTSE */
	struct waiting *first, **last;
	unsigned waiting_count;
	bool turn_needed;		/* the user asked for it: as soon as that can be sent */
	int turn_priority;
	bool turn_asked;		/* by this side, not yet given */
	bool turn_wanted;		/* by the peer */
	bool unbind_wanted;		/* once all is sent and the turn is here */
	int32_t invoke_id;		/* of the invocation that is being sent; 0: none is */
	struct buf *apdu;		/* what is being handed to the user; he may take it */
};

/* ST_USAGE that names the request and the state. */
FALLIBLE assoc_in_state(const struct assoc *a, enum assoc_state state, const char *request);

/* It ends because of the peer or a layer: the peer is aborted, the user told.  Takes why. */
void assoc_break(struct assoc *a, struct status *why);
/* It has ended beneath: the user is told.  Borrows why. */
void assoc_lost(struct assoc *a, const struct status *why);

/* assoc_bind.c: what ACSE tells. */
extern const struct acse_user assoc_acse_user;
/* Asks for the release. */
FALLIBLE assoc_release(struct assoc *a);

/* assoc_bind_data.c: the bind inside of A-ASSOCIATE's user information [X.229 8]. */
enum bind_tag { BIND_ARGUMENT = 16, BIND_RESULT = 17, BIND_ERROR = 18 };
/* Appends the user information: the TLV tagged, in an APDU of RTSE where the context has it. */
void bind_data_encode(const struct assoc *a, enum bind_tag tag, struct bytes tlv, struct buf *out);
/* Reads one; *out_tlv is empty where an association is recovered.  *open has the terms. */
FALLIBLE bind_data_decode(const struct assoc *a, enum bind_tag tag, struct bytes in,
			  struct rtse_open *open, struct bytes *out_tlv);

/* assoc_lower.c: what presentation tells, and what RTSE asks of it. */
extern const struct pres_user assoc_pres_user;
extern const struct rtse_service assoc_rtse_service;

/* assoc_transfer.c: RTSE and ROSE on an open association. */
void assoc_open_machines(struct assoc *a);
/* Sends what waits, passes the turn, asks for it, unbinds: whatever can go on. */
void assoc_go_on(struct assoc *a);
FALLIBLE assoc_data_ind(struct assoc *a, int context_id, struct bytes data, struct buf *holder);

#endif
