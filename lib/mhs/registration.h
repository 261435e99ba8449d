/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The argument of P3's register [X.411 8.4.1.1]: what a user of the MTS wants to be
 * delivered.  Of its elements these are served here: deliverable-maximum-content-length,
 * deliverable-content-types, and of labels-and-redirections the labels.
 */
#ifndef LIB_MHS_REGISTRATION_H
#define LIB_MHS_REGISTRATION_H

#include "lib/store/registered.h"

struct registration {
	struct registered registered;
	struct bytes user_name;		/* ORName TLV that he wants to be called; or empty */
	const char *unserved;		/* the name of an element that is not served here; or null */
};

/* What was read lives in the arena.  ST_PEER where it is malformed, or beyond the bounds. */
FALLIBLE registration_decode(struct arena *arena, struct bytes argument,
			     struct registration *out_registration);
/* Appends the argument; unserved is left out.  ST_PEER where the labels are no context. */
FALLIBLE registration_encode(const struct registration *registration, struct buf *out);

#endif
