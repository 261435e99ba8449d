/* SPDX-License-Identifier: Apache-2.0 */
/* The MTA delivers: commit, then confirm. */
#include "ms/deliver.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/delivery_proof.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/osi/rose.h"
#include "ms/alert.h"
#include "ms/caller.h"
#include "ms/check.h"
#include "ms/entry.h"
#include "ms/mta_password.h"

struct deliverer {
	struct ms *ms;
	struct caller *caller;
	const struct peer *mta;
};

/* One invocation, from its arrival to its answer. */
struct arrival {
	struct ms *ms;
	struct caller *caller;
	int32_t invoke_id;
	int operation;
	struct buf apdu;		/* the argument lies in it, and the content */
	struct arena *arena;
	struct delivery *delivery;	/* null for a report */
	struct user *user;
	struct new_entry entry;
	struct checked checked;		/* where the user has a policy */
	const struct own_key *prover;	/* null: no proof is wanted, or none can be made */
	struct buf proof;
	struct status *failed;		/* of checking, of signing */
	bool duplicate;
};

static void arrival_free(struct arrival **arrival)
{
	struct arrival *a = TAKE(*arrival);

	caller_free(&a->caller);
	checked_cleanup(&a->checked);
	new_entry_cleanup(&a->entry);
	buf_free(&a->proof);
	buf_free(&a->apdu);
	status_free(&a->failed);
	arena_free(&a->arena);
	mem_free(&a);
}

static void log_arrival(const struct arrival *a, enum log_level level, const char *what,
			const struct status *why)
{
	log_event(level, what,
		  log_assoc(a->caller->link ? link_number(a->caller->link) : 0),
		  log_msg(a->entry.entry.mts_id),
		  log_text("user", a->user ? a->user->peer.name : NULL),
		  log_num("octets", (int64_t)a->entry.content.len), log_why(why));
}

/* On the worker pool. */
static void sign_proof(void *arg)
{
	struct arrival *a = arg;

	a->failed = delivery_prove(a->delivery, a->prover, &a->proof);
}

/* --- storing --- */

static FALLIBLE store_arrival(struct db *db, void *arg)
{
	struct arrival *a = arg;

	TRY(mailbox_add(db, a->user->mailbox, a->entry.identity, &a->entry.entry,
			buf_view(&a->entry.envelope), a->entry.content,
			&a->entry.entry.number, &a->duplicate));
	/* An MTA that was not told delivers again what was not sent again. */
	return a->duplicate ? OK : check_repeat(a->ms, &a->checked, db);
}

static void confirm_delivery(struct arrival *a)
{
	AUTO(buf_free) struct buf result = { 0 };

	delivery_answer(a->prover, buf_view(&a->proof), &result);
	const struct bytes part = buf_view(&result);
	caller_result(a->caller, a->invoke_id, a->operation, &part, 1);
}

/* The policy of the mailbox says no: the MTA reports it to whoever sent it. */
static void refuse_message(struct arrival *a, const struct status *why)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	log_arrival(a, LOG_LV_WARN, "refused by the policy of the mailbox", why);
	check_audit(a->user, a->delivery, a->entry.entry.mts_id, why);
	error_security(SECURITY_AUTHENTICATION_FAILURE_ON_SUBJECT_MESSAGE, &parameter);
	caller_error(a->caller, a->invoke_id, ERR_SECURITY_ERROR, buf_view(&parameter));
}

/* A control is the one error after which an MTA tries again. */
static void put_off(struct arrival *a, const char *what, const struct status *why)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	log_arrival(a, LOG_LV_ERROR, what, why);
	error_null(&parameter);
	caller_error(a->caller, a->invoke_id, ERR_CONTROL_VIOLATED, buf_view(&parameter));
}

/* It is durable, or not there: only now the MTA learns of it. */
static void arrival_stored(void *arg, const struct status *failed)
{
	AUTO(arrival_free) struct arrival *a = arg;

	if (failed && failed->kind == ST_REFUSED && a->checked.path) {
		refuse_message(a, failed);
		return;
	}
	if (failed) {
		put_off(a, "not stored", failed);
		return;
	}
	log_arrival(a, LOG_LV_INFO, a->duplicate ? "delivered again" : "delivered", OK);
	if (a->delivery && a->user->policy && !a->duplicate)
		check_audit(a->user, a->delivery, a->entry.entry.mts_id, OK);
	if (a->delivery)
		confirm_delivery(a);
	else
		caller_result_null(a->caller, a->invoke_id, a->operation);
	if (!a->duplicate)
		alert_sessions(a->user, &a->entry.entry);
}

static void submit_arrival(struct arrival *a)
{
	struct status *failed = writer_submit(a->ms->writer, store_arrival, arrival_stored, a);

	if (!failed)
		return;
	arrival_stored(a, failed);
	status_free(&failed);
}

static void proof_signed(void *arg)
{
	struct arrival *a = arg;

	if (a->failed) {
		log_arrival(a, LOG_LV_ERROR, "no proof of delivery", a->failed);
		buf_clear(&a->proof);
	}
	submit_arrival(a);
}

/* --- arriving --- */

/* A report names its message, not its user: he submitted it here, or he begins the history that
 * it carries [X.411 8.3.1.2.1.9]. */
static struct user *user_of_report(const struct arrival *a, const struct report *report)
{
	struct bytes history = ext_value(&report->extensions,
					 EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY);
	struct ber_tlv list, first, name;
	int64_t mailbox;
	struct status *failed = mailbox_submitter(a->ms->reader, a->entry.entry.mts_id, &mailbox);

