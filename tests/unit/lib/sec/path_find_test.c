/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody has several certificates: which of them is found, and tried. */
#include "lib/sec/path.h"

#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

static struct pki pki;

static int setup(void **state)
{
	(void)state;
	pki_make(&pki);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_cleanup(&pki);
	return 0;
}

/* The next one of somebody, for another key; days from now. */
static struct pki_party next_of(const struct pki_party *old, enum key_type type, int from, int to)
{
	struct pki_party next = { 0 };
	struct cert_plan plan = {
		.subject = old->cert->subject,
		.or_address = old->cert->or_address,
		.scope = SCOPE_UA,
		.not_before = PKI_NOW + from * 24 * 3600,
		.not_after = PKI_NOW + to * 24 * 3600,
	};

	assert_ok(private_key_generate(type, &next.key));
	plan.key = private_key_public(next.key);
	assert_ok(cert_issue(pki.south.cert, pki.south.key, &plan, &next.cert));
	cert_list_add(&pki.users, next.cert);
	return next;
}

static struct path_query bobs(enum cert_use use)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);

	query.name = pki.bob.cert->subject;
	query.use = use;
	return query;
}

static bool is_same_cert(const struct cert *a, const struct cert *b)
{
	return bytes_equal(a->fingerprint, b->fingerprint);
}

static void find_bobs(enum cert_use use, const struct cert *expected)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = bobs(use);

	assert_ok(path_find(&query, &path));
	assert_true(is_same_cert(cert_path_leaf(path), expected));
}

static void the_newest_that_serves_is_found(void **state)
{
	struct pki_party renewed = next_of(&pki.bob, KEY_P256, -2, 100);
	struct pki_party signing = next_of(&pki.bob, KEY_ED25519, -1, 100);
	struct pki_party to_come = next_of(&pki.bob, KEY_P256, 1, 100);
	struct pki_party ended = next_of(&pki.bob, KEY_P256, -2, -1);

	(void)state;
	find_bobs(CERT_SIGNS, signing.cert);
	find_bobs(CERT_SEALS, renewed.cert);
	struct pki_party agreeing = next_of(&pki.bob, KEY_X25519, -1, 100);
	find_bobs(CERT_SIGNS, signing.cert);
	find_bobs(CERT_SEALS, agreeing.cert);
	/* Whoever puts the old one in again, or in another place, changes nothing. */
	cert_list_add(&pki.users, pki.bob.cert);
	find_bobs(CERT_SEALS, agreeing.cert);
	pki_publish_crl(&pki, &pki.south, agreeing.cert, PKI_NOW + PKI_YEAR);
	find_bobs(CERT_SEALS, renewed.cert);
	find_bobs(CERT_SIGNS, signing.cert);
	pki_party_free(&renewed);
	pki_party_free(&signing);
	pki_party_free(&to_come);
	pki_party_free(&ended);
	pki_party_free(&agreeing);
}

static void what_a_certificate_is_not_for_it_does_not_do(void **state)
{
	struct pki_party agreeing = next_of(&pki.bob, KEY_X25519, -1, 100);
	struct pki_party signing = next_of(&pki.bob, KEY_ED25519, -1, 100);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = bobs(CERT_SIGNS);

	(void)state;
	assert_fails(path_verify(&query, agreeing.cert, &path),
		     "the X25519 key of CN=Bob,O=South,C=IT is certified for sealing, not for signatures");
	query.use = CERT_SEALS;
	assert_fails(path_verify(&query, signing.cert, &path),
		     "the Ed25519 key of CN=Bob,O=South,C=IT is certified for signatures, and nothing");
	pki_party_free(&agreeing);
	pki_party_free(&signing);
}

/* An attempt that succeeds with one certificate alone, and counts. */
struct counted {
	const struct cert *right;	/* null: none is */
	int attempts;
};

static FALLIBLE attempt(void *arg, const struct cert_path *path)
{
	struct counted *counted = arg;

	counted->attempts++;
	if (!counted->right || !is_same_cert(cert_path_leaf(path), counted->right))
		return FAIL(ST_REFUSED, 46, "not signed with attempt %d", counted->attempts);
	return OK;
}

static void each_certificate_is_tried_once(void **state)
{
	struct pki_party next = next_of(&pki.bob, KEY_P256, -1, 100);
	struct counted counted = { .right = pki.bob.cert };
	AUTO(path_trial_cleanup) struct path_trial trial = { .attempt = attempt, .arg = &counted };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = bobs(CERT_SIGNS);

	(void)state;
	assert_ok(path_find_for(&query, &trial, &path));
	assert_true(is_same_cert(cert_path_leaf(path), pki.bob.cert));
	assert_int_equal(counted.attempts, 2);
	cert_path_free(&path);
	/* The newer one is not tried again. */
	assert_ok(path_find_for(&query, &trial, &path));
	assert_int_equal(counted.attempts, 3);
	cert_path_free(&path);
	counted.right = NULL;
	struct status *failed = path_find_for(&query, &trial, &path);
	assert_int_equal(failed->diag, 46);
	assert_fails(failed, "not signed with attempt 1");
	assert_int_equal(counted.attempts, 4);
	assert_fails(path_find_for(&query, &trial, &path), "not signed with attempt 1");
	assert_int_equal(counted.attempts, 4);
	pki_party_free(&next);
}

/* The old key, after its certificate was revoked: both reasons are told. */
static void a_revoked_certificate_is_not_tried(void **state)
{
	struct pki_party next = next_of(&pki.bob, KEY_P256, -1, 100);
	struct counted counted = { .right = pki.bob.cert };
	AUTO(path_trial_cleanup) struct path_trial trial = { .attempt = attempt, .arg = &counted };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = bobs(CERT_SIGNS);

	(void)state;
	pki_publish_crl(&pki, &pki.south, pki.bob.cert, PKI_NOW + PKI_YEAR);
	struct status *failed = path_find_for(&query, &trial, &path);
	AUTO(mem_free) char *text = status_text(failed);
	status_free(&failed);
	assert_non_null(strstr(text, "not signed with attempt 1; because: the certificate of "
				     "CN=Bob,O=South,C=IT was revoked"));
	assert_int_equal(counted.attempts, 1);
	pki_party_free(&next);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(the_newest_that_serves_is_found),
		FRESH(what_a_certificate_is_not_for_it_does_not_do),
		FRESH(each_certificate_is_tried_once),
		FRESH(a_revoked_certificate_is_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
