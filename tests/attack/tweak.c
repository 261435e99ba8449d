/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tweak QUEUE strip|ask NUMBER: takes the extension of that number out of the newest message that
 * waits in a queue, or puts in one that asks for something.
 *
 * tweak QUEUE put NUMBER=HEX: gives the message's own extension another value.
 */
#include "lib/store/query.h"
#include "tests/support/stolen.h"

#include <stdlib.h>

static size_t strip(struct envelope *env, int number)
{
	size_t stripped = ext_remove(&env->extensions, number);

	for (size_t i = 0; i < env->recipient_count; i++)
		stripped += ext_remove(&env->recipients[i].extensions, number);
	return stripped;
}

static FALLIBLE put(struct stolen *message, int number, const char *hex)
{
	AUTO(buf_free) struct buf value = { 0 };

	if (!hex || !buf_from_hex(hex + 1, &value))
		return FAIL(ST_USAGE, 0, "NUMBER=HEX is wanted");
	ext_put(message->arena, &message->env->extensions, number, buf_view(&value));
	return OK;
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;
	AUTO(buf_free) struct buf head = { 0 };
	int number = (int)strtol(words[2], NULL, 10);

	TRY(stolen_open(words[0], &message));
	if (!strcmp(words[1], "ask")) {
		for (size_t i = 0; i < message.env->recipient_count; i++)
			ext_put_enumerated(message.arena, &message.env->recipients[i].extensions,
					   number, 1);
	} else if (!strcmp(words[1], "put")) {
		TRY(put(&message, number, strchr(words[2], '=')));
	} else if (!strip(message.env, number)) {
		return FAIL(ST_USAGE, 0, "the message has no extension %d", number);
	}
	TRY(p1_encode(message.env, &head));
	printf("extension %d is %s\n", number, !strcmp(words[1], "strip") ? "taken out" : "put in");
	return db_run(message.db, "UPDATE octets SET envelope = ? WHERE message = ?",
		      v_octets(buf_view(&head)), v_int(message.number));
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 3, "tweak QUEUE strip|ask|put NUMBER[=HEX]", run);
}
