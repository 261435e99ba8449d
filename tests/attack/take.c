/* SPDX-License-Identifier: Apache-2.0 */
/* take QUEUE FILE: takes the newest message that waits in a queue out of it, into a file. */
#include "lib/base/file.h"
#include "tests/support/stolen.h"

static FALLIBLE run(char **words)
{
	AUTO(stolen_close) struct stolen message;

	TRY(stolen_open(words[0], &message));
	TRY(file_replace(words[1], 0600, message.octets));
	printf("%s lies in %s\n", mts_id_text(message.arena, message.env->id), words[1]);
	return stolen_drop(&message);
}

int main(int argc, char **argv)
{
	return attack_main(argc, argv, 2, "take QUEUE FILE", run);
}
