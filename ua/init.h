/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua init: a home with settings, keys and an empty store; and enrol: another certificate. */
#ifndef UA_INIT_H
#define UA_INIT_H

#include "lib/base/command.h"

FALLIBLE cmd_init(const struct invocation *invocation);
FALLIBLE cmd_enrol(const struct invocation *invocation);
/* postern-ua passphrase: the key is encrypted anew. */
FALLIBLE cmd_passphrase(const struct invocation *invocation);
extern const struct option_spec init_options[], passphrase_options[];

#endif
