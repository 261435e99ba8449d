/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sec/offer.h"

#include "lib/base/file.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

static struct pki pki;

static int make(void **state)
{
	pki_make(&pki);
	return scratch_setup(state);
}

static int drop(void **state)
{
	pki_cleanup(&pki);
	return scratch_teardown(state);
}

/* [X.411 8.5.5] C=DE, as the DER of an ORAddress. */
static const uint8_t germany[] = { 0x30, 0x08, 0x30, 0x06, 0x61, 0x04, 0x13, 0x02, 0x44, 0x45 };

static void test_what_is_asked_for_arrives(void **state)
{
	const char *path = scratch_path("offer");
	AUTO(offer_free) struct offer *offer = NULL;
	AUTO(buf_free) struct buf permitted = pki_name("C=DE");
	AUTO(buf_free) struct buf excluded = pki_name("O=Secret,C=DE");
	const struct bytes address = bytes_of(germany, sizeof germany);
	const struct bytes name = buf_view(&permitted), no_name = buf_view(&excluded);
	const char *const policies[] = { "2.25.7" };
	const struct cert_mapping mapping = { "2.25.7", "2.25.8" };
	const struct cert_limits limits = {
		.has_path_length = true, .path_length = 3, .addresses = &address, .address_count = 1,
		.no_addresses = &address, .no_address_count = 1, .names = &name, .name_count = 1,
		.no_names = &no_name, .no_name_count = 1, .policies = policies, .policy_count = 1,
		.mappings = &mapping, .mapping_count = 1,
	};

	(void)state;
	assert_ok(offer_save(path, pki.south.cert, pki.south.key, NULL, &limits, "Bob\x1b[2J & sons"));
	assert_ok(offer_load(path, &offer));
	assert_bytes(offer->authority->der, pki.south.cert->der);
	assert_null(offer->issued);
	assert_string_equal(offer->description, "Bob?[2J & sons");
	assert_true(offer->limits.has_path_length);
	assert_int_equal(offer->limits.path_length, 3);
	assert_int_equal(offer->limits.address_count, 1);
	assert_bytes(offer->limits.addresses[0], address);
	assert_int_equal(offer->limits.no_address_count, 1);
	assert_bytes(offer->limits.no_addresses[0], address);
	assert_int_equal(offer->limits.name_count, 1);
	assert_bytes(offer->limits.names[0], name);
	assert_int_equal(offer->limits.no_name_count, 1);
	assert_bytes(offer->limits.no_names[0], no_name);
	assert_int_equal(offer->limits.policy_count, 1);
	assert_string_equal(offer->limits.policies[0], "2.25.7");
	assert_int_equal(offer->limits.mapping_count, 1);
	assert_string_equal(offer->limits.mappings[0].issuer, "2.25.7");
	assert_string_equal(offer->limits.mappings[0].subject, "2.25.8");
}

static void test_parts_belong_together(void **state)
{
	const char *path = scratch_path("mixed");
	AUTO(offer_free) struct offer *offer = NULL;
	const struct cert_limits none = { 0 };

	(void)state;
	/* Another's key behind this certificate, and a user's certificate in the place of an authority's. */
	assert_ok(offer_save(path, pki.south.cert, pki.north.key, NULL, &none, NULL));
	assert_fails(offer_load(path, &offer), "or another key");
	assert_ok(offer_save(path, pki.alice.cert, pki.alice.key, NULL, &none, NULL));
	assert_fails(offer_load(path, &offer), "is for UA, not for CA");
	/* What an answer grants has to be from whoever answers. */
	assert_ok(offer_save(path, pki.south.cert, pki.south.key, pki.alice.cert, &none, NULL));
	assert_fails(offer_load(path, &offer), "is from");
	assert_null(offer);
}

static void test_every_shorter_file_is_refused(void **state)
{
	const char *path = scratch_path("short");
	AUTO(buf_free) struct buf pem = { 0 };
	const struct cert_limits none = { 0 };

	(void)state;
	assert_ok(offer_save(path, pki.south.cert, pki.south.key, NULL, &none, NULL));
	assert_ok(file_read(path, 1 << 20, &pem, NULL));
	for (size_t len = 0; len + 1 < pem.len; len += 7) {
		AUTO(offer_free) struct offer *offer = NULL;
		struct status *st = offer_decode(bytes_of(pem.data, len), &offer);

		assert_non_null(st);
		status_free(&st);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_asked_for_arrives),
		cmocka_unit_test(test_parts_belong_together),
		cmocka_unit_test(test_every_shorter_file_is_refused),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
