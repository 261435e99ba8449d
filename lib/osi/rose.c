/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The remote operations machine [X.229 7]: which invocations are outstanding
 * on either side, and what may answer them.  It has no states beyond that.
 */
#include "lib/osi/rose.h"

#include "lib/base/memory.h"
#include "lib/osi/parts.h"

/* An invocation that was not yet answered. */
struct invocation {
	int32_t id;
	int operation;
	enum rose_class class;
};

struct pending {
	struct invocation *list;	/* oldest first */
	unsigned count;
};

struct rose {
	unsigned outstanding_max;
	const struct rose_service *service;
	void *below;
	const struct rose_user *user;
	void *user_data;
	struct pending ours;	/* the peer owes the answer */
	struct pending theirs;	/* the user here owes it */
	int32_t last_id;
};

struct rose *rose_new(unsigned outstanding_max, const struct rose_service *service, void *below,
		      const struct rose_user *user, void *user_data)
{
	struct rose *r = mem_new(struct rose);

	r->outstanding_max = outstanding_max;
	r->service = service;
	r->below = below;
	r->user = user;
	r->user_data = user_data;
	r->ours.list = mem_new_array(struct invocation, outstanding_max);
	r->theirs.list = mem_new_array(struct invocation, outstanding_max);
	return r;
}

void rose_free(struct rose **rose)
{
	struct rose *r = TAKE(*rose);

	if (!r)
		return;
	mem_free(&r->ours.list);
	mem_free(&r->theirs.list);
	mem_free(&r);
}

unsigned rose_awaited(const struct rose *r)
{
	return r->ours.count;
}

unsigned rose_owed(const struct rose *r)
{
	return r->theirs.count;
}

static struct invocation *find(const struct pending *p, int32_t id)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->list[i].id == id)
			return &p->list[i];
	return NULL;
}

bool rose_awaits(const struct rose *r, int32_t invoke_id)
{
	return find(&r->ours, invoke_id) != NULL;
}

static void forget(struct pending *p, struct invocation *which)
{
	size_t behind = (size_t)(&p->list[p->count] - which) - 1;

	memmove(which, which + 1, behind * sizeof(*which));
	p->count--;
}

/* Of operations that report only one outcome nobody knows when they are done: the oldest of
 * them makes room. */
static bool make_room(struct rose *r, struct pending *p)
{
	for (unsigned i = 0; p->count == r->outstanding_max && i < p->count; i++)
		if (p->list[i].class == ROSE_FAILURE_ONLY || p->list[i].class == ROSE_SUCCESS_ONLY)
			forget(p, &p->list[i]);
	return p->count < r->outstanding_max;
}

/* --- requests --- */

/* Sends the header and, behind it, the parts. */
static FALLIBLE send(struct rose *r, const struct rose_apdu *apdu, int operation,
		     const struct bytes *parts, size_t count)
{
	uint8_t header[ROSE_HEADER_MAX];
	AUTO(headed_cleanup) struct headed headed;
	size_t len;
	struct bytes *all = headed_init(&headed, parts, count, &len);

	all[0] = rose_header(apdu, len, header);
	return r->service->apdu_req(r->below, operation, all, count + 1);
}

static bool synchronous_runs(const struct rose *r)
{
	return r->ours.count > 0 && r->ours.list[0].class == ROSE_SYNCHRONOUS;
}

FALLIBLE rose_invoke_again_req(struct rose *r, int32_t invoke_id, int operation,
			       const struct bytes *parts, size_t count)
{
	enum rose_class class = r->service->class_of(r->below, operation);
	struct rose_apdu apdu = { .kind = ROSE_INVOKE, .has_invoke_id = true,
				  .invoke_id = invoke_id, .has_value = true, .value = operation };

	if (class == ROSE_NOT_AN_OPERATION)
		return FAIL(ST_USAGE, 0, "%d is no operation of this application context", operation);
	if (find(&r->ours, invoke_id))
		return FAIL(ST_USAGE, 0, "the invoke identifier %d is in use", invoke_id);
	if (synchronous_runs(r) || (class == ROSE_SYNCHRONOUS && r->ours.count > 0))
		return FAIL(ST_LATER, 0, "a synchronous operation runs alone");
	if (!make_room(r, &r->ours))
		return FAIL(ST_LATER, 0, "%u operations are outstanding already", r->ours.count);
	if (class != ROSE_NO_REPORT)
		r->ours.list[r->ours.count++] = (struct invocation){ invoke_id, operation, class };
	return send(r, &apdu, operation, parts, count);
}

