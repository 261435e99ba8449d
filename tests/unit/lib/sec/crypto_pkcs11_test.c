/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in a token: SoftHSM makes them and keeps them, and what they do is what any key does. */
#include "lib/sec/pkcs11.h"

#include "lib/base/memory.h"
#include "lib/sec/crypto_1989.h"
#include "tests/support/check.h"
#include "tests/support/scratch.h"

#include <stdlib.h>

static bool there;

static int setup(void **state)
{
	const char *conf = NULL;
	AUTO(mem_free) char *make = NULL;

	if (scratch_setup(state))
		return -1;
	conf = scratch_path("softhsm2.conf");
	make = mem_printf("mkdir %s && echo 'directories.tokendir = %s' >%s && "
			  "softhsm2-util --init-token --free --label t --pin 2468 --so-pin 1357 >/dev/null",
			  scratch_path("tokens"), scratch_path("tokens"), conf);
	setenv("SOFTHSM2_CONF", conf, 1);
	there = system("type softhsm2-util >/dev/null 2>&1") == 0;
	return there && system(make) ? -1 : 0;
}

static int teardown(void **state)
{
	AUTO(mem_free) char *clear = mem_printf("rm -rf %s", scratch_path("tokens"));

	return system(clear) ? -1 : scratch_teardown(state);
}

static void need_softhsm(void)
{
	if (!there)
		skip();
}

static void a_key_signs_and_opens(void **state)
{
	static const struct { enum key_type type; const char *uri; } made[] = {
		{ KEY_P256, "pkcs11:token=t;object=elliptic" },
		{ KEY_RSA, "pkcs11:token=t;object=rsa" },
	};
	const struct bytes part = BYTES("a statement");

	(void)state;
	need_softhsm();
	for (size_t i = 0; i < 2; i++) {
		AUTO(private_key_free) struct private_key *key = NULL, *again = NULL;
		AUTO(buf_free) struct buf signature = { 0 };

		assert_ok(pkcs11_key_generate(made[i].uri, BYTES("2468"), made[i].type, &key));
		private_key_free(&key);
		assert_ok(pkcs11_key_open(made[i].uri, BYTES("2468"), &again));
		assert_int_equal(public_key_type(private_key_public(again)), made[i].type);
		assert_ok(crypto_sign(again, &part, 1, &signature));
		assert_ok(crypto_verify(private_key_public(again), crypto_signature_algorithm(made[i].type),
					&part, 1, buf_view(&signature)));
		assert_fails(private_key_save(scratch_path("out.pem"), again, bytes_none()),
			     "does not leave where it is");
	}
}

static void a_key_is_destroyed(void **state)
{
	const char *uri = "pkcs11:token=t;object=brief", *path = scratch_path("brief.key");
	const struct secret pin = { (uint8_t[]){ '2', '4', '6', '8' }, 4 };
	const struct key_opening opening = { .known = &pin };
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(mem_free) char *said = NULL;

	(void)state;
	need_softhsm();
	assert_ok(private_key_create(path, uri, KEY_P256, BYTES("2468"), &key));
	private_key_free(&key);
	assert_ok(private_key_uri(path, &said));
	assert_string_equal(said, uri);
	assert_ok(private_key_destroy(path, &opening));
	assert_fails(pkcs11_key_open(uri, BYTES("2468"), &key), "no such private key");
	assert_ok(private_key_destroy(path, &opening));
	/* The token's half may have gone before its file. */
	assert_ok(private_key_create(path, uri, KEY_P256, BYTES("2468"), &key));
	private_key_free(&key);
	assert_ok(pkcs11_key_destroy(uri, BYTES("2468")));
	assert_ok(private_key_destroy(path, &opening));
	mem_free(&said);
	assert_ok(private_key_uri(path, &said));
	assert_null(said);
}

static void a_token_agrees_on_keys(void **state)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(buf_free) struct buf sealed = { 0 };
	AUTO(secret_free) struct secret plain = { 0 };
	struct bytes algorithm;

	(void)state;
	need_softhsm();
	assert_ok(pkcs11_key_open("pkcs11:token=t;object=elliptic", BYTES("2468"), &key));
	assert_ok(transport_seal(private_key_public(key), BYTES("a content key"), &algorithm, &sealed));
	assert_ok(transport_open(key, algorithm, buf_view(&sealed), &plain));
	assert_bytes(secret_view(&plain), BYTES("a content key"));
	sealed.data[sealed.len - 1] ^= 1;
	assert_fails(transport_open(key, algorithm, buf_view(&sealed), &plain), "not for this key");
}

static void an_rsa_key_does_what_1989_wants(void **state)
{
	AUTO(private_key_free) struct private_key *key = NULL;
	AUTO(buf_free) struct buf sealed = { 0 };
	AUTO(secret_free) struct secret plain = { 0 };

	(void)state;
	need_softhsm();
	assert_ok(pkcs11_key_open("pkcs11:token=t;object=rsa", BYTES("2468"), &key));
	assert_ok(rsa_seal(private_key_public(key), BYTES("deskey!!"), &sealed));
	assert_ok(rsa_open(key, buf_view(&sealed), &plain));
	assert_bytes(secret_view(&plain), BYTES("deskey!!"));
}

static void what_cannot_be_had_is_told(void **state)
{
	static const struct { const char *uri, *pin, *fails; } cases[] = {
		{ "pkcs11:token=t;object=elliptic", "1111", "the PIN does not open the token" },
		{ "pkcs11:token=u;object=elliptic", "2468", "there is no such token" },
		{ "pkcs11:token=t;object=nothing", "2468", "the token has no such private key" },
		{ "pkcs11:token=t", "2468", "several such keys" },
		{ "pkcs11:token=%zz", "2468", "is no PKCS #11 URI" },
		{ "pkcs11:token=t;object=elliptic?pin-value=2468", "2468", "does not belong in a URI" },
		{ "pkcs11:token=t;object=elliptic?module-path=/none.so", "2468", "cannot be loaded" },
	};
	AUTO(private_key_free) struct private_key *key = NULL;

	(void)state;
	need_softhsm();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_fails(pkcs11_key_open(cases[i].uri, bytes_text(cases[i].pin), &key), cases[i].fails);
	assert_fails(pkcs11_key_generate("pkcs11:token=t;object=rsa", BYTES("2468"), KEY_P256, &key),
		     "has a key of this name already");
	assert_fails(pkcs11_key_generate("pkcs11:token=t", BYTES("2468"), KEY_P256, &key),
		     "has to name the key");
	assert_fails(pkcs11_key_generate("pkcs11:token=t;object=ed", BYTES("2468"), KEY_ED25519, &key),
		     "P-256 or RSA keys only");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_signs_and_opens),
		cmocka_unit_test(a_key_is_destroyed),
		cmocka_unit_test(a_token_agrees_on_keys),
		cmocka_unit_test(an_rsa_key_does_what_1989_wants),
		cmocka_unit_test(what_cannot_be_had_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
