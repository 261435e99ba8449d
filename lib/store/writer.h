/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one thread that writes to a database.  All jobs that wait are run in one
 * transaction, each in a savepoint of its own so that a failing job fails
 * alone; then comes one durable commit that they share; then their submitters
 * are told.  "Commit, then confirm" is: confirm in done.
 */
#ifndef LIB_STORE_WRITER_H
#define LIB_STORE_WRITER_H

#include "lib/base/loop.h"
#include "lib/store/db.h"

struct writer;

/* How word gets back to the submitter's thread: loop_post, or a test's own. */
struct writer_post {
	void (*post)(void *to, void (*run)(void *arg), void *arg);
	void *to;
};

struct writer_post writer_post_to(struct loop *loop);

enum { WRITER_WAITING_MAX = 10000 };

/* Takes the connection, also where it fails; nobody else uses it from here on.  waiting_max bounds the jobs that
 * are not yet begun (0: WRITER_WAITING_MAX). */
FALLIBLE writer_start(struct db *db, const struct writer_post *post, size_t waiting_max,
		      struct writer **out_writer);

/*
 * Any thread.  job runs in the writer's thread, then done in the submitter's: failed is null once
 * the job is durable, otherwise it says why nothing of it was stored (borrowed).  Jobs run in the
 * order of submission.  done may be null.  ST_LATER where too many wait: neither is then called.
 */
FALLIBLE writer_submit(struct writer *writer,
		       FALLIBLE (*job)(struct db *db, void *arg),
		       void (*done)(void *arg, const struct status *failed), void *arg);

/* Any thread: done follows what every job submitted before was told; at once, with the reason,
 * where that cannot be waited for. */
void writer_drain(struct writer *writer, void (*done)(void *arg, const struct status *failed),
		  void *arg);

/* Any thread: the jobs not yet begun. */
size_t writer_waiting(struct writer *writer);

struct writer_counts {
	uint64_t jobs, failed, commits;
};
/* Any thread. */
struct writer_counts writer_counts(struct writer *writer);

/* Runs what waits, posts what is done, ends the thread and closes the database.  The posted calls
 * may still be under way: they need the writer no more. */
void writer_stop(struct writer **writer);

#endif
