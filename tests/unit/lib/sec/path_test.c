/* SPDX-License-Identifier: Apache-2.0 */
/* Certification paths: the one that is right, and the words for those that are not. */
#include "lib/sec/path.h"

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

static void the_own_authority_is_enough(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);

	(void)state;
	assert_ok(path_verify(&query, pki.alice.cert, &path));
	assert_int_equal(path->chain.count, 2);
	assert_ptr_equal(cert_path_leaf(path), pki.alice.cert);
	assert_ptr_equal(path->chain.items[1], pki.north.cert);
	assert_true(path->valid_until == PKI_NOW + PKI_YEAR / 2);	/* the revocation list's end */
}

static void a_cross_certificate_leads_to_another_domain(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(buf_free) struct buf name = pki_name("cn=bob, o=south, c=it");
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);

	(void)state;
	query.name = buf_view(&name);
	assert_ok(path_find(&query, &path));
	assert_int_equal(path->chain.count, 3);
	assert_non_null(strstr(path->explanation,
			       "CN=Bob,O=South,C=IT is certified as UA by CN=South CA,O=South,C=IT"));
	assert_non_null(strstr(path->explanation,
			       "CN=South CA,O=South,C=IT is certified as CA by CN=North CA,O=North,C=FR"));
	assert_non_null(strstr(path->explanation, "CN=North CA,O=North,C=FR is trusted"));
}

static void longer_paths_are_found(void **state)
{
	struct pki_party east = pki_certify(&pki.south, "CN=East CA,C=DE", SCOPE_CA, KEY_ED25519,
					    bytes_none());
	struct pki_party eve = pki_certify(&east, "CN=Eve,C=DE", SCOPE_UA, KEY_P256, bytes_none());
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	assert_fails(path_verify(&query, eve.cert, &path), "no path from CN=North CA,O=North,C=FR to "
		     "CN=Eve,C=DE: nothing certifies CN=East CA,C=DE to us");
	cert_list_add(&pki.cross, east.cert);
	assert_fails(path_verify(&query, eve.cert, &path), "CN=East CA,C=DE has no revocation list");
	pki_publish_crl(&pki, &east, NULL, PKI_NOW + 60);
	assert_ok(path_verify(&query, eve.cert, &path));
	assert_int_equal(path->chain.count, 4);
	assert_true(path->valid_until == PKI_NOW + 60);
	pki_party_free(&east);
	pki_party_free(&eve);
}

static void what_is_revoked_is_refused(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	pki_publish_crl(&pki, &pki.south, pki.bob.cert, PKI_NOW + PKI_YEAR / 2);
	assert_fails(path_verify(&query, pki.bob.cert, &path),
		     "the certificate of CN=Bob,O=South,C=IT was revoked on 2026-09-21 13:13:20 UTC");
	assert_ok(path_verify(&query, pki.carol.cert, &path));
	cert_path_free(&path);
	pki_publish_crl(&pki, &pki.north, pki.cross.items[0], PKI_NOW + PKI_YEAR / 2);
	assert_fails(path_verify(&query, pki.carol.cert, &path),
		     "the certificate of CN=South CA,O=South,C=IT was revoked on");
}

static void without_a_revocation_list_nothing_is_believed(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	pki_publish_crl(&pki, &pki.north, NULL, PKI_NOW - 60);
	assert_fails(path_verify(&query, pki.alice.cert, &path),
		     "the revocation list of CN=North CA,O=North,C=FR is out of date since");
	crl_list_free(&pki.crls);
	assert_fails(path_verify(&query, pki.alice.cert, &path),
		     "CN=North CA,O=North,C=FR has no revocation list");
	query.source = NULL;
	assert_fails(path_verify(&query, pki.alice.cert, &path), "has no revocation list");
}

