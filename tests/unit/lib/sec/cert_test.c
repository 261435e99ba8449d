/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, requests and revocation lists: made, read again, and judged by openssl(1). */
#include "lib/sec/issue.h"

#include "lib/base/file.h"
#include "lib/base/memory.h"
#include "lib/sec/token.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"

#include <stdlib.h>

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

/* Runs openssl with its words shown, and says whether it was content. */
__attribute__((format(printf, 1, 2)))
static bool openssl(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	AUTO(mem_free) char *words = mem_vprintf(format, args);
	va_end(args);
	AUTO(mem_free) char *command = mem_printf("openssl %s 2>&1", words);
	print_message("  %s\n", command);
	return system(command) == 0;
}

static void a_certificate_says_what_it_was_made_to_say(void **state)
{
	const struct cert *cert = pki.alice.cert;
	AUTO(buf_free) struct buf name = pki_name("CN=Alice,O=North,C=FR");
	AUTO(buf_free) struct buf address = hex("300a a508 6306 1304 4652 4f4e");
	AUTO(cert_free) const struct cert *again = NULL;

	(void)state;
	assert_bytes(cert->subject, buf_view(&name));
	assert_string_equal(cert->issuer_text, "CN=North CA,O=North,C=FR");
	assert_bytes(cert->or_address, buf_view(&address));
	assert_int_equal(cert->scope, SCOPE_UA);
	assert_true(cert->not_before == PKI_NOW - PKI_YEAR && cert->not_after == PKI_NOW + PKI_YEAR);
	assert_bytes(public_key_id(cert->key), public_key_id(private_key_public(pki.alice.key)));
	assert_int_equal(cert->serial.len, 16);
	assert_int_equal(strlen(cert->serial_text), 32);
	assert_ok(cert_decode(cert->der, &again));
	assert_bytes(again->fingerprint, cert->fingerprint);
	assert_int_equal(pki.bob.cert->or_address.len, 0);
	assert_int_equal(pki.bob_ms.cert->scope, SCOPE_MS);
	assert_int_equal(pki.south_mta.cert->scope, SCOPE_MTA);
	assert_int_equal(pki.north.cert->scope, SCOPE_CA);
}

static void what_makes_no_sense_is_not_issued(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Dave,C=FR");
	const struct cert_plan good = {
		.subject = buf_view(&name), .key = private_key_public(pki.bob.key), .scope = SCOPE_UA,
		.not_before = PKI_NOW, .not_after = PKI_NOW + 60,
	};
	AUTO(cert_free) const struct cert *made = NULL;
	struct cert_plan plan = good;

	(void)state;
	plan.subject = bytes_none();
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made), "a directory name is needed");
	plan = good;
	plan.not_after = PKI_NOW;
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made), "before it begins");
	plan.not_after = PKI_NOW + 2 * PKI_YEAR;
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made), "would outlive");
	plan = good;
	plan.scope = SCOPE_NONE;
	assert_fails(cert_issue(pki.north.cert, pki.north.key, &plan, &made), "has to say what it is for");
	assert_fails(cert_issue(pki.north.cert, pki.south.key, &good, &made),
		     "the private key is not the one of CN=North CA,O=North,C=FR");
	assert_fails(cert_issue(NULL, pki.bob.key, &good, &made), "only an authority can vouch for itself");
}

static void a_request_proves_its_key(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Alice,O=North,C=FR"), der = { 0 };
	AUTO(cert_request_free) struct cert_request *request = NULL;
	const char *path = scratch_path("request.pem");

	(void)state;
	assert_ok(cert_request_make(pki.alice.key, buf_view(&name), pki.alice.cert->or_address, SCOPE_UA,
				    &der));
	assert_ok(cert_request_save(path, buf_view(&der)));
	assert_true(openssl("req -in %s -verify -noout", path));
	assert_ok(cert_request_load(path, &request));
	assert_string_equal(request->subject_text, "CN=Alice,O=North,C=FR");
	assert_bytes(request->or_address, pki.alice.cert->or_address);
	assert_int_equal(request->scope, SCOPE_UA);
	assert_bytes(public_key_id(request->key), public_key_id(pki.alice.cert->key));
	cert_request_free(&request);
	der.data[der.len - 1] ^= 1;
	assert_fails(cert_request_decode(buf_view(&der), &request), "its signature is wrong");
	for (size_t len = 0; len < der.len; len++)
		assert_fails(cert_request_decode(bytes_of(der.data, len), &request),
			     "not a certificate request");
}

