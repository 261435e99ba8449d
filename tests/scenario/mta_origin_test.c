/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An MTA that judges the origin of what it is given [X.411 8.2.1.1.1.29,
 * 8.2.1.2.1.1], between a store and an MTA that this test plays: what the
 * originator signed passes, and the same with one thing changed does not.
 * Skipped where there is no slapd.
 */
#include "asn1/dn.h"
#include "lib/mhs/diagnostics.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/orname.h"
#include "lib/sec/issue.h"
#include "lib/sec/origin_check.h"
#include "tests/support/check.h"
#include "tests/support/slapd.h"
#include "tests/support/stage.h"

#include <time.h>

#define NORTH "/PRMD=North/ADMD=Net/C=FR/"
#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define AUTHORITY "O=Authority,C=FR"
#define ALICE "/DN=CN=Alice,O=North,C=FR/G=Alice/S=Martin" NORTH
#define BOB "/DN=CN=Bob,O=South,C=NO/G=Bob/S=Nilsen" SOUTH

enum { DAY = 86400 };

struct party {
	struct private_key *key;
	const struct cert *cert;
};

static struct slapd slapd;
static struct party authority, alice, bob, mallory;
static struct party forger;	/* an authority that has the name of the other */
static struct party forged, expired;	/* in bob's name, with keys that are not his any more */
static struct party *const everybody[] = {
	&authority, &alice, &bob, &mallory, &forger, &forged, &expired,
};
static struct process mta;
static struct store store;
static struct relay south;

/* --- whom the directory knows --- */

static void publish(const char *name, enum directory_kind kind, enum directory_attr attr,
		    struct bytes value)
{
	AUTO(directory_free) struct directory *dir = NULL;
	const struct directory_change change = { attr, DIRECTORY_REPLACE, &value, 1 };

	assert_ok(directory_new(&slapd.config, &dir));
	assert_ok(directory_publish(dir, name, kind, &change, 1));
}

/* A new key, certified by somebody for a name: until then. */
static struct party issue(const struct party *by, const char *who, enum scope scope, time_t until)
{
	AUTO(buf_free) struct buf address = { 0 }, subject = { 0 };
	struct orname *name = NULL;
	struct party party = { 0 };

	if (scope == SCOPE_UA) {
		assert_ok(orname_decode(stage_arena, stage_or_name(who), &name));
		assert_ok(oraddress_encode(name, &address));
		buf_put(&subject, name->directory_name);
	} else {
		assert_ok(dn_from_text(who, &subject));
	}
	assert_ok(private_key_generate(KEY_P256, &party.key));
	const struct cert_plan plan = {
		.subject = buf_view(&subject), .or_address = buf_view(&address),
		.key = private_key_public(party.key), .scope = scope,
		.not_before = time(NULL) - DAY, .not_after = until,
	};
	assert_ok(cert_issue(by ? by->cert : NULL, by ? by->key : party.key, &plan, &party.cert));
	return party;
}

static struct party certify(const char *who)
{
	struct party party = issue(&authority, who, SCOPE_UA, time(NULL) + DAY);

	publish(party.cert->subject_text, DIRECTORY_USER, DIRECTORY_USER_CERTIFICATE, party.cert->der);
	return party;
}

static void party_free(struct party *party)
{
	private_key_free(&party->key);
	cert_free(&party->cert);
}

static void publish_authority(void)
{
	AUTO(crl_free) const struct crl *crl = NULL;

	const struct crl_plan plan = { NULL, 0, 1, time(NULL) - 60, time(NULL) + DAY };
	assert_ok(crl_issue(authority.cert, authority.key, &plan, &crl));
	publish(AUTHORITY, DIRECTORY_AUTHORITY, DIRECTORY_CRL, crl->der);
	assert_ok(cert_save(stage_file("ca.pem"), authority.cert));
}

/* --- the stage --- */

