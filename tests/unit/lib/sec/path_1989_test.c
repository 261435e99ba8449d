/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of certificates of 1988: each refusal, and what passes without the harm. */
#include "lib/sec/path_1989.h"

#include "lib/base/memory.h"
#include "lib/sec/cert_1989.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"

static struct pki pki;
static struct pki_party north, south;	/* authorities of 1988 */
static struct pki_party ann;		/* a user of the south */

static void publish_lists(void)
{
	pki_publish_crl(&pki, &pki.north, NULL, PKI_NOW + PKI_YEAR / 2);
	pki_publish_crl(&pki, &north, NULL, PKI_NOW + PKI_YEAR / 2);
	pki_publish_crl(&pki, &south, NULL, PKI_NOW + PKI_YEAR / 2);
}

static int setup(void **state)
{
	struct pki_party cross;

	(void)state;
	pki_make(&pki);
	north = pki_authority_1989("CN=Old North,C=FR");
	south = pki_authority_1989("CN=Old South,C=IT");
	ann = pki_certify(&south, "CN=Ann,C=IT", SCOPE_UA, KEY_RSA, bytes_none());
	cross = pki_certify(&north, "CN=Old South,C=IT", SCOPE_CA, KEY_RSA, bytes_none());
	cert_list_add(&pki.cross, cross.cert);
	cert_list_add(&pki.users, ann.cert);
	publish_lists();
	pki_party_free(&cross);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pki_party_free(&north);
	pki_party_free(&south);
	pki_party_free(&ann);
	pki_cleanup(&pki);
	return 0;
}

static struct path_query query_of(const struct pki_party *anchor)
{
	struct path_query query = pki_query(&pki, anchor, SCOPE_UA);

	query.allow_broken_1989 = true;
	return query;
}

static void refused(const struct path_query *query, const struct cert *cert, const char *words)
{
	struct cert_path *path = NULL;
	struct status *failed = path_verify(query, cert, &path);

	assert_non_null(failed);
	assert_int_equal(failed->kind, ST_REFUSED);
	assert_fails(failed, words);
}

static void passes(const struct path_query *query, const struct cert *cert, size_t length)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;

	assert_ok(path_verify(query, cert, &path));
	assert_int_equal(path->chain.count, length);
}

static void only_the_setting_allows_it(void **state)
{
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(buf_free) struct buf name = pki_name("cn=ann, c=it");
	struct path_query query = query_of(&north);

	(void)state;
	query.allow_broken_1989 = false;
	refused(&query, ann.cert, "only the setting allow-broken-1989 = yes would allow it");
	query.allow_broken_1989 = true;
	query.name = buf_view(&name);
	assert_ok(path_find(&query, &path));
	assert_int_equal(path->chain.count, 3);
	assert_true(path->valid_until == PKI_NOW + PKI_YEAR / 2);
	assert_non_null(strstr(path->explanation, "CN=Ann,C=IT is certified as UA by CN=Old South,C=IT"));
	assert_non_null(strstr(path->explanation, "CN=Old South,C=IT is certified as CA by CN=Old North,C=FR"));
	assert_non_null(strstr(path->explanation, "BROKEN: signed with the square-mod-n hash of 1988"));
}

static void each_octet_is_signed(void **state)
{
	struct path_query query = query_of(&south);
	AUTO(buf_free) struct buf der = buf_copy(ann.cert->der);
	AUTO(cert_free) const struct cert *harmed = NULL, *forged = NULL;

	(void)state;
	der.data[der.len - 1] ^= 1;
	assert_ok(cert_decode(buf_view(&der), &harmed));
	refused(&query, harmed, "the certificate of CN=Ann,C=IT was not signed by CN=Old South,C=IT");
	der.data[der.len - 1] ^= 1;
	uint8_t *at = memmem(der.data, der.len, "Ann", 3);
	assert_non_null(at);
	*at = 'U';
	assert_ok(cert_decode(buf_view(&der), &forged));
	refused(&query, forged, "the certificate of CN=Unn,C=IT was not signed by CN=Old South,C=IT");
	passes(&query, ann.cert, 2);
	query.sqmodn = SQMODN_BARE;
	refused(&query, ann.cert, "the certificate of CN=Ann,C=IT was not signed by CN=Old South,C=IT");
}

