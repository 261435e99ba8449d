/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application association as its users see it: one object over the whole
 * stack (TPKT, COTP, session, presentation, ACSE, and RTSE and ROSE where the
 * application context has them).  It owns no socket, clock or thread: octets
 * from the network go in at assoc_input, octets for it come out through struct
 * network, and what happened is told through struct assoc_user.
 *
 * A callback may call any function here but assoc_free.  After abort_ind, or
 * unbind_cnf, or the return from an unbind_ind that was answered, the
 * association is over: only assoc_free may follow.
 */
#ifndef LIB_OSI_ASSOC_H
#define LIB_OSI_ASSOC_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"
#include "lib/osi/network.h"

struct assoc;
struct rtse_recovery;		/* lib/osi/rtse_recovery.h */

/* One abstract syntax that an application context brings [X.226 6.2.2]. */
struct abstract_syntax {
	const char *name;	/* as its Recommendation calls it: "id-as-msse" */
	const char *oid;	/* dotted: "2.6.0.2.1" */
};

/* An application context [X.217; X.419 7 to 12]: names come from lib/mhs/contexts.c. */
struct app_context {
	const char *name;			/* "mts-transfer" */
	const char *oid;			/* dotted */
	bool rtse;				/* RTSE carries the bind and the APDUs */
	bool rose;				/* operations travel in it */
	const struct abstract_syntax *syntaxes;	/* besides ACSE's own; ends with a null name */
	int bind_syntax;			/* the index of the one the bind travels in */
	/* The index of the abstract syntax that an operation travels in, -1 if it is none of
	 * this context's. Null where rose is false. */
	int (*operation_syntax)(int operation);
};

/* Bounds, each with a default in assoc_limits_default [DESIGN 7]. */
struct assoc_limits {
	size_t apdu_max;		/* octets of one APDU or TSDU, once the bind is accepted */
	size_t bind_max;		/* the same before: nobody has proved who he is yet */
	size_t tpdu_size;		/* proposed TPDU size: 128 to 65531 */
	uint32_t checkpoint_size;	/* RTSE, in units of 1024 octets; 0 is none */
	uint32_t window_size;		/* RTSE, checkpoints outstanding */
	unsigned invocations_max;	/* operations outstanding in each direction */
};
extern const struct assoc_limits assoc_limits_default;

/* Addresses of one side; an empty selector is absent.  All are borrowed. */
struct assoc_address {
	struct bytes t_selector, s_selector, p_selector;
	struct bytes ap_title;		/* DER of a Name, or empty [X.227 7.1] */
	/* The initiator's name for the association, never used by it before: what a transfer cut
	 * off in it is known by when it is resumed in a later one.  Up to 60 octets; empty: none
	 * [X.228 SessionConnectionIdentifier].  With it, when it was opened, as UTCTime text. */
	struct bytes reference;
	struct bytes opened;
};

struct assoc_bind {			/* what a responder learns from the initiator */
	const struct app_context *context;
	struct bytes argument;		/* the bind argument: one BER TLV, borrowed */
	struct assoc_address calling, called;
	/* RTSE: the initiator continues an earlier association, of this name, instead of binding
	 * anew; argument is empty.  Nothing authenticates it: refuse, unless it may. */
	bool recovers;
	struct bytes lost_reference, lost_opened;
	bool dialogue_two_way;		/* RTSE: two-way alternate (the turn can pass) */
	bool initiator_has_turn;	/* RTSE: who may transfer first */
};

struct assoc_user {
	/* Responder: answer with assoc_bind_rsp or assoc_bind_refuse, now or later. */
	void (*bind_ind)(void *user, const struct assoc_bind *bind);
	/* Initiator: accepted, with the bind result (one TLV). */
	void (*bind_cnf)(void *user, struct bytes result);
	/* Initiator: refused.  error is the bind error (one TLV), or empty where a layer
	 * beneath refused; why says in words which layer and which reason.  The association is over. */
	void (*bind_refused)(void *user, struct bytes error, const struct status *why);

	/* ROSE.  The view lies in *apdu; take *apdu (buf_take) to keep it without a copy. */
	void (*invoke_ind)(void *user, int32_t invoke_id, int operation,
			   struct bytes argument, struct buf *apdu);
	void (*result_ind)(void *user, int32_t invoke_id, struct bytes result, struct buf *apdu);
	void (*error_ind)(void *user, int32_t invoke_id, int error,
			  struct bytes parameter, struct buf *apdu);
	void (*reject_ind)(void *user, int32_t invoke_id, const struct status *why);

