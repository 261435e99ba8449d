/* SPDX-License-Identifier: Apache-2.0 */
/* Links with strong credentials: who is accepted, and every way of not being who one says, by the
 * words that the refusal has here. */
#include "tests/unit/lib/mhs/link_sides.h"

#include "lib/mhs/labels.h"

/* --- accepted --- */

static void strong_credentials_are_accepted_and_released(void **state)
{
	(void)state;
	bind_at("south");
	assert_true(asking.opened);
	assert_string_equal(link_peer(asking.link), arena_printf(arena, "south at %s",
								  socket_of("south")));
	assert_bytes(link_peer_cert(asking.link)->der, pki.south_mta.cert->der);
	assert_bytes(link_peer_cert(answering.link)->der, north_mta.cert->der);
	assert_string_equal(link_peer(answering.link), "north");
	link_release(asking.link);
	assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
	assert_true(loop_run_until(loop, is_closed, &answering, TIMEOUT_MS));
	assert_null(asking.why);
	assert_null(answering.why);
	assert_logged("user=north bind allowed");
}

static void an_aborted_link_tells_its_peer(void **state)
{
	(void)state;
	bind_at("south");
	link_abort(asking.link, FAIL(ST_USAGE, 0, "the test is over"));
	assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
	assert_true(loop_run_until(loop, is_closed, &answering, TIMEOUT_MS));
	assert_fails(TAKE(asking.why), "the test is over");
	assert_fails(TAKE(answering.why), "abort");
}

/* --- refused: the peer learns that, the log here learns why --- */

static void assert_refused(const char *why)
{
	assert_false(asking.opened);
	assert_fails(TAKE(asking.why), "the peer does not accept our credentials");
	assert_logged("bind refused");
	assert_logged(why);
}

static void a_key_for_another_use_is_refused(void **state)
{
	(void)state;
	asking.own.key = pki.alice.key;
	asking.own.cert = pki.alice.cert;
	bind_at("south");
	assert_refused("CN=Alice,O=North,C=FR is for UA, not for MTA");
}

static void a_certificate_of_another_name_is_refused(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Another MTA,O=North,C=FR");

	(void)state;
	answering.expected.directory_name = buf_view(&name);
	bind_at("south");
	assert_refused("CN=Another MTA");
}

static void a_token_for_somebody_else_is_refused(void **state)
{
	struct link_target target = target_at("south");

	(void)state;
	target.mta_name = "west";
	bind_to(&target);
	assert_refused("is for someone else");
}

static void a_key_that_is_not_the_certificates_is_refused(void **state)
{
	(void)state;
	asking.own.key = pki.mallory.key;
	bind_at("south");
	assert_refused("signature");
}

static void a_stale_token_is_refused(void **state)
{
	struct test_clock yesterday;

	(void)state;
	test_clock_init(&yesterday, PKI_NOW - 86400);
	asking.env.clock = &yesterday.clock;
	bind_at("south");
	assert_refused("was made 86400 seconds ago");
}

static void a_token_from_the_future_is_refused(void **state)
{
	struct test_clock tomorrow;

	(void)state;
	test_clock_init(&tomorrow, PKI_NOW + 86400);
	asking.env.clock = &tomorrow.clock;
	bind_at("south");
	assert_refused("is dated 86400 seconds ahead");
}

static void an_authority_that_nobody_vouches_for_is_refused(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Stranger CA,C=XX");
	struct pki_party ca = { 0 }, stranger;

	(void)state;
	assert_ok(private_key_generate(KEY_P256, &ca.key));
	const struct cert_plan plan = {
		.subject = buf_view(&name),
		.key = private_key_public(ca.key),
		.scope = SCOPE_CA,
		.not_before = PKI_NOW - PKI_YEAR,
		.not_after = PKI_NOW + PKI_YEAR,
	};
	assert_ok(cert_issue(NULL, ca.key, &plan, &ca.cert));
	stranger = pki_certify(&ca, "CN=Stranger,C=XX", SCOPE_MTA, KEY_P256, bytes_none());
	asking.own.key = stranger.key;
	asking.own.cert = stranger.cert;
	bind_at("south");
	assert_refused("nothing certifies CN=Stranger CA,C=XX to us");
	loop_shutdown(loop);
	pki_party_free(&stranger);
	pki_party_free(&ca);
}

static void an_unknown_peer_is_refused(void **state)
{
	(void)state;
	asking.env.self.mta_name = "nobody";
	bind_at("south");
	assert_refused("nobody is not known here");
}

