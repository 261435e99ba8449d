/* SPDX-License-Identifier: Apache-2.0 */
/* What a judge says about who wrote a message, as time goes on. */
#include "lib/mhs/evidence_judge.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/orname.h"
#include "lib/sec/message.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

#define ALICE "/G=Alice/S=Martin/O=North/ADMD=400net/C=FR/"
#define BOB "/G=Bob/S=Berg/O=South/ADMD=400net/C=IT/"

static struct pki pki;
static struct pki_party alice;		/* certified with the O/R address ALICE */
static struct pki_party alice_rsa;	/* and with another key */

static struct bytes name_of(struct arena *arena, const char *address, const char *directory_name)
{
	AUTO(buf_free) struct buf dn = { 0 };
	AUTO(buf_free) struct buf tlv = { 0 };
	struct orname *name = NULL;

	assert_ok(orname_from_text(arena, address, &name));
	if (directory_name) {
		assert_ok(dn_from_text(directory_name, &dn));
		name->directory_name = buf_view(&dn);
	}
	assert_ok(orname_encode(name, &tlv));
	return arena_dup(arena, buf_view(&tlv));
}

static int setup(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(buf_free) struct buf address = { 0 };
	struct orname *name = NULL;

	(void)state;
	pki_make(&pki);
	assert_ok(orname_from_text(arena, ALICE, &name));
	assert_ok(oraddress_encode(name, &address));
	alice = pki_certify(&pki.north, "CN=Alice Martin,O=North,C=FR", SCOPE_UA, KEY_P256,
			    buf_view(&address));
	alice_rsa = pki_certify(&pki.north, "CN=Alice Martin,O=North,C=FR", SCOPE_UA, KEY_RSA,
				buf_view(&address));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_party_free(&alice);
	pki_party_free(&alice_rsa);
	pki_cleanup(&pki);
	return 0;
}

/* What Bob keeps of a message that Alice made so, and he checked at PKI_NOW. */
static struct evidence *evidence_made(struct protect_plan plan, const struct pki_party *signer)
{
	struct evidence *evidence = evidence_new(EVIDENCE_RECEIVED);
	struct arena *arena = evidence->arena;
	AUTO(protected_message_free) struct protected_message *made = NULL;
	AUTO(buf_free) struct buf content = buf_copy(BYTES("The bridge is closed."));
	AUTO(buf_free) struct buf envelope = { 0 };
	AUTO(buf_free) struct buf id = { 0 };
	const struct protect_recipient bob = { .name = name_of(arena, BOB, NULL), .sequence = 1 };
	struct delivery d = { .arena = arena, .time = PKI_NOW, .submission_time = PKI_NOW,
			      .originator = name_of(arena, ALICE, "CN=Alice Martin,O=North,C=FR"),
			      .this_recipient = bob.name,
			      .content_type = content_type_tlv(arena, CONTENT_TYPE_P22) };

	assert_ok(mts_id_from_text("[/ADMD=400net/C=FR/;1]", &id));
	d.id = buf_view(&id);
	plan.signer = signer->key;
	plan.recipients = &bob;
	plan.count = 1;
	assert_ok(message_protect(&plan, &content, &made));
	ext_put(arena, &d.extensions, EXT_MESSAGE_TOKEN, buf_view(&made->tokens[0]));
	assert_ok(delivery_envelope_encode(&d, &envelope));
	evidence->envelope = arena_dup(arena, buf_view(&envelope));
	evidence->checked = PKI_NOW;
	evidence_set_content(evidence, buf_view(&content));
	cert_list_add(&evidence->certs, signer->cert);
	cert_list_add(&evidence->certs, pki.north.cert);
	for (size_t i = 0; i < pki.cross.count; i++)
		cert_list_add(&evidence->certs, pki.cross.items[i]);
	for (size_t i = 0; i < pki.crls.count; i++)
		crl_list_add(&evidence->crls, pki.crls.items[i]);
	return evidence;
}

static struct evidence *evidence_of(time_t signed_at)
{
	const struct protect_plan plan = { .suite = suites_default[0], .now = signed_at };

	return evidence_made(plan, &alice);
}

/* A list of the north that revokes Alice from a time on, and was made then. */
static void revoke(time_t when, struct crl_list *out_later)
{
	const struct revocation revoked = { alice.cert->serial, when, REVOKED_KEY_COMPROMISE };
	const struct crl_plan plan = { .revoked = &revoked, .count = 1, .number = 9,
				       .this_update = when, .next_update = when + PKI_YEAR / 4 };
	AUTO(crl_free) const struct crl *crl = NULL;

	assert_ok(crl_issue(pki.north.cert, pki.north.key, &plan, &crl));
	crl_list_add(out_later, crl);
}

