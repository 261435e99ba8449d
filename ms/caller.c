/* SPDX-License-Identifier: Apache-2.0 */
/* Answers over a link that may have ended. */
#include "ms/caller.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"

struct caller *caller_new(struct link *link)
{
	struct caller *caller = mem_new(struct caller);

	caller->link = link;
	caller->owners = 1;
	return caller;
}

struct caller *caller_ref(struct caller *caller)
{
	caller->owners++;
	return caller;
}

void caller_free(struct caller **caller)
{
	struct caller *c = TAKE(*caller);

	if (c && --c->owners == 0)
		mem_free(&c);
}

/* What the association does not take ends it: the peer would wait for ever. */
static void sent(struct caller *caller, struct status *failed)
{
	if (failed)
		link_abort(caller->link, failed);
}

void caller_result(struct caller *caller, int32_t invoke_id, int operation,
		   const struct bytes *parts, size_t count)
{
	if (caller->link)
		sent(caller, assoc_result_req(link_assoc(caller->link), invoke_id, operation,
					      parts, count));
}

void caller_result_null(struct caller *caller, int32_t invoke_id, int operation)
{
	const struct bytes null = BYTES("\x05\x00");

	caller_result(caller, invoke_id, operation, &null, 1);
}

void caller_error(struct caller *caller, int32_t invoke_id, int error, struct bytes parameter)
{
	if (caller->link)
		sent(caller, assoc_error_req(link_assoc(caller->link), invoke_id, error,
					     parameter));
}

void caller_reject(struct caller *caller, int32_t invoke_id, int problem,
		   const struct status *why)
{
	if (!caller->link)
		return;
	log_event(LOG_LV_WARN, "invocation rejected", log_assoc(link_number(caller->link)),
		  log_text("peer", link_peer(caller->link)), log_why(why));
	sent(caller, assoc_reject_req(link_assoc(caller->link), invoke_id, problem));
}
