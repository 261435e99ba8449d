/* SPDX-License-Identifier: Apache-2.0 */
/* Trust against a real directory server; skipped where there is no slapd. */
#include "lib/mhs/trust.h"

#include "asn1/dn.h"
#include "lib/base/memory.h"
#include "lib/mhs/orname.h"
#include "lib/sec/issue.h"
#include "tests/support/check.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOW = 1800000000, DAY = 86400 };
#define ADDRESS "/G=Alice/S=Smith/O=Ministry/PRMD=Gov/ADMD=400net/C=FR/"
#define ALICE "CN=Alice Smith,O=Ministry,C=FR"

static char *work;		/* a directory of this test's own */
static char *uri;
static struct directory_config config;

struct party {
	struct private_key *key;
	const struct cert *cert;
};

static struct party authority, alice;
static struct test_clock now;

static bool slapd(const char *verb)
{
	AUTO(mem_free) char *command = mem_printf("directory/slapd-private %s %s/slapd >/dev/null",
						  verb, work);

	return system(command) == 0;
}

static struct party make(const struct party *issuer, const char *text, enum scope scope)
{
	AUTO(buf_free) struct buf name = { 0 };
	AUTO(buf_free) struct buf address = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	struct orname *orname = NULL;
	struct party p = { 0 };

	assert_ok(dn_from_text(text, &name));
	assert_ok(private_key_generate(KEY_P256, &p.key));
	if (scope == SCOPE_UA) {
		assert_ok(orname_from_text(arena, ADDRESS, &orname));
		assert_ok(oraddress_encode(orname, &address));
	}

	struct cert_plan plan = { .subject = buf_view(&name), .or_address = buf_view(&address),
				  .key = private_key_public(p.key), .scope = scope,
				  .not_before = NOW - DAY, .not_after = NOW + 100 * DAY };

	assert_ok(cert_issue(issuer ? issuer->cert : NULL, issuer ? issuer->key : p.key, &plan,
			     &p.cert));
	return p;
}

static void publish_all(const char *name, enum directory_attr attr, const struct bytes *values,
			size_t count)
{
	AUTO(directory_free) struct directory *dir = NULL;
	struct directory_change change = { attr, DIRECTORY_REPLACE, values, count };

	assert_ok(directory_new(&config, &dir));
	assert_ok(directory_publish(dir, name, attr == DIRECTORY_CRL ? DIRECTORY_AUTHORITY
						: DIRECTORY_USER, &change, 1));
}

static void publish(const char *name, enum directory_attr attr, struct bytes value)
{
	publish_all(name, attr, &value, 1);
}

static void publish_list_of(bool alice_revoked, uint64_t number, time_t made, time_t next)
{
	AUTO(crl_free) const struct crl *crl = NULL;
	struct revocation revoked = { alice.cert->serial, NOW - 60, REVOKED_KEY_COMPROMISE };
	struct crl_plan plan = { &revoked, alice_revoked, number, made, next };

	assert_ok(crl_issue(authority.cert, authority.key, &plan, &crl));
	publish("O=Authority,C=FR", DIRECTORY_CRL, crl->der);
}

static void publish_list(bool alice_revoked, uint64_t number)
{
	publish_list_of(alice_revoked, number, NOW - 60, NOW + 7 * DAY);
}

static struct trust *open_trust(void)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/ca.pem", work);
	struct trust_options options = { .anchor = anchor, .directory = &config,
					 .clock = &now.clock };
	struct trust *trust = NULL;

	assert_ok(cert_save(anchor, authority.cert));
	assert_ok(trust_open(&options, &trust));
	return trust;
}