static void a_forged_revocation_list_does_not_count(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	struct pki_party thief = { pki.mallory.key, NULL };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	const struct cert_plan plan = {
		.subject = pki.north.cert->subject,
		.key = private_key_public(pki.mallory.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - 60,
		.not_after = PKI_NOW + 60,
	};

	(void)state;
	assert_ok(cert_issue(NULL, thief.key, &plan, &thief.cert));
	pki_publish_crl(&pki, &thief, NULL, PKI_NOW + PKI_YEAR);
	assert_fails(path_verify(&query, pki.alice.cert, &path), "CN=North CA,O=North,C=FR");
	cert_free(&thief.cert);
}

static void an_authority_of_the_same_name_is_another(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	struct pki_party fake = { 0 }, user;
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	assert_ok(private_key_generate(KEY_P256, &fake.key));
	const struct cert_plan plan = {
		.subject = pki.south.cert->subject,
		.key = private_key_public(fake.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
	};
	assert_ok(cert_issue(NULL, fake.key, &plan, &fake.cert));
	user = pki_certify(&fake, "CN=Bob,O=South,C=IT", SCOPE_UA, KEY_P256, bytes_none());
	cert_list_add(&pki.cross, fake.cert);
	assert_fails(path_verify(&query, user.cert, &path), "no path from");
	pki_party_free(&fake);
	pki_party_free(&user);
}

static void a_user_is_no_authority(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	const struct cert *made = NULL;
	const struct cert_plan plan = {
		.subject = pki.bob.cert->subject,
		.key = private_key_public(pki.bob.key),
		.scope = SCOPE_UA,
		.not_before = PKI_NOW - 60,
		.not_after = PKI_NOW + 60,
	};

	(void)state;
	assert_fails(cert_issue(pki.mallory.cert, pki.mallory.key, &plan, &made),
		     "the certificate of CN=Mallory,O=North,C=FR is for UA, not for CA");
	assert_fails(path_verify(&query, pki.north.cert, &path), "is for CA, not for UA");
}

static void scope_name_and_address_have_to_be_right(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Bob,O=South,C=IT");
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = pki_query(&pki, &pki.south, SCOPE_UA);

	(void)state;
	assert_fails(path_verify(&query, pki.bob_ms.cert, &path),
		     "the certificate of CN=Bob MS,O=South,C=IT is for MS, not for UA");
	query.scope = SCOPE_MS;
	assert_ok(path_verify(&query, pki.bob_ms.cert, &path));
	cert_path_free(&path);
	query.name = buf_view(&name);
	assert_fails(path_verify(&query, pki.bob_ms.cert, &path),
		     "the certificate is for CN=Bob MS,O=South,C=IT, not for CN=Bob,O=South,C=IT");
	query = pki_query(&pki, &pki.north, SCOPE_UA);
	query.or_address = pki.alice.cert->or_address;
	assert_ok(path_verify(&query, pki.alice.cert, &path));
	cert_path_free(&path);
	assert_fails(path_verify(&query, pki.mallory.cert, &path),
		     "the certificate of CN=Mallory,O=North,C=FR is not for this O/R address");
}

static void time_passes(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);

	(void)state;
	query.now = PKI_NOW + PKI_YEAR + 1;
	assert_fails(path_verify(&query, pki.alice.cert, &path),
		     "the certificate of CN=Alice,O=North,C=FR expired on 2027-");
	query.now = PKI_NOW - PKI_YEAR - 1;
	assert_fails(path_verify(&query, pki.alice.cert, &path),
		     "the certificate of CN=Alice,O=North,C=FR is not valid before 2025-");
}

static void who_cannot_be_asked_is_asked_later(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Nobody,C=FR");
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);

	(void)state;
	query.name = buf_view(&name);
	assert_fails(path_find(&query, &path), "the directory has no certificate of CN=Nobody,C=FR");
	query.name = pki.bob.cert->subject;
	pki.unreachable = FAIL(ST_LATER, 0, "the directory does not answer");
	struct status *failed = path_find(&query, &path);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_LATER);
	status_free(&failed);
	query.name = bytes_none();
	failed = path_verify(&query, pki.bob.cert, &path);
	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_LATER);
	status_free(&failed);
}

/* A domain of one address. */
static bool is_same(struct bytes domain, struct bytes address)
{
	return bytes_equal(domain, address);
}

static void an_authority_is_held_to_its_domain(void **state)
{
	AUTO(buf_free) struct buf home = hex("300a a508 6306 1304 4652 4f4e");
	AUTO(buf_free) struct buf away = hex("300a a508 6306 1304 4954 4f4e");
	const struct bytes domain = buf_view(&home);
	const struct cert_limits limits = { .addresses = &domain, .address_count = 1 };
	struct pki_party inside, outside;
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *held = NULL;
	const struct cert *made = NULL;
	struct cert_plan plan = {
		.subject = pki.south.cert->subject,
		.key = pki.south.cert->key,
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
		.limits = &limits,
	};

	(void)state;
	assert_ok(cert_issue(pki.north.cert, pki.north.key, &plan, &held));
	plan.scope = SCOPE_UA;
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made),
		     "only an authority can be held");
	cert_list_free(&pki.cross);
	cert_list_add(&pki.cross, held);
	inside = pki_certify(&pki.south, "CN=In,C=IT", SCOPE_UA, KEY_P256, buf_view(&home));
	outside = pki_certify(&pki.south, "CN=Out,C=IT", SCOPE_UA, KEY_P256, buf_view(&away));
	assert_fails(path_verify(&query, inside.cert, &path), "which cannot be compared here");
	query.or_address_within = is_same;
	assert_ok(path_verify(&query, inside.cert, &path));
	cert_path_free(&path);
	assert_fails(path_verify(&query, outside.cert, &path),
		     "the O/R address of CN=Out,C=IT is outside the domain that "
		     "CN=South CA,O=South,C=IT is held to by CN=North CA,O=North,C=FR");
	assert_ok(path_verify(&query, pki.bob.cert, &path));	/* has no address to be held */
	pki_party_free(&inside);
	pki_party_free(&outside);
}

static struct pki_party under(const struct pki_party *issuer, const struct cert_policies *policies)
{
	struct pki_party party = { 0 };
	struct cert_plan plan = {
		.subject = pki.bob.cert->subject, .scope = SCOPE_UA, .not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR, .policies = policies,
	};

