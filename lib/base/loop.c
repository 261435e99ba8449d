/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop over libuv: running, stopping, jobs, posts, signals, timers. */
#include "lib/base/loop_impl.h"

#include "lib/base/memory.h"

#include <signal.h>
#include <stdlib.h>

FALLIBLE status_uv(int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(mem_free) char *words = mem_vprintf(format, args);
	va_end(args);
	/* libuv's numbers are errno's, negated, but for its own of name resolution. */
	if (error <= UV_EAI_ADDRFAMILY && error >= UV_EAI_SOCKTYPE) {
		struct status *cause = FAIL(ST_LATER, 0, "%s", uv_strerror(error));

		return status_doing(cause, "%s", words);
	}
	return status_errno(-error, "%s", words);
}

void live_add(struct live *live, struct loop *loop, void (*end)(struct live *live))
{
	live->loop = loop;
	live->end = end;
	live->next = &loop->live;
	live->previous = loop->live.previous;
	live->previous->next = live;
	loop->live.previous = live;
}

void live_remove(struct live *live)
{
	live->next->previous = live->previous;
	live->previous->next = live->next;
}

/* --- posts --- */

static void posts_run(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct post *p = TAKE(loop->first_post);
	loop->last_post = &loop->first_post;
	pthread_mutex_unlock(&loop->lock);
	while (p) {
		struct post *next = p->next;

		p->run(p->arg);
		free(p);
		p = next;
	}
}

static void woken(uv_async_t *wake)
{
	posts_run(wake->data);
}

void loop_post(struct loop *loop, void (*run)(void *arg), void *arg)
{
	struct post *p = mem_new(struct post);

	p->run = run;
	p->arg = arg;
	pthread_mutex_lock(&loop->lock);
	*loop->last_post = p;
	loop->last_post = &p->next;
	pthread_mutex_unlock(&loop->lock);
	uv_async_send(&loop->wake);
}

/* --- rounds --- */

void loop_soon(struct loop *loop, struct soon *soon)
{
	if (soon->waiting)
		return;
	soon->waiting = true;
	soon->next = NULL;
	*loop->last_soon = soon;
	loop->last_soon = &soon->next;
}

static void soon_run(struct loop *loop)
{
	while (loop->first_soon) {
		struct soon *soon = loop->first_soon;

		loop->first_soon = soon->next;
		if (!loop->first_soon)
			loop->last_soon = &loop->first_soon;
		soon->waiting = false;
		soon->run(soon->arg);
	}
}

/* Waits for events and sees to them; what was asked for outside of a round does not wait. */
static void run_round(struct loop *loop)
{
	soon_run(loop);
	uv_run(&loop->uv, UV_RUN_ONCE);
	soon_run(loop);
}

/* --- the loop --- */

struct loop *loop_new(void)
{
	struct loop *loop = mem_new(struct loop);

	/* A peer that goes away is an error of write, not the end of the process. */
	signal(SIGPIPE, SIG_IGN);
	if (uv_loop_init(&loop->uv) || uv_async_init(&loop->uv, &loop->wake, woken))
		abort();
	loop->wake.data = loop;
	loop->live.next = loop->live.previous = &loop->live;
	pthread_mutex_init(&loop->lock, NULL);
	loop->last_post = &loop->first_post;
	loop->last_soon = &loop->first_soon;
	return loop;
}

static bool has_posts(struct loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	bool has = loop->first_post;
	pthread_mutex_unlock(&loop->lock);
	return has;
}

void loop_shutdown(struct loop *loop)
{
	loop->shut = true;
	while (loop->live.next != &loop->live || loop->jobs || has_posts(loop)) {
		/* Ending one may end or begin another, so each round asks all of them. */
		for (struct live *l = loop->live.next; l != &loop->live; l = l->next)
			l->end(l);
		run_round(loop);
	}
}

void loop_free(struct loop **loop)
{
	struct loop *l = *loop;

	if (!l)
		return;
	loop_shutdown(l);
	uv_close((uv_handle_t *)&l->wake, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	if (uv_loop_close(&l->uv))
		abort();
	pthread_mutex_destroy(&l->lock);
	mem_free(loop);
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stop))
		run_round(loop);
	atomic_store(&loop->stop, false);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stop, true);
	uv_async_send(&loop->wake);
}

static void time_over(void *arg)
{
	*(bool *)arg = true;
}

