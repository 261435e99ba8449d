/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Security policies of a site: what its labels are called.  A policy is a line
 * of the settings:
 *
 *	OID name=NAME [levels=NAME[:NUMBER],...] [categories=NAME:OID,...]
 *
 * Levels without a number follow the one before, from 0 on; those of X.411 are
 * the default.  A label as text is
 *
 *	[POLICY:]LEVEL[+CATEGORY...][/PRIVACY MARK]
 *
 * with names, or with numbers and identifiers where there are none.  Without a
 * policy it is of the only one that there is; ":" alone in front means none.
 */
#ifndef LIB_SEC_LABEL_POLICY_H
#define LIB_SEC_LABEL_POLICY_H

#include "lib/base/arena.h"
#include "lib/base/settings.h"

struct label_policies;

/* Lives in the arena.  ST_USAGE names the line that makes no sense. */
FALLIBLE label_policies_read(struct arena *arena, const struct text_list *lines,
			     const struct label_policies **out_policies);

/* The SecurityLabel TLV, in the arena.  ST_USAGE says what is not known, and what would be. */
FALLIBLE label_from_text(const struct label_policies *policies, struct arena *arena,
			 const char *text, struct bytes *out_tlv);
/* The same, in the arena; of what cannot be read: "an unreadable label". */
const char *label_text(const struct label_policies *policies, struct arena *arena,
		       struct bytes tlv);

/* Labels with commas between them, appended one TLV behind the other: for context_encode. */
FALLIBLE labels_from_text(const struct label_policies *policies, struct arena *arena,
			  const char *text, struct buf *out_labels);
/* The labels of a context, with commas, for people. */
const char *context_text(const struct label_policies *policies, struct arena *arena,
			 struct bytes context);

#endif