	if (!failed)
		return users_find_mailbox(a->ms->users, mailbox);
	status_free(&failed);
	failed = ber_only(history, &list);
	if (!failed && ber_nth(list.contents, 0, &first) && ber_nth(first.contents, 0, &name))
		return users_find(a->ms->users, name.whole);
	status_drop(failed);
	return NULL;
}

static FALLIBLE read_report(struct arrival *a, struct bytes argument)
{
	struct report *report = NULL;

	TRY(report_delivery_decode(a->arena, argument, &report));
	TRY(entry_of_report(a->arena, report, clock_now(a->ms->clock), &a->entry));
	a->user = user_of_report(a, report);
	return OK;
}

static FALLIBLE read_delivery(struct arrival *a, struct bytes argument)
{
	TRY(delivery_decode(a->arena, argument, &a->delivery));
	TRY(entry_of_delivery(a->arena, a->delivery, clock_now(a->ms->clock), &a->entry));
	a->user = users_find(a->ms->users, a->delivery->this_recipient);
	return OK;
}

static void refuse_unknown_user(struct arrival *a)
{
	AUTO(buf_free) struct buf parameter = { 0 };

	log_arrival(a, LOG_LV_WARN, "refused: no such user here", OK);
	error_security(SECURITY_UNAUTHORISED_USER_NAME, &parameter);
	caller_error(a->caller, a->invoke_id, ERR_SECURITY_ERROR, buf_view(&parameter));
}

/* Both the association and its user have to be cleared for the label. */
static FALLIBLE check_label(const struct arrival *a)
{
	const struct labels *labels = &a->ms->labels;
	struct bytes label;

	if (!a->delivery)
		return OK;
	label = ext_value(&a->delivery->extensions, EXT_MESSAGE_SECURITY_LABEL);
	TRY(labels_check(labels, link_security_context(a->caller->link), label));
	TRY_DOING(labels_check(labels, user_clearance(a->user, labels), label),
		  "%s is not cleared for it", a->user->peer.name);
	return OK;
}

static void refuse_label(struct arrival *a, const struct status *why)
{
	AUTO(buf_free) struct buf parameter = { 0 };
	const struct audit_event event = {
		.assoc = link_number(a->caller->link),
		.msg = a->entry.entry.mts_id,
		.user = a->user->peer.name,
		.what = "deliver",
		.diag = "security-policy-violation",
		.why = why,
	};

	log_audit(&event);
	error_security(SECURITY_POLICY_VIOLATION, &parameter);
	caller_error(a->caller, a->invoke_id, ERR_SECURITY_ERROR, buf_view(&parameter));
}

static void prove_or_store(struct arrival *a)
{
	if (a->delivery && delivery_wants_proof(a->delivery))
		a->prover = site_signer(a->ms->site);
	if (a->prover)
		loop_work(a->ms->loop, sign_proof, proof_signed, a);
	else
		submit_arrival(a);
}

/* On the worker pool. */
static void check_arrival(void *arg)
{
	struct arrival *a = arg;

	a->failed = check_delivery(a->ms, a->user, a->delivery, &a->checked);
}

static void arrival_checked(void *arg)
{
	struct arrival *a = arg;

	if (!a->failed) {
		prove_or_store(a);
		return;
	}
	if (a->failed->kind == ST_LATER)
		put_off(a, "not checked", a->failed);
	else
		refuse_message(a, a->failed);
	arrival_free(&a);
}

static void accept_arrival(struct arrival *a)
{
	if (a->delivery && a->user->policy)
		loop_work(a->ms->loop, check_arrival, arrival_checked, a);
	else
		prove_or_store(a);
}

static void on_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		      struct bytes argument, struct buf *apdu)
{
	const struct deliverer *d = user;
	struct arrival *a;
	struct status *failed;

	(void)link;
	if (operation == OP_CHANGE_CREDENTIALS) {
		mta_password_change(d->ms, d->caller, d->mta, invoke_id, argument);
		return;
	}
	if (operation != OP_MESSAGE_DELIVERY && operation != OP_REPORT_DELIVERY) {
		caller_reject(d->caller, invoke_id, ROSE_INVOKE_UNRECOGNIZED_OPERATION, OK);
		return;
	}
	a = mem_new(struct arrival);
	*a = (struct arrival){ .ms = d->ms, .caller = caller_ref(d->caller),
			       .invoke_id = invoke_id, .operation = operation,
			       .apdu = buf_take(apdu), .arena = arena_new() };
	failed = operation == OP_MESSAGE_DELIVERY ? read_delivery(a, argument)
						  : read_report(a, argument);
	struct status *unfit = !failed && a->user ? check_label(a) : OK;
	if (!failed && a->user && !unfit) {
		accept_arrival(a);
		return;
	}
	if (failed)
		caller_reject(a->caller, invoke_id, ROSE_INVOKE_MISTYPED_ARGUMENT, failed);
	else if (unfit)
		refuse_label(a, unfit);
	else
		refuse_unknown_user(a);
	status_free(&failed);
	status_free(&unfit);
	arrival_free(&a);
}

static void on_closed(void *user, struct link *link, const struct status *why)
{
	struct deliverer *d = user;

	(void)link;
	(void)why;
	d->caller->link = NULL;
	caller_free(&d->caller);
	mem_free(&d);
}

const struct link_user deliver_user = { .invoke = on_invoke, .closed = on_closed };

struct deliverer *deliver_new(struct ms *ms, struct link *link, const struct peer *mta)
{
	struct deliverer *d = mem_new(struct deliverer);

	d->ms = ms;
	d->mta = mta;
	d->caller = caller_new(link);
	return d;
}
