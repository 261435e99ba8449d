/* SPDX-License-Identifier: Apache-2.0 */
/* Real sockets on the loopback interface. */
#include "lib/base/loop.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PATIENCE_MS = 20000 };

/* One side of a connection, and what it was told. */
struct side {
	struct conn *conn;
	bool connected, drained, closed, echoes;
	struct buf got;
	size_t wanted;		/* octets */
	char *why;
};

struct pair {
	struct loop *loop;
	struct listener *listener;
	struct side here, there;
	bool refuses;		/* the listener's side does not start */
	bool swallows;		/* starts, and reads nothing */
	int accepted;
};

static void side_connected(void *user, struct conn *conn)
{
	struct side *s = user;

	assert_ptr_equal(conn, s->conn);
	s->connected = true;
}

static void side_data(void *user, struct conn *conn, struct bytes octets)
{
	struct side *s = user;

	buf_put(&s->got, octets);
	if (s->echoes)
		conn_write(conn, &octets, 1);
}

static void side_drained(void *user, struct conn *conn)
{
	(void)conn;
	((struct side *)user)->drained = true;
}

static void side_closed(void *user, struct conn *conn, const struct status *why)
{
	struct side *s = user;

	(void)conn;
	assert_false(s->closed);
	s->closed = true;
	s->conn = NULL;
	s->why = why ? status_text(why) : NULL;
}

static const struct conn_user side_callbacks = {
	side_connected, side_data, side_drained, side_closed,
};

static void accepted(void *arg, struct conn *conn)
{
	struct pair *p = arg;

	p->accepted++;
	if (p->refuses)
		return;
	p->there.conn = conn;
	conn_start(conn, &side_callbacks, &p->there);
	if (p->swallows)
		conn_pause(conn);
}

static void pair_listen(struct pair *p, const char *address, unsigned most)
{
	p->loop = loop_new();
	assert_ok(listener_open(p->loop, address, most, accepted, p, &p->listener));
}

static bool both_there(void *arg)
{
	struct pair *p = arg;

	return p->here.connected && p->there.conn;
}

static void pair_open(struct pair *p, const char *address)
{
	pair_listen(p, address, 10);
	p->here.conn = conn_open(p->loop, listener_address(p->listener), PATIENCE_MS,
				 &side_callbacks, &p->here);
	assert_true(loop_run_until(p->loop, both_there, p, PATIENCE_MS));
}

static void pair_close(struct pair *p)
{
	listener_close(&p->listener);
	loop_free(&p->loop);
	assert_true(!p->here.conn && !p->there.conn);
	buf_free(&p->here.got);
	buf_free(&p->there.got);
	mem_free(&p->here.why);
	mem_free(&p->there.why);
}

static bool is_closed(void *arg)
{
	return ((struct side *)arg)->closed;
}

static bool has_all(void *arg)
{
	struct side *s = arg;

	return s->got.len >= s->wanted;
}

static void octets_go_there_and_back(struct pair *p)
{
	const struct bytes parts[] = { BYTES("one "), bytes_none(), BYTES("two "), BYTES("three") };

	p->there.echoes = true;
	conn_write(p->here.conn, parts, 4);
	p->here.wanted = 13;
	assert_true(loop_run_until(p->loop, has_all, &p->here, PATIENCE_MS));
	assert_bytes(buf_view(&p->here.got), BYTES("one two three"));
}

static void talks_over_ipv4(void **state)
{
	(void)state;
	struct pair p = { 0 };

	pair_open(&p, "127.0.0.1:0");
	assert_memory_equal(listener_address(p.listener), "127.0.0.1:", 10);
	assert_memory_equal(conn_peer(p.there.conn), "127.0.0.1:", 10);
	octets_go_there_and_back(&p);
	pair_close(&p);
}

static void talks_over_ipv6(void **state)
{
	(void)state;
	struct pair p = { 0 };
	struct loop *loop = loop_new();
	struct listener *probe = NULL;
	struct status *st = listener_open(loop, "[::1]:0", 1, accepted, NULL, &probe);
	bool has_ipv6 = !st;

	status_free(&st);
	listener_close(&probe);
	loop_free(&loop);
	if (!has_ipv6)
		skip();
	pair_open(&p, "[::1]:0");
	octets_go_there_and_back(&p);
	pair_close(&p);
}