static void a_list_knows_whom_it_revokes(void **state)
{
	time_t when = 0;

	(void)state;
	pki_publish_crl(&pki, &pki.south, pki.bob.cert, PKI_NOW + PKI_YEAR);
	const struct crl *crl = pki.crls.items[pki.crls.count - 1];
	assert_true(crl_find(crl, pki.bob.cert->serial, &when));
	assert_true(when == PKI_NOW - 3600);
	assert_false(crl_find(crl, pki.carol.cert->serial, &when));
	assert_false(crl_find(crl, bytes_none(), &when));
	assert_string_equal(crl->issuer_text, "CN=South CA,O=South,C=IT");
	assert_int_equal(crl->revoked_count, 1);
	assert_true(crl->next_update == PKI_NOW + PKI_YEAR);
	assert_true(crl->number == 1);
}

static void openssl_agrees(void **state)
{
	const char *anchor = scratch_path("anchor.pem"), *cross = scratch_path("cross.pem");
	const char *north_crl = scratch_path("north.pem"), *south_crl = scratch_path("south.pem");
	const char *user = scratch_path("user.pem"), *text = scratch_path("text");
	AUTO(mem_free) char *verify = mem_printf(
		"verify -attime %d -purpose any -crl_check_all -CAfile %s -untrusted %s -CRLfile %s "
		"-CRLfile %s %s", PKI_NOW, anchor, cross, north_crl, south_crl, user);

	(void)state;
	assert_ok(cert_save(anchor, pki.north.cert));
	assert_ok(cert_save(cross, pki.cross.items[0]));
	pki_publish_crl(&pki, &pki.south, pki.bob.cert, PKI_NOW + PKI_YEAR);
	for (size_t i = 0; i < pki.crls.count; i++)
		assert_ok(crl_save(strstr(pki.crls.items[i]->issuer_text, "North") ? north_crl : south_crl,
				   pki.crls.items[i]));
	const struct cert *const good[] = { pki.carol.cert, pki.bob_ms.cert, pki.south_mta.cert };
	for (size_t i = 0; i < 3; i++) {
		assert_ok(cert_save(user, good[i]));
		assert_true(openssl("%s", verify));
	}
	assert_ok(cert_save(user, pki.bob.cert));
	assert_false(openssl("%s", verify));	/* revoked */
	assert_true(openssl("crl -in %s -CAfile %s -noout", north_crl, anchor));
	assert_true(openssl("x509 -in %s -text -noout -out %s", user, text));
}

