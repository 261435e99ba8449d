/* SPDX-License-Identifier: Apache-2.0 */
/* What the stack asks of the network beneath it: a stream of octets, such as TCP. */
#ifndef LIB_OSI_NETWORK_H
#define LIB_OSI_NETWORK_H

#include "lib/base/bytes.h"

struct network {
	/* Sends the octets, in order; they are borrowed until it returns. */
	void (*write)(void *net, const struct bytes *parts, size_t count);
	/* Closes the connection once all that was written has left. */
	void (*close)(void *net);
};

#endif