bool loop_run_until(struct loop *loop, bool (*done)(void *arg), void *arg, int64_t timeout_ms)
{
	bool over = false;
	struct timer *limit = timeout_ms >= 0 ? timer_new(loop, timeout_ms, 0, time_over, &over) : NULL;

	while (!done(arg) && !over && !atomic_load(&loop->stop))
		run_round(loop);
	timer_free(&limit);
	return done(arg);
}

/* --- jobs --- */

struct job {
	uv_work_t work;
	struct loop *loop;
	void (*job)(void *arg);
	void (*done)(void *arg);
	void *arg;
};

static void job_run(uv_work_t *work)
{
	struct job *j = work->data;

	j->job(j->arg);
}

static void job_done(uv_work_t *work, int error)
{
	struct job *j = work->data;

	(void)error;		/* none is ever cancelled */
	j->loop->jobs--;
	j->done(j->arg);
	free(j);
}

void loop_work(struct loop *loop, void (*job)(void *arg), void (*done)(void *arg), void *arg)
{
	struct job *j = mem_new(struct job);

	*j = (struct job){ .loop = loop, .job = job, .done = done, .arg = arg };
	j->work.data = j;
	loop->jobs++;
	uv_queue_work(&loop->uv, &j->work, job_run, job_done);
}

/* --- signals --- */

struct signal_watch {
	struct live live;
	uv_signal_t uv;
	void (*run)(void *arg);
	void *arg;
};

static void signal_arrived(uv_signal_t *uv, int signum)
{
	struct signal_watch *w = uv->data;

	(void)signum;
	w->run(w->arg);
}

static void signal_closed(uv_handle_t *handle)
{
	struct signal_watch *w = handle->data;

	live_remove(&w->live);
	free(w);
}

static void signal_end(struct live *live)
{
	struct signal_watch *w = (struct signal_watch *)live;

	if (!uv_is_closing((uv_handle_t *)&w->uv))
		uv_close((uv_handle_t *)&w->uv, signal_closed);
}

void loop_signal(struct loop *loop, int signum, void (*run)(void *arg), void *arg)
{
	struct signal_watch *w = mem_new(struct signal_watch);

	w->run = run;
	w->arg = arg;
	uv_signal_init(&loop->uv, &w->uv);
	w->uv.data = w;
	live_add(&w->live, loop, signal_end);
	if (uv_signal_start(&w->uv, signal_arrived, signum))
		abort();
}

/* --- timers --- */

struct timer {
	struct live live;
	uv_timer_t uv;
	uint64_t repeat_ms;
	void (*fire)(void *arg);
	void *arg;
	bool owned;		/* the caller still holds it */
	bool closed;		/* the loop does not any more */
};

static void timer_fired(uv_timer_t *uv)
{
	struct timer *t = uv->data;

	t->fire(t->arg);
}

static void timer_closed(uv_handle_t *handle)
{
	struct timer *t = handle->data;

	live_remove(&t->live);
	t->closed = true;
	if (!t->owned)
		free(t);
}

static void timer_end(struct live *live)
{
	struct timer *t = (struct timer *)live;

	if (!uv_is_closing((uv_handle_t *)&t->uv))
		uv_close((uv_handle_t *)&t->uv, timer_closed);
}

struct timer *timer_new(struct loop *loop, int64_t after_ms, int64_t repeat_ms,
			void (*fire)(void *arg), void *arg)
{
	struct timer *t = mem_new(struct timer);

	t->repeat_ms = (uint64_t)repeat_ms;
	t->fire = fire;
	t->arg = arg;
	t->owned = true;
	uv_timer_init(&loop->uv, &t->uv);
	t->uv.data = t;
	live_add(&t->live, loop, timer_end);
	timer_restart(t, after_ms);
	return t;
}

void timer_restart(struct timer *timer, int64_t after_ms)
{
	if (timer->closed || uv_is_closing((uv_handle_t *)&timer->uv))
		return;
	/* libuv counts from the beginning of the round, which may be long ago. */
	uv_update_time(timer->uv.loop);
	uv_timer_start(&timer->uv, timer_fired, (uint64_t)after_ms, timer->repeat_ms);
}

void timer_free(struct timer **timer)
{
	struct timer *t = TAKE(*timer);

	if (!t)
		return;
	t->owned = false;
	if (t->closed)
		free(t);
	else
		timer_end(&t->live);
}
