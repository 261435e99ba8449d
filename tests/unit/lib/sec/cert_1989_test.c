/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and lists of 1988, against those that Python and openssl(1) made. */
#include "lib/sec/cert_1989.h"

#include "asn1/ber.h"
#include "lib/base/memory.h"
#include "tests/support/check.h"
#include "tests/support/pki.h"
#include "tests/support/scratch.h"
#include "tests/support/vectors.h"

enum {
	FROM = 1767225600,	/* 2026-01-01 */
	TO = 1798761600,	/* 2027-01-01 */
	LISTED = 1789862400,	/* 2026-09-20 */
	NEXT = 1792454400,	/* 2026-10-20 */
	REVOKED = 1789819200,	/* 2026-09-19 12:00 */
};
#define SERIAL	"\x00\x81\x23\x45\x67\x89"

static struct vectors vectors;
static struct private_key *key;

static int setup(void **state)
{
	if (scratch_setup(state) != 0)
		return -1;
	key = vectors_key("locator-1989");
	vectors_load("locator-1989", &vectors);
	return 0;
}

static int teardown(void **state)
{
	vectors_free(&vectors);
	private_key_free(&key);
	return scratch_teardown(state);
}

static const struct cert *cert_of(const char *name)
{
	AUTO(buf_free) struct buf der = vector(&vectors, name);
	const struct cert *cert = NULL;

	assert_ok(cert_decode(buf_view(&der), &cert));
	return cert;
}

static const struct crl *list_of(const char *name)
{
	AUTO(buf_free) struct buf der = vector(&vectors, name);
	const struct crl *crl = NULL;

	assert_ok(crl_decode(buf_view(&der), &crl));
	return crl;
}

static void those_of_others_are_read_and_hold(void **state)
{
	static const struct { const char *user, *list; enum sqmodn_form form, other; } cases[] = {
		{ "user-length", "list-revoked-length", SQMODN_LENGTH, SQMODN_BARE },
		{ "user-bare", "list-revoked-bare", SQMODN_BARE, SQMODN_LENGTH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(cert_free) const struct cert *user = cert_of(cases[i].user);
		AUTO(crl_free) const struct crl *list = list_of(cases[i].list);
		const struct public_key *signer = private_key_public(key);
		time_t when = 0;

		assert_true(user->form_1989 && user->scope == SCOPE_UA);
		assert_string_equal(user->subject_text, "CN=Alice");
		assert_string_equal(user->issuer_text, "CN=CA of 1988");
		assert_bytes(user->serial, BYTES(SERIAL));
		assert_true(user->not_before == FROM && user->not_after == TO && !user->or_address.len);
		assert_bytes(public_key_id(user->key), public_key_id(signer));
		assert_ok(cert_1989_check_signed(user, signer, cases[i].form));
		assert_fails(cert_1989_check_signed(user, signer, cases[i].other), "was not signed by CN=CA");
		assert_ok(crl_1989_check_signed(list, signer, cases[i].form));
		assert_fails(crl_1989_check_signed(list, signer, cases[i].other), "was not signed by it");
		assert_true(crl_find(list, user->serial, &when) && when == REVOKED);
		assert_true(list->this_update == LISTED && list->next_update == NEXT);
	}
}

/* A signature of RSA on a bare hash is the same each time. */
static void ours_are_theirs_to_the_octet(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=CA of 1988"), alice = pki_name("CN=Alice");
	AUTO(buf_free) struct buf authority = vector(&vectors, "authority-length");
	AUTO(buf_free) struct buf user = vector(&vectors, "user-length");
	AUTO(buf_free) struct buf list = vector(&vectors, "list-length");
	AUTO(buf_free) struct buf revoked = vector(&vectors, "list-revoked-length");
	AUTO(cert_free) const struct cert *ca = NULL, *cert = NULL;
	AUTO(crl_free) const struct crl *none = NULL, *one = NULL;
	const struct revocation entry = { .serial = BYTES(SERIAL), .when = REVOKED };
	struct crl_plan lists = { .number = 1, .this_update = LISTED, .next_update = NEXT };
	struct cert_plan plan = {
		.subject = buf_view(&name), .key = private_key_public(key), .scope = SCOPE_CA,
		.not_before = FROM, .not_after = TO, .serial = BYTES("\1"), .form_1989 = true,
	};

	(void)state;
	assert_ok(cert_issue(NULL, key, &plan, &ca));
	assert_bytes(ca->der, buf_view(&authority));
	plan.subject = buf_view(&alice);
	plan.scope = SCOPE_UA;
	plan.serial = BYTES(SERIAL);
	assert_ok(cert_issue(ca, key, &plan, &cert));
	assert_bytes(cert->der, buf_view(&user));
	assert_ok(crl_issue(ca, key, &lists, &none));
	assert_bytes(none->der, buf_view(&list));
	lists.revoked = &entry;
	lists.count = 1;
	assert_ok(crl_issue(ca, key, &lists, &one));
	assert_bytes(one->der, buf_view(&revoked));
}

static void what_a_directory_gives_is_told_apart(void **state)
{
	AUTO(buf_free) struct buf authority = vector(&vectors, "authority-length");
	AUTO(buf_free) struct buf user = vector(&vectors, "user-length");
	AUTO(cert_found_free) const struct cert_found *ca = NULL, *alice = NULL;

	(void)state;
	assert_ok(cert_found_read(buf_view(&authority), &ca));
	assert_ok(cert_found_read(buf_view(&user), &alice));
	assert_true(ca->authority && !alice->authority);
	assert_true(cert_found_issued(ca, alice));
}

static void what_is_harmed_is_none(void **state)
{
	static const struct { const char *name; struct bytes from, to; const char *fails; } cases[] = {
#define STEP(from, to) { (const uint8_t *)(from), sizeof(from) - 1 }, { (const uint8_t *)(to), sizeof(to) - 1 }
		{ "another algorithm for the key", STEP("\x55\x08\x01\x01", "\x55\x08\x01\x02"),
		  "its key is for the algorithm 2.5.8.1.2, not for rsa" },
		{ "another algorithm inside", STEP("\x55\x08\x03\x01", "\x55\x08\x03\x02"),
		  "it names two algorithms for its signature" },
		{ "another scope inside", STEP("\x0a\x01\x04", "\x0a\x01\x01"),
		  "it names two algorithms for its signature" },
		{ "another size of the key", STEP("\x08\x00\x0a\x01\x01", "\x04\x00\x0a\x01\x01"),
		  "its key has 2048 bits, and says 1024" },
		{ "an INTEGER for the scope", STEP("\x0a\x01\x01", "\x02\x01\x01"), "scope of use is missing" },
		{ "no name of the subject", STEP("\x30\x10\x31\x0e\x30\x0c", "\x31\x10\x31\x0e\x30\x0c"), "" },
	};
	AUTO(buf_free) struct buf user = vector(&vectors, "user-length");
	const struct cert *cert = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(buf_free) struct buf other = buf_copy(buf_view(&user));
		uint8_t *at = memmem(other.data, other.len, cases[i].from.data, cases[i].from.len);

		print_message("  %s\n", cases[i].name);
		assert_non_null(at);
		memcpy(at, cases[i].to.data, cases[i].to.len);
		assert_fails(cert_decode(buf_view(&other), &cert), cases[i].fails);
	}
	for (size_t len = 0; len < user.len; len++)
		assert_fails(cert_decode(bytes_of(user.data, len), &cert), "");
}

