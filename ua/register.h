/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua register: what the message store is to take for the user [X.413 8.6]. */
#ifndef UA_REGISTER_H
#define UA_REGISTER_H

#include "lib/base/command.h"

FALLIBLE cmd_register(const struct invocation *invocation);
extern const struct option_spec register_options[];

#endif
