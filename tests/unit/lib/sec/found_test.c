/* SPDX-License-Identifier: Apache-2.0 */
/* The outside of certificates: it says what the whole says, and no octet is read past the end. */
#include "lib/sec/found.h"

#include "tests/support/check.h"
#include "tests/support/pki.h"

static struct pki pki;

static const struct cert_found *read_found(const struct cert *cert)
{
	const struct cert_found *found = NULL;

	assert_ok(cert_found_read(cert->der, &found));
	return found;
}

static void it_says_what_the_certificate_says(void **state)
{
	const struct cert *certs[] = { pki.north.cert, pki.alice.cert, pki.carol.cert, pki.bob_ms.cert };

	(void)state;
	for (size_t i = 0; i < sizeof(certs) / sizeof(certs[0]); i++) {
		AUTO(cert_found_free) const struct cert_found *found = read_found(certs[i]);
		const struct cert *whole = NULL, *again = NULL;

		assert_bytes(found->der, certs[i]->der);
		assert_bytes(found->subject, certs[i]->subject);
		assert_bytes(found->issuer, certs[i]->issuer);
		assert_bytes(found->key, public_key_spki(certs[i]->key));
		assert_bytes(found->key_id, public_key_id(certs[i]->key));
		assert_int_equal(found->authority, certs[i]->scope == SCOPE_CA);
		assert_ok(cert_found_decode(found, &whole));
		assert_bytes(whole->fingerprint, certs[i]->fingerprint);
		assert_ok(cert_found_decode(found, &again));
		assert_ptr_equal(whole, again);
	}
}

static void it_says_who_may_have_signed_whom(void **state)
{
	AUTO(cert_found_free) const struct cert_found *north = read_found(pki.north.cert);
	AUTO(cert_found_free) const struct cert_found *south = read_found(pki.south.cert);
	AUTO(cert_found_free) const struct cert_found *alice = read_found(pki.alice.cert);
	AUTO(cert_found_free) const struct cert_found *cross = read_found(pki.cross.items[0]);
	struct pki other = { 0 };

	(void)state;
	assert_true(cert_found_issued(north, alice));
	assert_true(cert_found_issued(north, north));
	assert_true(cert_found_issued(north, cross));
	assert_false(cert_found_issued(south, alice));
	assert_false(cert_found_issued(alice, north));
	assert_true(cert_found_same_subject(south, cross));
	assert_false(cert_found_same_subject(north, south));
	/* Others of the same names have other keys. */
	pki_make(&other);
	AUTO(cert_found_free) const struct cert_found *thief = read_found(other.north.cert);
	assert_false(cert_found_issued(thief, alice));
	assert_false(cert_found_same_subject(thief, north));
	pki_cleanup(&other);
}

/* The same name, spelt otherwise, has the same hash; and one more letter another. */
static void names_are_compared_as_names(void **state)
{
	static const struct { const char *name; bool same; } cases[] = {
		{ "cn=north ca,o=NORTH,c=fr", true }, { "CN=North  CA,O=North,C=FR", true },
		{ "CN=North CA 2,O=North,C=FR", false }, { "O=North,CN=North CA,C=FR", false },
	};
	AUTO(cert_found_free) const struct cert_found *alice = read_found(pki.alice.cert);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pki_party other = pki_certify(&pki.south, cases[i].name, SCOPE_CA, KEY_P256,
						     bytes_none());
		AUTO(cert_found_free) const struct cert_found *found = read_found(other.cert);

		assert_int_equal(found->subject_hash == alice->issuer_hash, cases[i].same);
		assert_false(cert_found_issued(found, alice));	/* as the key is another */
		pki_party_free(&other);
	}
}

static void what_is_cut_off_is_refused(void **state)
{
	(void)state;
	for (size_t len = 0; len < pki.alice.cert->der.len; len++) {
		AUTO(buf_free) struct buf part = buf_copy(bytes_slice(pki.alice.cert->der, 0, len));
		const struct cert_found *found = NULL;

		assert_fails(cert_found_read(buf_view(&part), &found), "not a certificate");
	}
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_what_the_certificate_says),
		cmocka_unit_test(it_says_who_may_have_signed_whom),
		cmocka_unit_test(names_are_compared_as_names),
		cmocka_unit_test(what_is_cut_off_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
