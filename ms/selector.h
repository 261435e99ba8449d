/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries an operation is about: Selector, Range and Filter [X.413 8.1]. */
#ifndef MS_SELECTOR_H
#define MS_SELECTOR_H

#include "lib/store/mailbox.h"
#include "ms/p7.h"

enum { FILTER_DEPTH_MAX = 16, FILTER_ITEMS_MAX = 64 };

struct selector {
	const struct view *view;	/* what may match at all; null: all */
	struct mailbox_select select;
	struct bytes filter;		/* one Filter TLV, or empty; was checked */
	int64_t limit;			/* how many entries; INT64_MAX where it does not say */
	uint32_t overridden;		/* of the restrictions: OVERRIDE_ bits, heeded by a fetch */
};

/* From a Selector (one TLV), which the selector borrows, as it does the view. */
FALLIBLE selector_read(const struct view *view, struct bytes tlv, struct selector *out_selector,
		       struct refusal *out_refusal);

/* Whether an entry that select chose also passes the filter. */
bool selector_matches(const struct selector *selector, const struct mailbox_entry *entry);

#endif
