/* SPDX-License-Identifier: Apache-2.0 */
/* P7 with a user agent: operations come in, answers go out. */
#include "ms/p7.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/operations.h"
#include "lib/osi/rose.h"
#include "lib/store/mailbox.h"
#include "ms/alert.h"

enum { SERVICE_BUSY, SERVICE_UNAVAILABLE };	/* [X.413 9.7] */

/* What is served; the rest is not known here. */
static const struct {
	int operation;
	FALLIBLE (*serve)(const struct request *request, struct refusal *out_refusal);
} operations[] = {
	{ OP_SUMMARIZE, summarize },
	{ OP_LIST, list_entries },
	{ OP_FETCH, fetch },
	{ OP_DELETE, delete_entries },
	{ OP_REGISTER_MS, register_ms },
	{ OP_MESSAGE_SUBMISSION, submit },
	{ OP_PROBE_SUBMISSION, submit },
	{ OP_CANCEL_DEFERRED_DELIVERY, submit },
};

void p7_failed(struct caller *caller, int32_t invoke_id, int operation,
		    const struct status *why)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	if (why->kind == ST_PEER) {
		caller_reject(caller, invoke_id, ROSE_INVOKE_MISTYPED_ARGUMENT, why);
		return;
	}
	log_event(LOG_LV_ERROR, "operation failed",
		  log_assoc(caller->link ? link_number(caller->link) : 0),
		  log_text("operation", operation_name(operation)), log_why(why));
	error_service(why->kind == ST_LATER ? SERVICE_BUSY : SERVICE_UNAVAILABLE, &parameter);
	caller_error(caller, invoke_id, ERR_SERVICE_ERROR, buf_view(&parameter));
}

static void serve(const struct request *request,
		  FALLIBLE (*operation)(const struct request *, struct refusal *))
{
	struct caller *caller = request->session->caller;
	struct refusal refusal = { 0 };
	struct status *failed = operation(request, &refusal);

	if (failed)
		p7_failed(caller, request->invoke_id, request->operation, failed);
	else if (refusal.error)
		caller_error(caller, request->invoke_id, refusal.error,
			     buf_view(&refusal.parameter));
	status_free(&failed);
	buf_free(&refusal.parameter);
}

static void on_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	struct p7 *session = user;
	const struct request request = { session, invoke_id, operation, argument, apdu };

	log_event(LOG_LV_DEBUG, "invoked", log_assoc(link_number(link)),
		  log_text("user", session->user->peer.name),
		  log_text("operation", operation_name(operation)));
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (operations[i].operation == operation) {
			serve(&request, operations[i].serve);
			return;
		}
	}
	caller_reject(session->caller, invoke_id, ROSE_INVOKE_UNRECOGNIZED_OPERATION, OK);
}

/* Of an alert: there is nothing more to do. */
static void on_alert_result(void *user, struct link *link, int32_t invoke_id,
			    struct bytes result, struct buf *apdu)
{
	(void)user, (void)link, (void)invoke_id, (void)result, (void)apdu;
}

static void log_alert_refused(const struct p7 *session, const struct status *why)
{
	log_event(LOG_LV_WARN, "alert refused", log_assoc(link_number(session->caller->link)),
		  log_text("user", session->user->peer.name), log_why(why));
}

static void on_alert_error(void *user, struct link *link, int32_t invoke_id, int error,
			   struct bytes parameter, struct buf *apdu)
{
	struct status *why = operation_failed(OP_ALERT, error, parameter);

	(void)link, (void)invoke_id, (void)apdu;
	log_alert_refused(user, why);
	status_free(&why);
}

static void on_alert_reject(void *user, struct link *link, int32_t invoke_id,
			    const struct status *why)
{
	(void)link, (void)invoke_id;
	log_alert_refused(user, why);
}

static void leave_user(struct p7 *session)
{
	struct p7 **place = &session->user->sessions;

	while (*place != session)
		place = &(*place)->next;
	*place = session->next;
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct p7 *session = user;

	(void)link;
	leave_user(session);
	session->caller->link = NULL;
	session->caller->lost = why != NULL;
	caller_free(&session->caller);
	buf_free(&session->alert_attributes);
	mem_free(&session);
}

const struct link_user p7_user = {
	.invoke = on_invoke,
	.result = on_alert_result,
	.error = on_alert_error,
	.reject = on_alert_reject,
	.closed = on_closed,
};

struct p7 *p7_new(struct ms *ms, struct link *link, const struct link_claim *claim)
{
	struct user *user = users_find(ms->users, claim->or_name);
	struct p7 *session = mem_new(struct p7);
	struct status *failed;

	session->ms = ms;
	session->user = user;
	session->caller = caller_new(link);
	session->view = (struct view){ &ms->labels, link_security_context(link) };
	session->fetch_restrictions = claim->fetch_restrictions;
	session->next = user->sessions;
	user->sessions = session;
	failed = alert_load(session);
	if (failed)
		log_event(LOG_LV_WARN, "no alerts", log_assoc(link_number(link)),
			  log_text("user", user->peer.name), log_why(failed));
	status_free(&failed);
	return session;
}

/* --- raising the status --- */

struct raising {
	int64_t mailbox;
	struct buf numbers;
	enum mailbox_status status;
};

static FALLIBLE raise_job(struct db *db, void *arg)
{
	const struct raising *r = arg;

	return mailbox_raise_status(db, r->mailbox, (const int32_t *)r->numbers.data,
				    r->numbers.len / sizeof(int32_t), r->status);
}

/* Where it failed the entries stay as new as they were, and are told again. */
static void raise_done(void *arg, const struct status *failed)
{
	struct raising *r = arg;

	if (failed)
		log_event(LOG_LV_WARN, "status not raised", log_why(failed));
	buf_free(&r->numbers);
	mem_free(&r);
}

void p7_raise_status(struct p7 *session, struct buf numbers, int status)
{
	struct raising *r = mem_new(struct raising);
	struct status *failed = OK;

	*r = (struct raising){ session->user->mailbox, numbers, (enum mailbox_status)status };
	if (numbers.len)
		failed = writer_submit(session->ms->writer, raise_job, raise_done, r);
	if (!numbers.len || failed)
		raise_done(r, failed);
	status_free(&failed);
}
