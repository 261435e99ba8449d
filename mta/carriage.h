/* SPDX-License-Identifier: Apache-2.0 */
/* One message, probe or report on its way to one next hop, from the queue and back into it. */
#ifndef MTA_CARRIAGE_H
#define MTA_CARRIAGE_H

#include "lib/mhs/report.h"
#include "mta/change.h"

struct carriage {
	struct carriage *next;		/* in its channel */
	struct mta *mta;
	const char *next_hop;
	struct arena *arena;
	struct queue_work *work;
	struct buf octets;		/* the APDU: views of env and report point into it */
	struct envelope *env;		/* of a message or probe */
	struct report *report;
	struct outcome *outcomes;	/* delivery: one for each of the work's recipients */
	struct status **failed;		/* delivery: why, where it was not delivered */
	int32_t *invokes;		/* delivery: the operation of each that was sent */
	bool *answered;			/* delivery: by its operation */
	size_t sent, done;		/* delivery: how many of the recipients */
};

/* A piece of work that was taken from the queue, read.  Null where it had expired or can never be
 * read: then it was given up.  ST_LATER where it cannot be read now: then it waits again. */
FALLIBLE carriage_begin(struct mta *mta, const char *next_hop, const struct queue_work *work,
			struct carriage **out_carriage);
void carriage_free(struct carriage **carriage);

/* It was not carried: it waits again, as if it had not been taken. */
void carriage_drop(struct carriage *carriage);
/* The work itself cannot be carried, whatever the association: its originator gets to know. */
void carriage_fail(struct carriage *carriage, const struct status *why);
/* What became of it is in the change: stores that, and lets go of it. */
void carriage_settle(struct carriage *carriage, struct change *change);

/* The place in the envelope of the recipient whom the queue knows by number; ST_NEVER. */
FALLIBLE carriage_place(const struct envelope *env, int number, size_t *out_place);

/* All recipients of a piece of work have failed: settles them, and reports where env is not
 * null. */
FALLIBLE work_fail(struct mta *mta, const struct queue_work *work, const struct envelope *env,
		   const struct status *why, struct change *change);
/* One recipient has failed: settles him, to wait for another attempt where that makes sense. */
void work_mark_failed(struct mta *mta, const struct queue_work *work, size_t recipient,
		      const struct status *why, struct change *change);

#endif
