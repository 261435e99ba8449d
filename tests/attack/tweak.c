/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tweak QUEUE strip|ask|flip NUMBER: takes the extension of that number out of the newest message
 * that waits in a queue, puts in one that asks for something, or changes the last octet of it.
 *
 * tweak QUEUE put NUMBER=HEX: gives the message's own extension another value.
 */
#include "lib/store/query.h"
#include "tests/support/stolen.h"

#include <stdlib.h>

/* Each is given an extension of one set, and says whether it did anything. */
struct tweak {
	struct arena *arena;
	int number;
	struct bytes value;	/* what is to be put */
};

static bool strip(const struct tweak *tweak, struct ext_set *set)
{
	return ext_remove(set, tweak->number);
}

static bool ask(const struct tweak *tweak, struct ext_set *set)
{
	ext_put_enumerated(tweak->arena, set, tweak->number, 1);
	return true;
}

static bool put(const struct tweak *tweak, struct ext_set *set)
{
	if (tweak->value.len)
		ext_put(tweak->arena, set, tweak->number, tweak->value);
	return tweak->value.len > 0;
}

static bool flip(const struct tweak *tweak, struct ext_set *set)
{
	struct bytes value = arena_dup(tweak->arena, ext_value(set, tweak->number));

	if (!value.len)
		return false;
	((uint8_t *)value.data)[value.len - 1] ^= 1;
	ext_put(tweak->arena, set, tweak->number, value);
	return true;
}

static const struct way {
	const char *name, *done;
	bool (*to)(const struct tweak *tweak, struct ext_set *set);
	bool of_message, of_recipients;
} ways[] = {
	{ "strip", "taken out", strip, true, true },
	{ "ask", "put in", ask, false, true },
	{ "put", "put in", put, true, false },
	{ "flip", "changed", flip, true, true },
};

static const struct way *find_way(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, name))
			return &ways[i];
	return NULL;
}

static bool change(const struct tweak *tweak, const struct way *way, struct envelope *env)
{
	bool done = way->of_message && way->to(tweak, &env->extensions);

	for (size_t i = 0; way->of_recipients && i < env->recipient_count; i++)
		done |= way->to(tweak, &env->recipients[i].extensions);
	return done;
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;
	AUTO(buf_free) struct buf head = { 0 }, value = { 0 };
	const struct way *way = find_way(words[1]);
	const char *hex = strchr(words[2], '=');

	TRY(stolen_open(words[0], &message));
	if (!way || (hex && !buf_from_hex(hex + 1, &value)))
		return FAIL(ST_USAGE, 0, "nothing can be done with \"%s %s\"", words[1], words[2]);
	const struct tweak tweak = {
		message.arena, (int)strtol(words[2], NULL, 10), buf_view(&value),
	};
	if (!change(&tweak, way, message.env))
		return FAIL(ST_USAGE, 0, "the message has no extension %d", tweak.number);
	TRY(p1_encode(message.env, &head));
	printf("extension %d is %s\n", tweak.number, way->done);
	return db_run(message.db, "UPDATE octets SET envelope = ? WHERE message = ?",
		      v_octets(buf_view(&head)), v_int(message.number));
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 3, "tweak QUEUE strip|ask|flip|put NUMBER[=HEX]", run);
}
