/* SPDX-License-Identifier: Apache-2.0 */
/* Octets that lie in several parts, cut into pieces without being copied. */
#ifndef LIB_OSI_PARTS_H
#define LIB_OSI_PARTS_H

#include "lib/base/bytes.h"

struct parts {
	const struct bytes *next;
	size_t count;
	size_t offset;		/* into the next part */
	size_t left;		/* octets not taken yet */
};

struct parts parts_over(const struct bytes *parts, size_t count);

/* Views of the next len octets, or of what is left; out has room for as many parts as are left
 * (never more than parts_over was given).  Returns how many it filled. */
size_t parts_take(struct parts *p, size_t len, struct bytes *out);

#endif