/* One life of a certificate: unknown, published, believed for a while, revoked, unreachable. */
static void life_of_a_certificate(void **state)
{
	struct trust *trust = open_trust();
	struct trust_wanted wanted = { .scope = SCOPE_UA, .or_address = alice.cert->or_address };
	struct trust_wanted as_ms = { .scope = SCOPE_MS, .directory_name = alice.cert->subject };
	AUTO(cert_path_free) struct cert_path *path = NULL;

	(void)state;
	publish_list(false, 1);
	assert_fails(trust_find(trust, &wanted, &path), "nobody with the O/R address");
	publish(ALICE, DIRECTORY_OR_ADDRESS, BYTES(ADDRESS));
	publish(ALICE, DIRECTORY_USER_CERTIFICATE, alice.cert->der);
	assert_fails(trust_find(trust, &wanted, &path), "nobody with the O/R address");
	test_clock_advance(&now, 31);	/* absence is believed for 30 seconds */
	assert_ok(trust_find(trust, &wanted, &path));
	assert_bytes(cert_path_leaf(path)->der, alice.cert->der);
	cert_path_free(&path);
	assert_fails(trust_find(trust, &as_ms, &path), "is for UA, not for MS");

	publish_list(true, 2);
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	cert_path_free(&path);
	trust_forget(trust, authority.cert->subject);
	assert_fails(trust_verify(trust, &wanted, alice.cert, &path), "revoked");
	publish_list(false, 3);
	trust_forget(trust, authority.cert->subject);
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	cert_path_free(&path);

	/* The server ends, and comes back on its socket, while connections are open. */
	assert_true(slapd("stop"));
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	cert_path_free(&path);
	test_clock_advance(&now, 301);
	assert_fails(trust_verify(trust, &wanted, alice.cert, &path), "cannot use the directory");
	assert_true(slapd("start"));
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	trust_free(&trust);
}

/* A list is not believed past its end, whatever else is known for longer: the next one is asked for. */
static void a_list_ends_while_it_is_known(void **state)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	const time_t start = clock_now(&now.clock);
	struct trust *trust = open_trust();

	(void)state;
	publish_list_of(false, 4, NOW - 60, start + 100);
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	assert_int_equal(path->valid_until, start + 100);
	cert_path_free(&path);
	test_clock_advance(&now, 101);		/* entries are believed for 300 seconds */
	assert_fails(trust_verify(trust, &wanted, alice.cert, &path), "out of date");
	assert_fails(trust_verify(trust, &wanted, alice.cert, &path), "out of date");	/* asked anew */
	publish_list_of(false, 5, start, start + 4 * DAY);
	assert_fails(trust_verify(trust, &wanted, alice.cert, &path), "out of date");
	test_clock_advance(&now, 30);		/* nor is it asked for at every turn */
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	trust_free(&trust);
}

/* A trust that remembers beyond its life. */
static struct trust *open_kept(void)
{
	AUTO(mem_free) char *anchor = mem_printf("%s/ca.pem", work);
	AUTO(mem_free) char *kept = mem_printf("%s/directory.db", work);
	struct trust_options options = { .anchor = anchor, .directory = &config, .clock = &now.clock,
					 .kept = kept, .offline_seconds = 3 * DAY };
	struct trust *trust = NULL;

	assert_ok(cert_save(anchor, authority.cert));
	assert_ok(trust_open(&options, &trust));
	return trust;
}

/* Without the directory, what it said before serves, and its age is told; not for ever. */
static void offline(void **state)
{
	struct trust_wanted wanted = { .scope = SCOPE_UA, .or_address = alice.cert->or_address };
	struct trust_wanted nobody = { .scope = SCOPE_UA, .directory_name = authority.cert->subject };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	time_t then = clock_now(&now.clock);
	struct trust *trust = open_kept();

	(void)state;
	publish(ALICE, DIRECTORY_OR_ADDRESS, BYTES(ADDRESS));
	publish(ALICE, DIRECTORY_USER_CERTIFICATE, alice.cert->der);
	publish_list(false, 3);
	assert_ok(trust_find(trust, &wanted, &path));
	assert_int_equal(path->as_of, then);
	cert_path_free(&path);
	trust_free(&trust);

	assert_true(slapd("stop"));
	test_clock_advance(&now, 2 * DAY);
	trust = open_kept();
	assert_ok(trust_find(trust, &wanted, &path));
	assert_int_equal(path->as_of, then);
	cert_path_free(&path);
	assert_fails(trust_find(trust, &nobody, &path), "has no certificate");
	trust_refresh(trust);		/* cannot be done now, and harms nothing */
	trust_free(&trust);
	test_clock_advance(&now, 2 * DAY);
	trust = open_kept();
	assert_fails(trust_find(trust, &wanted, &path), "cannot use the directory");
	assert_true(slapd("start"));
	assert_ok(trust_find(trust, &wanted, &path));
	assert_int_equal(path->as_of, then + 4 * DAY);
	cert_path_free(&path);

	/* What is in use is fetched again before it is needed. */
	test_clock_advance(&now, 3600);
	trust_refresh(trust);
	assert_true(slapd("stop"));
	assert_ok(trust_find(trust, &wanted, &path));
	assert_int_equal(path->as_of, then + 4 * DAY + 3600);
	assert_true(slapd("start"));
	trust_free(&trust);
}

