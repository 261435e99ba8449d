/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets what, and who does not because it is another's; with a real authority on disk. */
#include "ca/holder.h"

#include "lib/base/memory.h"
#include "ca/records.h"
#include "lib/mhs/orname.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

enum { DAY = 86400 };

static struct authority *ca;
static struct private_key *own, *other;
static struct arena *arena;

static int setup(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("O=Ministry,C=FR");

	assert_int_equal(scratch_setup(state), 0);
	const struct authority_plan plan = { .key = KEY_P256, .name = buf_view(&name), .now = PKI_NOW,
					     .until = PKI_NOW + 10 * PKI_YEAR };

	arena = arena_new();
	assert_ok(authority_create(scratch_path("."), &plan, &ca));
	assert_ok(private_key_generate(KEY_P256, &own));
	assert_ok(private_key_generate(KEY_ED25519, &other));
	return 0;
}

static int teardown(void **state)
{
	authority_free(&ca);
	private_key_free(&own);
	private_key_free(&other);
	arena_free(&arena);
	return scratch_teardown(state);
}

static struct applicant applicant(const char *name, const char *address,
				  const struct private_key *key)
{
	AUTO(buf_free) struct buf name_der = pki_name(name);
	AUTO(buf_free) struct buf address_der = { 0 };
	struct orname *or_name = NULL;

	if (address) {
		assert_ok(orname_from_text(arena, address, &or_name));
		assert_ok(oraddress_encode(or_name, &address_der));
	}
	return (struct applicant){
		.name = arena_dup(arena, buf_view(&name_der)), .name_text = name,
		.or_address = arena_dup(arena, buf_view(&address_der)),
		.key = private_key_public(key), .scope = SCOPE_UA,
	};
}

static FALLIBLE check(const struct applicant *a, time_t now)
{
	AUTO(holding_cleanup) struct holding holding = { 0 };

	return holder_check(ca, a, now, &holding);
}

#define ALICE	"CN=Alice,O=Ministry,C=FR"
#define ADDRESS	"/S=Alice/PRMD=Gov/ADMD=400net/C=FR/"

/* Alice has a certificate for a year; its serial number. */
static struct bytes alice_has_one(void)
{
	const struct applicant a = applicant(ALICE, ADDRESS, own);
	struct cert_plan plan = { .subject = a.name, .or_address = a.or_address, .key = a.key,
				  .scope = SCOPE_UA, .not_before = PKI_NOW,
				  .not_after = PKI_NOW + PKI_YEAR };
	AUTO(cert_free) const struct cert *cert = NULL;

	assert_ok(check(&a, PKI_NOW));
	assert_ok(authority_issue(ca, &plan, ISSUED_USER, ADDRESS, PKI_NOW, &cert));
	return arena_dup(arena, cert->serial);
}

static void nobody_gets_what_is_another_s(void **state)
{
	struct applicant a = applicant("CN=Bob,C=FR", "/S=Bob/ADMD=400net/C=FR/", other);

	(void)state;
	alice_has_one();
	assert_ok(check(&a, PKI_NOW));
	a = applicant("cn=ALICE,o=ministry,c=fr", "/S=Bob/ADMD=400net/C=FR/", other);
	assert_fails(check(&a, PKI_NOW), "for another key");
	a.is_holder = true;
	assert_ok(check(&a, PKI_NOW));
	a = applicant("CN=Bob,C=FR", "/s=ALICE/p=gov/a=400NET/c=fr/", other);
	assert_fails(check(&a, PKI_NOW), "is that of " ALICE);
	a.is_holder = true;	/* of another name, he is not */
	assert_fails(check(&a, PKI_NOW), "is that of " ALICE);
	a = applicant("CN=Bob,C=FR", "/S=Bob/ADMD=400net/C=FR/", own);
	assert_fails(check(&a, PKI_NOW), "certified already, for " ALICE);
	a = applicant("o=MINISTRY, c=fr", ADDRESS, other);
	assert_fails(check(&a, PKI_NOW), "this authority itself");
}

static void what_has_ended_is_nobody_s(void **state)
{
	const struct applicant by_name = applicant(ALICE, NULL, other);
	const struct applicant by_address = applicant("CN=Bob,C=FR", ADDRESS, other);

	(void)state;
	alice_has_one();
	assert_fails(check(&by_name, PKI_NOW + PKI_YEAR), "for another key");
	assert_ok(check(&by_name, PKI_NOW + PKI_YEAR + 1));
	assert_fails(check(&by_address, PKI_NOW + PKI_YEAR), "is that of");
	assert_ok(check(&by_address, PKI_NOW + PKI_YEAR + 1));
}