/* Ann's key under the name of the south: another modulus, and so another hash. */
static struct pki_party false_south(void)
{
	struct pki_party thief = { .key = ann.key };
	const struct cert_plan plan = {
		.subject = south.cert->subject,
		.key = private_key_public(ann.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - 60,
		.not_after = PKI_NOW + PKI_YEAR,
		.form_1989 = true,
	};

	assert_ok(cert_issue(NULL, ann.key, &plan, &thief.cert));
	return thief;
}

static void the_modulus_is_the_authoritys(void **state)
{
	struct path_query query = query_of(&south);
	struct pki_party thief = false_south();
	struct pki_party eve = { .key = ann.key };
	const struct cert_plan plan = {
		.subject = ann.cert->subject,
		.key = private_key_public(ann.key),
		.scope = SCOPE_UA,
		.not_before = PKI_NOW - 60,
		.not_after = PKI_NOW + 60,
	};

	(void)state;
	assert_ok(cert_issue(thief.cert, ann.key, &plan, &eve.cert));
	refused(&query, eve.cert, "the certificate of CN=Ann,C=IT was not signed by CN=Old South,C=IT");
	pki_party_free(&eve);
	assert_ok(cert_issue(south.cert, south.key, &plan, &eve.cert));
	passes(&query, eve.cert, 2);
	pki_party_free(&eve);
	pki_party_free(&thief);
}

static void a_key_is_for_one_use(void **state)
{
	struct path_query query = query_of(&south);
	struct pki_party store = pki_certify(&south, "CN=Ann,C=IT", SCOPE_MS, KEY_RSA, bytes_none());

	(void)state;
	refused(&query, store.cert, "the certificate of CN=Ann,C=IT is for MS, not for UA");
	query.scope = SCOPE_MS;
	passes(&query, store.cert, 2);
	refused(&query, ann.cert, "the certificate of CN=Ann,C=IT is for UA, not for MS");
	pki_party_free(&store);
}

/* Ann, who is a user, signs as an authority. */
static void a_user_is_no_authority(void **state)
{
	struct pki_party self = { .key = ann.key }, eve;
	struct cert_plan plan = {
		.subject = ann.cert->subject,
		.key = private_key_public(ann.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
		.form_1989 = true,
	};
	struct path_query query = query_of(&south);
	size_t had = pki.cross.count;

	(void)state;
	assert_ok(cert_issue(NULL, ann.key, &plan, &self.cert));
	eve = pki_certify(&self, "CN=Ann,C=IT", SCOPE_UA, KEY_RSA, bytes_none());
	pki_publish_crl(&pki, &self, NULL, PKI_NOW + 60);
	cert_list_add(&pki.cross, ann.cert);
	refused(&query, eve.cert, "no path from CN=Old South,C=IT to CN=Ann,C=IT");
	query = query_of(&ann);
	refused(&query, eve.cert, "the certificate of CN=Ann,C=IT is for UA, not for CA");
	query = query_of(&self);
	passes(&query, eve.cert, 2);
	cert_free(&pki.cross.items[had]);
	pki.cross.count = had;
	pki_party_free(&eve);
	pki_party_free(&self);
}

static void the_dates_count(void **state)
{
	struct path_query query = query_of(&south);

	(void)state;
	query.now = PKI_NOW + PKI_YEAR + 1;
	refused(&query, ann.cert, "the certificate of CN=Ann,C=IT expired on");
	query.now = PKI_NOW - PKI_YEAR - 1;
	refused(&query, ann.cert, "the certificate of CN=Ann,C=IT is not valid before");
}

static void what_is_revoked_is_refused(void **state)
{
	struct path_query query = query_of(&north);

	(void)state;
	pki_publish_crl(&pki, &south, ann.cert, PKI_NOW + PKI_YEAR / 2);
	refused(&query, ann.cert, "the certificate of CN=Ann,C=IT was revoked on 2026-09-21 13:13:20 UTC");
	publish_lists();
	passes(&query, ann.cert, 3);
	pki_publish_crl(&pki, &north, pki.cross.items[pki.cross.count - 1], PKI_NOW + PKI_YEAR / 2);
	refused(&query, ann.cert, "the certificate of CN=Old South,C=IT was revoked on");
	publish_lists();
}

/* As pki_publish_crl, at the side of what is there. */
static void add_list(const struct pki_party *ca, time_t made, time_t next)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	const struct crl_plan plan = { .number = 1, .this_update = made, .next_update = next };

	assert_ok(crl_issue(ca->cert, ca->key, &plan, &crl));
	crl_list_add(&pki.crls, crl);
}

static void a_list_has_to_be_there_and_right(void **state)
{
	struct path_query query = query_of(&south);
	struct pki_party thief = false_south();

	(void)state;
	pki_publish_crl(&pki, &south, NULL, PKI_NOW - 60);
	refused(&query, ann.cert, "the revocation list of CN=Old South,C=IT is out of date since");
	crl_list_free(&pki.crls);
	refused(&query, ann.cert, "CN=Old South,C=IT has no revocation list");
	add_list(&south, PKI_NOW + 60, PKI_NOW + 120);
	refused(&query, ann.cert, "which is yet to come");
	crl_list_free(&pki.crls);
	add_list(&thief, PKI_NOW - 60, PKI_NOW + 60);
	refused(&query, ann.cert, "the revocation list of CN=Old South,C=IT was not signed by it");
	add_list(&south, PKI_NOW - 60, PKI_NOW + 60);	/* a false one beside the right one */
	passes(&query, ann.cert, 2);
	query.freshness.max_age = 30;
	refused(&query, ann.cert, "and here it may be no older than");
	query.freshness.max_age = 0;
	query.source = NULL;
	refused(&query, ann.cert, "CN=Old South,C=IT has no revocation list");
	publish_lists();
	pki_party_free(&thief);
}

static bool directory_says;

static FALLIBLE has_address(void *data, struct bytes name, struct bytes or_address, bool *out_has)
{
	(void)data;
	assert_bytes(name, ann.cert->subject);
	assert_bytes(or_address, BYTES("an address"));
	*out_has = directory_says;
	return OK;
}

static void names_are_compared_and_addresses_looked_up(void **state)
{
	AUTO(buf_free) struct buf other = pki_name("CN=Ben,C=IT");
	struct path_query query = query_of(&south);
	struct cert_source source = pki.source;

	(void)state;
	query.name = buf_view(&other);
	refused(&query, ann.cert, "the certificate is for CN=Ann,C=IT, not for CN=Ben,C=IT");
	query.name = ann.cert->subject;
	passes(&query, ann.cert, 2);
	query.or_address = BYTES("an address");
	refused(&query, ann.cert, "is of 1988 and says no O/R address");
	source.has_address = has_address;
	query.source = &source;
	refused(&query, ann.cert, "the directory does not say this one");
	directory_says = true;
	passes(&query, ann.cert, 2);
}

static void forms_are_not_mixed(void **state)
{
	struct path_query query = query_of(&pki.north);
	AUTO(cert_free) const struct cert *modern = NULL;
	size_t had = pki.cross.count;
	const struct cert_plan plan = {
		.subject = south.cert->subject,
		.key = private_key_public(south.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - 60,
		.not_after = PKI_NOW + PKI_YEAR / 2,
	};

	(void)state;
	assert_ok(cert_issue(pki.north.cert, pki.north.key, &plan, &modern));
	assert_false(modern->form_1989);
	cert_list_add(&pki.cross, modern);
	refused(&query, ann.cert, "is none of 1988, and others of the path are");
	cert_free(&pki.cross.items[had]);
	pki.cross.count = had;
	passes(&query, pki.alice.cert, 2);	/* what is of today stays as it is */
}

static void policies_need_a_certificate_of_today(void **state)
{
	struct path_query query = query_of(&south);

	(void)state;
	query.policies.explicit_policy = true;
	refused(&query, ann.cert, "a certificate of 1988 says nothing of policies");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_setting_allows_it),
		cmocka_unit_test(each_octet_is_signed),
		cmocka_unit_test(the_modulus_is_the_authoritys),
		cmocka_unit_test(a_key_is_for_one_use),
		cmocka_unit_test(a_user_is_no_authority),
		cmocka_unit_test(the_dates_count),
		cmocka_unit_test(what_is_revoked_is_refused),
		cmocka_unit_test(a_list_has_to_be_there_and_right),
		cmocka_unit_test(names_are_compared_and_addresses_looked_up),
		cmocka_unit_test(forms_are_not_mixed),
		cmocka_unit_test(policies_need_a_certificate_of_today),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
