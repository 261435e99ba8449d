/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message store as a process, with certificates: strong binds of its MTA and
 * its users, proof of delivery, and who is refused.  Skipped where there is no slapd.
 */
#include "asn1/dn.h"
#include "lib/mhs/delivery.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/mhs/trust.h"
#include "lib/sec/issue.h"
#include "lib/sec/proof.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/scratch.h"

#include <stdlib.h>
#include <unistd.h>

enum { DAY = 86400 };

/* Somebody with a key and a certificate. */
struct party {
	struct private_key *key;
	const struct cert *cert;
};

static struct party authority, bob, transfer_agent, keeper;
static struct directory_config directory;
static struct trust *trust;
static const char *folder;

static void party_free(struct party *party)
{
	private_key_free(&party->key);
	cert_free(&party->cert);
}

static struct bytes directory_name(const char *text)
{
	AUTO(buf_free) struct buf der = { 0 };

	assert_ok(dn_from_text(text, &der));
	return arena_dup(arena, buf_view(&der));
}

static struct party certify(const char *name, const char *or_address, enum scope scope)
{
	AUTO(buf_free) struct buf address = { 0 };
	struct orname *orname = NULL;
	struct party party = { 0 };

	if (or_address) {
		assert_ok(orname_from_text(arena, or_address, &orname));
		assert_ok(oraddress_encode(orname, &address));
	}
	assert_ok(private_key_generate(KEY_P256, &party.key));
	const struct cert_plan plan = {
		.subject = directory_name(name), .or_address = buf_view(&address),
		.key = private_key_public(party.key), .scope = scope,
		.not_before = clock_now(&clock_real) - 60,
		.not_after = clock_now(&clock_real) + (scope == SCOPE_CA ? 2 : 1) * DAY,
	};
	assert_ok(cert_issue(authority.cert, scope == SCOPE_CA ? party.key : authority.key, &plan,
			     &party.cert));
	return party;
}

static bool slapd(const char *verb)
{
	return system(arena_printf(arena, "directory/slapd-private %s %s/slapd >/dev/null", verb,
				   folder)) == 0;
}

/* The address of its socket, in which a slash is "%2F". */
static const char *slapd_uri(void)
{
	const char *uri = "ldapi://";

	for (const char *c = arena_printf(arena, "%s/slapd/ldapi", folder); *c; c++)
		uri = arena_printf(arena, *c == '/' ? "%s%%2F" : "%s%c", uri, *c);
	return uri;
}

static void publish_revocation_list(void)
{
	AUTO(directory_free) struct directory *dir = NULL;
	AUTO(crl_free) const struct crl *crl = NULL;
	const struct crl_plan plan = { NULL, 0, 1, clock_now(&clock_real) - 60,
				       clock_now(&clock_real) + DAY };

	assert_ok(crl_issue(authority.cert, authority.key, &plan, &crl));
	const struct bytes value = crl->der;
	const struct directory_change change = { DIRECTORY_CRL, DIRECTORY_REPLACE, &value, 1 };
	assert_ok(directory_new(&directory, &dir));
	assert_ok(directory_publish(dir, "O=Authority,C=FR", DIRECTORY_AUTHORITY, &change, 1));
}

static void open_trust(void)
{
	const struct trust_options options = {
		.anchor = scratch_path("ca.pem"), .directory = &directory, .clock = &clock_real,
	};

	assert_ok(cert_save(scratch_path("ca.pem"), authority.cert));
	assert_ok(trust_open(&options, &trust));
}

static void use_credentials(struct peer *peer, const struct party *party)
{
	peer->own = (struct own_key){ party->key, party->cert };
	peer->keys = (struct own_keys){ &peer->own, 1 };
	peer->env.self.keys = &peer->keys;
	peer->env.trust = trust;
	peer->expected = (struct link_expected){
		.scope = SCOPE_MS, .directory_name = keeper.cert->subject,
	};
}

static void start_store(void)
{
	assert_ok(private_key_save(scratch_path("ms.key"), keeper.key, bytes_none()));
	assert_ok(cert_save(scratch_path("ms.pem"), keeper.cert));
	scene_start(arena_printf(arena,
		"key = %s\nkey-unencrypted = yes\ncertificate = %s\nauthority = %s\ndirectory = %s\n"
		"directory-bind = external\n"
		"mailbox = " BOB " dn=\"CN=Bob,C=FR\"\n"
		"mta = mta %s domain=" DOMAIN " dn=\"CN=mta,C=FR\"\n",
		scratch_path("ms.key"), scratch_path("ms.pem"), scratch_path("ca.pem"),
		directory.uri, scene_socket("mta")));
}

