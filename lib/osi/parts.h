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

/* A header, and behind it parts that others own: few lie in place. */
enum { HEADED_FEW = 16 };
struct headed {
	struct bytes few[HEADED_FEW];
	struct bytes *many;	/* or NULL */
};

/* The list of count + 1 parts whose first, the header, the caller fills in; it lives until the
 * cleanup.  out_len is the length of what is behind the header. */
struct bytes *headed_init(struct headed *h, const struct bytes *parts, size_t count,
			  size_t *out_len);
void headed_cleanup(struct headed *h);

#endif
