/* SPDX-License-Identifier: Apache-2.0 */
/* Proof of delivery by who takes it: the recipient himself, or a store that serves him; nobody else. */
#include "lib/mhs/delivery_proof.h"

#include "lib/mhs/orname.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

#define DORA "/G=Dora/S=Berg/O=Field/ADMD=Sud/C=IT/"
#define EVA "/G=Eva/S=Lund/O=Field/ADMD=Sud/C=IT/"

static struct pki pki;
static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	arena = arena_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	pki_cleanup(&pki);
	return 0;
}

static struct orname *name_of(const char *text)
{
	struct orname *name = NULL;

	assert_ok(orname_from_text(arena, text, &name));
	return name;
}

/* A user or a store of the south; a domain is a store's address. */
static struct pki_party party(const char *name, enum scope scope, const char *address)
{
	AUTO(buf_free) struct buf tlv = { 0 };

	assert_ok(oraddress_encode(name_of(address), &tlv));
	return pki_certify(&pki.south, name, scope, KEY_P256, buf_view(&tlv));
}

/* --- what was sent to dora, and how it is reported --- */

static const struct envelope sent = {
	.content = { (const uint8_t *)"a letter", 8 },
	.content_identifier = { (const uint8_t *)"7", 1 },
};

static struct delivery delivered(void)
{
	struct delivery d = { .arena = arena, .time = PKI_NOW, .content = sent.content,
			      .content_identifier = sent.content_identifier };

	assert_ok(orname_tlv_from_text(arena, DORA, &d.this_recipient));
	ext_put_enumerated(arena, &d.extensions, EXT_PROOF_OF_DELIVERY_REQUEST, 1);
	return d;
}

/* What the MTA makes of the answer of whoever took it. */
static struct report_recipient reported(const struct pki_party *by)
{
	const struct own_key own = { by->key, by->cert };
	const struct delivery d = delivered();
	AUTO(buf_free) struct buf proof = { 0 };
	AUTO(buf_free) struct buf answer = { 0 };
	struct report_recipient r = { .name = d.this_recipient, .delivered = true,
				      .delivery_time = d.time };
	struct delivery_result result;

	assert_true(delivery_wants_proof(&d));
	assert_ok(delivery_prove(&d, &own, &proof));
	delivery_answer(&own, buf_view(&proof), &answer);
	assert_ok(delivery_result_decode(arena, buf_view(&answer), &result));
	ext_put(arena, &r.extensions, EXT_RECIPIENT_CERTIFICATE, result.certificates);
	ext_put(arena, &r.extensions, EXT_PROOF_OF_DELIVERY, result.proof);
	return r;
}

/* As the originator judges it, who is of the north. */
static FALLIBLE judge(const struct report_recipient *r)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *prover = NULL;
	struct trust_wanted wanted;

	TRY(delivery_prover(arena, r, &prover, &wanted));
	struct path_query query = pki_query(&pki, &pki.north, wanted.scope);

	query.name = wanted.directory_name;
	query.or_address = wanted.or_address;
	trust_compare_names(&query);
	TRY(path_verify(&query, prover, &path));
	return delivery_proof_check(&sent, r, prover);
}

static const struct {
	const char *words;
	const char *name;
	enum scope scope;
	const char *address;
	const char *fails;
} provers[] = {
	{ "the recipient", "CN=Dora,O=South,C=IT", SCOPE_UA, DORA, NULL },
	{ "a store of her domain", "CN=MS,O=South,C=IT", SCOPE_MS, "/ADMD=Sud/C=IT/", NULL },
	{ "another user", "CN=Eva,O=South,C=IT", SCOPE_UA, EVA, "O/R address" },
	{ "a store elsewhere", "CN=MS,O=South,C=IT", SCOPE_MS, "/O=Club/ADMD=Sud/C=IT/",
	  "may speak for" },
	{ "an MTA", "CN=MTA 2,O=South,C=IT", SCOPE_MTA, DORA, "is for MTA, not for MS" },
};

static void the_recipient_or_her_store_proves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(provers) / sizeof(provers[0]); i++) {
		struct pki_party by = party(provers[i].name, provers[i].scope, provers[i].address);
		const struct report_recipient r = reported(&by);
		struct status *st = judge(&r);

		print_message("  %s\n", provers[i].words);
		if (provers[i].fails)
			assert_fails(st, provers[i].fails);
		else
			assert_ok(st);
		pki_party_free(&by);
	}
}

/* Eva cannot lend her proof dora's certificate, nor dora's the time of another delivery. */
static void a_proof_goes_with_its_certificate(void **state)
{
	struct pki_party dora = party("CN=Dora,O=South,C=IT", SCOPE_UA, DORA);
	struct pki_party eva = party("CN=Eva,O=South,C=IT", SCOPE_UA, EVA);
	struct report_recipient r = reported(&dora), false_one = reported(&eva);

	(void)state;
	assert_ok(judge(&r));
	r.delivery_time++;
	assert_fails(judge(&r), "does not prove this delivery");
	r = reported(&dora);
	ext_put(arena, &r.extensions, EXT_PROOF_OF_DELIVERY,
		ext_value(&false_one.extensions, EXT_PROOF_OF_DELIVERY));
	assert_fails(judge(&r), "does not prove this delivery");
	pki_party_free(&dora);
	pki_party_free(&eva);
}

static void of_what_is_sealed_or_not_asked_for_nothing_is_proved(void **state)
{
	struct delivery d = delivered();

	(void)state;
	ext_put(arena, &d.extensions, EXT_CONTENT_CONFIDENTIALITY_ALGORITHM, BYTES("\x30\x00"));
	assert_false(delivery_wants_proof(&d));
	d.extensions = (struct ext_set){ 0 };
	assert_false(delivery_wants_proof(&d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recipient_or_her_store_proves),
		cmocka_unit_test(a_proof_goes_with_its_certificate),
		cmocka_unit_test(of_what_is_sealed_or_not_asked_for_nothing_is_proved),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
