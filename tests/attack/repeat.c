/* SPDX-License-Identifier: Apache-2.0 */
/*
 * repeat QUEUE: puts a second copy of the newest message that waits in a queue
 * behind it, under an MTS-identifier of its own.
 */
#include "tests/support/stolen.h"

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;

	TRY(stolen_open(words[0], &message));
	TRY(envelope_renumber(message.env));
	TRY(queue_plant(message.db, message.env, message.next_hop));
	printf("a second copy waits as %s\n", mts_id_text(message.arena, message.env->id));
	return OK;
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 1, "repeat QUEUE", run);
}
