/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proof of delivery [X.411 8.3.1.1.2.2]: signed by the recipient or his message
 * store over what we sent, which is why a report alone can be checked.
 */
#include "ua/reports.h"

#include "lib/base/memory.h"
#include "lib/mhs/delivery_proof.h"
#include "ua/print.h"
#include "ua/vouchers.h"

const char *const proof_names[] = { "none", "proved", "refused", "unchecked", "missing", NULL };

/* --- kept, and in words --- */

char *proof_to_text(const struct proof_finding *f)
{
	json_t *json = json_pack("{s:s}", "state", proof_names[f->state]);

	if (f->by)
		json_object_set_new(json, "by", json_shown(f->by));
	if (f->why)
		json_object_set_new(json, "why", json_shown(f->why));
	if (f->reporter)
		json_object_set_new(json, "reporter", json_shown(f->reporter));
	char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	return text;
}

struct proof_finding proof_from_text(struct arena *arena, const char *text)
{
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;
	const char *state = json_string_value(json_object_get(json, "state"));
	const char *by = json_string_value(json_object_get(json, "by"));
	const char *why = json_string_value(json_object_get(json, "why"));
	const char *reporter = json_string_value(json_object_get(json, "reporter"));
	struct proof_finding finding = {
		.reporter = reporter ? arena_strdup(arena, reporter) : NULL,
		.by = by ? arena_strdup(arena, by) : NULL,
		.why = why ? arena_strdup(arena, why) : NULL,
	};

	for (int i = 0; state && proof_names[i]; i++)
		if (!strcmp(proof_names[i], state))
			finding.state = (enum proof_state)i;
	json_decref(json);
	return finding;
}

const char *proof_sentence(struct arena *arena, const struct proof_finding *f)
{
	switch (f->state) {
	case PROOF_GOOD:
		return arena_printf(arena, "proved by %s", f->by);
	case PROOF_REFUSED:
		return arena_printf(arena, "NOT proved: %s", f->why);
	case PROOF_UNCHECKED:
		return arena_printf(arena, "the proof is not checked yet: %s", f->why);
	case PROOF_MISSING:
		return "no proof came, though it was asked for";
	case PROOF_NONE:
		break;
	}
	return NULL;
}

/* --- checking --- */

static FALLIBLE check_proof(struct home *home, struct arena *arena,
			    const struct proof_subject *subject,
			    const struct report_recipient *r, const char **out_by)
{
	AUTO(cert_free) const struct cert *prover = NULL;
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust_wanted wanted;

	TRY(delivery_prover(arena, r, &prover, &wanted));
	TRY_DOING(trust_verify(home->site->trust, &wanted, prover, &path),
		  "cannot verify the certificate of %s", prover->subject_text);
	TRY(delivery_proof_check(subject->envelope, r, prover));
	TRY(vouchers_keep(home, subject->message, path));
	*out_by = arena_strdup(arena, prover->subject_text);
	return OK;
}

struct proof_finding proof_examine(struct home *home, struct arena *arena,
				   const struct proof_subject *subject,
				   const struct report_recipient *r)
{
	struct proof_finding finding = { 0 };

	if (!subject->wanted)
		return finding;
	if (!ext_find(&r->extensions, EXT_PROOF_OF_DELIVERY)) {
		finding.state = PROOF_MISSING;
		return finding;
	}
	AUTO(status_free) struct status *failed =
		check_proof(home, arena, subject, r, &finding.by);
	finding.state = !failed ? PROOF_GOOD
		: failed->kind == ST_LATER ? PROOF_UNCHECKED : PROOF_REFUSED;
	if (failed) {
		AUTO(mem_free) char *why = status_text(failed);

		finding.why = arena_strdup(arena, why);
	}
	return finding;
}