static void start_mta(const char *policy)
{
	const struct stage_mta north = {
		"mta-a", NORTH, "store-a", "mta-b", SOUTH,
		arena_printf(stage_arena, "authority = %s\ndirectory = %s\n"
			     "directory-bind = external\ndirectory-cache = 0\naudit-log = %s\n"
			     "check-origin = %s\n",
			     stage_file("ca.pem"), slapd.uri, stage_file("audit.log"), policy),
	};

	stage_start_mta(&mta, &north);
	store_connect(&store, "mta-a", "secret");
	relay_connect(&south, "mta-a");
}

static int setup(void **state)
{
	stage_open(state);
	slapd_init(&slapd);
	authority = issue(NULL, AUTHORITY, SCOPE_CA, time(NULL) + 2 * DAY);
	forger = issue(NULL, AUTHORITY, SCOPE_CA, time(NULL) + 2 * DAY);
	publish_authority();
	alice = certify(ALICE);
	bob = certify(BOB);
	mallory = certify("/DN=CN=Mallory,O=South,C=NO/S=Noir" SOUTH);
	forged = issue(&forger, BOB, SCOPE_UA, time(NULL) + DAY);
	expired = issue(&authority, BOB, SCOPE_UA, time(NULL) - 60);
	store_open(&store, "store-a", NORTH);
	relay_open(&south, "mta-b", SOUTH);
	start_mta("require");
	return 0;
}

static int teardown(void **state)
{
	process_stop(&mta);
	store_close(&store);
	relay_close(&south);
	for (size_t i = 0; i < sizeof(everybody) / sizeof(everybody[0]); i++)
		party_free(everybody[i]);
	slapd_cleanup(&slapd);
	return stage_close(state);
}

#define WAIT_FOR(field, wanted) STAGE_WAIT_FOR(&mta, field, wanted)

/* The audit log says so, of what was judged last. */
static void assert_audited(const char *words)
{
	char line[4096] = "", last[4096] = "";
	FILE *file = fopen(stage_file("audit.log"), "re");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (strstr(line, "origin of a"))
			memcpy(last, line, sizeof(last));
	fclose(file);
	if (!strstr(last, words))
		fail_msg("the audit log says %s", last);
}

/* --- what the originator signs, and what is changed afterwards --- */

static void sign(struct envelope *env, const struct party *by)
{
	AUTO(buf_free) struct buf check = { 0 };
	const struct origin_facts facts = { .probe = env->probe, .content = env->content,
					    .content_identifier = env->content_identifier };

	assert_ok(origin_check_make(&facts, NULL, NULL, by->key, &check));
	ext_put(stage_arena, &env->extensions,
		env->probe ? EXT_PROBE_ORIGIN_AUTHENTICATION_CHECK
			   : EXT_MESSAGE_ORIGIN_AUTHENTICATION_CHECK, buf_view(&check));
}

static void bring(struct envelope *env, const struct party *whose)
{
	AUTO(buf_free) struct buf certificates = { 0 };

	certificates_put(whose->cert, &certificates);
	ext_put(stage_arena, &env->extensions, EXT_ORIGINATOR_CERTIFICATE,
		buf_view(&certificates));
}

static void by_bob(struct envelope *env)
{
	sign(env, &bob);
}

static void by_alice(struct envelope *env)
{
	sign(env, &alice);
}

static void altered(struct envelope *env)
{
	sign(env, env->id.len ? &bob : &alice);
	env->content = BYTES("tixt");
}

static void named_otherwise(struct envelope *env)
{
	sign(env, &bob);
	env->content_identifier = BYTES("another");
}

static void by_mallory(struct envelope *env)
{
	sign(env, &mallory);
	bring(env, &mallory);
}