/* Whether alice is trusted by another process, which has only the file of what was seen before. */
static FALLIBLE verify_anew(void)
{
	const struct trust_wanted wanted = { .scope = SCOPE_UA };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust *trust = open_kept();

	trust_forget(trust, authority.cert->subject);
	struct status *st = trust_verify(trust, &wanted, alice.cert, &path);
	trust_free(&trust);
	return st;
}

/* Whoever writes into the directory cannot bring back a list from before a revocation. */
static void an_older_list(void **state)
{
	(void)state;
	publish_list(false, 8);
	assert_ok(verify_anew());
	publish_list(false, 7);
	assert_fails(verify_anew(), "has the number 7, and number 8");
	publish_list(false, 9);
	assert_ok(verify_anew());
}

/* Nor one that has no number: it is known by its time. */
static void an_older_list_without_a_number(void **state)
{
	(void)state;
	publish_list_of(false, 0, NOW - 30, NOW + 7 * DAY);
	assert_ok(verify_anew());
	publish_list_of(false, 0, NOW - 31, NOW + 7 * DAY);
	assert_fails(verify_anew(), "was made on 2027-01-15 07:59:29 UTC, and one made on 2027-01-15 07:59:30 UTC");
	publish_list_of(false, 9, NOW - 50, NOW + 7 * DAY);
	assert_ok(verify_anew());	/* by its number: clocks may be set back */
	publish_list_of(false, 0, NOW - 30, NOW + 7 * DAY);
	assert_ok(verify_anew());
}

/* Nor can he give one user the certificate of another. */
static void swapped_certificates(void **state)
{
	static const char bob_name[] = "CN=Bob Jones,O=Ministry,C=FR";
	struct party bob = make(&authority, bob_name, SCOPE_UA);
	struct trust_wanted by_name = { .scope = SCOPE_UA, .directory_name = alice.cert->subject };
	struct trust_wanted by_address = { .scope = SCOPE_UA, .or_address = alice.cert->or_address };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	struct trust *trust = open_trust();

	(void)state;
	publish_list(false, 10);
	publish(ALICE, DIRECTORY_USER_CERTIFICATE, bob.cert->der);
	publish(bob_name, DIRECTORY_USER_CERTIFICATE, alice.cert->der);
	assert_fails(trust_find(trust, &by_name, &path), "");
	assert_fails(trust_find(trust, &by_address, &path), "");
	publish(ALICE, DIRECTORY_USER_CERTIFICATE, alice.cert->der);
	trust_forget(trust, alice.cert->subject);
	assert_ok(trust_find(trust, &by_name, &path));
	cert_free(&bob.cert);
	private_key_free(&bob.key);
	trust_free(&trust);
}

/* A list of 10 MB is read whole; one past the limit is refused in words. */
static void a_large_list(void **state)
{
	enum { REVOKED = 300000, SERIAL = 16 };
	struct revocation *revoked = mem_new_array(struct revocation, REVOKED);
	uint8_t *serials = mem_new_array(uint8_t, (size_t)REVOKED * SERIAL);
	struct trust_wanted wanted = { .scope = SCOPE_UA };
	AUTO(cert_path_free) struct cert_path *path = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	struct directory_config small = config;
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(arena_free) struct arena *arena = arena_new();
	struct directory_entry entry;
	struct trust *trust = open_trust();

	(void)state;
	for (size_t i = 0; i < REVOKED; i++) {
		uint8_t *serial = serials + i * SERIAL;

		for (size_t k = 0; k < SERIAL; k++)
			serial[k] = (uint8_t)(k < 4 ? i >> (8 * (3 - k)) : 0x55);
		serial[0] = 0x41;
		revoked[i] = (struct revocation){ bytes_of(serial, SERIAL), NOW - 60, REVOKED_UNSPECIFIED };
	}
	struct crl_plan plan = { revoked, REVOKED, 15, NOW - 60, NOW + 30 * DAY };

	assert_ok(crl_issue(authority.cert, authority.key, &plan, &crl));
	print_message("%zu octets\n", crl->der.len);
	assert_true(crl->der.len > 10 * 1000 * 1000);
	publish("O=Authority,C=FR", DIRECTORY_CRL, crl->der);
	assert_ok(trust_verify(trust, &wanted, alice.cert, &path));
	small.max_list = 4 * 1024 * 1024;
	assert_ok(directory_new(&small, &dir));
	assert_fails(directory_get(dir, "O=Authority,C=FR", arena, &entry), "octets, more than 4194304");
	publish_list(false, 16);
	mem_free(&revoked);
	mem_free(&serials);
	trust_free(&trust);
}

