/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator of an MTA asks a store for, whether the server runs or not. */
#ifndef MTA_ADMINISTER_H
#define MTA_ADMINISTER_H

#include "lib/base/command.h"

/* Changes the password that the MTA gives to a store [X.411 8.4.1.2]. */
FALLIBLE cmd_password(const struct invocation *invocation);
extern const struct option_spec password_options[];

#endif
