/* SPDX-License-Identifier: Apache-2.0 */
/* Alert [X.413 8.7, 13.2]. */
#include "ms/alert.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/mhs/fields.h"
#include "ms/filter.h"
#include "ms/info.h"
#include "ms/register.h"

/* AutoAlertRegistrationParameter: only what is to be told is used; a bound user is alerted of
 * every entry, at the association that he has. */
static FALLIBLE read_parameter(struct p7 *session, struct bytes contents)
{
	struct ber_tlv set, filter, addresses, attributes, list, selection, type;
	const struct field fields[] = {
		{ BER_CONTEXT(0), &filter, NULL }, { BER_CONTEXT(1), &addresses, NULL },
		{ BER_CONTEXT(2), &attributes, NULL },
	};

	TRY(ber_only(contents, &set));
	TRY(fields_read(set.contents, "auto-alert parameter", fields, 3));
	if (!field_is(&attributes))
		return OK;
	TRY(ber_only(attributes.contents, &list));
	while (list.contents.len) {
		TRY(ber_next(&list.contents, &selection));
		TRY(ber_get(selection.contents, BER_UNIVERSAL(BER_OID), "an attribute type",
			    &type));
		buf_put(&session->alert_attributes, type.whole);
	}
	return OK;
}

FALLIBLE alert_load(struct p7 *session)
{
	AUTO(buf_free) struct buf octets = { 0 };
	struct ber_tlv action, identifier, parameter, number;

	session->wants_alerts = false;
	session->alert_registration = 1;
	buf_clear(&session->alert_attributes);
	TRY(mailbox_registered(session->ms->reader, session->user->mailbox,
			       REGISTERED_AUTO_ALERT, &octets));
	if (!octets.len)
		return OK;
	TRY(ber_only(buf_view(&octets), &action));
	if (ber_find(action.contents, BER_CONTEXT(0), &identifier)) {
		TRY(ber_only(identifier.contents, &number));
		TRY(ber_integer(&number, &session->alert_registration));
	}
	if (ber_find(action.contents, BER_CONTEXT(1), &parameter))
		TRY(read_parameter(session, parameter.contents));
	session->wants_alerts = true;
	return OK;
}

static FALLIBLE alert_session(struct p7 *session, const struct mailbox_entry *entry)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct wanted wanted;
	int32_t invoke_id;
	size_t from;

	TRY(wanted_from_oids(buf_view(&session->alert_attributes), &wanted));
	ber_put_integer(&argument, BER_UNIVERSAL(BER_INTEGER), session->alert_registration);
	ber_wrap(&argument, 0, BER_CONTEXT(0));
	from = argument.len;
	TRY(info_put(session->ms->reader, session->user->mailbox, entry, &wanted, &argument));
	ber_wrap(&argument, from, BER_CONTEXT(2));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	const struct bytes part = buf_view(&argument);
	return assoc_invoke_req(link_assoc(session->caller->link), OP_ALERT, &part, 1,
				&invoke_id);
}

void alert_sessions(const struct user *user, const struct mailbox_entry *entry)
{
	for (struct p7 *s = user->sessions; s; s = s->next) {
		struct status *failed = s->wants_alerts && view_shows(&s->view, entry)
			? alert_session(s, entry) : OK;

		/* He will find the entry when he asks: nothing is lost. */
		if (failed)
			log_event(LOG_LV_WARN, "not alerted",
				  log_assoc(link_number(s->caller->link)),
				  log_text("user", user->peer.name), log_why(failed));
		status_drop(failed);
	}
}
