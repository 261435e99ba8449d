/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a bound user is shown of his entries: those whose labels the security
 * context of his association covers [X.411 8.1.2.1.1.1.3; X.413 7.1].  The others
 * are not there for him: not listed, fetched, counted, deleted or told of.
 */
#ifndef MS_VIEW_H
#define MS_VIEW_H

#include "lib/mhs/labels.h"
#include "lib/store/mailbox.h"

struct view {
	const struct labels *labels;
	struct bytes context;		/* SecurityContext TLV, borrowed; empty: all is shown */
};

bool view_shows(const struct view *view, const struct mailbox_entry *entry);

#endif
