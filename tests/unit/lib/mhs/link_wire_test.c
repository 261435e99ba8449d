/* SPDX-License-Identifier: Apache-2.0 */
/* Links whose connections fail, stay silent, or say again what was recorded. */
#include "tests/unit/lib/mhs/link_sides.h"

/* --- the connection beneath --- */

static void nobody_listening_is_said(void **state)
{
	(void)state;
	bind_at("elsewhere");
	assert_fails(TAKE(asking.why), "elsewhere");
}

/* Somebody who takes connections, notes what comes, and says what he was told to. */
struct mute {
	struct listener *listener;
	struct conn *conn;
	struct buf heard;
	size_t close_after;		/* octets, 0: never */
};

static void mute_data(void *user, struct conn *conn, struct bytes octets)
{
	struct mute *mute = user;

	buf_put(&mute->heard, octets);
	if (mute->close_after && mute->heard.len >= mute->close_after)
		conn_abort(conn);
}

static void mute_closed(void *user, struct conn *conn, const struct status *why)
{
	struct mute *mute = user;

	(void)conn;
	(void)why;
	mute->conn = NULL;
}

static void mute_accepted(void *arg, struct conn *conn)
{
	static const struct conn_user user = { .data = mute_data, .closed = mute_closed };
	struct mute *mute = arg;

	mute->conn = conn;
	conn_start(conn, &user, mute);
}

static void a_peer_that_never_answers_is_given_up(void **state)
{
	struct mute mute = { 0 };

	(void)state;
	assert_ok(listener_open(loop, socket_of("mute"), 1, mute_accepted, &mute, &mute.listener));
	asking.env.bind_timeout_ms = 50;
	bind_at("mute");
	assert_fails(TAKE(asking.why), "did not answer within 50 ms");
	assert_true(mute.heard.len > 0);
	listener_close(&mute.listener);
	buf_free(&mute.heard);
}

static void a_connection_cut_in_the_bind_is_said(void **state)
{
	struct mute mute = { .close_after = 1 };

	(void)state;
	assert_ok(listener_open(loop, socket_of("mute"), 1, mute_accepted, &mute, &mute.listener));
	bind_at("mute");
	assert_false(asking.opened);
	assert_non_null(asking.why);
	assert_int_equal(asking.why->kind, ST_LATER);
	listener_close(&mute.listener);
	buf_free(&mute.heard);
}

static bool is_gone(void *arg)
{
	const struct conn *const *conn = arg;

	return !*conn;
}

static void raw_data(void *user, struct conn *conn, struct bytes octets)
{
	(void)user;
	(void)conn;
	(void)octets;
}

static void raw_closed(void *user, struct conn *conn, const struct status *why)
{
	(void)conn;
	(void)why;
	*(struct conn **)user = NULL;
}

static void a_caller_that_never_binds_is_cut_off(void **state)
{
	static const struct conn_user user = { .data = raw_data, .closed = raw_closed };
	struct conn *conn;

	(void)state;
	answering.env.bind_timeout_ms = 50;
	conn = conn_open(loop, socket_of("south"), 5000, &user, &conn);
	assert_true(loop_run_until(loop, is_gone, &conn, TIMEOUT_MS));
	assert_logged("did not answer within 50 ms");
}

/* The worker pool has the bind while the connection goes: the link outlives that. */
static void the_end_during_a_check_is_survived(void **state)
{
	struct link_target target = target_at("south");

	(void)state;
	asking.opened = asking.closed = false;
	struct link *link = link_connect(&asking.env, &target, on_opened, &quiet_user, &asking);
	link_abort(link, FAIL(ST_USAGE, 0, "changed our mind"));
	assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
	assert_fails(TAKE(asking.why), "changed our mind");
	for (int i = 0; i < 20; i++) {
		asking.closed = false;
		link = link_connect(&asking.env, &target, on_opened, &quiet_user, &asking);
		loop_run_until(loop, is_closed, &asking, i);
		if (!asking.closed)
			link_abort(link, OK);
		assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
	}
}

/* --- a tap: what two said to each other, said again --- */

enum { SEGMENTS = 8 };

struct tap {
	struct listener *listener;
	struct conn *in, *out;
	struct buf asked[SEGMENTS], answered[SEGMENTS];
	size_t asked_count, answered_count;
	size_t replayed;		/* of the answers */
};

static void tap_asked(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	tap->asked[tap->asked_count++] = buf_copy(octets);
	conn_write(tap->out, &octets, 1);
}

static void tap_answered(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;

	(void)conn;
	tap->answered[tap->answered_count++] = buf_copy(octets);
	conn_write(tap->in, &octets, 1);
}