	/* RTSE without ROSE.  A message (one TLV) has arrived whole: the view lies in *apdu; take that
	 * to keep it.  Answer with assoc_transfer_rsp once it is durable: only then does the peer
	 * learn of it. */
	void (*transfer_ind)(void *user, struct bytes message, struct buf *apdu);
	/* OK: the peer is responsible now.  ST_LATER: keep it, and transfer it again: where an
	 * rtse_recovery is used it then goes on behind the last checkpoint.  The status is borrowed. */
	void (*transfer_cnf)(void *user, const struct status *failed);
	/* RTSE: this side has the turn now, and may transfer. */
	void (*turn_ind)(void *user);
	/* RTSE: the peer asks for the turn; give it with assoc_turn_give when there is nothing left.
	 * Neither turn indication is made where ROSE travels in RTSE: there it is passed as needed. */
	void (*turn_please_ind)(void *user);

	void (*unbind_ind)(void *user);		/* answer with assoc_unbind_rsp */
	void (*unbind_cnf)(void *user);
	/* It ended without a release: by the peer, a layer, or the network; a responder is told of
	 * one that ended before its bind_ind, too.  Borrowed. */
	void (*abort_ind)(void *user, const struct status *why);
};

/*
 * A new association; network and user outlive it.  contexts ends with a null
 * entry: what a responder serves (an initiator names one of them in bind_req).
 */
struct assoc *assoc_new(const struct app_context *const *contexts,
			const struct assoc_limits *limits,
			const struct network *network, void *net,
			const struct assoc_user *user, void *user_data);
void assoc_free(struct assoc **assoc);

/*
 * Where transfers that were cut off are kept from one association to the next, one for each
 * peer.  It is borrowed and outlives the association.  It is set once it is known who the
 * peer is: at the latest before the first transfer, by a responder before assoc_bind_rsp.
 */
void assoc_use_recovery(struct assoc *a, struct rtse_recovery *recovery);

/* Responder, before any input: refuse whom calls another T-, S- or P-selector than these.  A null
 * selector here matches any, and so does everything without this call. */
void assoc_serve_address(struct assoc *a, const struct assoc_address *own);

/* Octets from the network.  Failures are handled inside: the peer is aborted, the user told. */
void assoc_input(struct assoc *a, struct bytes octets);
/* The network is gone; why may be null where the peer simply closed. */
void assoc_network_lost(struct assoc *a, const struct status *why);

/* Initiator.  The network is connected; argument is one TLV. */
FALLIBLE assoc_bind_req(struct assoc *a, const struct app_context *context,
			const struct assoc_address *calling, const struct assoc_address *called,
			bool two_way, bool initiator_has_turn, struct bytes argument);
/* Responder, after bind_ind. */
FALLIBLE assoc_bind_rsp(struct assoc *a, struct bytes result);
/* Refuses with a bind error (one TLV). */
FALLIBLE assoc_bind_refuse(struct assoc *a, struct bytes error);
/* Initiator, instead of assoc_bind_req: continues an association that was lost and had this
 * reference [X.228 7]; bind_cnf comes with an empty result. */
FALLIBLE assoc_recover_req(struct assoc *a, const struct app_context *context,
			   const struct assoc_address *calling, const struct assoc_address *called,
			   bool two_way, bool initiator_has_turn,
			   struct bytes lost_reference, struct bytes lost_opened);

/* ROSE.  Invoke identifiers are chosen here.  Parts are joined to one TLV on the wire. */
FALLIBLE assoc_invoke_req(struct assoc *a, int operation,
			  const struct bytes *parts, size_t count, int32_t *out_invoke_id);
FALLIBLE assoc_result_req(struct assoc *a, int32_t invoke_id, int operation,
			  const struct bytes *parts, size_t count);
/* parameter is one TLV, or empty. */
FALLIBLE assoc_error_req(struct assoc *a, int32_t invoke_id, int error, struct bytes parameter);
/* problem is one of enum rose_problem of lib/osi/rose.h. */
FALLIBLE assoc_reject_req(struct assoc *a, int32_t invoke_id, int problem);

/* RTSE.  One transfer at a time, and only with the turn; the octets are copied no more than
 * once and may go when this returns. */
FALLIBLE assoc_transfer_req(struct assoc *a, const struct bytes *parts, size_t count);
FALLIBLE assoc_transfer_rsp(struct assoc *a);
/* It could not be made durable: the peer keeps it and tries again later. */
FALLIBLE assoc_transfer_refuse(struct assoc *a);
/* Gives up waiting for the transfer that runs, or lets something urgent pass: transfer_cnf tells
 * the end of it (which may still be success). */
FALLIBLE assoc_transfer_stop(struct assoc *a);
FALLIBLE assoc_turn_give(struct assoc *a);
FALLIBLE assoc_turn_please(struct assoc *a, int priority);
bool assoc_has_turn(const struct assoc *a);

FALLIBLE assoc_unbind_req(struct assoc *a);
FALLIBLE assoc_unbind_rsp(struct assoc *a);
/* Ends it at once; the peer learns that it was aborted, never why in words. */
void assoc_abort_req(struct assoc *a);

#endif
