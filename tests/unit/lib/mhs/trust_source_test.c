/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is remembered of the directory and no longer serves is fetched anew, of people and of
 * authorities, and not for everybody who comes with something that is false.  The server is a real
 * one; skipped where there is none.
 */
#include "lib/mhs/trust.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/mesh.h"
#include "tests/support/slapd.h"

#include <signal.h>

#define ALICE "CN=Alice,O=Mesh,C=FR"
#define BOB "CN=Bob,O=Mesh,C=FR"
#define HERE "CN=CA 0,O=Mesh,C=FR"
#define THERE "CN=CA 1,O=Mesh,C=FR"

static struct slapd slapd;
static struct test_clock now;
static struct mesh mesh;		/* 0: ours, which certifies 1 */
static struct trust *trust;

/* --- what the directory has --- */

static struct pki_party certify(size_t by, const char *name)
{
	return pki_certify(mesh_party(&mesh, by), name, SCOPE_UA, KEY_P256, bytes_none());
}

static void put_certs(const char *name, const struct cert *first, const struct cert *second)
{
	const struct cert *const certs[] = { first, second };

	slapd_put_certs(&slapd, name, certs, second ? 2 : 1);
}

static void put_list(size_t of, const struct cert *revoked, uint64_t number)
{
	const struct pki_party *ca = mesh_party(&mesh, of);
	const struct revocation entry = {
		.serial = revoked ? revoked->serial : bytes_none(), .when = PKI_NOW - 60,
	};
	const struct crl_plan plan = { &entry, revoked ? 1 : 0, number, PKI_NOW - 60, PKI_NOW + PKI_YEAR };
	AUTO(crl_free) const struct crl *crl = NULL;

	assert_ok(crl_issue(ca->cert, ca->key, &plan, &crl));
	slapd_put(&slapd, ca->cert->subject_text, DIRECTORY_AUTHORITY, DIRECTORY_CRL, &crl->der, 1);
}

/* The other authority with the key that it has now: the pair and the list. */
static void put_there(uint64_t number)
{
	AUTO(cert_free) const struct cert *cross = mesh_cross(&mesh, 0, 1);

	slapd_put_pairs(&slapd, THERE, &cross, 1);
	put_list(1, NULL, number);
}

/* The authority has another key from here on. */
static void roll_over(size_t at)
{
	pki_party_free(mesh_party(&mesh, at));
}

/* --- asking --- */

static FALLIBLE verify(const struct cert *cert)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA };
	AUTO(cert_path_free) struct cert_path *path = NULL;

	return trust_verify(trust, &wanted, cert, &path);
}

static FALLIBLE find(const struct cert *whose, enum cert_use use, struct cert_path **out_path)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .use = use,
					     .directory_name = whose->subject };

	return trust_find(trust, &wanted, out_path);
}

/* Whose signature it is: the attempt counts, and succeeds with one of the certificates. */
struct signature {
	const struct cert *by;
	int attempts;
};

static FALLIBLE attempt(void *arg, const struct cert_path *path)
{
	struct signature *signature = arg;

	signature->attempts++;
	return bytes_equal(cert_path_leaf(path)->der, signature->by->der) ? OK
		: FAIL(ST_REFUSED, 0, "not signed by this one");
}

static struct status *find_signer(const struct cert *by, int *out_attempts)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA, .directory_name = by->subject };
	struct signature signature = { .by = by };
	AUTO(path_trial_cleanup) struct path_trial trial = { .attempt = attempt, .arg = &signature };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct status *failed = trust_find_for(trust, &wanted, &trial, &path);

	*out_attempts = signature.attempts;
	return failed;
}

/* --- people --- */

static void a_new_certificate_is_fetched_when_the_old_fails(void **state)
{
	struct pki_party first = certify(0, ALICE), second = certify(0, ALICE), third = certify(0, ALICE);
	int attempts;

	(void)state;
	put_certs(ALICE, first.cert, NULL);
	assert_ok(find_signer(first.cert, &attempts));
	put_certs(ALICE, first.cert, second.cert);
	test_clock_advance(&now, 1);
	assert_ok(find_signer(second.cert, &attempts));
	assert_int_equal(attempts, 2);
	assert_ok(find_signer(first.cert, &attempts));

	/* Once in a while, however often somebody comes with a signature that is none. */
	put_certs(ALICE, third.cert, NULL);
	test_clock_advance(&now, 20);
	assert_fails(find_signer(third.cert, &attempts), "not signed by this one");
	assert_int_equal(attempts, 2);
	assert_fails(find_signer(third.cert, &attempts), "not signed by this one");
	test_clock_advance(&now, 10);
	assert_ok(find_signer(third.cert, &attempts));
	assert_ok(find_signer(third.cert, &attempts));
	assert_int_equal(attempts, 1);
	pki_party_free(&first);
	pki_party_free(&second);
	pki_party_free(&third);
}

