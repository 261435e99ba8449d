/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua password: another password to bind to the message store with [X.413 8.6]. */
#ifndef UA_PASSWORD_H
#define UA_PASSWORD_H

#include "lib/base/command.h"

FALLIBLE cmd_password(const struct invocation *invocation);
extern const struct option_spec password_options[];

#endif
