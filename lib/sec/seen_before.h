/* SPDX-License-Identifier: Apache-2.0 */
/* A record of what was used before; it is the caller's, and durable. */
#ifndef LIB_SEC_SEEN_BEFORE_H
#define LIB_SEC_SEEN_BEFORE_H

#include "lib/base/bytes.h"
#include "lib/base/status.h"

#include <time.h>

struct seen_before {
	void *data;
	/* Records the pair of a key and what it signed once; *out_new is false where it was
	 * there already.  It may be forgotten after the given time. */
	FALLIBLE (*record)(void *data, struct bytes key_id, struct bytes once,
			   time_t forget_after, bool *out_new);
};

#endif
