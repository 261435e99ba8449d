/* SPDX-License-Identifier: Apache-2.0 */
/* What a bound user is shown of his entries. */
#include "ms/view.h"

#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "ms/entry.h"

static FALLIBLE find_label(const struct mailbox_entry *entry, struct buf *out)
{
	AUTO(buf_free) struct buf oid = { 0 };

	TRY(oid_from_text(ID_ATT_MESSAGE_SECURITY_LABEL, &oid));
	(void)entry_values(entry, buf_view(&oid), out);
	return OK;
}

bool view_shows(const struct view *view, const struct mailbox_entry *entry)
{
	AUTO(buf_free) struct buf label = { 0 };

	if (!view->context.len)
		return true;
	struct status *hidden = find_label(entry, &label);
	if (!hidden && entry->kind == MAILBOX_MESSAGE)
		hidden = labels_check(view->labels, view->context, buf_view(&label));
	else if (!hidden)
		hidden = labels_check_report(view->labels, view->context, buf_view(&label));
	bool shows = !hidden;
	status_drop(hidden);
	return shows;
}
