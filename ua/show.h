/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the store, shown: read, list, receipts, status; and delete. */
#ifndef UA_SHOW_H
#define UA_SHOW_H

#include "ua/inbox.h"

FALLIBLE cmd_read(const struct invocation *invocation);
FALLIBLE cmd_list(const struct invocation *invocation);
FALLIBLE cmd_receipts(const struct invocation *invocation);
FALLIBLE cmd_status(const struct invocation *invocation);
FALLIBLE cmd_delete(const struct invocation *invocation);
extern const struct option_spec read_options[], list_options[];

/* What has to be told of the suite that it was made with, in the arena; null where nothing has. */
const char *message_warning(struct arena *arena, const struct ua_message *message,
			    const struct finding *finding);

/* Writes a message for people: who, what was checked, and (with_content) the text, names of
 * attachments. */
void show_message(const struct opened *message, bool with_content, bool verbose, FILE *to);
/* The same for programs. */
json_t *message_json(const struct opened *message, bool with_content);

#endif