static void time_goes_on(void **state)
{
	static const struct {
		const char *name;
		time_t signed_at, revoked, at;	/* from PKI_NOW; revoked 0: never */
		const char *words;
	} cases[] = {
		{ "as it was", -60, 0, 0, "Written by CN=Alice Martin,O=North,C=FR to " BOB },
		{ "revoked later", -60, 3600, 0, "was revoked on" },
		{ "revoked before it was signed", -60, -3600, 0, "NOT proved: it was signed on" },
		{ "revoked between signing and checking", -60, -30, 0, "Written by CN=Alice" },
		{ "signed after it was checked", 60, 0, 0, "after it was checked" },
		{ "when nothing is valid any more", -60, 0, 20 * (time_t)PKI_YEAR, "NOT proved" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(evidence_free) struct evidence *evidence = evidence_of(PKI_NOW + cases[i].signed_at);
		AUTO(crl_list_free) struct crl_list later = { 0 };
		AUTO(claims_free) struct claims claims = { 0 };
		const struct evidence_trust trust = {
			.anchors = &pki.south.cert, .anchor_count = 1, .later = &later,
			.at = cases[i].at ? PKI_NOW + cases[i].at : 0,
		};

		if (cases[i].revoked)
			revoke(PKI_NOW + cases[i].revoked, &later);
		assert_ok(evidence_judge(evidence, &trust, &claims));
		assert_int_equal(claims.count, 1);
		const char *sentence = claim_sentence(evidence->arena, &claims.list[0]);
		print_message("  %s: %s\n", cases[i].name, sentence);
		assert_non_null(strstr(sentence, cases[i].words));
		assert_int_equal(claims.list[0].proved, !strstr(cases[i].words, "NOT") &&
				 !strstr(cases[i].words, "after it"));
	}
}

static void somebody_elses_certificate_does_not_help(void **state)
{
	AUTO(evidence_free) struct evidence *evidence = evidence_of(PKI_NOW);
	AUTO(claims_free) struct claims claims = { 0 };
	const struct evidence_trust trust = { .anchors = &pki.south.cert, .anchor_count = 1 };

	(void)state;
	cert_free(&evidence->certs.items[0]);
	evidence->certs.items[0] = cert_ref(pki.mallory.cert);
	assert_ok(evidence_judge(evidence, &trust, &claims));
	assert_false(claims.list[0].proved);
	assert_non_null(strstr(claims.list[0].why, "CN=Mallory"));
}

/* The suites that are no default, and what was agreed on in them. */
static const struct {
	const char *name;
	const struct suite *suite;
	struct suite_options options;
	bool rsa, allowed;
	const char *words;
} suites[] = {
	{ "as the profile has it", &suite_amhs, { 0 }, false, false, "Written by CN=Alice" },
	{ "with SHA-256", &suite_amhs, { .amhs_hash = ECDSA_SHA256 }, false, false, "Written by CN=Alice" },
	{ "joined", &suite_amhs, { .amhs_cic = CIC_JOINED }, false, false, "Written by CN=Alice" },
	{ "both", &suite_amhs, { .amhs_hash = ECDSA_SHA256, .amhs_cic = CIC_JOINED }, false, false,
	  "Written by CN=Alice" },
	{ "broken", &suite_locator_1989, { .allow_broken_1989 = true }, true, false,
	  "NOT proved: the suite locator-1989 is not used here" },
	{ "broken, which the judge allows", &suite_locator_1989, { .allow_broken_1989 = true }, true, true,
	  "Written by CN=Alice" },
};

static void each_suite_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		const struct protect_plan plan = { .suite = suites[i].suite, .options = suites[i].options,
						   .now = PKI_NOW - 60 };
		AUTO(evidence_free) struct evidence *evidence =
			evidence_made(plan, suites[i].rsa ? &alice_rsa : &alice);
		AUTO(claims_free) struct claims claims = { 0 };
		AUTO(claims_free) struct claims harmed = { 0 };
		const struct evidence_trust trust = {
			.anchors = &pki.south.cert, .anchor_count = 1,
			.allow_broken_1989 = suites[i].allowed,
		};

		assert_ok(evidence_judge(evidence, &trust, &claims));
		const char *sentence = claim_sentence(evidence->arena, &claims.list[0]);
		print_message("  %s: %s\n", suites[i].name, sentence);
		assert_non_null(strstr(sentence, suites[i].words));
		if (!claims.list[0].proved)
			continue;
		assert_ptr_equal(claims.list[0].suite, suites[i].suite);
		evidence_set_content(evidence, BYTES("The bridge is opened."));
		assert_ok(evidence_judge(evidence, &trust, &harmed));
		assert_false(harmed.list[0].proved);
		assert_non_null(strstr(harmed.list[0].why, "the content is not the one that was signed"));
	}
}

/* Nothing in it names the address that it would have to be for; nor does the setting help. */
static void a_certificate_of_1988_is_none_for_a_judge(void **state)
{
	AUTO(pki_party_free) struct pki_party old = pki_authority_1989("CN=Old North,C=FR");
	const struct cert_plan wanted = {
		.subject = alice_rsa.cert->subject, .key = alice_rsa.cert->key, .scope = SCOPE_UA,
		.not_before = PKI_NOW - PKI_YEAR / 12, .not_after = PKI_NOW + PKI_YEAR / 12,
	};
	struct pki_party by_old = { .key = alice_rsa.key };
	const struct protect_plan plan = { .suite = suites_default[0], .now = PKI_NOW - 60 };

	(void)state;
	assert_ok(cert_issue(old.cert, old.key, &wanted, &by_old.cert));
	AUTO(evidence_free) struct evidence *evidence = evidence_made(plan, &by_old);
	AUTO(claims_free) struct claims claims = { 0 };
	const struct evidence_trust trust = { .anchors = &old.cert, .anchor_count = 1,
					      .allow_broken_1989 = true };

	assert_ok(evidence_judge(evidence, &trust, &claims));
	assert_false(claims.list[0].proved);
	assert_non_null(strstr(claims.list[0].why, "is one of 1988: it names no O/R address"));
	cert_free(&by_old.cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_goes_on),
		cmocka_unit_test(somebody_elses_certificate_does_not_help),
		cmocka_unit_test(each_suite_is_judged),
		cmocka_unit_test(a_certificate_of_1988_is_none_for_a_judge),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
