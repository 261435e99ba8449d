/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What those who bind to a server have registered there [X.411 8.4.1.1], and the
 * passwords that they changed [8.4.1.2]: by a name for each, which says of what
 * kind he is.
 */
#ifndef LIB_STORE_REGISTERED_H
#define LIB_STORE_REGISTERED_H

#include "lib/base/arena.h"
#include "lib/store/db.h"

struct registered {
	bool has_labels, has_content_types, has_content_max;
	struct bytes labels;		/* SecurityContext TLV; empty: taken back */
	struct bytes content_types;	/* ContentType TLVs, one behind the other; the same */
	int64_t content_max;
};

/* Nothing where he has registered nothing; in the arena. */
FALLIBLE registered_find(struct db *db, struct arena *arena, const char *name,
			 struct registered *out_registered);
/* In a transaction: what is there takes the place of what was. */
FALLIBLE registered_set(struct db *db, const char *name, const struct registered *registered);

/* Appends what is stored of the password that he changed to; nothing where he did not. */
FALLIBLE registered_password(struct db *db, const char *name, struct buf *out_stored);
FALLIBLE registered_set_password(struct db *db, const char *name, struct bytes stored);

#endif