static void the_same_key_is_renewed_for_the_same_use(void **state)
{
	AUTO(holding_cleanup) struct holding holding = { 0 };
	struct applicant a = applicant(ALICE, ADDRESS, own);

	(void)state;
	struct bytes serial = alice_has_one();

	assert_ok(holder_check(ca, &a, PKI_NOW, &holding));
	assert_bytes(buf_view(&holding.same), serial);
	a.scope = SCOPE_MS;
	assert_fails(check(&a, PKI_NOW), "another use needs another key");
}

static void what_was_revoked_is_free_but_for_its_key(void **state)
{
	const struct applicant same = applicant(ALICE, ADDRESS, own);
	const struct applicant fresh = applicant(ALICE, ADDRESS, other);

	(void)state;
	struct bytes serial = alice_has_one();

	assert_ok(authority_revoke(ca, serial, REVOKED_HOLD, PKI_NOW));
	assert_fails(check(&same, PKI_NOW), "is suspended");
	assert_fails(check(&fresh, PKI_NOW), "is suspended");
	assert_fails(authority_revoke(ca, serial, REVOKED_HOLD, PKI_NOW), "suspended already");
	assert_ok(authority_release(ca, serial, PKI_NOW));
	assert_fails(authority_release(ca, serial, PKI_NOW), "not suspended");
	assert_ok(check(&same, PKI_NOW));
	assert_ok(authority_revoke(ca, serial, REVOKED_HOLD, PKI_NOW));
	assert_ok(authority_revoke(ca, serial, REVOKED_KEY_COMPROMISE, PKI_NOW + DAY));
	assert_fails(authority_release(ca, serial, PKI_NOW), "revoked for good");
	assert_fails(check(&same, PKI_NOW), "revoked as compromised");
	assert_fails(check(&same, PKI_NOW + 2 * PKI_YEAR), "revoked as compromised");
	assert_ok(check(&fresh, PKI_NOW));
}

static void a_list_is_due_once_something_changed(void **state)
{
	AUTO(crl_free) const struct crl *first = NULL;
	AUTO(crl_free) const struct crl *second = NULL;
	time_t when = 0;
	bool due = false;

	(void)state;
	struct bytes serial = alice_has_one();

	assert_ok(authority_list_due(ca, PKI_NOW, DAY, false, &due));
	assert_true(due);
	assert_ok(authority_list(ca, PKI_NOW, PKI_NOW + 2 * DAY, &first));
	assert_ok(authority_list_due(ca, PKI_NOW + DAY - 1, DAY, false, &due));
	assert_false(due);
	/* Where it is wanted in the directory, it is due until it is there. */
	assert_ok(authority_list_due(ca, PKI_NOW + 1, DAY, true, &due));
	assert_true(due);
	assert_ok(authority_list_published(ca, first->number));
	assert_ok(authority_list_due(ca, PKI_NOW + 1, DAY, true, &due));
	assert_false(due);
	assert_ok(authority_list_due(ca, PKI_NOW + DAY, DAY, false, &due));
	assert_true(due);
	assert_ok(authority_revoke(ca, serial, REVOKED_HOLD, PKI_NOW + 5));
	assert_ok(authority_list_due(ca, PKI_NOW + 5, DAY, false, &due));
	assert_true(due);
	assert_ok(authority_revoke(ca, serial, REVOKED_CESSATION, PKI_NOW + 9));
	assert_ok(authority_list(ca, PKI_NOW + 9, PKI_NOW + 2 * DAY, &second));
	assert_true(second->number == first->number + 1);
	assert_true(crl_find(second, serial, &when) && when == PKI_NOW + 5);	/* since it was held */
}

/* An authority of before there was an index knows its people all the same. */
static void an_older_database_is_completed(void **state)
{
	const struct applicant a = applicant("CN=Bob,C=FR", ADDRESS, other);

	(void)state;
	alice_has_one();
	assert_ok(db_run(ca->db, "UPDATE certificate SET name_key = NULL, address_key = NULL, key_id = NULL"));
	assert_ok(check(&a, PKI_NOW));
	authority_free(&ca);
	assert_ok(authority_open(scratch_path("."), &key_is_plain, &ca));
	assert_fails(check(&a, PKI_NOW), "is that of");
}

#define FRESH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(nobody_gets_what_is_another_s),
		FRESH(what_has_ended_is_nobody_s),
		FRESH(the_same_key_is_renewed_for_the_same_use),
		FRESH(what_was_revoked_is_free_but_for_its_key),
		FRESH(a_list_is_due_once_something_changed),
		FRESH(an_older_database_is_completed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
