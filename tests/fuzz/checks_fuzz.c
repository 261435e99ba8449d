/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the checks and proofs outside of tokens are computed over, of envelopes,
 * reports and results that anybody may have made: a key that has signed nothing
 * of it is never believed, and what it signs is.
 */
#include "lib/mhs/delivery.h"
#include "lib/mhs/report_origin.h"
#include "lib/sec/content_check.h"
#include "lib/sec/origin_check.h"
#include "lib/sec/submission_proof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct private_key *key;
static const struct public_key *signer;

/* Before main: how long it takes is no finding. */
__attribute__((constructor)) static void prepare(void)
{
	if (private_key_generate(KEY_ED25519, &key))
		abort();
	signer = private_key_public(key);
}

static bool worked(struct status *st)
{
	bool ok = !st;

	status_drop(st);
	return ok;
}

static void must(struct status *st)
{
	if (!worked(st))
		abort();
}

static void must_not(struct status *st)
{
	if (worked(st))
		abort();
}

static void read_certificates(const struct ext_set *extensions, int number)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	status_drop(certificates_first(ext_value(extensions, number), "fuzzed", &cert));
}

static void check_origin(const struct envelope *env)
{
	AUTO(buf_free) struct buf check = { 0 };
	const struct origin_facts facts = {
		.probe = env->probe,
		.content = env->content,
		.content_identifier = env->content_identifier,
		.label = ext_value(&env->extensions, EXT_MESSAGE_SECURITY_LABEL),
	};

	must_not(origin_check_verify(&facts, NULL, NULL, signer, ext_value(&env->extensions,
		env->probe ? EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK
			   : EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK)));
	must(origin_check_make(&facts, NULL, NULL, key, &check));
	must(origin_check_verify(&facts, NULL, NULL, signer, buf_view(&check)));
	read_certificates(&env->extensions, EXT_ORIGINATOR_CERTIFICATE);
	for (size_t i = 0; i < env->recipient_count; i++)
		must_not(content_check_verify(env->content, NULL, NULL, signer,
					      ext_value(&env->recipients[i].extensions,
							EXT_CONTENT_INTEGRITY_CHECK)));
}

/* What was submitted, as a proof covers it. */
static void check_submission(struct arena *arena, struct bytes in)
{
	AUTO(buf_free) struct buf proof = { 0 }, id = { 0 };
	struct submission_facts facts = { .time = 1790000000 };

	if (!worked(submission_parts(arena, in, &facts.envelope, &facts.content)))
		return;
	must(mts_id_from_text("[/PRMD=Gov/ADMD=400net/C=FR/;1]", &id));
	facts.id = buf_view(&id);
	must_not(submission_proof_check(&facts, signer, in));
	must(submission_proof_make(&facts, key, &proof));
	must(submission_proof_check(&facts, signer, buf_view(&proof)));
}

static void check_result(struct arena *arena, struct bytes in)
{
	struct submission_facts facts = { .envelope = BYTES("\x31\x00"), .content = BYTES("text") };
	struct submission_result result;

	if (!worked(submission_result_decode(arena, in, &result)))
		return;
	facts.id = result.id;
	facts.time = result.time;
	must_not(submission_proof_check(&facts, signer, ext_value(&result.extensions,
								  EXT_PROOF_OF_SUBMISSION)));
	read_certificates(&result.extensions, EXT_ORIGINATING_MTA_CERTIFICATE);
}

static void check_report(struct report *report)
{
	AUTO(cert_free) const struct cert *cert = NULL;

	must_not(report_verify(report, signer));
	status_drop(report_certificate(report, &cert));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct bytes in = bytes_of(data, size);
	struct envelope *env;
	struct report *report;

	if (worked(submission_decode(arena, in, &env)) ||
	    worked(probe_submission_decode(arena, in, &env)) || worked(p1_decode(arena, in, &env)))
		check_origin(env);
	check_submission(arena, in);
	check_result(arena, in);
	if (worked(report_delivery_decode(arena, in, &report)) ||
	    worked(report_p1_decode(arena, in, &report)))
		check_report(report);
	arena_free(&arena);
	return 0;
}
