/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes in, and where it goes: a submission, a transferred message, a
 * probe or a report becomes an entry of the queue with a next hop for each
 * recipient.  Those without one are settled at once, with a report.
 */
#ifndef MTA_INTAKE_H
#define MTA_INTAKE_H

#include "lib/mhs/report.h"
#include "mta/change.h"

/* A message or probe, with its trace complete; views stay valid as long as the change.  Where it is
 * refused as a whole (borrowed, may be null), no recipient gets it, and the reports say why. */
FALLIBLE intake_envelope(struct mta *mta, struct envelope *env, const char *source,
			 const struct status *refused, struct change *change);

/* A P1 APDU from a peer, whose octets the change keeps. */
struct intake {
	struct mta *mta;
	const struct peer *from;
	const struct link *link;	/* until intake_apdu returns */
	struct change *change;
	/* In the loop, maybe from within intake_apdu: what is to be stored is in the change, or
	 * failed (borrowed) says why not: ST_PEER where the APDU is malformed, ST_LATER where it may
	 * be taken on another time. */
	void (*done)(void *arg, const struct status *failed);
	void *arg;
};

/* Adds our trace, looks for loops, judges its origin, and takes it in. */
void intake_apdu(const struct intake *intake, struct bytes apdu);

/* The report on what became of recipients of a message, if its originator or an MTA wants one. */
FALLIBLE intake_outcomes(struct mta *mta, const struct envelope *subject,
			 const struct outcome *outcomes, size_t count, struct change *change);

#endif
