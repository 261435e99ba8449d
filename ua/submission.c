/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of submission [X.411 8.2.1.1.2.4]: what the originating MTA answered
 * is kept as it came, and its signature checked over what was submitted.
 */
#include "ua/reports.h"

#include "lib/base/log.h"
#include "lib/base/memory.h"
#include "lib/sec/submission_proof.h"
#include "ua/vouchers.h"

/* Envelope and content as they were submitted: the argument is stored in two parts, of which the
 * first is all of it where the content is sealed. */
static FALLIBLE load_facts(struct home *home, struct arena *arena, int64_t id, struct buf *argument,
			   struct submission_facts *out)
{
	TRY(sent_argument(home->db, arena, id, argument));
	return submission_parts(arena, buf_view(argument), &out->envelope, &out->content);
}

static FALLIBLE check_submission(struct home *home, struct arena *arena, int64_t id,
				 const struct submission_result *result, const char **out_by)
{
	const struct trust_wanted wanted = { .scope = SCOPE_MTA };
	struct submission_facts facts = { .id = result->id, .time = result->time };
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(cert_free) const struct cert *mta = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	TRY(load_facts(home, arena, id, &argument, &facts));
	TRY(certificates_first(ext_value(&result->extensions, EXT_ORIGINATING_MTA_CERTIFICATE),
			       "originating MTA", &mta));
	TRY_DOING(trust_verify(home->site->trust, &wanted, mta, &path),
		  "cannot verify the certificate of the originating MTA");
	TRY(submission_proof_check(&facts, mta->key,
				   ext_value(&result->extensions, EXT_PROOF_OF_SUBMISSION)));
	TRY(vouchers_keep(home, id, path));
	*out_by = arena_strdup(arena, mta->subject_text);
	return OK;
}

static FALLIBLE examine(struct home *home, struct arena *arena, int64_t id,
			const struct submission_result *result, struct proof_finding *out)
{
	if (!ext_find(&result->extensions, EXT_PROOF_OF_SUBMISSION)) {
		out->state = PROOF_MISSING;
		return OK;
	}
	AUTO(status_free) struct status *failed = check_submission(home, arena, id, result, &out->by);

	out->state = !failed ? PROOF_GOOD : failed->kind == ST_LATER ? PROOF_UNCHECKED : PROOF_REFUSED;
	if (failed) {
		AUTO(mem_free) char *why = status_text(failed);

		out->why = arena_strdup(arena, why);
	}
	if (out->state == PROOF_UNCHECKED)
		return OK;
	const struct audit_event event = {
		.msg = mts_id_text(arena, result->id),
		.user = out->by,
		.what = "proof of submission",
		.allowed = out->state == PROOF_GOOD,
		.why = failed,
	};
	log_audit(&event);
	return OK;
}

static FALLIBLE check_one(struct home *home, int64_t id)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf octets = { 0 };
	struct proof_finding finding = { 0 };
	struct submission_result result;
	const char *known;

	TRY(uastore_result(home->db, id, arena, &octets, &known));
	TRY(submission_result_decode(arena, buf_view(&octets), &result));
	TRY(examine(home, arena, id, &result, &finding));
	/* The next exchange tries again. */
	if (finding.state == PROOF_UNCHECKED)
		return OK;
	AUTO(mem_free) char *text = proof_to_text(&finding);
	return uastore_set_submission_proof(home->db, id, text);
}

struct unproved {
	int64_t *ids;
	size_t count;
};

static void add_unproved(void *arg, int64_t id)
{
	struct unproved *u = arg;

	u->ids = mem_grow(u->ids, u->count + 1, sizeof(*u->ids));
	u->ids[u->count++] = id;
}

FALLIBLE submissions_check(struct home *home)
{
	struct unproved u = { 0 };
	struct status *failed = uastore_unproved(home->db, add_unproved, &u);

	for (size_t i = 0; i < u.count && !failed; i++)
		failed = check_one(home, u.ids[i]);
	mem_free(&u.ids);
	return failed;
}

const char *submission_sentence(struct home *home, int64_t id, struct proof_finding *out)
{
	const char *text = NULL;
	struct status *failed = uastore_result(home->db, id, home->arena, NULL, &text);

	*out = (struct proof_finding){ 0 };
	if (failed) {
		status_free(&failed);	/* it was not asked for */
		return NULL;
	}
	*out = proof_from_text(home->arena, text);
	if (!text) {
		out->state = PROOF_UNCHECKED;
		out->why = "the next \"postern-ua sync\" does";
	}
	return proof_sentence(home->arena, out);
}