/* The other way to bring certificates, several of them. */
static void bring_several(struct envelope *env, const struct party *const *whose, size_t count)
{
	AUTO(buf_free) struct buf set = { 0 };

	for (size_t i = 0; i < count; i++) {
		AUTO(buf_free) struct buf certificates = { 0 };
		const size_t from = set.len;
		struct ber_tlv tlv;

		certificates_put(whose[i]->cert, &certificates);
		assert_ok(ber_only(buf_view(&certificates), &tlv));
		buf_put(&set, tlv.contents);
		ber_wrap(&set, from, BER_CONTEXT(1));
	}
	ber_wrap(&set, 0, BER_SET);
	ext_put(stage_arena, &env->extensions, EXT_MULTIPLE_ORIGINATOR_CERTIFICATES,
		buf_view(&set));
}

static void by_bob_with_a_forged_certificate(struct envelope *env)
{
	sign(env, &bob);
	bring(env, &forged);
}

static void by_bob_with_an_expired_certificate(struct envelope *env)
{
	sign(env, &bob);
	bring(env, &expired);
}

static void by_bob_with_several(struct envelope *env)
{
	sign(env, &bob);
	bring_several(env, (const struct party *[]){ &forged, &expired, &mallory }, 3);
}

static void by_a_forger(struct envelope *env)
{
	sign(env, &forged);
	bring(env, &forged);
}

static void by_an_expired_key(struct envelope *env)
{
	sign(env, &expired);
	bring(env, &expired);
}

static void by_an_expired_key_of_several(struct envelope *env)
{
	sign(env, &expired);
	bring_several(env, (const struct party *[]){ &bob, &expired }, 2);
}

static void probe_by(struct envelope *env, const struct party *signer)
{
	env->probe = true;
	env->content_length = 4;
	sign(env, signer);
}

static void probe_by_alice(struct envelope *env)
{
	probe_by(env, &alice);
}

static void probe_by_bob(struct envelope *env)
{
	probe_by(env, &bob);
}

/* The check of a message is none of a probe. */
static void probe_with_another_check(struct envelope *env)
{
	sign(env, &alice);
	env->probe = true;
	env->content_length = 4;
}

/* --- transferred --- */

static void transfer(const char *id, void (*more)(struct envelope *env))
{
	static const char *const to[] = { ALICE };
	const struct letter letter = { .from = BOB, .to = to, .count = 1, .content = BYTES("text"),
				       .flags = RCPT_ORIGINATOR_NON_DELIVERY_REPORT, .more = more };

	relay_transfer(&south, relay_envelope(&south, &letter, id));
}

static void passes(const char *id, void (*more)(struct envelope *env))
{
	const int before = store.deliveries;

	transfer(id, more);
	WAIT_FOR(store.deliveries, before + 1);
}

/* Its originator hears of it, and nobody gets it. */
static void is_returned(const char *id, void (*more)(struct envelope *env), const char *words)
{
	const int reports = south.reports, confirmed = south.confirmed;
	const int deliveries = store.deliveries;

	transfer(id, more);
	WAIT_FOR(south.reports, reports + 1);
	WAIT_FOR(south.confirmed, confirmed + 1);
	assert_false(south.report->recipients[0].delivered);
	assert_int_equal(south.report->recipients[0].reason, REASON_UNABLE_TO_TRANSFER);
	assert_int_equal(south.report->recipients[0].diagnostic, DIAG_SECURE_MESSAGING_ERROR);
	assert_int_equal(store.deliveries, deliveries);
	assert_audited(" refused");
	assert_audited("diag=secure-messaging-error");
	assert_audited(words);
}

static void what_its_originator_signed_is_passed_on(void **state)
{
	(void)state;
	passes("signed", by_bob);
	assert_audited(" allowed");
	assert_audited("Bob");
}

static void what_was_changed_on_the_way_is_returned(void **state)
{
	(void)state;
	is_returned("altered", altered, "is not for this message");
	is_returned("named otherwise", named_otherwise, "is not for this message");
}

static void somebody_elses_signature_is_none(void **state)
{
	(void)state;
	is_returned("by mallory", by_mallory, "is not for this message");
}

/* The directory has the last word, whatever comes with a message. */
static void a_certificate_that_is_brought_is_a_hint(void **state)
{
	(void)state;
	passes("with a forged one", by_bob_with_a_forged_certificate);
	passes("with an expired one", by_bob_with_an_expired_certificate);
	passes("with several", by_bob_with_several);
}

