/* SPDX-License-Identifier: Apache-2.0 */
/* Filters [X.413 8.1.3]: read where they arrived, checked once, then asked for each entry. */
#ifndef MS_FILTER_H
#define MS_FILTER_H

#include "lib/store/mailbox.h"
#include "ms/p7.h"

/* That a Filter (one TLV) is well-formed and asks only for matching that there is: equality,
 * order, presence, and parts of what is text; approximate matching is equality. */
FALLIBLE filter_check(struct bytes filter, struct refusal *out_refusal);

/* Whether an entry passes a filter that was checked.  An absent attribute matches nothing. */
bool filter_passes(struct bytes filter, const struct mailbox_entry *entry);

/* The retrieval-status that every entry has which passes, or MAILBOX_ANY: so that an index
 * can find them. */
int filter_status(struct bytes filter);

#endif
