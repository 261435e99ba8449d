/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submission: operations of users and of stores on their behalf [X.411 8.2.1].
 * The result is sent once the message is durable.
 */
#include "mta/incoming.h"
#include "mta/intake.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/operations.h"
#include "lib/osi/rose.h"
#include "lib/store/submitted.h"

#include <stdlib.h>

/* An operation that was invoked and is not answered yet. */
struct submission {
	struct incoming *incoming;
	int32_t invoke_id;
	int operation;
	struct bytes content_identifier;	/* as submitted; lies in the change */
	struct submitted submitted;
};

static void submission_free(struct submission *s)
{
	free(s);
}

/* --- what may be submitted --- */

/* An error of P3: which one, and its parameter. */
struct refusal {
	int error;
	struct buf parameter;
};

static struct status *refuse(struct refusal *refusal, int error, struct status *why)
{
	refusal->error = error;
	if (!refusal->parameter.len)
		error_null(&refusal->parameter);
	return why;
}

/* [X.411 8.2.1.1.1.1] the originator is who bound, or someone whom the store serves */
static FALLIBLE check_originator(const struct incoming *incoming, const struct envelope *env,
				 struct refusal *refusal)
{
	struct arena *arena = env->arena;
	struct orname *name = NULL;
	struct status *st = orname_decode(arena, env->originator, &name);
	const struct peer *store = st ? NULL : peers_route(incoming->mta->peers, name);
	bool may = incoming->peer
		? store == incoming->peer
		: !st && orname_tlv_equal(env->originator, incoming->user);

	status_drop(st);
	if (may)
		return OK;
	return refuse(refusal, ERR_ORIGINATOR_INVALID,
		      FAIL(ST_REFUSED, 0, "%s may not submit for %s", link_peer(incoming->link),
			   orname_tlv_text(arena, env->originator)));
}

/* A store cannot prove what it cannot read, and it takes delivery [DESIGN 5]. */
static FALLIBLE check_proof(const struct envelope *env, struct refusal *refusal)
{
	if (!ext_find(&env->extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM))
		return OK;
	for (size_t i = 0; i < env->recipient_count; i++)
		if (ext_long(&env->recipients[i].extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 0)) {
			error_security(SECURITY_SERVICES_REFUSAL, &refusal->parameter);
			return refuse(refusal, ERR_SECURITY_ERROR,
				      FAIL(ST_REFUSED, 0, "a sealed message asks for proof of "
					   "delivery: nobody who delivers it could read it"));
		}
	return OK;
}

static FALLIBLE check_critical(const struct envelope *env, struct refusal *refusal)
{
	struct status *st = ext_check_critical(&env->extensions, EXT_FOR_SUBMISSION);

	for (size_t i = 0; i < env->recipient_count && !st; i++)
		st = ext_check_critical(&env->recipients[i].extensions, EXT_FOR_SUBMISSION);
	return st ? refuse(refusal, ERR_UNSUPPORTED_CRITICAL_FUNCTION, st) : OK;
}

static FALLIBLE check_recipients(const struct envelope *env, struct refusal *refusal)
{
	for (size_t i = 0; i < env->recipient_count; i++) {
		struct orname *name = NULL;
		struct status *st = orname_decode(env->arena, env->recipients[i].name, &name);

		if (!st)
			st = orname_check(name);
		if (st) {
			error_recipients(&env->recipients[i].name, 1, &refusal->parameter);
			return refuse(refusal, ERR_RECIPIENT_IMPROPERLY_SPECIFIED, st);
		}
	}
	return OK;
}

static FALLIBLE check_submission(const struct incoming *incoming, const struct envelope *env,
				 struct refusal *refusal)
{
	TRY(check_originator(incoming, env, refusal));
	if (env->content.len > (size_t)incoming->mta->settings->content_max)
		return refuse(refusal, ERR_CONTROL_VIOLATED,
			      FAIL(ST_NEVER, 0, "the content has %zu octets: %lld are the most",
				   env->content.len,
				   (long long)incoming->mta->settings->content_max));
	TRY(check_recipients(env, refusal));
	TRY(check_critical(env, refusal));
	return check_proof(env, refusal);
}

/* --- answering --- */