static int setup(void **state)
{
	scratch_setup(state);
	scene_open();
	char *path = realpath(scratch_path("."), NULL);
	folder = arena_strdup(arena, path);
	free(path);
	if (!slapd("start"))
		return -1;
	directory = (struct directory_config){ .uri = slapd_uri(), .bind = DIRECTORY_EXTERNAL };
	authority = certify("O=Authority,C=FR", NULL, SCOPE_CA);
	keeper = certify("CN=Keeper,C=FR", NULL, SCOPE_MS);
	bob = certify("CN=Bob,C=FR", BOB, SCOPE_UA);
	transfer_agent = certify("CN=mta,C=FR", NULL, SCOPE_MTA);
	publish_revocation_list();
	open_trust();
	use_credentials(&mta, &transfer_agent);
	use_credentials(&ua, &bob);
	start_store();
	return 0;
}

static int teardown(void **state)
{
	slapd("stop");
	if (system(arena_printf(arena, "rm -r %s/slapd", folder)) != 0)
		return -1;
	scene_close();
	trust_free(&trust);
	party_free(&authority);
	party_free(&keeper);
	party_free(&bob);
	party_free(&transfer_agent);
	return scratch_teardown(state);
}

/* --- the stories --- */

static void both_sides_prove_who_they_are(void **state)
{
	(void)state;
	bind_mta();
	assert_non_null(mta.link);
	bind_ua();
	assert_non_null(ua.link);
	assert_bytes(link_peer_cert(ua.link)->der, keeper.cert->der);
}

static void delivery_is_proved_with_the_key_of_the_store(void **state)
{
	struct delivery_result result;

	(void)state;
	bind_mta();
	deliver_to("m1", BOB, BYTES("what bob reads"), true);
	WAIT_FOR(mta.results, 1);
	assert_ok(delivery_result_decode(arena, buf_view(&mta.result), &result));
	struct proof_facts facts = {
		.delivery_time = 1790000000, .this_recipient = or_name(BOB),
		.content = BYTES("what bob reads"),
	};
	assert_ok(proof_check(&facts, keeper.cert->key, result.proof));
	facts.content = BYTES("what eve wrote");
	assert_fails(proof_check(&facts, keeper.cert->key, result.proof), "signature is wrong");
	assert_true(result.certificates.len > keeper.cert->der.len);
}

/* The store's log, which says what the peer is not told. */
static void assert_logged(const char *words)
{
	AUTO(buf_free) struct buf text = { 0 };
	FILE *log = fopen(store.log, "re");
	int c;

	assert_non_null(log);
	while ((c = fgetc(log)) != EOF)
		buf_put_u8(&text, (uint8_t)c);
	fclose(log);
	buf_put_u8(&text, 0);
	if (!strstr((const char *)text.data, words))
		fail_msg("the log does not say \"%s\":\n%s", words, (const char *)text.data);
}

static void nobody_is_taken_for_somebody_else(void **state)
{
	AUTO(party_free) struct party eve = certify("CN=Eve,C=FR", BOB, SCOPE_UA);
	AUTO(party_free) struct party alice = certify("CN=Bob,C=FR", ALICE, SCOPE_UA);
	AUTO(party_free) struct party other = certify("CN=Bob,C=FR", BOB, SCOPE_MS);
	const struct {
		const char *name;
		const struct party *party;
		const char *fails;
	} cases[] = {
		{ "another directory name", &eve, "is for CN=Eve,C=FR, not for CN=Bob,C=FR" },
		{ "another O/R address", &alice, "is not for this O/R address" },
		{ "a key for another use", &other, "is for MS, not for UA" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		print_message("%s\n", cases[i].name);
		use_credentials(&ua, cases[i].party);
		bind_ua();
		assert_null(ua.link);
		assert_logged(cases[i].fails);
	}
	use_credentials(&ua, &bob);
	ua.expected.own_password = "guess";
	bind_ua();
	assert_null(ua.link);
	assert_logged("simple credentials are not enough here");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_sides_prove_who_they_are),
		TEST(delivery_is_proved_with_the_key_of_the_store),
		TEST(nobody_is_taken_for_somebody_else),
	};

	if (access("/usr/sbin/slapd", X_OK) != 0) {
		puts("1..0 # SKIP there is no slapd");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
