/* SPDX-License-Identifier: Apache-2.0 */
/* postern-ua register: what the message store, or the MTA, is to take for the user. */
#include "ua/register.h"

#include "ua/administer.h"
#include "ua/print.h"

const struct option_spec register_options[] = {
	{ "label", "LABEL", "Take messages that this label dominates; may be repeated." },
	{ "all-labels", NULL, "Take again whatever its settings allow you." },
	{ 0 }
};

/* The labels that were given, as a SecurityContext; an empty one for all. */
static FALLIBLE read_labels(struct home *home, const struct options *options, struct buf *out)
{
	AUTO(buf_free) struct buf labels = { 0 };
	const char *text;

	for (size_t i = 0; (text = options_nth(options, "label", i)) != NULL; i++)
		TRY_DOING(labels_from_text(home->labels.policies, home->arena, text, &labels),
			  "--label");
	if (!labels.len == !options_has(options, "all-labels"))
		return FAIL(ST_USAGE, 0, "register needs --label LABEL or --all-labels");
	context_encode(buf_view(&labels), out);
	return OK;
}

FALLIBLE cmd_register(const struct invocation *invocation)
{
	AUTO(home_free) struct home *home = NULL;
	AUTO(session_close) struct session *session = NULL;
	AUTO(buf_free) struct buf labels = { 0 };

	TRY(home_of(invocation, &home));
	TRY(read_labels(home, &invocation->options, &labels));
	TRY(home_unlock(home));
	TRY(session_open(home, &session));
	TRY_DOING(administer_labels(home, session, buf_view(&labels)), "%s does not register that",
		  session_peer(session));
	const char *text = options_has(&invocation->options, "all-labels") ? NULL
		: context_text(home->labels.policies, home->arena, buf_view(&labels));
	if (invocation->json)
		print_json(json_pack("{s:s, s:s?}", "store", session_peer(session), "labels", text));
	else
		printf("%s now takes for you what is within %s; the rest goes back to its sender.\n",
		       session_peer(session), text ? text : "its settings");
	return OK;
}
