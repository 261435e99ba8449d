/* SPDX-License-Identifier: Apache-2.0 */
/* The administration port: users of the MTS register, and change their passwords [X.411 8.4]. */
#ifndef MTA_ADMINISTRATION_H
#define MTA_ADMINISTRATION_H

#include "mta/incoming.h"

/* Serves register and change-credentials.  The result is sent once what was asked for is durable; a
 * refusal is told in the numbers of X.411, and to the audit log in words. */
void administration_invoke(struct incoming *incoming, int32_t invoke_id, int operation,
			   struct bytes argument);

#endif