static void talks_over_a_name(void **state)
{
	(void)state;
	struct pair p = { 0 };
	char address[64];

	/* The name may have an IPv6 address too, at which nobody listens: the next one is tried. */
	pair_listen(&p, "127.0.0.1:0", 10);
	snprintf(address, sizeof(address), "localhost:%s", strchr(listener_address(p.listener), ':') + 1);
	p.here.conn = conn_open(p.loop, address, PATIENCE_MS, &side_callbacks, &p.here);
	assert_true(loop_run_until(p.loop, both_there, &p, PATIENCE_MS));
	octets_go_there_and_back(&p);
	pair_close(&p);
}

static void talks_over_a_unix_socket(void **state)
{
	(void)state;
	struct pair p = { 0 };
	AUTO(mem_free) char *folder = realpath(scratch_path("."), NULL);
	AUTO(mem_free) char *address = mem_printf("unix:%s/s", folder);
	struct stat there;

	pair_open(&p, address);
	octets_go_there_and_back(&p);
	pair_close(&p);
	assert_int_equal(stat(address + 5, &there), -1);
}

static void closing_lets_everything_leave_first(void **state)
{
	(void)state;
	struct pair p = { 0 };
	AUTO(buf_free) struct buf big = { 0 };
	struct bytes part;

	memset(buf_extend(&big, 20 << 20), 'x', 20 << 20);
	part = buf_view(&big);
	pair_open(&p, "127.0.0.1:0");
	conn_write(p.here.conn, &part, 1);
	assert_true(conn_queued(p.here.conn) > 0);
	conn_close(p.here.conn);
	assert_true(loop_run_until(p.loop, is_closed, &p.there, PATIENCE_MS));
	assert_int_equal(p.there.got.len, big.len);
	assert_null(p.there.why);
	assert_true(loop_run_until(p.loop, is_closed, &p.here, PATIENCE_MS));
	assert_null(p.here.why);
	pair_close(&p);
}

static bool is_drained(void *arg)
{
	return ((struct side *)arg)->drained;
}

static void a_full_connection_stops_reading_until_it_drains(void **state)
{
	(void)state;
	struct pair p = { .swallows = true };
	AUTO(buf_free) struct buf big = { 0 };
	struct bytes part, word = BYTES("ping");

	memset(buf_extend(&big, 20 << 20), 'x', 20 << 20);
	part = buf_view(&big);
	pair_open(&p, "127.0.0.1:0");
	conn_write(p.here.conn, &part, 1);
	assert_true(conn_queued(p.here.conn) > CONN_HIGH_WATER);
	/* The other side says something, which is not read as long as it takes nothing. */
	conn_write(p.there.conn, &word, 1);
	p.here.wanted = 4;
	assert_false(loop_run_until(p.loop, has_all, &p.here, 20));
	conn_resume(p.there.conn);
	assert_true(loop_run_until(p.loop, is_drained, &p.here, PATIENCE_MS));
	assert_true(loop_run_until(p.loop, has_all, &p.here, PATIENCE_MS));
	assert_int_equal(conn_queued(p.here.conn), 0);
	pair_close(&p);
}

static void the_peer_learns_of_an_abort(void **state)
{
	(void)state;
	struct pair p = { 0 };

	pair_open(&p, "127.0.0.1:0");
	conn_abort(p.here.conn);
	assert_true(loop_run_until(p.loop, is_closed, &p.there, PATIENCE_MS));
	pair_close(&p);
}

static void nobody_listens(void **state)
{
	(void)state;
	struct pair p = { 0 };
	AUTO(mem_free) char *address = NULL;

	pair_listen(&p, "127.0.0.1:0", 10);
	address = mem_strdup(listener_address(p.listener));
	listener_close(&p.listener);
	loop_free(&p.loop);
	p.loop = loop_new();
	p.here.conn = conn_open(p.loop, address, PATIENCE_MS, &side_callbacks, &p.here);
	assert_false(p.here.closed);
	assert_true(loop_run_until(p.loop, is_closed, &p.here, PATIENCE_MS));
	assert_non_null(strstr(p.here.why, "cannot connect to 127.0.0.1:"));
	assert_non_null(strstr(p.here.why, "refused"));
	pair_close(&p);
}

