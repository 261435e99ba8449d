/* SPDX-License-Identifier: Apache-2.0 */
/* Deliveries to a user who has no message store: commit, then confirm. */
#include "ua/collect.h"

#include "asn1/mhs_operations.h"
#include "lib/base/log.h"
#include "lib/mhs/delivery_proof.h"
#include "lib/mhs/operations.h"
#include "lib/osi/rose.h"

/* One delivery; all of it ends with the answer. */
struct taking {
	struct collecting *c;
	struct link *link;
	int operation;
	struct arena *arena;
	struct delivery *delivery;	/* null of a report */
	const char *mts_id;
	struct buf envelope;		/* to be stored */
	struct arrival arrival;
	int error;			/* of enum mhs_error: it is not taken; 0: it is */
	int security_problem;		/* of ERR_SECURITY_ERROR */
};

static void taking_cleanup(struct taking *t)
{
	buf_free(&t->envelope);
	arena_free(&t->arena);
}

/* --- reading --- */

static FALLIBLE read_message(struct taking *t, struct bytes argument)
{
	TRY(delivery_decode(t->arena, argument, &t->delivery));
	TRY(delivery_envelope_encode(t->delivery, &t->envelope));
	t->mts_id = mts_id_text(t->arena, t->delivery->id);
	t->arrival = (struct arrival){
		.kind = UA_MESSAGE,
		.content = t->delivery->content,
		.delivery = delivery_identity(t->arena, t->delivery),
	};
	return OK;
}

/* The ReportDeliveryEnvelope is the argument without the content. */
static FALLIBLE read_report(struct taking *t, struct bytes argument)
{
	struct report *report = NULL;

	TRY(report_delivery_decode(t->arena, argument, &report));
	t->mts_id = mts_id_text(t->arena, report->subject_id);
	t->arrival = (struct arrival){
		.kind = UA_REPORT,
		.content = report->content,
		.delivery = report_identity(t->arena, report),
	};
	report->has_content = false;
	return report_delivery_encode(report, &t->envelope);
}

static FALLIBLE read_argument(struct taking *t, struct bytes argument)
{
	TRY(t->operation == OP_MESSAGE_DELIVERY ? read_message(t, argument)
						: read_report(t, argument));
	t->arrival.envelope = buf_view(&t->envelope);
	return OK;
}

/* --- what is not for him --- */

static void refuse(struct taking *t, int problem, const char *diag, const struct status *why)
{
	const struct audit_event event = {
		.assoc = link_number(t->link),
		.msg = t->mts_id,
		.user = link_peer(t->link),
		.what = "deliver",
		.diag = diag,
		.why = why,
	};

	log_audit(&event);
	t->error = ERR_SECURITY_ERROR;
	t->security_problem = problem;
}

static void check_recipient(struct taking *t)
{
	const struct home *home = t->c->home;
	AUTO(status_free) struct status *why = NULL;

	if (orname_tlv_equal(t->delivery->this_recipient, home->own_name))
		return;
	why = FAIL(ST_REFUSED, 0, "it is for %s",
		   orname_tlv_text(t->arena, t->delivery->this_recipient));
	refuse(t, SECURITY_UNAUTHORISED_USER_NAME, "unauthorised-user-name", why);
}

/* [X.411 8.3.1.1.1.11] the label is one that the security context covers */
static void check_label(struct taking *t)
{
	AUTO(status_free) struct status *why =
		labels_check(&t->c->home->labels, link_security_context(t->link),
			     ext_value(&t->delivery->extensions, EXT_MESSAGE_SECURITY_LABEL));

	if (why)
		refuse(t, SECURITY_POLICY_VIOLATION, "security-policy-violation", why);
}

/* --- storing --- */

/* A control is the one error after which an MTA keeps it, until the next association. */
static void put_off(struct taking *t, struct status *why)
{
	struct collecting *c = t->c;

	log_event(LOG_LV_ERROR, "not stored", log_msg(t->mts_id), log_why(why));
	t->error = ERR_CONTROL_VIOLATED;
	if (c->failed)
		status_free(&why);
	else
		c->failed = why;
}

static void store(struct taking *t)
{
	struct status *failed = arrival_store(t->c->home, &t->arrival, &t->c->counts);

	if (failed)
		put_off(t, failed);
	else
		log_event(LOG_LV_INFO, "taken", log_assoc(link_number(t->link)), log_msg(t->mts_id),
			  log_num("octets", (int64_t)t->arrival.content.len));
}

/* --- answering --- */

/* That it was delivered is so without a proof, too. */
static void prove(struct taking *t, const struct own_key *prover, struct buf *proof)
{
	AUTO(status_free) struct status *failed = delivery_prove(t->delivery, prover, proof);

	if (failed) {
		log_event(LOG_LV_ERROR, "no proof of delivery", log_msg(t->mts_id), log_why(failed));
		buf_clear(proof);
	}
}

static void put_result(struct taking *t, struct buf *result)
{
	const struct own_key *prover = home_signer(t->c->home);
	AUTO(buf_free) struct buf proof = { 0 };

	if (!t->delivery) {
		error_null(result);
		return;
	}
	if (delivery_wants_proof(t->delivery))
		prove(t, prover, &proof);
	delivery_answer(prover, buf_view(&proof), result);
}

static FALLIBLE answer(struct taking *t, int32_t invoke_id)
{
	struct assoc *assoc = link_assoc(t->link);
	AUTO(buf_free) struct buf parameter = { 0 };

	if (t->error == ERR_SECURITY_ERROR)
		error_security(t->security_problem, &parameter);
	else if (t->error)
		error_null(&parameter);
	else
		put_result(t, &parameter);
	const struct bytes part = buf_view(&parameter);
	return t->error ? assoc_error_req(assoc, invoke_id, t->error, part)
			: assoc_result_req(assoc, invoke_id, t->operation, &part, 1);
}

/* --- the operations --- */

static FALLIBLE take(struct taking *t, int32_t invoke_id, struct bytes argument)
{
	struct status *malformed = read_argument(t, argument);

	t->c->answered++;
	if (malformed) {
		log_event(LOG_LV_WARN, "a delivery cannot be read", log_why(malformed));
		status_free(&malformed);
		t->c->counts.unreadable++;
		return assoc_reject_req(link_assoc(t->link), invoke_id,
					ROSE_INVOKE_MISTYPED_ARGUMENT);
	}
	if (t->delivery)
		check_recipient(t);
	if (t->delivery && !t->error)
		check_label(t);
	if (!t->error)
		store(t);
	return answer(t, invoke_id);
}

void collect_invoke(struct collecting *c, struct link *link, int32_t invoke_id, int operation,
		    struct bytes argument)
{
	AUTO(taking_cleanup) struct taking t = { .c = c, .link = link, .operation = operation,
						 .arena = arena_new() };
	bool known = operation == OP_MESSAGE_DELIVERY || operation == OP_REPORT_DELIVERY;
	struct status *failed = known
		? take(&t, invoke_id, argument)
		: assoc_reject_req(link_assoc(link), invoke_id, ROSE_INVOKE_UNRECOGNIZED_OPERATION);

	if (failed)
		link_abort(link, failed);
}
