/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one transaction for all that waits. */
#include "lib/store/writer.h"

#include "lib/base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct job {
	FALLIBLE (*run)(struct db *db, void *arg);
	void (*done)(void *arg, const struct status *failed);
	void *arg;
	struct status *failed;
	struct job *next;
};

struct job_list {
	struct job *first, **end;
	size_t count;
};

struct writer {
	struct db *db;			/* the thread's own */
	struct writer_post post;
	size_t waiting_max;
	pthread_t thread;
	pthread_mutex_t mutex;		/* over all below */
	pthread_cond_t wake;
	struct job_list waiting;
	struct writer_counts counts;
	bool stopping;
};

static void list_init(struct job_list *list)
{
	list->first = NULL;
	list->end = &list->first;
	list->count = 0;
}

static void list_add(struct job_list *list, struct job *job)
{
	*list->end = job;
	list->end = &job->next;
	list->count++;
}

/* --- the thread --- */

/* Everything in the batch fails for one reason; what failed alone keeps its own. */
static void fail_all(struct job *batch, struct status *why)
{
	for (struct job *job = batch; job; job = job->next)
		if (!job->failed)
			job->failed = status_copy(why);
	status_drop(why);
}

static FALLIBLE run_jobs(struct db *db, struct job *batch)
{
	for (struct job *job = batch; job; job = job->next) {
		job->failed = db_atomically(db, job->run, job->arg);
		/* A full disk, say: SQLite took back the jobs before it too. */
		if (!db_in_transaction(db))
			return status_doing(status_copy(job->failed), "the transaction was lost");
	}
	return OK;
}

static void run_batch(struct db *db, struct job *batch)
{
	struct status *failed = db_begin(db);

	if (!failed)
		failed = run_jobs(db, batch);
	if (!failed)
		failed = db_commit(db);
	if (failed)
		fail_all(batch, failed);
}

/* In the submitters' thread. */
static void tell_batch(void *arg)
{
	struct job *job = arg;

	while (job) {
		struct job *next = job->next;

		if (job->done)
			job->done(job->arg, job->failed);
		status_drop(job->failed);
		mem_free(&job);
		job = next;
	}
}

static void count_batch(struct writer_counts *counts, const struct job *batch)
{
	counts->commits++;
	for (; batch; batch = batch->next) {
		counts->jobs++;
		counts->failed += batch->failed != NULL;
	}
}

/* With the mutex held.  Where there is nothing to do for a while, the database's pages are given
 * back, once. */
static void wait_for_jobs(struct writer *w)
{
	bool resting = false;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += DB_REST_MS / 1000;
	while (!w->waiting.first && !w->stopping) {
		if (resting) {
			pthread_cond_wait(&w->wake, &w->mutex);
		} else if (pthread_cond_timedwait(&w->wake, &w->mutex, &until) == ETIMEDOUT) {
			pthread_mutex_unlock(&w->mutex);
			db_give_back(w->db);
			pthread_mutex_lock(&w->mutex);
			resting = true;
		}
	}
}

/* What waits, once something does; null when there will be nothing more. */
static struct job *next_batch(struct writer *w)
{
	pthread_mutex_lock(&w->mutex);
	wait_for_jobs(w);
	struct job *batch = w->waiting.first;
	list_init(&w->waiting);
	pthread_mutex_unlock(&w->mutex);
	return batch;
}

static void *writer_thread(void *arg)
{
	struct writer *w = arg;
	struct job *batch;

	while ((batch = next_batch(w))) {
		run_batch(w->db, batch);
		pthread_mutex_lock(&w->mutex);
		count_batch(&w->counts, batch);
		pthread_mutex_unlock(&w->mutex);
		w->post.post(w->post.to, tell_batch, batch);
	}
	return NULL;
}

/* --- the submitters' side --- */

static void writer_free(struct writer *w)
{
	db_close(&w->db);
	pthread_mutex_destroy(&w->mutex);
	pthread_cond_destroy(&w->wake);
	mem_free(&w);
}

static void post_to_loop(void *to, void (*run)(void *arg), void *arg)
{
	loop_post(to, run, arg);
}

struct writer_post writer_post_to(struct loop *loop)
{
	return (struct writer_post){ post_to_loop, loop };
}

FALLIBLE writer_start(struct db *db, const struct writer_post *post, size_t waiting_max,
		      struct writer **out_writer)
{
	struct writer *w = mem_new(struct writer);
	pthread_condattr_t monotonic;
	int error;

	w->db = db;
	w->post = *post;
	w->waiting_max = waiting_max ? waiting_max : WRITER_WAITING_MAX;
	list_init(&w->waiting);
	pthread_mutex_init(&w->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	error = pthread_create(&w->thread, NULL, writer_thread, w);
	if (error) {
		struct status *failed = status_errno(error, "cannot start the writer of %s",
						     db_path(db));

		writer_free(w);
		return failed;
	}
	*out_writer = w;
	return OK;
}

FALLIBLE writer_submit(struct writer *w, FALLIBLE (*run)(struct db *db, void *arg),
		       void (*done)(void *arg, const struct status *failed), void *arg)
{
	struct job *job = mem_new(struct job);
	bool full;

	job->run = run;
	job->done = done;
	job->arg = arg;
	pthread_mutex_lock(&w->mutex);
	full = w->waiting.count >= w->waiting_max;
	if (!full)
		list_add(&w->waiting, job);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
	if (!full)
		return OK;
	mem_free(&job);
	return FAIL(ST_LATER, 0, "the store is busy: %zu changes wait to be written",
		    w->waiting_max);
}

static FALLIBLE nothing(struct db *db, void *arg)
{
	(void)db;
	(void)arg;
	return OK;
}

void writer_drain(struct writer *w, void (*done)(void *arg, const struct status *failed), void *arg)
{
	struct status *failed = writer_submit(w, nothing, done, arg);

	if (failed)
		done(arg, failed);
	status_free(&failed);
}

size_t writer_waiting(struct writer *w)
{
	pthread_mutex_lock(&w->mutex);
	size_t count = w->waiting.count;
	pthread_mutex_unlock(&w->mutex);
	return count;
}

struct writer_counts writer_counts(struct writer *w)
{
	pthread_mutex_lock(&w->mutex);
	struct writer_counts counts = w->counts;
	pthread_mutex_unlock(&w->mutex);
	return counts;
}

void writer_stop(struct writer **writer)
{
	struct writer *w = TAKE(*writer);

	if (!w)
		return;
	pthread_mutex_lock(&w->mutex);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	writer_free(w);
}
