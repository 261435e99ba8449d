/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua sync: the outbox leaves, what is new comes home, and all of it is checked. */
#ifndef UA_SYNC_H
#define UA_SYNC_H

#include "lib/base/command.h"

FALLIBLE cmd_sync(const struct invocation *invocation);
extern const struct option_spec sync_options[];

#endif