/* A false signature costs one request in a while, for who is said to have made it; nothing that
 * authorities have is doubted for it. */
static void a_false_signature_costs_one_request(void **state)
{
	struct pki_party bob = certify(1, BOB), nobody = certify(0, BOB);
	unsigned long before;
	int attempts;

	(void)state;
	put_certs(BOB, bob.cert, NULL);
	assert_ok(find_signer(bob.cert, &attempts));
	before = slapd_searches(&slapd);
	for (int i = 0; i < 5; i++)
		assert_fails(find_signer(nobody.cert, &attempts), "not signed by this one");
	assert_int_equal(slapd_searches(&slapd) - before, 1);
	pki_party_free(&bob);
	pki_party_free(&nobody);
}

/* To seal, what is remembered must not have been revoked, whoever puts it in again. */
static void nothing_is_sealed_for_a_revoked_key(void **state)
{
	struct pki_party first = certify(0, ALICE), second = certify(0, ALICE);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	put_list(0, first.cert, 2);
	put_certs(ALICE, first.cert, NULL);
	assert_fails(find(first.cert, CERT_SEALS, &path), "revoked");
	put_certs(ALICE, second.cert, first.cert);
	assert_ok(find(first.cert, CERT_SEALS, &path));	/* asked anew, at once */
	assert_bytes(cert_path_leaf(path)->der, second.cert->der);
	cert_path_free(&path);
	put_certs(ALICE, first.cert, NULL);
	test_clock_advance(&now, 301);
	assert_fails(find(first.cert, CERT_SEALS, &path), "revoked");
	pki_party_free(&first);
	pki_party_free(&second);
}

/* An entry that had everything but a certificate has one now. */
static void a_first_certificate(void **state)
{
	const struct bytes mail = BYTES("alice@example");
	struct pki_party alice = certify(0, ALICE);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	slapd_put_certs(&slapd, ALICE, NULL, 0);
	slapd_put(&slapd, ALICE, DIRECTORY_USER, DIRECTORY_MAIL, &mail, 1);
	assert_fails(find(alice.cert, CERT_SIGNS, &path), "no certificate of " ALICE);
	put_certs(ALICE, alice.cert, NULL);
	assert_ok(find(alice.cert, CERT_SIGNS, &path));
	pki_party_free(&alice);
}

/* --- authorities --- */

/* An authority goes on with another key, and whoever it certifies is believed at once; that it
 * did so once more is not asked for at every turn. */
static void an_authority_has_another_key(void **state)
{
	struct pki_party before = certify(1, ALICE), after, later;

	(void)state;
	assert_ok(verify(before.cert));
	roll_over(1);
	put_there(2);
	after = certify(1, ALICE);
	assert_ok(verify(after.cert));
	roll_over(1);
	put_there(3);
	later = certify(1, ALICE);
	assert_fails(verify(later.cert), THERE " is certified with another key");
	test_clock_advance(&now, 29);
	assert_fails(verify(later.cert), THERE " is certified with another key");
	test_clock_advance(&now, 1);
	assert_ok(verify(later.cert));
	pki_party_free(&before);
	pki_party_free(&after);
	pki_party_free(&later);
}

/* Both the person's certificate and his authority's key are new: one question finds both. */
static void a_person_of_an_authority_with_another_key(void **state)
{
	struct pki_party before = certify(1, BOB), after;
	int attempts;

	(void)state;
	put_certs(BOB, before.cert, NULL);
	assert_ok(find_signer(before.cert, &attempts));
	roll_over(1);
	put_there(2);
	after = certify(1, BOB);
	put_certs(BOB, after.cert, NULL);
	assert_ok(find_signer(after.cert, &attempts));
	pki_party_free(&before);
	pki_party_free(&after);
}

/* Who was suspended is released. */
static void a_list_says_otherwise(void **state)
{
	struct pki_party alice = certify(1, ALICE);

	(void)state;
	put_list(1, alice.cert, 2);
	assert_fails(verify(alice.cert), "was revoked on");
	put_list(1, NULL, 3);
	assert_ok(verify(alice.cert));
	pki_party_free(&alice);
}

/* Two authorities certify each other only now. */
static void a_pair_is_new(void **state)
{
	struct pki_party alice = certify(1, ALICE), bob = certify(1, BOB);

	(void)state;
	slapd_put_pairs(&slapd, THERE, NULL, 0);
	assert_fails(verify(alice.cert), "nothing certifies " THERE " to us");
	put_there(2);
	assert_ok(verify(bob.cert));
	pki_party_free(&alice);
	pki_party_free(&bob);
}

