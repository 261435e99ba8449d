/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One change of the queue: what is added, what became of recipients, and the
 * report about them, durable together or not at all.  Afterwards the hops
 * that have something to do are told.
 */
#ifndef MTA_CHANGE_H
#define MTA_CHANGE_H

#include "mta/mta.h"

struct change;

struct change *change_new(struct mta *mta);
void change_free(struct change **change);

/* Lives as long as the change: for what is added. */
struct arena *change_arena(struct change *change);

/* The change keeps octets that views point into. */
void change_keep(struct change *change, struct buf *io_octets);

/* While done is called: they outlive the change, with the views. */
struct buf change_take(struct change *change);

/* Adds a message, probe or report.  Texts and octets lie in the change's arena or octets.  Where it
 * was added before, so was what stands behind it in the change: none of that is stored again. */
void change_add(struct change *change, const struct queue_message *message);
/* Settles a recipient; texts lie in the change's arena. */
void change_mark(struct change *change, const struct queue_result *result);
/* A piece of work is not under way any more once this is stored, or could not be. */
void change_untake(struct change *change, int64_t message, const char *next_hop);

/* The change is the submission of these octets by somebody: where it repeats one whose answer may
 * have been lost, nothing is stored, and the first one's identifier and time are filled in.  It
 * lies where it stays until done is called. */
struct submitted;
void change_once(struct change *change, const char *who, struct bytes octets,
		 struct submitted *io_submitted);

/* Stores it, then calls done in the loop: failed is null once all of it is durable (borrowed).
 * done may be null.  Takes the change. */
void change_submit(struct change *change, void (*done)(void *arg, const struct status *failed),
		   void *arg);

#endif