FALLIBLE rose_invoke_req(struct rose *r, int operation, const struct bytes *parts, size_t count,
			 int32_t *out_invoke_id)
{
	int32_t id = r->last_id;

	do {
		id = id == INT32_MAX ? 1 : id + 1;
	} while (find(&r->ours, id));
	TRY(rose_invoke_again_req(r, id, operation, parts, count));
	*out_invoke_id = r->last_id = id;
	return OK;
}

/* The invocation that an answer is for; it is done with. */
static FALLIBLE answer(struct rose *r, int32_t invoke_id, struct invocation *out_invocation)
{
	struct invocation *which = find(&r->theirs, invoke_id);

	if (!which)
		return FAIL(ST_USAGE, 0, "no invocation %d awaits an answer", invoke_id);
	*out_invocation = *which;
	forget(&r->theirs, which);
	return OK;
}

FALLIBLE rose_result_req(struct rose *r, int32_t invoke_id, const struct bytes *parts, size_t count)
{
	struct invocation of;
	struct rose_apdu apdu = { .kind = ROSE_RESULT, .has_invoke_id = true,
				  .invoke_id = invoke_id };

	TRY(answer(r, invoke_id, &of));
	if (of.class == ROSE_FAILURE_ONLY)
		return OK;
	apdu.has_value = true;
	apdu.value = of.operation;
	return send(r, &apdu, of.operation, parts, count);
}

FALLIBLE rose_error_req(struct rose *r, int32_t invoke_id, int error, struct bytes parameter)
{
	struct invocation of;
	struct rose_apdu apdu = { .kind = ROSE_ERROR, .has_invoke_id = true,
				  .invoke_id = invoke_id, .has_value = true, .value = error };

	TRY(answer(r, invoke_id, &of));
	if (of.class == ROSE_SUCCESS_ONLY)
		return OK;
	return send(r, &apdu, of.operation, &parameter, 1);
}

static FALLIBLE reject(struct rose *r, const struct rose_apdu *what, int operation,
		       enum rose_problem problem)
{
	struct rose_apdu apdu = { .kind = ROSE_REJECT, .has_invoke_id = what->has_invoke_id,
				  .invoke_id = what->invoke_id, .problem = (int)problem };

	return send(r, &apdu, operation, NULL, 0);
}

FALLIBLE rose_reject_req(struct rose *r, int32_t invoke_id, enum rose_problem problem)
{
	struct rose_apdu what = { .has_invoke_id = true, .invoke_id = invoke_id };
	struct invocation of = { .operation = -1 };

	if (problem >= ROSE_INVOKE_DUPLICATE && problem <= ROSE_INVOKE_UNEXPECTED_CHILD)
		TRY(answer(r, invoke_id, &of));
	return reject(r, &what, of.operation, problem);
}

/* --- indications --- */

static FALLIBLE invoke_ind(struct rose *r, const struct rose_apdu *a)
{
	enum rose_class class = a->has_value ? r->service->class_of(r->below, a->value)
					     : ROSE_NOT_AN_OPERATION;

	if (find(&r->theirs, a->invoke_id))
		return reject(r, a, a->value, ROSE_INVOKE_DUPLICATE);
	if (a->linked)
		return reject(r, a, a->value, ROSE_INVOKE_UNRECOGNIZED_LINKED);
	if (class == ROSE_NOT_AN_OPERATION)
		return reject(r, a, -1, ROSE_INVOKE_UNRECOGNIZED_OPERATION);
	if (!make_room(r, &r->theirs))
		return reject(r, a, a->value, ROSE_INVOKE_RESOURCE_LIMITATION);
	if (class != ROSE_NO_REPORT)
		r->theirs.list[r->theirs.count++] =
			(struct invocation){ a->invoke_id, a->value, class };
	r->user->invoke_ind(r->user_data, a->invoke_id, a->value, a->argument);
	return OK;
}

