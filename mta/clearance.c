/* SPDX-License-Identifier: Apache-2.0 */
/* What may go over an association, by its security label. */
#include "mta/clearance.h"

#include "lib/base/log.h"

static struct bytes label_of(const struct ext_set *extensions)
{
	return ext_value(extensions, EXT_MESSAGE_SECURITY_LABEL);
}

FALLIBLE clearance_check(const struct mta *mta, const struct link *link, const struct envelope *env,
			 const char *what)
{
	const struct bytes context = link_security_context(link), label = label_of(&env->extensions);
	struct status *refused = labels_check(&mta->labels, context, label);
	const struct audit_event event = {
		.assoc = link_number(link),
		.msg = mts_id_text(env->arena, env->id),
		.user = link_peer(link),
		.what = what,
		.allowed = !refused,
		.label = label.len ? label_text(mta->labels.policies, env->arena, label) : NULL,
		.diag = refused ? "secure-messaging-error" : NULL,
		.why = refused,
	};

	if (refused || (context.len && label.len))
		log_audit(&event);
	return refused;
}

void clearance_hold_content(const struct mta *mta, const struct peer *to, struct report *report)
{
	const struct bytes context = labels_allowed(&mta->labels, to->expected.security_context);
	struct status *refused = report->has_content
		? labels_check_report(&mta->labels, context, label_of(&report->envelope_extensions))
		: OK;

	if (!refused)
		return;
	report->has_content = false;
	report->content = bytes_none();
	log_event(LOG_LV_INFO, "content not returned", log_msg(mts_id_text(report->arena, report->id)),
		  log_text("peer", to->name), log_why(refused));
	status_free(&refused);
}