/* What a server may give us is bounded, whatever it has. */
static void bounds(void **state)
{
	static const struct { const char *name, *fails; struct directory_config config; } cases[] = {
		{ "a value", "octets, more than 10", { .max_value = 10 } },
		{ "an answer", "more than 20 octets", { .max_total = 20 } },
		{ "a message", "", { .max_total = 1 } },
	};

	(void)state;
	publish(ALICE, DIRECTORY_USER_CERTIFICATE, alice.cert->der);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(directory_free) struct directory *dir = NULL;
		struct directory_config small = cases[i].config;
		struct directory_entry entry;

		print_message("%s\n", cases[i].name);
		small.uri = uri;
		small.bind = DIRECTORY_EXTERNAL;
		assert_ok(directory_new(&small, &dir));
		assert_fails(directory_get(dir, ALICE, arena, &entry), cases[i].fails);
	}
}

static void entries_are_bounded(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(directory_free) struct directory *dir = NULL;
	struct directory_config small = config;
	struct directory_entries entries = { 0 };

	(void)state;
	publish("CN=Bob,C=FR", DIRECTORY_MAIL, BYTES("same@example"));
	publish("CN=Eve,C=FR", DIRECTORY_MAIL, BYTES("same@example"));
	small.max_entries = 1;
	assert_ok(directory_new(&small, &dir));
	assert_fails(directory_find(dir, DIRECTORY_MAIL, "same@example", arena, &entries),
		     "more than 1 entries");
}

static int set_up(void **state)
{
	const char *build = getenv("B");
	AUTO(mem_free) char *made = mem_printf("%s/trust.XXXXXX", build ? build : "build");

	(void)state;
	if (!mkdtemp(made))
		return -1;
	work = realpath(made, NULL);
	if (!slapd("start"))
		return -1;

	AUTO(mem_free) char *socket = mem_printf("%s/slapd/ldapi", work);
	struct buf text = { 0 };

	buf_put_text(&text, "ldapi://");
	for (const char *c = socket; *c; c++)
		buf_printf(&text, *c == '/' ? "%%2F" : "%c", *c);
	buf_put_u8(&text, 0);
	uri = (char *)text.data;
	config = (struct directory_config){ .uri = uri, .bind = DIRECTORY_EXTERNAL };
	test_clock_init(&now, NOW);
	authority = make(NULL, "O=Authority,C=FR", SCOPE_CA);
	alice = make(&authority, ALICE, SCOPE_UA);
	return 0;
}

static int tear_down(void **state)
{
	AUTO(mem_free) char *command = mem_printf("rm -rf '%s'", work);

	(void)state;
	(void)slapd("stop");
	cert_free(&authority.cert);
	cert_free(&alice.cert);
	private_key_free(&authority.key);
	private_key_free(&alice.key);
	mem_free(&uri);

	int status = system(command);

	mem_free(&work);
	return status;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_of_a_certificate),
		cmocka_unit_test(a_list_ends_while_it_is_known),
		cmocka_unit_test(offline),
		cmocka_unit_test(an_older_list),
		cmocka_unit_test(an_older_list_without_a_number),
		cmocka_unit_test(swapped_certificates),
		cmocka_unit_test(a_large_list),
		cmocka_unit_test(bounds),
		cmocka_unit_test(entries_are_bounded),
	};

	if (access("/usr/sbin/slapd", X_OK)) {
		puts("1..0 # SKIP slapd is not installed");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
