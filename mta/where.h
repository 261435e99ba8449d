/* SPDX-License-Identifier: Apache-2.0 */
/* "Where is my message?": the command postern-mta where. */
#ifndef MTA_WHERE_H
#define MTA_WHERE_H

#include "lib/base/command.h"

FALLIBLE cmd_where(const struct invocation *invocation);
extern const struct option_spec where_options[];

#endif