static void cut_lists_are_none(void **state)
{
	AUTO(buf_free) struct buf list = vector(&vectors, "list-revoked-length");
	const struct crl *crl = NULL;

	(void)state;
	for (size_t len = 0; len < list.len; len++)
		assert_fails(crl_decode(bytes_of(list.data, len), &crl), "");
}

/* The same parts, as a certificate of version 3 has them. */
static void extensions_are_of_a_later_time(void **state)
{
	AUTO(buf_free) struct buf user = vector(&vectors, "user-length"), later = { 0 };
	struct ber_tlv whole, tbs;
	const struct cert *cert = NULL;

	(void)state;
	assert_ok(ber_only(buf_view(&user), &whole));
	assert_true(ber_nth(whole.contents, 0, &tbs));
	buf_put(&later, BYTES("\xa0\x03\x02\x01\x02"));
	buf_put(&later, tbs.contents);
	ber_wrap(&later, 0, BER_SEQUENCE);
	buf_put(&later, bytes_slice(whole.contents, tbs.whole.len, whole.contents.len));
	ber_wrap(&later, 0, BER_SEQUENCE);
	assert_fails(cert_decode(buf_view(&later), &cert), "says a version, which there was only later");
}

static void what_cannot_be_said_is_not_made(void **state)
{
	AUTO(private_key_free) struct private_key *modern = NULL;
	AUTO(cert_free) const struct cert *ca = cert_of("authority-length");
	AUTO(buf_free) struct buf alice = pki_name("CN=Alice");
	const struct cert_limits limits = { 0 };
	const struct cert *cert = NULL;
	struct cert_plan plan = {
		.subject = buf_view(&alice), .scope = SCOPE_CA, .not_before = FROM, .not_after = TO,
		.form_1989 = true,
	};

	(void)state;
	assert_ok(private_key_generate(KEY_P256, &modern));
	plan.key = private_key_public(modern);
	assert_fails(cert_issue(NULL, modern, &plan, &cert), "signs with an RSA key, not with one of type P-256");
	assert_fails(cert_issue(ca, key, &plan, &cert), "is for an RSA key, not for one of type P-256");
	plan.key = private_key_public(key);
	plan.limits = &limits;
	assert_fails(cert_issue(ca, key, &plan, &cert), "cannot hold an authority to anything");
	plan.limits = NULL;
	plan.not_after = TO + 1;
	assert_fails(cert_issue(ca, key, &plan, &cert), "would outlive the authority's own");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_others_are_read_and_hold),
		cmocka_unit_test(ours_are_theirs_to_the_octet),
		cmocka_unit_test(what_a_directory_gives_is_told_apart),
		cmocka_unit_test(what_is_harmed_is_none),
		cmocka_unit_test(cut_lists_are_none),
		cmocka_unit_test(extensions_are_of_a_later_time),
		cmocka_unit_test(what_cannot_be_said_is_not_made),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