/* Somebody with nothing of ours verifies a token: the signed octets, the signature, the key. */
static void openssl_verifies_a_token(void **state)
{
	const char *tbs = scratch_path("tbs"), *signature = scratch_path("signature");
	const char *cert = scratch_path("cert.pem"), *key = scratch_path("key.pem");
	const struct token_plan plan = {
		.name = BYTES("\x60\x02\x30\x00"), .time = PKI_NOW,
		.signed_data = { TOKEN_DATA_BIND_SIGNED, BYTES("\x03\x02\x00\x01") },
	};
	static const struct {
		const struct pki_party *by;
		const char *how;
	} cases[] = {
		{ &pki.alice, "dgst -sha256 -verify" },
		{ &pki.carol, "dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -verify" },
		{ &pki.bob_ms, "pkeyutl -verify -rawin -pubin -inkey" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool by_pkeyutl = cases[i].by == &pki.bob_ms;
		AUTO(buf_free) struct buf octets = { 0 };
		struct token token;

		assert_ok(token_make(&plan, cases[i].by->key, &octets));
		assert_ok(token_decode(buf_view(&octets), &token));
		assert_ok(file_replace(tbs, 0644, token.tbs));
		assert_ok(file_replace(signature, 0644, token.signature));
		assert_ok(cert_save(cert, cases[i].by->cert));
		assert_true(openssl("x509 -in %s -pubkey -noout -out %s", cert, key));
		AUTO(mem_free) char *verify =
			mem_printf("%s %s %s %s %s %s", cases[i].how, key,
				   by_pkeyutl ? "-sigfile" : "-signature", signature,
				   by_pkeyutl ? "-in" : "", tbs);
		assert_true(openssl("%s", verify));
		octets.data[(size_t)(token.tbs.data - octets.data) + token.tbs.len - 1] ^= 1;
		assert_ok(file_replace(tbs, 0644, token.tbs));
		assert_false(openssl("%s", verify));
	}
}

static void what_ends_early_is_no_certificate(void **state)
{
	AUTO(buf_free) struct buf longer = buf_copy(pki.alice.cert->der);
	AUTO(cert_free) const struct cert *cert = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	struct bytes list = pki.crls.items[0]->der;

	(void)state;
	for (size_t len = 0; len < longer.len; len++)
		assert_fails(cert_decode(bytes_of(longer.data, len), &cert), "not a certificate");
	for (size_t len = 0; len < list.len; len++)
		assert_fails(crl_decode(bytes_of(list.data, len), &crl), "not a revocation list");
	buf_put_u8(&longer, 0);
	assert_fails(cert_decode(buf_view(&longer), &cert), "octets behind its end");
	buf_extend(&longer, CERT_MAX_OCTETS);
	assert_fails(cert_decode(buf_view(&longer), &cert), "is too long");
}

static void scopes_have_names(void **state)
{
	enum scope scope;

	(void)state;
	assert_ok(scope_from_text("ms", &scope));
	assert_int_equal(scope, SCOPE_MS);
	assert_fails(scope_from_text("dog", &scope), "ua, ms, mta and ca are");
	assert_int_equal(scope_from_oid(scope_oid(SCOPE_MTA)), SCOPE_MTA);
	assert_int_equal(scope_from_oid("1.3.6.1.5.5.7.3.4"), SCOPE_NONE);
	assert_null(scope_oid(SCOPE_CA));
}

/* What a revocation may say besides when, as openssl reads it. */
static void lists_say_why_and_since_when(void **state)
{
	const char *file = scratch_path("reasons.pem");
	const struct revocation revoked[] = {
		{ BYTES("\x41"), PKI_NOW, REVOKED_HOLD, 0 },
		{ BYTES("\x42"), PKI_NOW, REVOKED_PRIVILEGE_WITHDRAWN, 0 },
		{ BYTES("\x43"), PKI_NOW, REVOKED_AA_COMPROMISE, 0 },
		{ BYTES("\x44"), PKI_NOW, REVOKED_KEY_COMPROMISE, 1700000000 },
	};
	const struct crl_plan plan = { revoked, 4, UINT64_C(1) << 40, PKI_NOW, PKI_NOW + 60 };
	AUTO(crl_free) const struct crl *crl = NULL;

	(void)state;
	assert_ok(crl_issue(pki.north.cert, pki.north.key, &plan, &crl));
	assert_true(crl->number == UINT64_C(1) << 40);
	assert_ok(crl_save(file, crl));
	static const char *const entries[] = {
		"41' | grep -q 'Certificate Hold'", "42' | grep -q 'Privilege Withdrawn'",
		"43' | grep -q 'AA Compromise'", "44' | grep -q 'Nov 14 22:13:20 2023 GMT'",
	};

	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
		assert_true(openssl("crl -in %s -noout -text | grep -A8 'Serial Number: %s", file,
				    entries[i]));
	assert_true(openssl("crl -in %s -noout -text | grep -c 'Invalidity Date' | grep -qx 1", file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_says_what_it_was_made_to_say),
		cmocka_unit_test(what_makes_no_sense_is_not_issued),
		cmocka_unit_test(a_request_proves_its_key),
		cmocka_unit_test(a_list_knows_whom_it_revokes),
		cmocka_unit_test(openssl_agrees),
		cmocka_unit_test(openssl_verifies_a_token),
		cmocka_unit_test(what_ends_early_is_no_certificate),
		cmocka_unit_test(scopes_have_names),
		cmocka_unit_test(lists_say_why_and_since_when),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