static void nobody_brings_his_own_proof(void **state)
{
	(void)state;
	is_returned("by a forger", by_a_forger, "is not for this message");
	is_returned("by an expired key", by_an_expired_key, "is not for this message");
	is_returned("by one of several", by_an_expired_key_of_several, "is not for this message");
}

static void what_is_not_signed_is_returned(void **state)
{
	(void)state;
	is_returned("unsigned", NULL, "has no message-origin-authentication-check");
}

/* Nobody knows now: it is the other MTA's still, which tries again. */
static void without_the_directory_it_comes_again(void **state)
{
	const int refused = south.refused, reports = south.reports;

	(void)state;
	slapd_stop(&slapd);
	transfer("too early", by_bob);
	WAIT_FOR(south.refused, refused + 1);
	assert_audited(" refused");
	slapd_start(&slapd);
	passes("too early", by_bob);
	assert_int_equal(south.reports, reports);
}

/* --- submitted --- */

static void submit(void (*more)(struct envelope *env))
{
	static const char *const to[] = { BOB };

	store_submit(&store, &(struct letter){ .from = ALICE, .to = to, .count = 1,
					       .content = BYTES("text"), .more = more });
}

static void is_refused(void (*more)(struct envelope *env), const char *words)
{
	const int errors = store.errors, messages = south.messages;

	submit(more);
	WAIT_FOR(store.errors, errors + 1);
	assert_int_equal(store.last_error, ERR_SECURITY_ERROR);
	assert_int_equal(south.messages, messages);
	assert_audited(" refused");
	assert_audited(words);
}

static void a_submission_is_judged(void **state)
{
	const int messages = south.messages;

	(void)state;
	submit(by_alice);
	WAIT_FOR(south.messages, messages + 1);
	is_refused(altered, "is not for this message");
	is_refused(by_bob, "is not for this message");
	is_refused(NULL, "has no message-origin-authentication-check");
}

static void a_probe_is_judged(void **state)
{
	const int messages = south.messages;

	(void)state;
	submit(probe_by_alice);
	WAIT_FOR(south.messages, messages + 1);
	assert_true(south.taken->probe);
	is_refused(probe_by_bob, "is not for this probe");
	is_refused(probe_with_another_check, "has no probe-origin-authentication-check");
}

/* --- the other policies --- */

static bool both_closed(void *arg)
{
	(void)arg;
	return south.closed && store.closed;
}

static void restart_mta(const char *policy)
{
	process_stop(&mta);
	assert_true(loop_run_until(stage_loop, both_closed, NULL, STAGE_TIMEOUT_MS));
	start_mta(policy);
}

static void what_has_no_check_may_pass(void **state)
{
	(void)state;
	restart_mta("refuse");
	passes("unsigned, and may be", NULL);
	assert_audited(" allowed");
	is_returned("altered again", altered, "is not for this message");
}

static void what_is_wrong_may_be_marked(void **state)
{
	(void)state;
	restart_mta("log");
	passes("altered, and marked", altered);
	assert_audited(" allowed");
	assert_audited("is not for this message");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_its_originator_signed_is_passed_on),
		cmocka_unit_test(what_was_changed_on_the_way_is_returned),
		cmocka_unit_test(somebody_elses_signature_is_none),
		cmocka_unit_test(a_certificate_that_is_brought_is_a_hint),
		cmocka_unit_test(nobody_brings_his_own_proof),
		cmocka_unit_test(what_is_not_signed_is_returned),
		cmocka_unit_test(without_the_directory_it_comes_again),
		cmocka_unit_test(a_submission_is_judged),
		cmocka_unit_test(a_probe_is_judged),
		cmocka_unit_test(what_has_no_check_may_pass),
		cmocka_unit_test(what_is_wrong_may_be_marked),
	};

	if (!slapd_is_installed())
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