	assert_ok(private_key_generate(KEY_P256, &party.key));
	plan.key = private_key_public(party.key);
	assert_ok(cert_issue(issuer->cert, issuer->key, &plan, &party.cert));
	return party;
}

/* The south is certified under 2.25.7, which it calls 2.25.8. */
static void a_policy_that_is_required_runs_through_the_path(void **state)
{
	static const struct cert_mapping mapping = { "2.25.7", "2.25.8" };
	static const struct cert_policies ours = { 1, { "2.25.7" } }, theirs = { 1, { "2.25.8" } };
	static const char *const policy = "2.25.7", *const wanted[] = { "2.25.9", "2.25.7" };
	const struct cert_limits limits = { .policies = &policy, .policy_count = 1,
					    .mappings = &mapping, .mapping_count = 1 };
	struct pki_party mapped = under(&pki.south, &theirs), other = under(&pki.south, &ours),
			 own = under(&pki.north, &ours);
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(cert_free) const struct cert *held = NULL;
	const struct cert *made = NULL;
	struct cert_plan plan = {
		.subject = pki.south.cert->subject, .key = pki.south.cert->key, .scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR, .not_after = PKI_NOW + PKI_YEAR, .limits = &limits,
	};

	(void)state;
	assert_ok(cert_issue(pki.north.cert, pki.north.key, &plan, &held));
	plan.policies = &ours;
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made), "what it is held to");
	cert_list_free(&pki.cross);
	cert_list_add(&pki.cross, held);
	query.policies = (struct path_policies){ wanted, 2, true, false, false };
	assert_ok(path_verify(&query, mapped.cert, &path));
	assert_int_equal(path->policy_count, 1);
	assert_string_equal(path->policies[0], "2.25.7");
	assert_non_null(strstr(path->explanation, "under the policy 2.25.7"));
	cert_path_free(&path);
	assert_ok(path_verify(&query, own.cert, &path));
	cert_path_free(&path);
	assert_fails(path_verify(&query, other.cert, &path), "no policy that is required runs through");
	assert_fails(path_verify(&query, pki.bob.cert, &path), "no policy that is required runs through");
	query.policies.count = 1;	/* another one */
	assert_fails(path_verify(&query, mapped.cert, &path), "no policy that is required runs through");
	query.policies = (struct path_policies){ 0 };
	assert_ok(path_verify(&query, pki.bob.cert, &path));
	pki_party_free(&mapped);
	pki_party_free(&other);
	pki_party_free(&own);
}

/* Which list of the north was the newest that was believed. */
static struct path_newest newest_seen(void *data, struct bytes issuer)
{
	return bytes_equal(issuer, pki.north.cert->subject) ? *(struct path_newest *)data
							    : (struct path_newest){ 0 };
}

static void a_revocation_list_has_to_be_fresh(void **state)
{
	struct path_query query = pki_query(&pki, &pki.north, SCOPE_UA);
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct path_newest newest = { 1, PKI_NOW - 7200 };

	(void)state;
	query.freshness.max_age = 7200;		/* just as old as it is */
	query.freshness.newest = newest_seen;
	query.freshness.data = &newest;
	assert_ok(path_verify(&query, pki.bob.cert, &path));
	assert_int_equal(path->lists.count, 2);
	assert_int_equal(path->lists.items[1]->number, 1);
	cert_path_free(&path);
	query.freshness.max_age = 3600;
	assert_fails(path_verify(&query, pki.bob.cert, &path),
		     "the revocation list of CN=South CA,O=South,C=IT was made on 2026-09-21 12:13:20 UTC, "
		     "and here it may be no older than 1 h");
	query.freshness.max_age = 0;
	newest = (struct path_newest){ 2, PKI_NOW - 7200 };
	assert_fails(path_verify(&query, pki.bob.cert, &path),
		     "the revocation list of CN=North CA,O=North,C=FR has the number 1, and number 2 was "
		     "seen before: an old one was put in its place");
	newest = (struct path_newest){ 0, PKI_NOW - 7200 };	/* it had no number */
	assert_ok(path_verify(&query, pki.bob.cert, &path));
	cert_path_free(&path);
	newest.made = PKI_NOW - 7199;
	assert_fails(path_verify(&query, pki.bob.cert, &path), "the revocation list of CN=North CA,O=North,C=FR "
		     "was made on 2026-09-21 12:13:20 UTC, and one made on 2026-09-21 12:13:21 UTC was seen before");
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(the_own_authority_is_enough),
		FRESH(a_cross_certificate_leads_to_another_domain),
		FRESH(longer_paths_are_found),
		FRESH(what_is_revoked_is_refused),
		FRESH(without_a_revocation_list_nothing_is_believed),
		FRESH(a_forged_revocation_list_does_not_count),
		FRESH(an_authority_of_the_same_name_is_another),
		FRESH(a_user_is_no_authority),
		FRESH(scope_name_and_address_have_to_be_right),
		FRESH(time_passes),
		FRESH(who_cannot_be_asked_is_asked_later),
		FRESH(an_authority_is_held_to_its_domain),
		FRESH(a_policy_that_is_required_runs_through_the_path),
		FRESH(a_revocation_list_has_to_be_fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
