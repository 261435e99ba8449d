/* SPDX-License-Identifier: Apache-2.0 */
/* What session.c (an association, and what is asked over it) and session_again.c (the next one, after a
 * link that broke) share. */
#ifndef UA_SESSION_IMPL_H
#define UA_SESSION_IMPL_H

#include "lib/mhs/recoveries.h"
#include "ua/collect.h"
#include "ua/session.h"

struct call {
	int32_t invoke_id;
	int operation;
	session_answer *answer;
	void *arg;
};

struct session {
	struct home *home;
	struct loop *loop;
	struct assoc_limits limits;
	struct link_env env;
	struct resume_settings resume;
	struct recoveries *recoveries;
	size_t passed;			/* by the last time that the link broke */
	int64_t tries;			/* to bind again, since there was progress */
	struct buf store_name;		/* DER Name, or empty */
	struct collecting collecting;
	int64_t to_collect;		/* at least, by what the MTA told; -1: it did not */
	struct link *link;		/* null once it has ended */
	bool open, alerted, stop;
	struct status *why;		/* of its end */
	struct call *calls;		/* outstanding */
	size_t count;
};

/* Connects and binds, also once more. */
FALLIBLE session_bind(struct session *session);

#endif