static void answer_error(struct submission *s, int error, struct bytes parameter,
			 const struct status *why)
{
	struct link *link = s->incoming->link;
	const struct audit_event event = {
		.assoc = link_number(link),
		.user = link_peer(link),
		.what = operation_name(s->operation),
		.diag = error_name(error),
		.why = why,
	};

	log_audit(&event);
	struct status *st = assoc_error_req(link_assoc(link), s->invoke_id, error, parameter);
	if (st)
		link_abort(link, st);
}

static FALLIBLE answer_result(struct submission *s)
{
	struct submission_result result = {
		.time = s->submitted.at,
		.content_identifier = s->content_identifier,
	};
	AUTO(buf_free) struct buf id = { 0 };
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(mts_id_from_text(s->submitted.mts_id, &id));
	result.id = buf_view(&id);
	TRY(submission_result_encode(&result, &octets));
	const struct bytes part = buf_view(&octets);
	return assoc_result_req(link_assoc(s->incoming->link), s->invoke_id, s->operation, &part, 1);
}

static void stored(void *arg, const struct status *failed)
{
	struct submission *s = arg;
	struct incoming *incoming = s->incoming;

	if (incoming->link && failed) {
		/* X.411 has no error for "not now": the user keeps the message and tries again. */
		link_abort(incoming->link, status_doing(status_copy(failed),
							"a submission cannot be stored"));
	} else if (incoming->link) {
		struct status *st = answer_result(s);
		if (st)
			link_abort(incoming->link, st);
	}
	submission_free(s);
	incoming_answered(incoming);
}

/* --- the operations --- */

static FALLIBLE accept_envelope(struct submission *s, struct envelope *env, struct change *change,
				struct refusal *refusal)
{
	struct incoming *incoming = s->incoming;
	struct mta *mta = incoming->mta;
	struct arena *arena = change_arena(change);
	struct bytes id;

	TRY(check_submission(incoming, env, refusal));
	TRY(mta_new_id(mta, arena, &id));
	s->content_identifier = env->content_identifier;
	s->submitted.session = link_number(incoming->link);
	s->submitted.at = clock_now(mta->clock);
	snprintf(s->submitted.mts_id, sizeof(s->submitted.mts_id), "%s", mts_id_text(arena, id));
	TRY(envelope_accept(env, mta->identity, id, s->submitted.at));
	return intake_envelope(mta, env, arena_strdup(arena, link_peer(incoming->link)), OK, change);
}

static FALLIBLE submit(struct submission *s, struct bytes argument, struct change *change,
		       struct refusal *refusal)
{
	struct envelope *env = NULL;
	struct status *st = s->operation == OP_PROBE_SUBMISSION
		? probe_submission_decode(change_arena(change), argument, &env)
		: submission_decode(change_arena(change), argument, &env);

	/* More recipients than there may be: the argument is well formed, but nobody can serve it. */
	if (st && st->kind == ST_NEVER)
		return refuse(refusal, ERR_INCONSISTENT_REQUEST, st);
	TRY(st);
	return accept_envelope(s, env, change, refusal);
}

void submission_invoke(void *user, struct link *link, int32_t invoke_id, int operation,
		       struct bytes argument, struct buf *apdu)
{
	struct incoming *incoming = user;
	struct refusal refusal = { 0 };

	if (operation != OP_MESSAGE_SUBMISSION && operation != OP_PROBE_SUBMISSION) {
		struct status *st = assoc_reject_req(link_assoc(link), invoke_id,
						     ROSE_INVOKE_UNRECOGNIZED_OPERATION);
		if (st)
			link_abort(link, st);
		return;
	}
	struct submission *s = mem_new(struct submission);
	struct change *change = change_new(incoming->mta);
	*s = (struct submission){ .incoming = incoming, .invoke_id = invoke_id,
				  .operation = operation };
	change_keep(change, apdu);
	change_once(change, link_peer(link), argument, &s->submitted);
	struct status *st = submit(s, argument, change, &refusal);
	if (!st) {
		incoming->answers++;
		incoming->submits = true;
		change_submit(change, stored, s);
		return;
	}
	if (refusal.error)
		answer_error(s, refusal.error, buf_view(&refusal.parameter), st);
	else
		link_abort(link, status_copy(st));
	status_free(&st);
	buf_free(&refusal.parameter);
	change_free(&change);
	submission_free(s);
}
