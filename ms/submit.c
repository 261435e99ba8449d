/* SPDX-License-Identifier: Apache-2.0 */
/* Submission through the store [X.413 10]: in the name of who is bound, and of nobody else. */
#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/operations.h"
#include "ms/p7.h"
#include "ms/submitter.h"

static FALLIBLE read_envelope(struct arena *arena, const struct request *request,
			      struct envelope **out_envelope)
{
	if (request->operation == OP_PROBE_SUBMISSION)
		return probe_submission_decode(arena, request->argument, out_envelope);
	return submission_decode(arena, request->argument, out_envelope);
}

/* The label has to be one that the security context of the association covers. */
static FALLIBLE check_label(const struct p7 *session, const struct envelope *envelope)
{
	return labels_check(&session->ms->labels, session->view.context,
			    ext_value(&envelope->extensions, EXT_MESSAGE_SECURITY_LABEL));
}

static void refuse(const struct p7 *session, const char *diag, const struct status *why)
{
	const struct audit_event event = {
		.assoc = link_number(session->caller->link),
		.user = session->user->peer.name,
		.what = "submit",
		.diag = diag,
		.why = why,
	};

	log_audit(&event);
}

/* [X.411 8.2.1.1.1.1, 8.2.1.1.1.30] */
static FALLIBLE check_submission(const struct request *request, struct refusal *out_refusal)
{
	const struct p7 *session = request->session;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct envelope *envelope = NULL;
	struct status *failed = read_envelope(arena, request, &envelope);

	/* Too many recipients, say: the MTA answers with the right error. */
	if (failed && failed->kind == ST_NEVER) {
		status_free(&failed);
		return OK;
	}
	TRY(failed);
	if (users_find(session->ms->users, envelope->originator) != session->user) {
		refuse(session, "originator-invalid", OK);
		out_refusal->error = ERR_ORIGINATOR_INVALID;
		error_null(&out_refusal->parameter);
		return OK;
	}
	failed = check_label(session, envelope);
	if (failed) {
		refuse(session, "security-policy-violation", failed);
		out_refusal->error = ERR_SECURITY_ERROR;
		error_security(SECURITY_POLICY_VIOLATION, &out_refusal->parameter);
	}
	status_drop(failed);
	return OK;
}

FALLIBLE submit(const struct request *request, struct refusal *out_refusal)
{
	if (request->operation != OP_CANCEL_DEFERRED_DELIVERY)
		TRY(check_submission(request, out_refusal));
	if (!out_refusal->error)
		submitter_pass(request->session->ms->submitter, request->session->caller,
			       request->session->user->mailbox, request->invoke_id,
			       request->operation, request->argument, request->apdu);
	return OK;
}