static void simple_credentials_are_not_enough(void **state)
{
	struct link_target target = target_at("south");

	(void)state;
	target.expected.own_password = "secret";
	bind_to(&target);
	assert_refused("simple credentials are not enough here");
}

/* --- the security context [X.411 8.1.2.1.1.1.3] --- */

static const struct label_settings open_to_all = { .unlabelled = true };

static struct bytes context_of(const struct labels *labels, const char *text)
{
	struct bytes context = bytes_none();

	if (text)
		assert_ok(labels_context(labels, arena, text, &context));
	return context;
}

static const struct { const char *proposed, *allowed, *in_force; bool refused; } contexts[] = {
	{ NULL, NULL, NULL },
	{ "secret", NULL, "secret" },
	{ NULL, "secret", "secret" },		/* who says nothing gets what is allowed */
	{ "restricted", "secret", "restricted" },
	{ "secret", "secret", "secret" },
	{ "top-secret", "secret", .refused = true },
	{ "secret+1.2.3", "secret", .refused = true },
	{ "1.2.3:secret", "secret", .refused = true },
	{ "restricted,top-secret", "secret", .refused = true },
};

static void a_context_is_within_what_is_allowed(void **state)
{
	struct labels labels;

	(void)state;
	assert_ok(labels_open(arena, &open_to_all, &labels));
	asking.env.labels = answering.env.labels = &labels;
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		struct link_target target = target_at("south");

		print_message("%s where %s is allowed\n",
			      contexts[i].proposed ? contexts[i].proposed : "nothing",
			      contexts[i].allowed ? contexts[i].allowed : "all");
		asking.opened = answering.opened = asking.closed = answering.closed = false;
		target.expected.security_context = context_of(&labels, contexts[i].proposed);
		answering.expected.security_context = context_of(&labels, contexts[i].allowed);
		bind_to(&target);
		assert_int_equal(answering.opened, !contexts[i].refused);
		if (contexts[i].refused) {
			assert_fails(TAKE(asking.why), "the peer does not accept the security context");
			assert_logged("bind refused diag=unacceptable-security-context");
			continue;
		}
		assert_bytes(link_security_context(asking.link), context_of(&labels,
								   contexts[i].proposed));
		assert_bytes(link_security_context(answering.link), context_of(&labels,
								      contexts[i].in_force));
		link_release(asking.link);
		assert_true(loop_run_until(loop, is_closed, &asking, TIMEOUT_MS));
		assert_true(loop_run_until(loop, is_closed, &answering, TIMEOUT_MS));
	}
}

static void a_directory_out_of_reach_is_not_a_refusal_for_ever(void **state)
{
	(void)state;
	pki.unreachable = FAIL(ST_LATER, 0, "the directory is out of reach");
	bind_at("south");
	status_free(&pki.unreachable);
	assert_false(asking.opened);
	assert_fails(TAKE(asking.why), "the peer is busy");
	assert_logged("the directory is out of reach");
}

static void an_answer_by_another_is_not_believed(void **state)
{
	AUTO(buf_free) struct buf name = pki_name("CN=Another MTA,O=South,C=IT");
	struct link_target target = target_at("south");

	(void)state;
	target.expected.directory_name = buf_view(&name);
	bind_to(&target);
	assert_false(asking.opened);
	assert_fails(TAKE(asking.why), "did not prove who it is");
}

static void without_a_key_there_are_no_strong_credentials(void **state)
{
	(void)state;
	asking.keys.count = 0;
	bind_at("south");
	assert_fails(TAKE(asking.why), "there is no key for them");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strong_credentials_are_accepted_and_released),
		TEST(an_aborted_link_tells_its_peer),
		TEST(a_key_for_another_use_is_refused),
		TEST(a_certificate_of_another_name_is_refused),
		TEST(a_token_for_somebody_else_is_refused),
		TEST(a_key_that_is_not_the_certificates_is_refused),
		TEST(a_stale_token_is_refused),
		TEST(a_token_from_the_future_is_refused),
		TEST(an_authority_that_nobody_vouches_for_is_refused),
		TEST(an_unknown_peer_is_refused),
		TEST(simple_credentials_are_not_enough),
		TEST(a_context_is_within_what_is_allowed),
		TEST(a_directory_out_of_reach_is_not_a_refusal_for_ever),
		TEST(an_answer_by_another_is_not_believed),
		TEST(without_a_key_there_are_no_strong_credentials),
	};

	return cmocka_run_group_tests(tests, make_pki, free_pki);
}
