/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P7 over a network that passes only so much per connection: a large message
 * is fetched over it, and one submitted; nothing is lost, nothing comes twice,
 * and little is sent again.
 */
#include "asn1/ms_attributes.h"
#include "lib/mhs/envelope.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/recoveries.h"
#include "lib/mhs/retrieval.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/proxy.h"
#include "tests/support/scratch.h"

enum {
	CONTENT = 5 << 20,
	PASSES = 400 << 10,		/* octets of each connection */
	TIMEOUT_MS = 20000,
};

static struct proxy *proxy;
static const char *radio;		/* where the proxy listens */
static const struct resume_settings resume = { .within = 600, .memory = 64 << 20 };

static int setup(void **state)
{
	const char *secret;

	scratch_setup(state);
	scene_open();
	mta.expected = (struct link_expected){ .password = "secret", .own_password = "secret" };
	ua.expected = (struct link_expected){ .password = "", .own_password = "secret" };
	ua.env.recoveries = recoveries_new(loop, &clock_real, &resume, 64 << 20);
	secret = scene_file("password", "secret\n");
	scene_start(arena_printf(arena,
		"mailbox = " BOB " password-file=%s\n"
		"mta = mta %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		secret, scene_socket("mta"), secret, secret));
	bind_mta();
	radio = scene_socket("radio");
	assert_ok(proxy_open(loop, radio, scene_socket("ms"), &proxy));
	return 0;
}

static int teardown(void **state)
{
	loop_shutdown(loop);
	recoveries_free(&ua.env.recoveries);
	proxy_free(&proxy);
	scene_close();
	return scratch_teardown(state);
}

static struct bytes pattern(void)
{
	uint8_t *octets = arena_alloc(arena, CONTENT, 1);

	for (size_t i = 0; i < CONTENT; i++)
		octets[i] = (uint8_t)(i * 2654435761u >> 24);
	return bytes_of(octets, CONTENT);
}

static bool answered_or_lost(void *arg)
{
	(void)arg;
	return ua.results || ua.errors || ua.rejects || ua.closed;
}

/* Asks in one association after the other, until there is an answer. */
static void ask_until_answered(int operation, struct bytes head, struct bytes content)
{
	const struct bytes parts[] = { head, content };
	int32_t id;

	ua.results = 0;
	do {
		bind_ua_reliably(radio);
		if (!ua.link)
			continue;
		assert_ok(assoc_invoke_req(link_assoc(ua.link), operation, parts, 2, &id));
		assert_true(loop_run_until(loop, answered_or_lost, NULL, TIMEOUT_MS));
	} while (!ua.results && !ua.errors && !ua.rejects);
	assert_int_equal(ua.results, 1);
}

static void little_was_sent_again(void)
{
	assert_true(proxy_cuts(proxy) >= CONTENT / PASSES);
	assert_in_range(proxy_octets(proxy), CONTENT, CONTENT + CONTENT * 3 / 10);
}

static void a_message_is_fetched_in_pieces(void **state)
{
	static const char *const attributes[] = { ID_ATT_PRIORITY, ID_ATT_CONTENT, NULL };
	AUTO(buf_free) struct buf argument = { 0 };
	struct bytes sent = pattern(), content;
	struct ms_entry entry;

	(void)state;
	deliver("m1", sent);
	proxy_cut_after(proxy, PASSES);
	assert_ok(fetch_argument_encode(1, attributes, &argument));
	ask_until_answered(OP_FETCH, buf_view(&argument), bytes_none());
	assert_ok(fetch_result_decode(arena, buf_view(&ua.result), &entry));
	assert_ok(ms_entry_octets(arena, &entry, ID_ATT_CONTENT, &content));
	assert_true(bytes_equal(content, sent));
	little_was_sent_again();
}

/* What Bob submits to Alice, before its content. */
static void put_submission(struct buf *out)
{
	struct recipient alice = { .name = or_name(ALICE), .number = 1, .explicit_conversion = -1 };
	struct envelope *env = envelope_new(arena);

	env->originator = or_name(BOB);
	env->content_type = content_type_tlv(arena, CONTENT_TYPE_P22);
	env->recipients = &alice;
	env->recipient_count = 1;
	env->content = what_bob_writes;
	assert_ok(submission_encode(env, out));
}

static void a_message_is_submitted_in_pieces(void **state)
{
	AUTO(buf_free) struct buf head = { 0 };

	(void)state;
	what_bob_writes = pattern();
	put_submission(&head);
	proxy_cut_after(proxy, PASSES);
	ask_until_answered(OP_MESSAGE_SUBMISSION, buf_view(&head), what_bob_writes);
	assert_int_equal(submissions, 1);
	little_was_sent_again();
}

/* Wherever near its end the link breaks, the message goes out once and its answer comes. */
static void a_submission_whose_answer_was_lost_is_not_made_twice(void **state)
{
	AUTO(buf_free) struct buf head = { 0 };
	size_t whole;

	(void)state;
	what_bob_writes = bytes_slice(pattern(), 0, 40000);
	put_submission(&head);
	ask_until_answered(OP_MESSAGE_SUBMISSION, buf_view(&head), what_bob_writes);
	whole = proxy_octets(proxy);
	for (size_t before = 0; before < 4000; before += 97) {
		int made = submissions;

		what_bob_writes = bytes_slice(pattern(), before + 1, 40000);
		buf_clear(&head);
		put_submission(&head);
		link_abort(ua.link, NULL);
		wait_for_end(&ua);
		proxy_cut_once(proxy, whole - before);
		ask_until_answered(OP_MESSAGE_SUBMISSION, buf_view(&head), what_bob_writes);
		assert_int_equal(submissions, made + 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_is_fetched_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_is_submitted_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(a_submission_whose_answer_was_lost_is_not_made_twice,
						setup, teardown),
	};

	return cmocka_run_group_tests_name("ms_resume", tests, NULL, NULL);
}
