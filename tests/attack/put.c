/* SPDX-License-Identifier: Apache-2.0 */
/*
 * put QUEUE NEXT-HOP FILE FROM TO: puts what take has taken into a queue, under an MTS-identifier
 * of its own; "-" for an address leaves it as it was.
 */
#include "lib/base/file.h"
#include "lib/mhs/orname.h"
#include "lib/store/queue.h"
#include "tests/support/stolen.h"

enum { MESSAGE_MAX = 1 << 24 };

static FALLIBLE run(char **words)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf octets = { 0 };
	AUTO(db_close) struct db *db = NULL;
	struct envelope *env = NULL;

	TRY(file_read(words[2], MESSAGE_MAX, &octets, NULL));
	TRY(p1_decode(arena, buf_view(&octets), &env));
	TRY(envelope_renumber(env));
	if (strcmp(words[3], "-") != 0)
		TRY(orname_tlv_from_text(arena, words[3], &env->originator));
	if (strcmp(words[4], "-") != 0)
		TRY(orname_tlv_from_text(arena, words[4], &env->recipients[0].name));
	TRY(db_open(words[0], &queue_schema, DB_OWNER, &db));
	printf("a message from %s waits for %s\n", orname_tlv_text(arena, env->originator),
	       orname_tlv_text(arena, env->recipients[0].name));
	return queue_plant(db, env, words[1]);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 5, "put QUEUE NEXT-HOP FILE FROM TO", run);
}