static void tap_in_closed(void *user, struct conn *conn, const struct status *why)
{
	struct tap *tap = user;

	(void)conn;
	(void)why;
	tap->in = NULL;
	if (tap->out)
		conn_close(tap->out);
}

static void tap_out_closed(void *user, struct conn *conn, const struct status *why)
{
	struct tap *tap = user;

	(void)conn;
	(void)why;
	tap->out = NULL;
	if (tap->in)
		conn_close(tap->in);
}

static void tap_accepted(void *arg, struct conn *conn)
{
	static const struct conn_user in = { .data = tap_asked, .closed = tap_in_closed };
	static const struct conn_user out = { .data = tap_answered, .closed = tap_out_closed };
	struct tap *tap = arg;

	tap->in = conn;
	tap->out = conn_open(loop, socket_of("south"), 5000, &out, tap);
	conn_start(conn, &in, tap);
}

static void tap_open(struct tap *tap)
{
	assert_ok(listener_open(loop, socket_of("tap"), 1, tap_accepted, tap, &tap->listener));
}

static void tap_close(struct tap *tap)
{
	listener_close(&tap->listener);
	for (size_t i = 0; i < SEGMENTS; i++) {
		buf_free(&tap->asked[i]);
		buf_free(&tap->answered[i]);
	}
}

/* One bind through the tap, aborted once it is open. */
static void record_a_bind(struct tap *tap)
{
	tap_open(tap);
	bind_at("tap");
	assert_true(asking.opened);
	link_abort(asking.link, OK);
	assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
	assert_true(loop_run_until(loop, is_closed, &answering, TIMEOUT_MS));
	assert_true(tap->asked_count >= 2 && tap->answered_count >= 2);
	listener_close(&tap->listener);
}

/* Asks again as it was asked, a segment for each answer. */
struct replay {
	struct tap *tap;
	struct conn *conn;
	size_t said;
};

static void replay_next(struct replay *replay)
{
	const struct bytes octets = buf_view(&replay->tap->asked[replay->said++]);

	conn_write(replay->conn, &octets, 1);
}

static void replay_connected(void *user, struct conn *conn)
{
	(void)conn;
	replay_next(user);
}

static void replay_data(void *user, struct conn *conn, struct bytes octets)
{
	struct replay *replay = user;

	(void)octets;
	if (replay->said < 2)
		replay_next(replay);
	else
		conn_close(conn);
}

static void replay_closed(void *user, struct conn *conn, const struct status *why)
{
	struct replay *replay = user;

	(void)conn;
	(void)why;
	replay->conn = NULL;
}

static void a_recorded_bind_is_no_bind(void **state)
{
	static const struct conn_user user = {
		.connected = replay_connected, .data = replay_data, .closed = replay_closed,
	};
	struct tap tap = { 0 };
	struct replay replay = { .tap = &tap };

	(void)state;
	record_a_bind(&tap);
	answering.opened = false;
	replay.conn = conn_open(loop, socket_of("south"), 5000, &user, &replay);
	assert_true(loop_run_until(loop, is_gone, &replay.conn, TIMEOUT_MS));
	assert_false(answering.opened);
	assert_logged("was used before");
	tap_close(&tap);
}

/* Answers as it was answered; the CC is for the reference that was called from now. */
static void answer_again(void *user, struct conn *conn, struct bytes octets)
{
	struct tap *tap = user;
	struct buf *answer = &tap->answered[tap->replayed++];

	if (tap->replayed == 1)
		memcpy(answer->data + 6, octets.data + 8, 2);
	const struct bytes said = buf_view(answer);
	conn_write(conn, &said, 1);
}

static void again_accepted(void *arg, struct conn *conn)
{
	static const struct conn_user user = { .data = answer_again, .closed = tap_in_closed };

	conn_start(conn, &user, arg);
}

static void a_recorded_answer_is_no_answer(void **state)
{
	struct tap tap = { 0 };

	(void)state;
	record_a_bind(&tap);
	assert_ok(listener_open(loop, socket_of("again"), 1, again_accepted, &tap, &tap.listener));
	bind_at("again");
	assert_false(asking.opened);
	assert_fails(TAKE(asking.why), "is not to our bind: it returns another");
	tap_close(&tap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_listening_is_said),
		TEST(a_peer_that_never_answers_is_given_up),
		TEST(a_connection_cut_in_the_bind_is_said),
		TEST(a_caller_that_never_binds_is_cut_off),
		TEST(the_end_during_a_check_is_survived),
		TEST(a_recorded_bind_is_no_bind),
		TEST(a_recorded_answer_is_no_answer),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
