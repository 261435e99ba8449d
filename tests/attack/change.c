/* SPDX-License-Identifier: Apache-2.0 */
/* change QUEUE: changes one bit in the content of the newest message that waits in a queue. */
#include "lib/store/query.h"
#include "tests/support/stolen.h"

static FALLIBLE change_content(struct stolen *message)
{
	uint8_t *content = (uint8_t *)arena_dup(message->arena, message->env->content).data;
	size_t at = message->env->content.len / 2;

	content[at] ^= 1;
	printf("octet %zu of the %zu octets of content is now %02x instead of %02x\n", at + 1,
	       message->env->content.len, content[at], content[at] ^ 1);
	return db_run(message->db, "UPDATE octets SET content = ? WHERE message = ?",
		      v_octets(bytes_of(content, message->env->content.len)),
		      v_int(message->number));
}

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;

	TRY(stolen_open(words[0], &message));
	if (!message.env->content.len)
		return FAIL(ST_USAGE, 0, "the content is empty");
	return change_content(&message);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 1, "change QUEUE", run);
}
