/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay TARGET FILE: says to the target what record heard, turn by turn, until
 * its session layer accepts or refuses; prints which.
 */
#include "lib/base/cursor.h"
#include "lib/base/file.h"
#include "lib/base/loop.h"
#include "lib/osi/cotp_tpdu.h"
#include "lib/osi/session_spdu.h"
#include "lib/osi/tpkt.h"
#include "tests/support/stolen.h"

enum { CONNECT_MS = 5000, ANSWER_MS = 20000, RECORD_MAX = 1 << 20 };

struct player {
	struct cursor record;
	struct tpkt_reader packets;
	struct buf tsdu;
	struct spdu answer;
	bool answered, over;
};

/* The next turn of the record; nothing where it is at its end. */
static void speak(struct player *player, struct conn *conn)
{
	struct bytes turn = cur_take(&player->record, cur_u32(&player->record));

	if (turn.len)
		conn_write(conn, &turn, 1);
}

static void connected(void *user, struct conn *conn)
{
	speak(user, conn);
}

static FALLIBLE hear_tpdu(struct player *player, struct bytes octets)
{
	struct tpdu tpdu;

	TRY(tpdu_decode(octets, &tpdu));
	if (tpdu.code != TPDU_DT)
		return OK;
	buf_put(&player->tsdu, tpdu.data);
	if (!tpdu.end)
		return OK;
	struct cursor tsdu = cursor_over(buf_view(&player->tsdu));
	TRY(spdu_decode(&tsdu, true, &player->answer));
	player->answered = player->answer.kind == SPDU_AC || player->answer.kind == SPDU_RF ||
			   player->answer.kind == SPDU_AB;
	if (!player->answered)
		buf_clear(&player->tsdu);
	return OK;
}

static FALLIBLE hear(struct player *player, struct bytes octets)
{
	struct bytes tpdu;

	while (!player->answered) {
		TRY(tpkt_next(&player->packets, &octets, &tpdu));
		if (!tpdu.data)
			return OK;
		TRY(hear_tpdu(player, tpdu));
	}
	return OK;
}

static void heard(void *user, struct conn *conn, struct bytes octets)
{
	struct player *player = user;
	struct status *failed = hear(player, octets);

	if (failed) {
		status_print(stderr, "replay", failed);
		status_free(&failed);
		conn_abort(conn);
	} else if (player->answered) {
		conn_abort(conn);
	} else {
		speak(player, conn);
	}
}

static void closed(void *user, struct conn *conn, const struct status *why)
{
	struct player *player = user;

	(void)conn;
	if (why)
		status_print(stderr, "replay", why);
	player->over = true;
}

static bool is_over(void *arg)
{
	return ((struct player *)arg)->over;
}

static FALLIBLE judge(const struct player *player)
{
	if (!player->answered)
		return FAIL(ST_LATER, 0, "no answer: the connection was closed");
	if (player->answer.kind != SPDU_AC)
		return FAIL(ST_REFUSED, 0, "the answer is %s: we are not let in", spdu_name(player->answer.kind));
	printf("the answer is %s: we are in\n", spdu_name(player->answer.kind));
	return OK;
}

static FALLIBLE run(char **words)
{
	static const struct conn_user callbacks = {
		.connected = connected, .data = heard, .closed = closed,
	};
	AUTO(buf_free) struct buf record = { 0 };
	struct player player = { 0 };
	struct loop *loop = NULL;

	TRY(file_read(words[1], RECORD_MAX, &record, NULL));
	player.record = cursor_over(buf_view(&record));
	loop = loop_new();
	conn_open(loop, words[0], CONNECT_MS, &callbacks, &player);
	loop_run_until(loop, is_over, &player, ANSWER_MS);
	loop_free(&loop);
	struct status *verdict = judge(&player);
	tpkt_reader_cleanup(&player.packets);
	buf_free(&player.tsdu);
	return verdict;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 2, "replay TARGET FILE", run);
}
