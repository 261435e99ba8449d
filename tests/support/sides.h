/* SPDX-License-Identifier: Apache-2.0 */
/* Two whole stacks, an initiator and a responder, on a network in memory; each notes what its
 * user was told, and keeps what it was given. */
#ifndef TESTS_SUPPORT_SIDES_H
#define TESTS_SUPPORT_SIDES_H

#include "lib/mhs/contexts.h"
#include "lib/osi/rtse_recovery.h"
#include "tests/support/wire.h"

/* An application context that nobody serves; the rest are those of lib/mhs/contexts.h. */
extern const struct app_context ac_unknown;

struct side {
	struct assoc *assoc;
	struct buf told;		/* what happened, "bind;turn;", zero-terminated by side_told */
	struct buf got;			/* the last argument, result, error or APDU */
	struct rtse_recovery *recovery;	/* used from the bind on, if any */
	int32_t invoke_id;		/* of the last invocation received */
	int transfers, results, confirmed, invokes;
	bool refuse_bind;		/* with a bind error */
	bool hold_bind, hold_transfer, hold_invoke, hold_unbind;
	bool echo;			/* answers each invocation with its argument */
	bool give_turn;			/* when asked */
	bool over;
};

struct sides {
	struct wire *wire;
	struct side initiator, responder;
};

/* limits may be null.  The responder serves P1, P3 over RTSE, and P7. */
void sides_open(struct sides *s, const struct assoc_limits *limits);
/* The same with limits of their own. */
void sides_open_apart(struct sides *s, const struct assoc_limits *asking,
		      const struct assoc_limits *answering);
/* Frees the associations and the network, and what was noted. */
void sides_close(struct sides *s);

/* Binds and runs until nothing moves: true if the initiator is bound. */
bool sides_bind(struct sides *s, const struct app_context *context, const char *reference);
void sides_run(struct sides *s);

/* What was told since the last call.  Lives until the next one. */
const char *side_told(struct side *s);

/* An OCTET STRING of len octets in a pattern, with its header. */
struct buf sides_value(size_t len);

/* A bind argument and a bind result of an application context, as its Recommendation has them. */
struct bytes sides_bind_argument(const struct app_context *context);
struct bytes sides_bind_result(const struct app_context *context);

#endif