static void an_address_that_makes_no_sense(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"", "here", ":102", "host:", "host:port", "host:65536", "::1:102", "unix:relative",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct pair p = { .loop = loop_new() };

		p.here.conn = conn_open(p.loop, wrong[i], PATIENCE_MS, &side_callbacks, &p.here);
		assert_true(loop_run_until(p.loop, is_closed, &p.here, PATIENCE_MS));
		assert_non_null(strstr(p.here.why, "is no address"));
		assert_fails(listener_open(p.loop, wrong[i], 1, accepted, NULL, &p.listener),
			     "is no address");
		pair_close(&p);
	}
}

static void a_port_is_taken_once(void **state)
{
	(void)state;
	struct pair p = { 0 };
	struct listener *second = NULL;

	pair_listen(&p, "127.0.0.1:0", 10);
	assert_fails(listener_open(p.loop, listener_address(p.listener), 1, accepted, &p, &second),
		     "cannot listen at 127.0.0.1:");
	assert_null(second);
	pair_close(&p);
}

static void one_too_many_is_closed_at_once(void **state)
{
	(void)state;
	struct pair p = { 0 };
	struct side second = { 0 }, third = { 0 };

	pair_listen(&p, "127.0.0.1:0", 1);
	p.here.conn = conn_open(p.loop, listener_address(p.listener), PATIENCE_MS, &side_callbacks, &p.here);
	assert_true(loop_run_until(p.loop, both_there, &p, PATIENCE_MS));
	second.conn = conn_open(p.loop, listener_address(p.listener), PATIENCE_MS, &side_callbacks, &second);
	assert_true(loop_run_until(p.loop, is_closed, &second, PATIENCE_MS));
	assert_int_equal(p.accepted, 1);

	/* The place is free again when the first has gone. */
	conn_close(p.here.conn);
	assert_true(loop_run_until(p.loop, is_closed, &p.there, PATIENCE_MS));
	p.there.closed = false;
	third.conn = conn_open(p.loop, listener_address(p.listener), PATIENCE_MS, &side_callbacks, &third);
	p.here.connected = true;
	assert_true(loop_run_until(p.loop, both_there, &p, PATIENCE_MS));
	pair_close(&p);
	mem_free(&second.why);
	mem_free(&third.why);
}

static void what_nobody_starts_is_closed(void **state)
{
	(void)state;
	struct pair p = { .refuses = true };

	pair_listen(&p, "127.0.0.1:0", 10);
	p.here.conn = conn_open(p.loop, listener_address(p.listener), PATIENCE_MS, &side_callbacks, &p.here);
	assert_true(loop_run_until(p.loop, is_closed, &p.here, PATIENCE_MS));
	pair_close(&p);
}

static void a_silent_peer_is_given_up(void **state)
{
	(void)state;
	struct pair p = { 0 };

	pair_open(&p, "127.0.0.1:0");
	conn_idle_limit(p.there.conn, 10);
	assert_true(loop_run_until(p.loop, is_closed, &p.there, PATIENCE_MS));
	assert_non_null(strstr(p.there.why, "has been silent"));
	pair_close(&p);
}

static void the_end_of_the_loop_is_told(void **state)
{
	(void)state;
	struct pair p = { 0 };

	pair_open(&p, "127.0.0.1:0");
	loop_shutdown(p.loop);
	assert_true(p.here.closed && p.there.closed);
	assert_null(p.here.why);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(talks_over_ipv4),
		cmocka_unit_test(talks_over_ipv6),
		cmocka_unit_test(talks_over_a_name),
		cmocka_unit_test_setup_teardown(talks_over_a_unix_socket, scratch_setup, scratch_teardown),
		cmocka_unit_test(closing_lets_everything_leave_first),
		cmocka_unit_test(a_full_connection_stops_reading_until_it_drains),
		cmocka_unit_test(the_peer_learns_of_an_abort),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(an_address_that_makes_no_sense),
		cmocka_unit_test(a_port_is_taken_once),
		cmocka_unit_test(one_too_many_is_closed_at_once),
		cmocka_unit_test(what_nobody_starts_is_closed),
		cmocka_unit_test(a_silent_peer_is_given_up),
		cmocka_unit_test(the_end_of_the_loop_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