/* Whoever comes with certificates that are none makes us read the two authorities once in a while,
 * and where the directory is out of reach what was known stays. */
static void a_false_certificate_takes_nothing(void **state)
{
	struct pki_party alice = certify(1, ALICE), bob = certify(1, BOB);
	struct mesh false_mesh;
	unsigned long before;

	(void)state;
	mesh_make(&false_mesh, 2);
	assert_ok(verify(alice.cert));
	before = slapd_searches(&slapd);
	for (int i = 0; i < 5; i++) {
		struct pki_party mallory = pki_certify(mesh_party(&false_mesh, 1), "CN=Mallory,C=FR", SCOPE_UA,
						       KEY_P256, bytes_none());

		assert_fails(verify(mallory.cert), THERE " is certified with another key");
		pki_party_free(&mallory);
	}
	assert_int_equal(slapd_searches(&slapd) - before, 2);
	test_clock_advance(&now, 40);
	slapd_stop(&slapd);
	struct pki_party mallory = pki_certify(mesh_party(&false_mesh, 1), "CN=Mallory,C=FR", SCOPE_UA, KEY_P256,
					       bytes_none());
	assert_fails(verify(mallory.cert), THERE " is certified with another key");
	assert_ok(verify(bob.cert));
	slapd_start(&slapd);
	pki_party_free(&mallory);
	pki_party_free(&alice);
	pki_party_free(&bob);
	mesh_cleanup(&false_mesh);
}

/* --- a directory that does not answer --- */

static struct trust *trust_keeping(const struct directory_config *config)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/ca.pem", slapd.folder);
	AUTO(mem_free) char *kept = mem_printf("%s/directory.db", slapd.folder);
	const struct trust_options options = { .anchor = anchor, .directory = config, .clock = &now.clock,
					       .kept = kept, .offline_seconds = 86400 };
	struct trust *opened = NULL;

	assert_ok(trust_open(&options, &opened));
	return opened;
}

/* Who has something to go by waits once, and not for each name; who has not asks all the same. */
static void a_hanging_directory_is_waited_for_once(void **state)
{
	struct directory_config config = slapd.config;
	struct pki_party alice = certify(1, ALICE), bob = certify(1, BOB), carol = certify(0, "CN=Carol,C=FR");
	AUTO(cert_path_free) struct cert_path *path = NULL;
	int64_t start;

	(void)state;
	config.timeout = 1;
	put_certs(ALICE, alice.cert, NULL);
	put_certs(BOB, bob.cert, NULL);
	trust_free(&trust);
	for (int again = 0; again < 2; again++) {
		trust = trust_keeping(&config);
		start = milliseconds();
		assert_ok(find(alice.cert, CERT_SIGNS, &path));
		cert_path_free(&path);
		assert_ok(find(bob.cert, CERT_SIGNS, &path));
		cert_path_free(&path);
		assert_true(milliseconds() - start < 2500);
		if (!again) {
			trust_free(&trust);
			slapd_signal(&slapd, SIGSTOP);
		}
	}
	start = milliseconds();
	assert_fails(find(carol.cert, CERT_SIGNS, &path), "no answer within 1 seconds");
	assert_true(milliseconds() - start >= 1000);
	slapd_signal(&slapd, SIGCONT);
	assert_fails(find(carol.cert, CERT_SIGNS, &path), "no certificate of CN=Carol,C=FR");
	pki_party_free(&alice);
	pki_party_free(&bob);
	pki_party_free(&carol);
}

/* --- the scene --- */

static int setup(void **state)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/ca.pem", slapd.folder);
	const struct trust_options options = { .anchor = anchor, .directory = &slapd.config,
					       .clock = &now.clock };

	(void)state;
	test_clock_init(&now, PKI_NOW);
	mesh_make(&mesh, 2);
	put_list(0, NULL, 1);
	put_there(1);
	assert_ok(cert_save(anchor, mesh_party(&mesh, 0)->cert));
	assert_ok(trust_open(&options, &trust));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	trust_free(&trust);
	mesh_cleanup(&mesh);
	return 0;
}

static int start(void **state)
{
	(void)state;
	slapd_init(&slapd);
	return 0;
}

static int end(void **state)
{
	(void)state;
	slapd_cleanup(&slapd);
	return 0;
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(a_new_certificate_is_fetched_when_the_old_fails),
		FRESH(a_false_signature_costs_one_request),
		FRESH(nothing_is_sealed_for_a_revoked_key),
		FRESH(a_first_certificate),
		FRESH(an_authority_has_another_key),
		FRESH(a_person_of_an_authority_with_another_key),
		FRESH(a_list_says_otherwise),
		FRESH(a_pair_is_new),
		FRESH(a_false_certificate_takes_nothing),
		FRESH(a_hanging_directory_is_waited_for_once),
	};

	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, start, end);
}
