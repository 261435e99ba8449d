/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message store is killed at every instant of its work and started again:
 * nothing is lost, and nothing is there twice.  Its peers do what peers have to
 * do: what was not answered is sent again, octet by octet.
 *
 * A submission may reach the MTA twice, where the store dies after the octets
 * that pass it on and before those that answer the user: it cannot know then
 * whether the MTA took it, for P3 has no way to ask, and the user was not told.
 * To have stored the answer would help only between its commit and its way out,
 * the last of these instants.  What the MTA makes of it, X.411 leaves open: each
 * submission may get its own identifier [X.411 8.2.1.1.2.1], and the message
 * goes out twice.  Our MTA knows the octets again, so it goes out once.
 */
#include "asn1/asn.h"
#include "asn1/ms_attributes.h"
#include "asn1/oid.h"
#include "asn1/x400_oids.h"
#include "lib/base/memory.h"
#include "lib/mhs/fields.h"
#include "lib/mhs/operations.h"
#include "lib/mhs/report.h"
#include "tests/support/check.h"
#include "tests/support/ms_scene.h"
#include "tests/support/stage.h"

#include <signal.h>

#include <ListResult.h>

ASN_CLEANUP(ListResult)

#define SOUTH "/PRMD=South/ADMD=Net/C=NO/"
#define EVE "/S=Eve" SOUTH

static const char *submission_mta;	/* whom the store knows */

static void nothing(void *arg)
{
	(void)arg;
}

static int setup(void **state)
{
	stage_open(state);
	scene_open();
	loop_signal(loop, SIGCHLD, nothing, NULL);
	mta.expected = (struct link_expected){ .password = "secret", .own_password = "secret" };
	ua.expected = (struct link_expected){ .password = "", .own_password = "secret" };
	submission_mta = "mta";
	return 0;
}

static int teardown(void **state)
{
	scene_close();
	return stage_close(state);
}

static void start(int crash_at)
{
	const char *secret = stage_file("password");

	store.crash_at = crash_at;
	scene_start(arena_printf(arena,
		"mailbox = " BOB " password-file=%s\n"
		"mta = %s %s domain=" DOMAIN " password-file=%s own-password-file=%s\n",
		secret, submission_mta, scene_socket(submission_mta), secret, secret));
}

/* --- the sweep --- */

/* One operation, again and again. */
struct passage {
	const char *name;
	struct peer *peer;			/* who asks for it */
	void (*bind)(void);
	void (*send)(const char *id);
	void (*answered)(const char *id, bool repeated);	/* may be null */
	int results_before;
};

static bool is_answered(void *arg)
{
	const struct passage *p = arg;

	return p->peer->results > p->results_before;
}

static bool is_over(void *arg)
{
	return process_is_gone(&store) || is_answered(arg);
}

static void bind_and_send(struct passage *p, const char *id)
{
	p->bind();
	if (p->peer->link)
		p->send(id);
	if (loop_run_until(loop, is_over, p, STAGE_TIMEOUT_MS))
		return;
	process_show_log(&store);
	fail_msg("%s: %s is not answered", p->name, id);
}

static void kill_store(void)
{
	process_kill(&store);
	wait_for_end(&mta);
	wait_for_end(&ua);
}

/* The n-th of them, with an end before the n-th act, and once more where it was not answered;
 * false where the store lived on. */
static bool dies(struct passage *p, int n, const char *id)
{
	bool died, repeated;

	p->results_before = p->peer->results;
	start(n);
	bind_and_send(p, id);
	died = process_is_gone(&store);
	kill_store();
	repeated = !is_answered(p);
	start(0);
	if (repeated)
		bind_and_send(p, id);
	assert_true(is_answered(p));
	if (p->answered)
		p->answered(id, repeated);
	kill_store();
	return died;
}

/* The text by which the n-th is known again. */
static char *id_of(int n)
{
	return arena_printf(arena, "crash-%05d", n);
}

enum { STEP = SANITIZED ? 5 : 1 };	/* every instant, where that does not take minutes */

/* Returns the last n. */
static int sweep(struct passage *p)
{
	int n = 1;

	while (dies(p, n, id_of(n)))
		n += STEP;
	print_message("%s: killed at %d instants\n", p->name, (n - 1) / STEP);
	return n;
}

/* --- what the user finds --- */

static int occurrences(struct bytes in, const char *text)
{
	const uint8_t *at = in.data, *end = in.data + in.len;
	int count = 0;

	while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
		at += strlen(text);
		count++;
	}
	return count;
}

static void list_by(const char *attribute)
{
	AUTO(buf_free) struct buf argument = { 0 };
	AUTO(buf_free) struct buf oid = { 0 };

	ber_put(&argument, BER_UNIVERSAL(BER_SET), bytes_none());
	ber_wrap(&argument, 0, BER_CONTEXT(1));
	size_t selector = argument.len;
	assert_ok(oid_from_text(attribute, &oid));
	ber_put(&argument, BER_UNIVERSAL(BER_OID), buf_view(&oid));
	ber_wrap(&argument, selector, BER_UNIVERSAL(BER_SET));
	ber_wrap(&argument, selector, BER_UNIVERSAL(BER_SET));
	ber_wrap(&argument, selector, BER_CONTEXT(3));
	ber_wrap(&argument, 0, BER_UNIVERSAL(BER_SET));
	ask(&ua, OP_LIST, &argument);
}

