/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submission: operations of users and of stores on their behalf [X.411 8.2.1].
 * The result is sent once the message is durable, with the proof of submission where one was
 * asked for: it is signed afterwards, over what the result says, so that a submission that is
 * repeated gets a proof of the first.
 */
#include "mta/incoming.h"
#include "mta/intake.h"
#include "mta/origin.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/mhs/operations.h"
#include "lib/osi/rose.h"
#include "lib/sec/submission_proof.h"
#include "lib/store/submitted.h"

#include <stdlib.h>

/* An operation that was invoked and is not answered yet. */
struct submission {
	struct incoming *incoming;
	int32_t invoke_id;
	int operation;
	struct buf content_identifier;	/* as submitted */
	struct submitted submitted;
	struct change *change;		/* until it is stored */
	struct envelope *env;		/* the same */
	bool wants_proof;
	struct bytes argument;		/* lies in the change, then in: */
	struct buf octets;
	const struct own_key *prover;
	struct buf proof;
	struct status *unproved;	/* of signing */
};

static void submission_free(struct submission *s)
{
	buf_free(&s->content_identifier);
	buf_free(&s->octets);
	buf_free(&s->proof);
	status_free(&s->unproved);
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

static bool asks_for_submission_proof(const struct envelope *env)
{
	return ext_long(&env->extensions, EXT_PROOF_OF_SUBMISSION_REQUEST, 0) == 1;
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

/* [X.411 8.2.1.1.1.32] what was asked for is done or refused */
static FALLIBLE check_submission_proof(const struct incoming *incoming, const struct envelope *env,
				       struct refusal *refusal)
{
	if (!asks_for_submission_proof(env) || site_signer(incoming->mta->site))
		return OK;
	error_security(SECURITY_SERVICES_REFUSAL, &refusal->parameter);
	return refuse(refusal, ERR_SECURITY_ERROR,
		      FAIL(ST_REFUSED, 0, "proof of submission is asked for, and this MTA has no key to "
			   "make it with"));
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

/* [X.411 8.2.1.1.1.30] the label is one that the security context covers */
static FALLIBLE check_label(const struct incoming *incoming, const struct envelope *env,
			    struct refusal *refusal)
{
	struct status *st = labels_check(&incoming->mta->labels,
		link_security_context(incoming->link),
		ext_value(&env->extensions, EXT_MESSAGE_SECURITY_LABEL));

	if (!st)
		return OK;
	error_security(SECURITY_POLICY_VIOLATION, &refusal->parameter);
	return refuse(refusal, ERR_SECURITY_ERROR, st);
}

static FALLIBLE check_submission(const struct incoming *incoming, const struct envelope *env,
				 struct refusal *refusal)
{
	TRY(check_originator(incoming, env, refusal));
	TRY(check_label(incoming, env, refusal));
	if (env->content.len > (size_t)incoming->mta->settings->content_max)
		return refuse(refusal, ERR_CONTROL_VIOLATED,
			      FAIL(ST_NEVER, 0, "the content has %zu octets: %lld are the most",
				   env->content.len,
				   (long long)incoming->mta->settings->content_max));
	TRY(check_recipients(env, refusal));
	TRY(check_critical(env, refusal));
	TRY(check_submission_proof(incoming, env, refusal));
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
	AUTO(arena_free) struct arena *arena = arena_new();
	struct submission_result result = {
		.time = s->submitted.at,
		.content_identifier = buf_view(&s->content_identifier),
	};
	AUTO(buf_free) struct buf id = { 0 }, certificates = { 0 };
	AUTO(buf_free) struct buf octets = { 0 };

	TRY(mts_id_from_text(s->submitted.mts_id, &id));
	result.id = buf_view(&id);
	if (s->proof.len) {
		certificates_put(s->prover->cert, &certificates);
		ext_put(arena, &result.extensions, EXT_ORIGINATING_MTA_CERTIFICATE,
			buf_view(&certificates));
		ext_put(arena, &result.extensions, EXT_PROOF_OF_SUBMISSION, buf_view(&s->proof));
	}
	TRY(submission_result_encode(&result, &octets));
	const struct bytes part = buf_view(&octets);
	return assoc_result_req(link_assoc(s->incoming->link), s->invoke_id, s->operation, &part, 1);
}

static void finish(struct submission *s)
{
	struct incoming *incoming = s->incoming;

	submission_free(s);
	incoming_answered(incoming);
}

static void answer(struct submission *s)
{
	struct link *link = s->incoming->link;
	struct status *st = link ? answer_result(s) : OK;

	if (st)
		link_abort(link, st);
	finish(s);
}

/* --- the proof --- */

/* On the worker pool. */
static FALLIBLE sign_submission(struct submission *s)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf id = { 0 };
	struct submission_facts facts = { .time = s->submitted.at };

	TRY(submission_parts(arena, s->argument, &facts.envelope, &facts.content));
	TRY(mts_id_from_text(s->submitted.mts_id, &id));
	facts.id = buf_view(&id);
	return submission_proof_make(&facts, s->prover->key, &s->proof);
}

static void sign(void *arg)
{
	struct submission *s = arg;

	s->unproved = sign_submission(s);
}

/* Without its proof the answer would be another than the one that was asked for: the user asks
 * again, and the message is known. */
static void signed_(void *arg)
{
	struct submission *s = arg;
	struct link *link = s->incoming->link;
	const struct audit_event event = {
		.assoc = link ? link_number(link) : 0,
		.user = link ? link_peer(link) : NULL,
		.msg = s->submitted.mts_id,
		.what = "proof of submission",
		.allowed = !s->unproved,
		.why = s->unproved,
	};

	log_audit(&event);
	if (!s->unproved) {
		answer(s);
		return;
	}
	if (link)
		link_abort(link, status_doing(TAKE(s->unproved), "cannot prove a submission"));
	finish(s);
}

static void stored(void *arg, const struct status *failed)
{
	struct submission *s = arg;
	struct link *link = s->incoming->link;

	if (failed) {
		/* X.411 has no error for "not now": the user keeps the message and tries again. */
		if (link)
			link_abort(link, status_doing(status_copy(failed),
						      "a submission cannot be stored"));
		finish(s);
	} else if (link && s->wants_proof) {
		s->octets = change_take(s->change);
		s->prover = site_signer(s->incoming->mta->site);
		loop_work(s->incoming->mta->loop, sign, signed_, s);
	} else {
		answer(s);
	}
}

/* --- the operations --- */

static FALLIBLE accept_envelope(struct submission *s)
{
	struct incoming *incoming = s->incoming;
	struct mta *mta = incoming->mta;
	struct envelope *env = s->env;
	struct arena *arena = change_arena(s->change);
	struct bytes id;

	TRY(mta_new_id(mta, arena, &id));
	s->content_identifier = buf_copy(env->content_identifier);
	s->wants_proof = asks_for_submission_proof(env);
	s->submitted.session = link_number(incoming->link);
	s->submitted.at = clock_now(mta->clock);
	snprintf(s->submitted.mts_id, sizeof(s->submitted.mts_id), "%s", mts_id_text(arena, id));
	TRY(envelope_accept(env, mta->identity, id, s->submitted.at));
	return intake_envelope(mta, env, arena_strdup(arena, link_peer(incoming->link)), OK, s->change);
}

/* Everything is known of it; what is not stored was not submitted. */
static void conclude(struct submission *s, struct refusal *refusal, struct status *failed)
{
	struct link *link = s->incoming->link;

	if (!failed && link) {
		s->incoming->submits = true;
		change_submit(s->change, stored, s);
		return;
	}
	if (failed && link && refusal->error)
		answer_error(s, refusal->error, buf_view(&refusal->parameter), failed);
	else if (failed && link)
		link_abort(link, status_copy(failed));
	status_free(&failed);
	buf_free(&refusal->parameter);
	change_free(&s->change);
	finish(s);
}

/* X.411 has no error for "not now": the user keeps what cannot be judged now, and tries again. */
static void origin_known(void *arg, const struct status *failed)
{
	struct submission *s = arg;
	struct refusal refusal = { 0 };

	if (!failed) {
		conclude(s, &refusal, s->incoming->link ? accept_envelope(s) : OK);
	} else if (failed->kind == ST_LATER) {
		conclude(s, &refusal, status_doing(status_copy(failed),
						   "cannot judge the origin of a submission"));
	} else {
		error_security(failed->diag, &refusal.parameter);
		conclude(s, &refusal, refuse(&refusal, ERR_SECURITY_ERROR, status_copy(failed)));
	}
}

/* Reads the argument, and checks all of it that can be checked without waiting. */
static FALLIBLE read_submission(struct submission *s, struct refusal *refusal)
{
	struct arena *arena = change_arena(s->change);
	struct status *st = s->operation == OP_PROBE_SUBMISSION
		? probe_submission_decode(arena, s->argument, &s->env)
		: submission_decode(arena, s->argument, &s->env);

	/* More recipients than there may be: the argument is well formed, but nobody can serve it. */
	if (st && st->kind == ST_NEVER)
		return refuse(refusal, ERR_INCONSISTENT_REQUEST, st);
	TRY(st);
	return check_submission(s->incoming, s->env, refusal);
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
	*s = (struct submission){ .incoming = incoming, .invoke_id = invoke_id,
				  .operation = operation, .change = change_new(incoming->mta),
				  .argument = argument };
	change_keep(s->change, apdu);
	change_once(s->change, link_peer(link), argument, &s->submitted);
	incoming->answers++;
	struct status *st = read_submission(s, &refusal);
	if (!st && origin_is_judged(incoming->mta)) {
		origin_judge(&(struct origin_question){ incoming->mta, s->env, link_number(link),
							origin_known, s });
		return;
	}
	conclude(s, &refusal, st ? st : accept_envelope(s));
}
