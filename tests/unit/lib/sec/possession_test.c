/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for keys that cannot sign: who states that he has them, and who cannot. */
#include "lib/sec/possession.h"

#include "lib/base/memory.h"
#include "lib/sec/der.h"
#include "lib/sec/issue.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <openssl/x509.h>
#include <stdlib.h>

static struct pki pki;
static struct private_key *agreeing;	/* X25519 */

static int setup(void **state)
{
	pki_make(&pki);
	assert_ok(private_key_generate(KEY_X25519, &agreeing));
	return scratch_setup(state);
}

static int teardown(void **state)
{
	private_key_free(&agreeing);
	pki_cleanup(&pki);
	return scratch_teardown(state);
}

static struct buf stated_by(const struct pki_party *signer, const struct cert *certificate)
{
	struct buf der = { 0 };

	assert_ok(cert_request_make_stated(private_key_public(agreeing), signer->key, certificate,
					   certificate->or_address, &der));
	return der;
}

static void the_holder_of_a_certificate_states_it(void **state)
{
	AUTO(buf_free) struct buf der = stated_by(&pki.alice, pki.alice.cert);
	AUTO(cert_request_free) struct cert_request *request = NULL;

	(void)state;
	assert_ok(cert_request_decode(buf_view(&der), &request));
	assert_bytes(request->voucher->der, pki.alice.cert->der);
	assert_bytes(request->subject, pki.alice.cert->subject);
	assert_bytes(request->or_address, pki.alice.cert->or_address);
	assert_int_equal(request->scope, SCOPE_UA);
	assert_int_equal(public_key_type(request->key), KEY_X25519);
}

/* What openssl makes of it: the attribute's identifier, and the key. */
static void openssl_reads_it(void **state)
{
	AUTO(buf_free) struct buf der = stated_by(&pki.alice, pki.alice.cert);
	const char *path = scratch_path("request.pem");
	AUTO(mem_free) char *command = mem_printf(
		"openssl req -in %s -noout -text | tr -d '\\n' | grep -q 'X25519.*1.3.6.1.4.1.22112.2.1'", path);

	(void)state;
	assert_ok(cert_request_save(path, buf_view(&der)));
	assert_int_equal(system(command), 0);
}

static void refuse(struct bytes der, const char *words)
{
	AUTO(cert_request_free) struct cert_request *request = NULL;

	assert_fails(cert_request_decode(der, &request), words);
}

static void nobody_else_can(void **state)
{
	AUTO(buf_free) struct buf thief = stated_by(&pki.mallory, pki.alice.cert);
	struct pki_party agreed = pki_certify(&pki.north, "CN=Alice,O=North,C=FR", SCOPE_UA, KEY_X25519,
					      pki.alice.cert->or_address);
	AUTO(buf_free) struct buf by_agreement = stated_by(&pki.alice, agreed.cert);
	AUTO(buf_free) struct buf mallorys = stated_by(&pki.mallory, pki.mallory.cert);
	uint8_t *name;

	(void)state;
	refuse(buf_view(&thief), "its signature is wrong");
	refuse(buf_view(&by_agreement), "is certified for sealing, not for signatures");
	/* The name of the request, not that of the certificate in it, which comes later. */
	name = memmem(mallorys.data, mallorys.len, "Mallory", 7);
	assert_non_null(name);
	memcpy(name, "Malicia", 7);
	refuse(buf_view(&mallorys), "it is signed by CN=Mallory,O=North,C=FR, for somebody else");
	pki_party_free(&agreed);
}

/* The signed part of a request as it is, with a statement or without, signed anew. */
static struct buf sign_with(X509_REQ *request, const struct private_key *key)
{
	struct buf der = { 0 };
	uint8_t *info = NULL;
	int len = i2d_re_X509_REQ_tbs(request, &info);

	assert_ok(crypto_sign_der(key, info, len, &der));
	return der;
}

static X509_REQ *bare(const struct public_key *key)
{
	X509_REQ *request = X509_REQ_new();
	AUTO(auto_X509_NAME) X509_NAME *name = NULL;

	assert_ok(crypto_name(pki.alice.cert->subject, &name));
	assert_int_equal(X509_REQ_set_subject_name(request, name), 1);
	assert_int_equal(X509_REQ_set_pubkey(request, key->pkey), 1);
	return request;
}

static void refuse_request(X509_REQ *request, const struct private_key *signer, const char *words)
{
	AUTO(buf_free) struct buf der = sign_with(request, signer);

	refuse(buf_view(&der), words);
}

static void a_statement_is_for_a_key_that_cannot_sign(void **state)
{
	AUTO(auto_X509_REQ) X509_REQ *alone = bare(private_key_public(agreeing));
	AUTO(auto_X509_REQ) X509_REQ *signing = bare(pki.mallory.cert->key);
	AUTO(auto_X509_REQ) X509_REQ *twice = bare(private_key_public(agreeing));

	(void)state;
	refuse_request(alone, pki.alice.key, "its X25519 key cannot sign, and no certified key");
	possession_state(signing, pki.alice.cert);
	refuse_request(signing, pki.alice.key, "its key can sign for itself");
	possession_state(twice, pki.alice.cert);
	assert_int_equal(X509_ATTRIBUTE_set1_data(X509_REQ_get_attr(twice, 0), V_ASN1_SEQUENCE, "\x30\x00", 2),
			 1);
	refuse_request(twice, pki.alice.key, "states several times");
}

/* A statement that names one certificate and brings another, or none. */
static void a_statement_brings_what_it_names(void **state)
{
	static const struct { const char *name; bool other, none, junk; const char *fails; } cases[] = {
		{ "another", .other = true, .fails = "it names another certificate" },
		{ "none", .none = true, .fails = "is not in it" },
		{ "junk", .junk = true, .fails = "cannot be read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(auto_X509_REQ) X509_REQ *request = bare(private_key_public(agreeing));
		AUTO(buf_free) struct buf statement = { 0 };
		const struct cert *named = cases[i].other ? pki.mallory.cert : pki.alice.cert;

		print_message("  %s\n", cases[i].name);
		buf_put(&statement, named->issuer);
		ber_put(&statement, BER_INTEGER, named->serial);
		ber_wrap(&statement, 0, BER_SEQUENCE);
		if (!cases[i].none)
			buf_put(&statement, pki.alice.cert->der);
		if (cases[i].junk)
			buf_put_u8(&statement, 0);
		ber_wrap(&statement, 0, BER_SEQUENCE);
		assert_int_equal(X509_REQ_add1_attr_by_txt(request, "1.3.6.1.4.1.22112.2.1", V_ASN1_SEQUENCE,
							   statement.data, (int)statement.len), 1);
		refuse_request(request, pki.alice.key, cases[i].fails);
	}
}

static void a_request_that_ends_early_is_none(void **state)
{
	AUTO(buf_free) struct buf der = stated_by(&pki.alice, pki.alice.cert);

	(void)state;
	for (size_t len = 0; len < der.len; len++)
		refuse(bytes_of(der.data, len), "not a certificate request");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_holder_of_a_certificate_states_it),
		cmocka_unit_test(openssl_reads_it),
		cmocka_unit_test(nobody_else_can),
		cmocka_unit_test(a_statement_is_for_a_key_that_cannot_sign),
		cmocka_unit_test(a_statement_brings_what_it_names),
		cmocka_unit_test(a_request_that_ends_early_is_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
