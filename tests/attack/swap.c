/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap QUEUE contents|tokens: exchanges the contents of the two newest messages that wait in a
 * queue, or the tokens of the first two recipients of the newest.
 */
#include "lib/store/query.h"
#include "tests/support/stolen.h"

/* Puts a message that was changed back in its place. */
static FALLIBLE put_back(const struct stolen *stolen, int64_t number, const struct envelope *env)
{
	AUTO(buf_free) struct buf head = { 0 };

	TRY(p1_encode(env, &head));
	return db_run(stolen->db, "UPDATE octets SET envelope = ?, content = ? WHERE message = ?",
		      v_octets(buf_view(&head)), v_octets(env->content), v_int(number));
}

static FALLIBLE swap_contents(struct stolen *message)
{
	struct envelope *newer = message->env;
	int64_t number = message->number;
	struct bytes content = newer->content;

	TRY(stolen_go_back(message));
	newer->content = message->env->content;
	message->env->content = content;
	TRY(put_back(message, number, newer));
	return put_back(message, message->number, message->env);
}

static FALLIBLE swap_tokens(const struct stolen *message)
{
	struct recipient *to = message->env->recipients;

	if (message->env->recipient_count < 2)
		return FAIL(ST_USAGE, 0, "the message has one recipient");
	struct bytes first = ext_value(&to[0].extensions, EXT_MESSAGE_TOKEN);
	ext_put(message->arena, &to[0].extensions, EXT_MESSAGE_TOKEN,
		ext_value(&to[1].extensions, EXT_MESSAGE_TOKEN));
	ext_put(message->arena, &to[1].extensions, EXT_MESSAGE_TOKEN, first);
	return put_back(message, message->number, message->env);
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;

	TRY(stolen_open(words[0], &message));
	printf("two %s are exchanged\n", words[1]);
	return strcmp(words[1], "tokens") == 0 ? swap_tokens(&message) : swap_contents(&message);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 2, "swap QUEUE contents|tokens", run);
}
