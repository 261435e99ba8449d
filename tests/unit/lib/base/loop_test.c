/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base/loop.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { PATIENCE_MS = 20000 };

static bool is_true(void *arg)
{
	return *(bool *)arg;
}

static void set_true(void *arg)
{
	*(bool *)arg = true;
}

static void posts_run_in_their_order(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	bool first = false, second = false;

	loop_post(loop, set_true, &first);
	loop_post(loop, set_true, &second);
	assert_true(loop_run_until(loop, is_true, &second, PATIENCE_MS));
	assert_true(first);
	loop_free(&loop);
	assert_null(loop);
}

/* Asked for by posts of one round, and once more by itself. */
struct asking {
	struct loop *loop;
	struct soon soon;
	unsigned asked, done;
	bool again;
};

static void ask(void *arg)
{
	struct asking *a = arg;

	a->asked++;
	loop_soon(a->loop, &a->soon);
}

static void do_it(void *arg)
{
	struct asking *a = arg;

	a->done++;
	if (a->again)
		loop_soon(a->loop, &a->soon);
	a->again = false;
}

static void what_many_ask_for_is_done_once(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	struct asking a = { .loop = loop, .soon = { .run = do_it, .arg = &a } };
	bool last = false;

	for (int i = 0; i < 3; i++)
		loop_post(loop, ask, &a);
	loop_post(loop, set_true, &last);
	assert_true(loop_run_until(loop, is_true, &last, PATIENCE_MS));
	assert_int_equal(a.asked, 3);
	assert_int_equal(a.done, 1);
	a.again = true;
	last = false;
	loop_soon(loop, &a.soon);
	loop_post(loop, set_true, &last);
	assert_true(loop_run_until(loop, is_true, &last, PATIENCE_MS));
	assert_int_equal(a.done, 3);
	loop_free(&loop);
}

struct counted {
	struct loop *loop;
	_Atomic int from_threads;
	int seen;
};

static void count_one(void *arg)
{
	struct counted *c = arg;

	if (++c->seen == 4000)
		loop_stop(c->loop);
}

static void *post_a_thousand(void *arg)
{
	struct counted *c = arg;

	for (int i = 0; i < 1000; i++)
		loop_post(c->loop, count_one, c);
	return NULL;
}

static void any_thread_may_post(void **state)
{
	(void)state;
	struct counted c = { .loop = loop_new() };
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, post_a_thousand, &c);
	loop_run(c.loop);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(c.seen, 4000);
	loop_free(&c.loop);
}

struct job {
	pthread_t thread;
	bool worked, done;
};

static void job_work(void *arg)
{
	struct job *j = arg;

	j->thread = pthread_self();
	j->worked = true;
}

static void job_done(void *arg)
{
	struct job *j = arg;

	j->done = j->worked;
}

static void a_job_runs_elsewhere_and_is_done_here(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	struct job j = { 0 };

	loop_work(loop, job_work, job_done, &j);
	assert_true(loop_run_until(loop, is_true, &j.done, PATIENCE_MS));
	assert_false(pthread_equal(j.thread, pthread_self()));
	loop_free(&loop);
}

static void freeing_the_loop_waits_for_jobs(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	struct job j = { 0 };

	loop_work(loop, job_work, job_done, &j);
	loop_free(&loop);
	assert_true(j.done);
}

struct ticking {
	struct timer *timer;
	int ticks;
	bool three;
};

static void tick(void *arg)
{
	struct ticking *t = arg;

	if (++t->ticks == 3) {
		t->three = true;
		timer_free(&t->timer);
	}
}

static void a_timer_repeats_and_may_free_itself(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	struct ticking t = { 0 };
	bool never = false;

	t.timer = timer_new(loop, 1, 1, tick, &t);
	assert_true(loop_run_until(loop, is_true, &t.three, PATIENCE_MS));
	assert_null(t.timer);
	assert_false(loop_run_until(loop, is_true, &never, 5));
	assert_int_equal(t.ticks, 3);
	loop_free(&loop);
}

static void a_timer_may_outlive_the_shutdown(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	bool fired = false;
	struct timer *timer = timer_new(loop, 0, 0, set_true, &fired);

	loop_shutdown(loop);
	timer_restart(timer, 0);
	timer_free(&timer);
	loop_free(&loop);
	assert_false(fired);
}

static void a_signal_is_an_event(void **state)
{
	(void)state;
	struct loop *loop = loop_new();
	bool arrived = false;

	loop_signal(loop, SIGUSR1, set_true, &arrived);
	raise(SIGUSR1);
	assert_true(loop_run_until(loop, is_true, &arrived, PATIENCE_MS));
	loop_free(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_run_in_their_order),
		cmocka_unit_test(what_many_ask_for_is_done_once),
		cmocka_unit_test(any_thread_may_post),
		cmocka_unit_test(a_job_runs_elsewhere_and_is_done_here),
		cmocka_unit_test(freeing_the_loop_waits_for_jobs),
		cmocka_unit_test(a_timer_repeats_and_may_free_itself),
		cmocka_unit_test(a_timer_may_outlive_the_shutdown),
		cmocka_unit_test(a_signal_is_an_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
