/* SPDX-License-Identifier: Apache-2.0 */
/* One's own keys: where they lie, which of them count, and which one signs. */
#include "lib/mhs/own_keys.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

enum { DAY = 24 * 3600 };

static struct pki pki;

static int setup(void **state)
{
	pki_make(&pki);
	return scratch_setup(state);
}

static int teardown(void **state)
{
	pki_cleanup(&pki);
	return scratch_teardown(state);
}

/* A key in a place, certified for these days, or not where they are the same. */
static void lay(const struct key_place *place, enum key_type type, enum scope scope, int from, int to)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(cert_free) const struct cert *cert = NULL;
	struct cert_plan plan = {
		.subject = pki.alice.cert->subject, .scope = scope,
		.not_before = PKI_NOW + from * DAY, .not_after = PKI_NOW + to * DAY,
	};

	assert_ok(private_key_generate(type, &key));
	assert_ok(private_key_save(place->key, key, bytes_none()));
	plan.key = private_key_public(key);
	if (from == to)
		return;
	assert_ok(cert_issue(pki.north.cert, pki.north.key, &plan, &cert));
	assert_ok(cert_save(place->certificate, cert));
}

static void remove_places(const struct key_places *places, const char *folder)
{
	for (size_t i = 0; i < places->count; i++) {
		unlink(places->items[i].key);
		unlink(places->items[i].certificate);
	}
	rmdir(folder);
}

static void the_newest_that_is_valid_signs(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(own_keys_free) struct own_keys keys = { 0 };
	const char *folder = arena_strdup(arena, scratch_path("keys"));
	const struct key_place first = { arena_strdup(arena, scratch_path("key.pem")),
					 arena_strdup(arena, scratch_path("cert.pem")) };
	static const struct { enum key_type type; int from, to; } further[] = {
		{ KEY_ED25519, -10, 10 },
		{ KEY_X25519, -5, 10 },		/* newer, and does not sign */
		{ KEY_P256, 5, 20 },		/* still to come */
		{ KEY_P256, 0, 0 },		/* waits for its certificate */
	};
	struct key_places places;

	(void)state;
	lay(&first, KEY_P256, SCOPE_UA, -100, 2);
	for (size_t i = 0; i < sizeof(further) / sizeof(further[0]); i++) {
		struct key_place place;

		assert_ok(key_place_new(arena, folder, &place));
		lay(&place, further[i].type, SCOPE_UA, further[i].from, further[i].to);
	}
	assert_ok(file_create(arena_printf(arena, "%s/.9.key", folder), 0600, BYTES("hidden")));
	assert_ok(file_create(arena_printf(arena, "%s/note", folder), 0600, BYTES("no key")));
	assert_ok(key_places_find(arena, &first, folder, &places));
	assert_int_equal(places.count, 5);
	assert_string_equal(places.items[0].key, first.key);
	assert_ok(own_keys_load(&keys, &places, &key_is_plain, SCOPE_UA));
	assert_int_equal(keys.count, 4);

	const struct own_key *signer = own_keys_signer(&keys, PKI_NOW);

	assert_int_equal(public_key_type(signer->cert->key), KEY_ED25519);
	assert_bytes(public_key_id(private_key_public(signer->key)), public_key_id(signer->cert->key));
	signer = own_keys_signer(&keys, PKI_NOW + 6 * DAY);
	assert_true(signer->cert->not_before == PKI_NOW + 5 * DAY);
	signer = own_keys_signer(&keys, PKI_NOW - 50 * DAY);
	assert_true(signer->cert->not_after == PKI_NOW + 2 * DAY);
	/* Where none is valid the newest is: its reader says why it is of no use. */
	signer = own_keys_signer(&keys, PKI_NOW + 50 * DAY);
	assert_true(signer->cert->not_before == PKI_NOW + 5 * DAY);
	unlink(arena_printf(arena, "%s/.9.key", folder));
	unlink(arena_printf(arena, "%s/note", folder));
	remove_places(&places, folder);
}

static void what_does_not_belong_together_is_refused(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(own_keys_free) struct own_keys keys = { 0 };
	const char *folder = arena_strdup(arena, scratch_path("wrong"));
	struct key_place none = { "", "" }, place;
	struct key_places places;

	(void)state;
	assert_ok(key_places_find(arena, &none, folder, &places));
	assert_int_equal(places.count, 0);
	assert_ok(key_places_find(arena, &none, NULL, &places));
	assert_int_equal(places.count, 0);
	assert_ok(key_place_new(arena, folder, &place));
	lay(&place, KEY_P256, SCOPE_MS, -1, 1);
	assert_ok(key_places_find(arena, &none, folder, &places));
	assert_fails(own_keys_load(&keys, &places, &key_is_plain, SCOPE_UA), "is for MS, not for UA");
	assert_ok(cert_save(place.certificate, pki.alice.cert));
	assert_fails(own_keys_load(&keys, &places, &key_is_plain, SCOPE_UA),
		     "is not for the key that lies beside it");
	assert_int_equal(keys.count, 0);
	assert_null(own_keys_signer(&keys, PKI_NOW));
	remove_places(&places, folder);
}

static void there_are_not_too_many(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *folder = arena_strdup(arena, scratch_path("many"));
	struct key_place none = { "", "" };
	struct key_places places;

	(void)state;
	for (int i = 0; i <= OWN_KEYS_MAX; i++) {
		struct key_place place;

		assert_ok(key_place_new(arena, folder, &place));
		assert_ok(file_create(place.key, 0600, BYTES("x")));
	}
	assert_fails(key_places_find(arena, &none, folder, &places), "more than 32 keys");
	for (int i = 0; i <= OWN_KEYS_MAX; i++)
		unlink(arena_printf(arena, "%s/%d.key", folder, i + 2));
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_that_is_valid_signs),
		cmocka_unit_test(what_does_not_belong_together_is_refused),
		cmocka_unit_test(there_are_not_too_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
