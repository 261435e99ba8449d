/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the administrator of a store asks its MTA for, whether the server runs or not
 * [X.411 8.4]: another password, and what is to be delivered.
 */
#ifndef MS_ADMINISTER_H
#define MS_ADMINISTER_H

#include "lib/base/command.h"

FALLIBLE cmd_password(const struct invocation *invocation);
FALLIBLE cmd_register(const struct invocation *invocation);
extern const struct option_spec password_options[], register_options[];

#endif
