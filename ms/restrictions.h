/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a user agent is prepared to fetch [X.413 7.1.1]: it says so when it
 * binds, and a fetch that searches may set that aside [X.413 8.1.2].
 */
#ifndef MS_RESTRICTIONS_H
#define MS_RESTRICTIONS_H

#include "lib/store/mailbox.h"
#include "ms/p7.h"

/* OverrideRestrictions, as field_bits has them. */
enum {
	OVERRIDE_CONTENT_TYPES = 1 << 0,
	OVERRIDE_EITS = 1 << 1,
	OVERRIDE_CONTENT_LENGTH = 1 << 2,
};

struct restrictions {
	bool any_type, any_eit;
	struct bytes types, eits;	/* else: OBJECT IDENTIFIER TLVs that are allowed; borrowed */
	int64_t length_max;		/* of a content */
};

/* From a Restrictions (one TLV, or empty: there are none).  ST_PEER. */
FALLIBLE restrictions_read(struct bytes tlv, struct restrictions *out_restrictions);

/* Sets some of them aside. */
void restrictions_override(struct restrictions *restrictions, uint32_t overridden);

/* A fetch-restriction-error that tells each restriction the entry is outside of, or none.  The
 * envelope of a message is read where that has to be known. */
FALLIBLE restrictions_check(const struct restrictions *restrictions, struct db *db,
			    int64_t mailbox, const struct mailbox_entry *entry,
			    struct refusal *out_refusal);

#endif