/* Each of the sweep is in the mailbox once, and nothing else. */
static void each_is_listed_once(int last, const char *attribute)
{
	AUTO(ListResult_cleanup) ListResult_t *result = NULL;

	start(0);
	bind_ua();
	list_by(attribute);
	assert_ok(asn_decode(&asn_DEF_ListResult, buf_view(&ua.result), (void **)&result));
	assert_non_null(result->requested);
	assert_int_equal(result->requested->list.count, (last - 1) / STEP + 1);
	for (int n = 1; n <= last; n += STEP)
		if (occurrences(buf_view(&ua.result), id_of(n)) != 1)
			fail_msg("instant %d: not listed once", n);
}

/* --- delivery --- */

static void send_message(const char *id)
{
	deliver_to(id, BOB, bytes_text(id), false);
}

/* history: whose it is, where the store does not know; or empty. */
static void send_report_on(struct bytes subject_id, struct bytes history)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct report_recipient recipient = { .name = or_name(EVE), .number = 1,
					      .delivered = true, .delivery_time = 1790000000 };
	struct report report = { .arena = arena, .subject_id = subject_id,
				 .recipients = &recipient, .recipient_count = 1 };

	if (history.len)
		ext_put(arena, &report.extensions, EXT_ORIGINATOR_AND_DL_EXPANSION_HISTORY, history);
	assert_ok(report_delivery_encode(&report, &argument));
	invoke(&mta, OP_REPORT_DELIVERY, buf_view(&argument), bytes_none());
}

static void send_report(const char *id)
{
	AUTO(buf_free) struct buf history = { 0 };

	buf_put(&history, or_name(BOB));
	ber_put(&history, BER_UTC_TIME, BYTES("260921130640Z"));
	ber_wrap(&history, 0, BER_UNIVERSAL(BER_SEQUENCE));
	ber_wrap(&history, 0, BER_UNIVERSAL(BER_SEQUENCE));
	send_report_on(identifier(id), arena_dup(arena, buf_view(&history)));
}

static void a_message_is_delivered(void **state)
{
	struct passage p = { "message delivered", &mta, bind_mta, send_message };

	(void)state;
	each_is_listed_once(sweep(&p), ID_ATT_MESSAGE_IDENTIFIER);
}

static void a_report_is_delivered(void **state)
{
	struct passage p = { "report delivered", &mta, bind_mta, send_report };

	(void)state;
	each_is_listed_once(sweep(&p), ID_ATT_SUBJECT_SUBMISSION_IDENTIFIER);
}

/* --- submission --- */

static int submissions_before, passed_on_twice;
static struct bytes first_submitted;

static void submit(const char *id)
{
	AUTO(buf_free) struct buf argument = { 0 };
	struct envelope *envelope = envelope_new(arena);

	envelope->originator = or_name(BOB);
	envelope->content_type = content_type_tlv(arena, CONTENT_TYPE_P22);
	envelope->content = what_bob_writes = bytes_text(id);
	envelope->recipients = arena_new_of(arena, struct recipient);
	envelope->recipients[0] = (struct recipient){ .name = or_name(EVE), .number = 1,
						      .explicit_conversion = -1 };
	envelope->recipient_count = 1;
	assert_ok(submission_encode(envelope, &argument));
	first_submitted = submitted;
	invoke(&ua, OP_MESSAGE_SUBMISSION, buf_view(&argument), envelope->content);
}

static void its_report_finds_bob(void)
{
	struct submission_result result;
	int results = mta.results;

	assert_ok(submission_result_decode(arena, buf_view(&ua.result), &result));
	bind_mta();
	send_report_on(result.id, bytes_none());
	WAIT_FOR(mta.results, results + 1);
}

/* Its result came: the MTA has it, and the store knows whose its reports are. */
static void is_passed_on(const char *id, bool repeated)
{
	const int times = submissions - submissions_before;

	assert_in_range(times, 1, repeated ? 2 : 1);
	if (times == 2) {
		passed_on_twice++;
		assert_true(bytes_equal(first_submitted, submitted));
	}
	assert_int_equal(occurrences(submitted, id), 1);
	submissions_before = submissions;
	its_report_finds_bob();
}

static void a_submission_is_passed_on(void **state)
{
	struct passage p = { "submitted", &ua, bind_ua, submit, is_passed_on };

	(void)state;
	submissions_before = passed_on_twice = 0;
	sweep(&p);
	print_message("%d of them passed on twice\n", passed_on_twice);
}

static struct process our_mta;
static struct relay eves_mta;		/* its links outlive the test, until the loop ends */

static bool is_last_taken(void *arg)
{
	const char *id = arg;
	const struct envelope *taken = eves_mta.taken;

	return taken && bytes_equal(taken->content, bytes_text(id));
}

static int setup_mtas(void **state)
{
	static const struct stage_mta north = { "mta-a", DOMAIN, "ms", "mta-b", SOUTH, NULL };

	setup(state);
	submission_mta = north.name;
	relay_open(&eves_mta, north.other, north.other_domain);
	stage_start_mta(&our_mta, &north);
	return 0;
}

static int teardown_mtas(void **state)
{
	process_stop(&our_mta);
	relay_close(&eves_mta);
	return teardown(state);
}

static void a_submission_goes_out_once(void **state)
{
	struct passage p = { "submitted to our MTA", &ua, bind_ua, submit, NULL };
	int last;

	(void)state;
	last = sweep(&p);
	assert_true(loop_run_until(stage_loop, is_last_taken, id_of(last), STAGE_TIMEOUT_MS));
	assert_int_equal(eves_mta.messages, (last - 1) / STEP + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_delivered),
		TEST(a_report_is_delivered),
		TEST(a_submission_is_passed_on),
		cmocka_unit_test_setup_teardown(a_submission_goes_out_once, setup_mtas, teardown_mtas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
