/* SPDX-License-Identifier: Apache-2.0 */
/* Two ends of a session that hand everything to each other at once, and say what was asked. */
#ifndef TESTS_SUPPORT_LOOP_SESSION_H
#define TESTS_SUPPORT_LOOP_SESSION_H

#include "lib/osi/presentation.h"

struct loop_end {
	struct loop_end *peer;		/* null: nobody listens, the octets are kept */
	struct presentation *pres;
	struct buf sent;		/* user data of the last request */
	const char *asked;		/* its name */
};

extern const struct pres_session_service loop_session;

/* The end as presentation wants it. */
static inline struct session *loop_as_session(struct loop_end *end)
{
	return (struct session *)end;
}

#endif
