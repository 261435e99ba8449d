/* SPDX-License-Identifier: Apache-2.0 */
/* The administration port [X.411 8.4]. */
#include "mta/administration.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/password_change.h"
#include "lib/mhs/registration.h"
#include "lib/osi/rose.h"

/* An operation that was invoked and is not answered yet. */
struct request {
	struct incoming *incoming;
	int32_t invoke_id;
	int operation;
	struct arena *arena;
	struct password_change password;
	bool wrong_password;		/* the old one is: nothing is stored */
	struct registration registration;
};

/* An error of P3 whose parameter is NULL, as those of this port are; 0: none. */
struct refusal {
	int error;
	struct status *why;		/* for the audit log */
};

static FALLIBLE refuse(struct refusal *out, int error, struct status *why)
{
	*out = (struct refusal){ error, why };
	return OK;
}

static void request_free(struct request **request)
{
	struct request *r = TAKE(*request);

	if (!r)
		return;
	password_change_cleanup(&r->password);
	arena_free(&r->arena);
	mem_free(&r);
}

/* --- reading --- */

/* [X.411 8.4.1.2] A certificate is not held here: the next bind, or the directory, has the new one. */
static FALLIBLE read_change(struct request *r, struct bytes argument, struct refusal *out)
{
	struct ber_tlv set;
	struct status *unacceptable = OK;

	TRY(ber_only(argument, &set));
	if (set.tag != BER_SET)
		return FAIL(ST_PEER, 0, "the argument of change-credentials is no set");
	TRY(password_change_read(set.contents, &r->password, &unacceptable));
	if (!unacceptable && !incoming_password(r->incoming))
		unacceptable = FAIL(ST_REFUSED, 0, "the settings give him no password");
	return unacceptable ? refuse(out, ERR_NEW_CREDENTIALS_UNACCEPTABLE, unacceptable) : OK;
}

/* He may say what he is called; what he is to be called is the settings' to say. */
static bool is_own_name(const struct incoming *incoming, struct bytes name)
{
	return orname_tlv_equal(name, incoming->peer ? incoming->peer->or_name : incoming->user);
}

static FALLIBLE read_register(struct request *r, struct bytes argument, struct refusal *out)
{
	struct registration *registration = &r->registration;

	TRY(registration_decode(r->arena, argument, registration));
	if (registration->user_name.len && !is_own_name(r->incoming, registration->user_name))
		registration->unserved = "user-name";
	if (registration->unserved)
		return refuse(out, ERR_REGISTER_REJECTED, FAIL(ST_REFUSED, 0, "%s is nothing that can "
			      "be registered here", registration->unserved));
	struct status *forbidden = mts_user_may_register(r->incoming->mta, &r->incoming->as,
							 registration->registered.labels);
	return forbidden ? refuse(out, ERR_REGISTER_REJECTED, forbidden) : OK;
}

/* --- answering --- */

static void audit(const struct request *r, int error, const struct status *why)
{
	const struct incoming *incoming = r->incoming;
	const struct registered *registered = &r->registration.registered;
	const struct audit_event event = {
		.assoc = incoming->link ? link_number(incoming->link) : 0,
		.user = incoming->as.name,
		.what = operation_name(r->operation),
		.allowed = !error,
		.label = registered->labels.len
			? context_text(incoming->mta->labels.policies, r->arena, registered->labels)
			: NULL,
		.diag = error ? error_name(error) : NULL,
		.why = why,
	};

	log_audit(&event);
}

static FALLIBLE send_answer(const struct request *r, int error)
{
	AUTO(buf_free) struct buf null = { 0 };
	struct assoc *assoc = link_assoc(r->incoming->link);

	error_null(&null);
	const struct bytes part = buf_view(&null);
	return error ? assoc_error_req(assoc, r->invoke_id, error, part)
		     : assoc_result_req(assoc, r->invoke_id, r->operation, &part, 1);
}

static void answer(const struct request *r, int error)
{
	struct link *link = r->incoming->link;
	struct status *st = link ? send_answer(r, error) : OK;

	if (st)
		link_abort(link, st);
}

/* There is no error for "not now", nor one for what is no argument at all. */
static void give_up(const struct request *r, const struct status *why)
{
	struct link *link = r->incoming->link;
	struct status *st = why->kind == ST_PEER && link
		? assoc_reject_req(link_assoc(link), r->invoke_id, ROSE_INVOKE_MISTYPED_ARGUMENT)
		: status_doing(status_copy(why), "%s cannot be stored", operation_name(r->operation));

	log_event(LOG_LV_WARN, "administration failed", log_text("user", r->incoming->as.name),
		  log_text("operation", operation_name(r->operation)), log_why(why));
	if (st && link)
		link_abort(link, st);
	else
		status_free(&st);
}

/* --- storing --- */

static FALLIBLE store_job(struct db *db, void *arg)
{
	struct request *r = arg;
	const char *name = r->incoming->as.name;

	if (r->operation == OP_REGISTER)
		return registered_set(db, name, &r->registration.registered);
	return password_change_registered(db, name, &r->password, incoming_password(r->incoming),
					  &r->wrong_password);
}

static void stored(void *arg, const struct status *failed)
{
	AUTO(request_free) struct request *r = arg;
	struct incoming *incoming = r->incoming;
	int error = r->wrong_password ? ERR_OLD_CREDENTIALS_INCORRECTLY_SPECIFIED : 0;

	if (failed) {
		give_up(r, failed);
	} else {
		audit(r, error, OK);
		answer(r, error);
	}
	incoming_answered(incoming);
}

/* --- the operations --- */

static FALLIBLE begin(struct request *r, struct bytes argument, struct refusal *out_refusal)
{
	TRY(r->operation == OP_REGISTER ? read_register(r, argument, out_refusal)
					: read_change(r, argument, out_refusal));
	return out_refusal->error ? OK
		: writer_submit(r->incoming->mta->writer, store_job, stored, r);
}

void administration_invoke(struct incoming *incoming, int32_t invoke_id, int operation,
			   struct bytes argument)
{
	AUTO(request_free) struct request *r = mem_new(struct request);
	struct refusal refusal = { 0 };

	*r = (struct request){ .incoming = incoming, .invoke_id = invoke_id,
			       .operation = operation, .arena = arena_new() };
	incoming->answers++;
	AUTO(status_free) struct status *failed = begin(r, argument, &refusal);
	if (!failed && !refusal.error) {
		r = NULL;	/* stored's from here on */
		return;
	}
	if (failed) {
		give_up(r, failed);
	} else {
		audit(r, refusal.error, refusal.why);
		answer(r, refusal.error);
	}
	status_free(&refusal.why);
	incoming_answered(incoming);
}