static void tell_rejected(struct rose *r, int32_t invoke_id, const char *by, int problem)
{
	struct status *why = FAIL(ST_NEVER, problem, "%s: %s", by, rose_problem_text(problem));

	r->user->reject_ind(r->user_data, invoke_id, why);
	status_drop(why);
}

/* An answer that cannot be one is rejected; the invocation it names gets no other. */
static FALLIBLE refuse_answer(struct rose *r, const struct rose_apdu *a, struct invocation *of,
			      enum rose_problem problem)
{
	int operation = of ? of->operation : -1;

	if (of)
		forget(&r->ours, of);
	TRY(reject(r, a, operation, problem));
	if (of)
		tell_rejected(r, a->invoke_id, "the peer's answer was rejected", (int)problem);
	return OK;
}

static FALLIBLE result_ind(struct rose *r, const struct rose_apdu *a)
{
	struct invocation *of = find(&r->ours, a->invoke_id);
	int operation;

	if (!of)
		return refuse_answer(r, a, NULL, ROSE_RESULT_UNRECOGNIZED_INVOCATION);
	if (of->class == ROSE_FAILURE_ONLY)
		return refuse_answer(r, a, of, ROSE_RESULT_UNEXPECTED);
	if (a->has_value && a->value != of->operation)
		return refuse_answer(r, a, of, ROSE_RESULT_MISTYPED);
	operation = of->operation;
	forget(&r->ours, of);
	r->user->result_ind(r->user_data, a->invoke_id, operation, a->argument);
	return OK;
}

static FALLIBLE error_ind(struct rose *r, const struct rose_apdu *a)
{
	struct invocation *of = find(&r->ours, a->invoke_id);

	if (!of)
		return refuse_answer(r, a, NULL, ROSE_ERROR_UNRECOGNIZED_INVOCATION);
	if (of->class == ROSE_SUCCESS_ONLY)
		return refuse_answer(r, a, of, ROSE_ERROR_UNEXPECTED);
	if (!a->has_value)
		return refuse_answer(r, a, of, ROSE_ERROR_UNRECOGNIZED);
	forget(&r->ours, of);
	r->user->error_ind(r->user_data, a->invoke_id, a->value, a->argument);
	return OK;
}

static void reject_ind(struct rose *r, const struct rose_apdu *a)
{
	struct invocation *of = a->has_invoke_id ? find(&r->ours, a->invoke_id) : NULL;
	bool of_invoke = a->problem >> 8 == ROSE_INVOKE_DUPLICATE >> 8;

	if (of && of_invoke)
		forget(&r->ours, of);
	tell_rejected(r, a->has_invoke_id ? a->invoke_id : -1, "the peer rejected it", a->problem);
}

FALLIBLE rose_apdu_ind(struct rose *r, struct bytes apdu)
{
	struct rose_apdu a;
	struct status *wrong = rose_decode(apdu, &a);

	if (wrong) {
		enum rose_problem problem = (enum rose_problem)wrong->diag;

		status_drop(wrong);
		/* [X.229 7] A reject is never rejected: two machines would go on for ever. */
		return a.kind == ROSE_REJECT ? OK : reject(r, &a, -1, problem);
	}
	switch (a.kind) {
	case ROSE_INVOKE:
		return invoke_ind(r, &a);
	case ROSE_RESULT:
		return result_ind(r, &a);
	case ROSE_ERROR:
		return error_ind(r, &a);
	default:
		reject_ind(r, &a);
		return OK;
	}
}
